"""Slips and disguises of domains are found; real domains, however close to each other, hardly ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.planning.look_alikes import FREQUENT, LookAlike, look_alikes
from batchmail.planning.mail_domains import KNOWN, REAL

#: Domains that mail is really sent to: providers of many countries, companies, universities, towns.
DOMAINS = """
126.com 139.com 163.com 189.cn 21cn.com aim.com alice.it amazon.co.jp amazon.com ana.co.jp anritsu.com aol.jp apple.com
arcor.de asahi.com asahi-net.or.jp asiana.com att.net bbox.fr bell.net bellsouth.net bigpond.com bk.ru bluewin.ch
bt.com btinternet.com c.u-tokyo.ac.jp canon.co.jp casio.co.jp centrum.cz charter.net chosun.com chuo-u.ac.jp cj.net
comcast.net cox.net coupang.com cyworld.com daewoo.com daiwa.co.jp daum.com dell.com denso.co.jp dentsu.co.jp
docomo-cs.co.jp doosan.com doshisha.ac.jp dsme.co.kr duck.com earthlink.net ebay.com eisai.co.jp email.cz email.it
epson.jp ewha.ac.kr facebook.com fastweb.it free.fr freemail.hu freenet.de fujifilm.com fujitsu.com fujitv.co.jp
gachon.ac.kr globo.com gmx.at gmx.ch gmx.com gmx.fr gmx.net google.com gs.co.kr hanjin.com hanwha.com hey.com
hitachi.co.jp hitachi.com hitotsubashi-u.ac.jp hokudai.ac.jp honda.co.jp hotmail.co.kr hotmail.co.uk hotmail.de
hotmail.es hotmail.fr hotmail.it hyundai.com ibm.com ihi.co.jp inbox.lv inbox.ru interia.pl intel.com inha.ac.kr
itochu.co.jp jal.com jcom.home.ne.jp jp.fujitsu.com jreast.co.jp kaist.ac.kr kajima.com kakaocorp.com kansai-u.ac.jp
kao.com kb.co.kr kddi.com keio.ac.jp kepco.co.kr kia.com kirin.co.jp kobe-u.ac.jp komatsu.co.jp kookmin.ac.kr
korea.ac.kr korea.kr koreanair.com kt.com kubota.com kyocera.jp kyoto-u.ac.jp kyushu-u.ac.jp laposte.net lg.com
lge.com libero.it line.me linecorp.com list.ru live.cn live.co.uk live.fr live.nl lotte.net mail.com mail.de mail.ee
marubeni.com mazda.co.jp meiji.ac.jp meiji.co.jp meti.go.jp mhlw.go.jp microsoft.com mitsubishi.com mitsui.com
mizuho.co.jp mofa.go.jp mofa.go.kr mopera.net mufg.jp nagoya-u.ac.jp naver.net navercorp.com ncsoft.com nec.co.jp
nec.com netscape.net netzero.net nexon.com nhk.or.jp nhn.com nikkei.co.jp nikkei.com nikon.com nintendo.co.jp
nissan.co.jp nomura.co.jp nomura.com ntt.co.jp ntt.com nttdata.co.jp nttdocomo.com nyc.rr.com o2.pl obayashi.co.jp
olympus.co.jp omron.com onet.pl optonline.net orange.fr osaka-u.ac.jp otsuka.co.jp outlook.co.id outlook.de
outlook.fr outlook.kr panasonic.com pobox.com pola.co.jp posco.com posteo.de pusan.ac.kr qq.co.id rakuten.co.jp
rakuten.com rambler.ru rediffmail.com resona.co.jp ricoh.co.jp ricoh.com ritsumei.ac.jp rocketmail.com rogers.com
rohm.co.jp s.u-tokyo.ac.jp samsung.com sanko.co.jp sanyo.co.jp sapo.pt sapporo.jp sbcglobal.net sbi.co.jp seoul.go.kr
seznam.cz sfr.fr sharp.co.jp shaw.ca shinhan.com shiseido.com shimadzu.co.jp sina.cn sk.com skku.edu sky.com snu.ac.kr
sogang.ac.kr softbank.co.jp softbank.jp sogou.com sony.co.jp sony.com subaru.co.jp sumitomo.co.jp suntory.co.jp
suzuki.co.jp sympatico.ca t-online.de taisei.co.jp takeda.com talktalk.net tdk.com telenet.be telus.net terra.com.br
teijin.co.jp tin.it tiscali.it tohoku.ac.jp toray.co.jp toshiba.co.jp toto.co.jp toyo.ac.jp toyota.co.jp toyota.com
tsukuba.ac.jp tuta.com tutanota.com ucla.edu ukr.net unist.ac.kr uol.com.br uos.ac.kr vodafone.ne.jp verizon.net
virgilio.it virginmedia.com vip.qq.com waseda.jp wanadoo.fr willcom.com windowslive.com woori.com wp.pl xtra.co.nz
yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.nz yahoo.co.th yahoo.co.uk yahoo.com.au yahoo.com.br yahoo.com.hk
yahoo.com.sg yahoo.com.tw yahoo.de yahoo.es yahoo.fr yahoo.it yahoo.ne.jp yamaha.co.jp yamato.co.jp yanmar.co.jp
yandex.by yandex.kz yandex.ua ybb.ne.jp yeah.net ymail.com yonsei.ac.kr yuhan.co.kr ziggo.nl zoho.com zoho.eu zozo.com
dept1.example.com dept2.example.com dept10.example.com a.example.co.jp b.example.co.jp example.jp example.kr acme1.com
acme2.com bücher.example xn--wgv71a119e.jp 日本語.jp 한국.kr 東京タワー.jp
"""
REAL_WORLD = DOMAINS.split()

#: What people mistype, and what was meant.
SLIPS = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmaill.com": "gmail.com",
    "gnail.com": "gmail.com",
    "gma1l.com": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail.co": "gmail.com",
    "navwr.com": "naver.com",
    "naver.cmo": "naver.com",
    "nvaer.com": "naver.com",
    "hanmial.net": "hanmail.net",
    "duam.net": "daum.net",
    "yaho.co.jp": "yahoo.co.jp",
    "yahooo.co.jp": "yahoo.co.jp",
    "yahoo.co.jo": "yahoo.co.jp",
    "docmo.ne.jp": "docomo.ne.jp",
    "docomo.ne.jo": "docomo.ne.jp",
    "ezeb.ne.jp": "ezweb.ne.jp",
    "softbnak.ne.jp": "softbank.ne.jp",
    "outlok.com": "outlook.com",
    "hotmial.com": "hotmail.com",
    "icoud.com": "icloud.com",
    "rnail.ru": "mail.ru",
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_a_known_provider_is_found_in_a_list_of_any_length(slip: str) -> None:
    assert list(look_alikes({slip: 1})) == [LookAlike(slip, SLIPS[slip])]


def test_real_domains_are_taken_for_nothing_beside_all_known_ones() -> None:
    ascii_forms = [domain.encode("idna").decode() for domain in REAL_WORLD]
    assert len(ascii_forms) > 300
    counts = dict.fromkeys(ascii_forms, 1) | dict.fromkeys(KNOWN, 10_000)
    assert list(look_alikes(counts)) == []


def test_real_domains_are_hardly_ever_taken_for_each_other() -> None:
    for frequent in REAL_WORLD[::3]:
        counts = dict.fromkeys((domain.encode("idna").decode() for domain in REAL_WORLD), 1)
        assert list(look_alikes(counts | {frequent.encode("idna").decode(): 1_000})) == []


def test_a_slip_of_a_domain_that_is_frequent_in_the_list_is_found() -> None:
    counts = {"acme-trading.co.jp": 100, "acmetrading.co.jp": 1, "acme-tradnig.co.jp": 2, "examp1e.com": 1}
    assert list(look_alikes(counts | {"example.com": 20})) == [
        LookAlike("acmetrading.co.jp", "acme-trading.co.jp"),
        LookAlike("acme-tradnig.co.jp", "acme-trading.co.jp"),
        LookAlike("examp1e.com", "example.com"),
    ]


@pytest.mark.parametrize(("few", "many"), [(1, FREQUENT - 1), (3, 3 * FREQUENT - 1), (50, 100)])
def test_a_domain_that_is_not_far_more_frequent_is_no_measure(few: int, many: int) -> None:
    assert list(look_alikes({"acmetrading.co.jp": few, "acme-trading.co.jp": many})) == []


def test_a_company_that_resembles_a_provider_is_known_by_its_people() -> None:
    assert list(look_alikes({"gmeil.com": 40, "gmail.com": 100})) == []


@pytest.mark.parametrize("domain", ["dept2.example.com", "example2.com", "exampl.example.com", "example.org"])
def test_numbers_subdomains_and_endings_make_other_domains(domain: str) -> None:
    assert list(look_alikes({domain: 1, "dept1.example.com": 100, "example1.com": 100, "example.com": 100})) == []


@pytest.mark.parametrize(
    ("domain", "other"),
    [
        ("аррӏе.com", "apple.com"),
        ("сосо.example", "coco.example"),
        ("pаypal.com", ""),
        ("exаmple.com", ""),
        ("gοοgle.com", ""),
    ],
)
def test_letters_of_other_alphabets_are_found(domain: str, other: str) -> None:
    ascii_form = ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in domain.split(".")
    )
    assert list(look_alikes({ascii_form: 500})) == [LookAlike(ascii_form, other)]


@pytest.mark.parametrize("domain", ["почта.рф", "κόσμος.gr", "東京タワー.jp", "한국어漢字.kr", "müller.de", "łódź.pl"])
def test_one_alphabet_is_no_disguise(domain: str) -> None:
    assert list(look_alikes({domain.encode("idna").decode(): 1})) == []


@given(st.dictionaries(st.sampled_from([*KNOWN, *REAL, *REAL_WORLD]).filter(str.isascii), st.integers(1, 15)))
def test_in_a_list_of_any_mixture_nothing_real_is_suspected(counts: dict[str, int]) -> None:
    assert list(look_alikes(counts)) == []


@given(st.dictionaries(st.text("abcxn-.", min_size=3).map(lambda text: f"{text}.com"), st.integers(1, 1_000)))
def test_whatever_stands_in_an_address_is_looked_at_without_failing(counts: dict[str, int]) -> None:
    for found in look_alikes(counts):
        assert found.domain in counts
