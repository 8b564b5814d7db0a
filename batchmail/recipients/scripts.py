"""How likely a character is in a text of some language: this tells a text from bytes that mean another one.

The parts are rough, and need be no better: what decides is that a name of three usual syllables, read in the encoding
of another language, becomes three characters that hardly anybody uses.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log2

#: What a letter of ASCII costs in every script, in bits: bytes that one script takes for half a character are two
#: characters in another.
ASCII_BITS = 5.0

_HANGUL = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소"
    "석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형계피두감음빈동온호범좌팽승간상시갈영희수철"
    "순자숙미혜준율린슬아라나다래샘솔빛별보람찬훈규환욱섭열웅일재종중창택필학혁화효흥란련령례록룡리림만말매면무묵병삼"
    "새생섬세솜숭식실쌍애언엽완요운월의입잎점존죽름소번메액회직책급팀담당대과님객교년비날짜간내목수신발받는휴폰우특별광"
    "역울산충청북읍군로층건물법단협센터병행카드험통설약품개획관총업마케팅연구생질매무계납한잔출합세급있것들에을를와으도"
    "여니습까요했었겠됩릴립녕지터께글말씀터바랍네든들어해외국내각처점소날씨공지알림참석등록확결제완료취"
)
_KANJI = frozenset(
    "佐藤鈴木高橋田中伊渡辺山本村小林加吉口松井斎清森池阿部石川前岡長谷後近坂遠青西福太三原金野上杉今丸河武千葉菅大平"
    "久保岩崎桜増宮内横安島工柴酒新水和竹関浅服樋秋元北星成沢浜黒白東市堀荒矢土屋飯塚片桐古賀徳永馬場須戸早尾根岸児玉"
    "荻窪菊地神熊栗桑倉広瀬望月生泉下南端宅一二四五六七八九十百万郎次男雄夫美子恵香織里奈由紀真弓優希愛結衣陽翔蓮悠斗湊"
    "樹律朝輝直人拓哉也健誠浩洋介司裕明正義弘隆博之幸春夏冬花桃咲葵莉杏心菜乃彩綾沙智知亜理絵梨穂佳代江文節静信孝光宏茂"
    "勝昭進勇実豊治敏哲修聡亮翼駿仁礼充剛毅秀俊英史朗彦伸克敬徹忠良晴栄貴典昌政道行志寿喜利都府県区町丁目番号室階京阪名"
    "札幌仙台埼潟兵庫海手城形茨栃群富岐阜重滋歌鳥取媛分鹿沖縄氏様御殿宛先住所郵便電話携帯連絡会社株式有限合同法団体組課係"
    "役職主任担当者営業総務経事開発技術製造品質管企画報情通額請求書日付年期払銀座振込計税消費単価数量備考件容送受添資料案催"
    "時間午始終了参申登録更変確認依告顧客員種別性女齢国籍学校院教師徒病医店舗商注配出荷在学生先省庁局署署支協議研究産物機械"
    "髙﨑邊邉齋齊濵濱澤櫻廣國德鉄建設食薬農林漁港空駅門前線園館寺社天気雨雪風電力火山丘原崎岬島湾湖沼"
)
#: Signs of Japanese lists beside letters, some of them in Windows' encoding alone.
_SIGNS = frozenset("㈱㈲㈹〒～〜（）「」・／－＆　：，．０１２３４５６７８９№℡※々〆○●◎△□★☆")
#: It begins a syllable that is written as its letters (KS X 1001, annex 3), which nothing here puts together.
FILLER = "\u3164"


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a text is a mixture of: the part that each kind of character has, and how many there are of the kind."""

    parts: Mapping[str, tuple[float, int]]

    def bits(self, counts: Mapping[str, int]) -> float:
        """How improbable a text with so many characters of each kind is, in bits."""
        return sum(number * _bits(*self.parts[kind]) for kind, number in counts.items())


def _bits(part: float, size: int) -> float:
    return log2(size / part)


@dataclass(frozen=True, slots=True)
class Script:
    """What is written in an encoding: the kind of each character, and the mixtures that texts are.

    `expected` are the kinds that nearly all characters beyond ASCII are of, `usual` those that most are of.
    """

    name: str
    kind_of: Callable[[str], str]
    mixtures: tuple[Kinds, ...]
    expected: frozenset[str] = frozenset()
    usual: frozenset[str] = frozenset()

    def bits(self, counts: Mapping[str, int]) -> float:
        """How improbable a text is, in bits, as the mixture that it is likeliest to be."""
        return min(mixture.bits(counts) for mixture in self.mixtures)


def lead_byte(character: str, codec: str) -> int:
    """The first byte of a character of two bytes, 0 where the codec does not have it so."""
    try:
        encoded = character.encode(codec)
    except UnicodeError:
        return 0
    return encoded[0] if len(encoded) == len("xx") else 0


def _korean(character: str) -> str:
    if character in _HANGUL:
        return "usual"
    if "가" <= character <= "힣":
        return "common" if lead_byte(character, "euc_kr") else "rare"
    if "一" <= character <= "鿿" or "豈" <= character <= "﫿":
        return "hanja"
    if "ㄱ" <= character <= "ㆎ":
        return "filler" if character == FILLER else "jamo"
    return "other" if "\ue000" <= character <= "\uf8ff" else "mark"


def _japanese(character: str) -> str:
    if "ぁ" <= character <= "ヿ" or character in "、。「」々・":
        return "kana"
    if "｡" <= character <= "ﾟ":
        return "half" if character >= "ｬ" else "half mark"
    if character in _KANJI:
        return "usual"
    if "①" <= character <= "⑳" or character in _SIGNS:
        return "sign"
    if "一" <= character <= "鿿" or "豈" <= character <= "﫿":
        return "common" if 0xB0 <= lead_byte(character, "euc_jp") <= 0xCF else "rare"  # noqa: PLR2004  JIS X 0208, level 1
    return "other" if "\ue000" <= character <= "\uf8ff" else "mark"


def _simplified(character: str) -> str:
    lead = lead_byte(character, "gb2312")
    if 0xB0 <= lead <= 0xD7:  # noqa: PLR2004  GB 2312, level 1
        return "common"
    if lead >= 0xD8:  # noqa: PLR2004  level 2
        return "rare"
    return "mark" if lead else "other"


def _traditional(character: str) -> str:
    lead = lead_byte(character, "big5")
    if 0xA4 <= lead <= 0xC6:  # noqa: PLR2004  the common hanzi
        return "common"
    return "rare" if lead > 0xC6 else "mark"  # noqa: PLR2004  the others


def _alphabetic(character: str) -> str:
    return "usual" if unicodedata.category(character)[0] in "LM" else "mark"


_JAPANESE_SIZES = {"usual": len(_KANJI), "common": 2_965, "kana": 175, "half": 52, "sign": 60, "mark": 600}
_JAPANESE_RARE = {"half mark": (0.003, 11), "rare": (0.015, 3_800), "other": (0.0005, 1_880)}
_JAPANESE = tuple(
    Kinds({**{kind: (part, _JAPANESE_SIZES[kind]) for kind, part in parts.items()}, **_JAPANESE_RARE})
    for parts in (
        {"usual": 0.5, "common": 0.1, "kana": 0.3, "half": 0.03, "sign": 0.03, "mark": 0.02},
        {"usual": 0.3, "common": 0.06, "kana": 0.1, "half": 0.5, "sign": 0.02, "mark": 0.01},
        {"usual": 0.005, "common": 0.002, "kana": 0.005, "half": 0.96, "sign": 0.01, "mark": 0.005},
    )
)
_JAPANESE_EXPECTED = frozenset({"usual", "common", "kana", "half", "sign"})

_KOREAN_SIZES = {"usual": len(_HANGUL), "common": 2_350, "jamo": 94}
_KOREAN_RARE = {
    "filler": (0.005, 1),
    "rare": (0.002, 8_822),
    "hanja": (0.002, 4_888),
    "mark": (0.015, 986),
    "other": (0.0005, 188),
}
_KOREAN = tuple(
    Kinds({**{kind: (part, _KOREAN_SIZES[kind]) for kind, part in parts.items()}, **_KOREAN_RARE})
    for parts in (
        {"usual": 0.9, "common": 0.075, "jamo": 0.005},
        {"usual": 0.55, "common": 0.05, "jamo": 0.38},
    )
)

KOREAN = Script("Korean", _korean, _KOREAN, frozenset({"usual", "common"}), frozenset({"usual"}))
JAPANESE = Script("Japanese", _japanese, _JAPANESE, _JAPANESE_EXPECTED, frozenset({"usual", "kana", "half"}))
SIMPLIFIED = Script(
    "Chinese",
    _simplified,
    (Kinds({"common": (0.9, 3_755), "rare": (0.05, 3_008), "mark": (0.03, 700), "other": (0.02, 20_000)}),),
)
TRADITIONAL = Script(
    "Chinese", _traditional, (Kinds({"common": (0.9, 5_401), "rare": (0.06, 7_652), "mark": (0.04, 500)}),)
)
#: Any alphabet of some sixty letters: Western, Cyrillic, Greek, Thai and so on.
ALPHABETIC = Script("alphabetic", _alphabetic, (Kinds({"usual": (0.85, 64), "mark": (0.15, 62)}),))
