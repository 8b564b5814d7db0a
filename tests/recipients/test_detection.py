"""Encodings are detected where they are certain, and no name is ever turned into another."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchmail.recipients.detection import Detected, Undecided, detect
from tests.recipients.desk import Desk


def words(text: str) -> list[str]:
    return text.split()


KOREAN_NAMES = words(
    "김민수 이영희 박지훈 최서연 정우성 강하늘 조수미 윤동주 장보고 임꺽정 한가람 오세훈 서태지 신사임당 "
    "권율 황진이 안중근 송강호 류현진 전봉준 홍길동 고은 문재인 양희은 손흥민 배용준 백종원 허준 남궁민 "
    "심청 노무라 곽재우 성삼문 차범근 주시경 우장춘 구하라 뷁뷁이 똠방각하 제갈공명 선우은숙 독고영재 "
    "황보관 펩시맨 쀍똠뷁 준 박 조준 진채 "
)
JAPANESE_NAMES = words(
    "佐藤太郎 鈴木一郎 髙橋健 田中花子 伊藤美咲 渡邊翔 山﨑努 中村優子 小林誠 加藤清 吉田茂 山田花子 "
    "佐々木希 山口百恵 松本清張 井上陽水 木村拓哉 林芙美子 清水次郎長 やまだたろう サトウハナコ "
    "ヤマダ・タロウ ﾔﾏﾀﾞﾀﾛｳ ｻﾄｳ ﾊﾅｺ ﾊﾞｰﾊﾞﾗ ㈱日立 ①番～③番 株式会社ヤマト 〒100 蟇目良 "
    "五百旗頭真 纐纈あや 鬮目 﨑山 桒原 髙島屋 ｱ ｹﾚ 林 森 ﾁｶ "
)
WESTERN_NAMES = words("Müller Café José Noël Zoë François Øystein Ångström Señor Jürgen ¿Qué? “Anna” Đặng ")
CHINESE_NAMES = words("李小龙 张伟 王芳 刘洋 陈静 杨丽 赵敏 黄强 周杰 吴磊 李小龍 張偉 陳靜 楊麗 趙敏 黃強")
CYRILLIC_NAMES = words("Иванов Петров Сидорова Кузнецов Ольга Наталья")
GREEK_NAMES = words("Παπαδόπουλος Γεώργιος Μαρία Ελένη")
THAI_NAMES = words("สมชาย สมหญิง ประเสริฐ ณัฐพล")

#: Names, and the encodings that offices keep them in.
OFFICES = [
    (KOREAN_NAMES, ("cp949", "euc_kr", "utf-16-le", "utf-16-be")),
    (JAPANESE_NAMES, ("cp932", "euc_jp", "iso2022_jp", "iso2022_jp_ext", "utf-16-le", "utf-16-be")),
    (WESTERN_NAMES, ("cp1252", "latin-1", "utf-16-le")),
    (CHINESE_NAMES, ("gb18030", "gbk", "big5", "utf-16-be")),
    (CYRILLIC_NAMES, ("cp1251", "koi8-r", "iso8859-5")),
    (GREEK_NAMES, ("cp1253",)),
    (THAI_NAMES, ("cp874",)),
]
LISTS = st.sampled_from([(names, codec) for names, codecs in OFFICES for codec in codecs]).flatmap(
    lambda office: st.tuples(
        st.lists(st.sampled_from(office[0]), min_size=1, max_size=12),
        st.just(office[1]),
        st.sampled_from(["name", "name,mail", "이름,이메일", "氏名,メール"]),
    )
)


def found(text: str, codec: str) -> str | None:
    """The encoding that is detected; None where none is certain."""
    verdict = detect([text.encode(codec)])
    return verdict.codec if isinstance(verdict, Detected) else None


def sheet(names: list[str], header: str = "name") -> str:
    return "\n".join([header, *(f"{name},{number}@example.com" for number, name in enumerate(names)), ""])


@given(LISTS)
@example((["準備"], "euc_jp", "name"))
@example((["채"], "cp949", "name"))
@example((["ﾁｶ", "ｹﾚ"], "cp932", "name"))
@example((["조", "박"], "cp949", "name"))
def test_what_is_detected_reads_as_it_was_written(case: tuple[list[str], str, str]) -> None:
    names, codec, header = case
    text = sheet(names, header)
    try:
        content = text.encode(codec)
    except UnicodeEncodeError:
        return
    verdict = detect([content])
    if isinstance(verdict, Detected):
        assert content.decode(verdict.codec) == text


@pytest.mark.parametrize("codec", ["cp949", "utf-16-le", "utf-16-be"])
def test_a_list_of_korean_names_is_detected(codec: str) -> None:
    assert found(sheet(KOREAN_NAMES), codec) == codec
    assert found(sheet(KOREAN_NAMES[:4]), codec) == codec
    assert found(sheet(["김민수"], "번호,이름,이메일"), codec) == codec


@pytest.mark.parametrize("codec", ["cp932", "utf-16-le", "utf-16-be"])
def test_a_list_of_japanese_names_is_detected(codec: str) -> None:
    assert found(sheet(JAPANESE_NAMES), codec) == codec
    assert found(sheet(JAPANESE_NAMES[:6]), codec) == codec
    assert found(sheet(["髙橋"], "番号,氏名,メール"), codec) == codec


@pytest.mark.parametrize("codec", ["euc_jp", "iso2022_jp"])
def test_japanese_names_of_older_systems_are_detected(codec: str) -> None:
    plain = ["佐藤太郎", "鈴木一郎", "田中花子", "やまだ たろう", "サトウ ハナコ"]
    assert found(sheet(plain), codec) == codec
    assert found(sheet([*plain, "ﾔﾏﾀﾞ"]), "iso2022_jp_ext") == "iso2022_jp_ext"


def test_half_width_kana_are_detected_beside_others_and_proposed_alone(desk: Desk) -> None:
    kana = ["ﾔﾏﾀﾞ ﾀﾛｳ", "ｻﾄｳ ﾊﾅｺ", "ｽｽﾞｷ ｲﾁﾛｳ"]
    assert found(sheet(["山田太郎,ﾔﾏﾀﾞ ﾀﾛｳ", "佐藤花子,ｻﾄｳ ﾊﾅｺ", *kana], "氏名,ﾌﾘｶﾞﾅ"), "cp932") == "cp932"
    finding = desk.finding(desk.text(sheet(kana).encode("cp932")))
    assert finding.rule == "sheet-encoding"
    assert "in cp932 it would read `ﾔﾏﾀﾞ ﾀﾛｳ,0@example.com`" in finding.hint[:1].lower() + finding.hint[1:]


def test_one_name_alone_is_not_enough() -> None:
    for name, codec in (("김민수", "cp949"), ("박준", "cp949"), ("山田太郎", "euc_jp"), ("ﾁｶ", "cp932")):
        verdict = detect([f"name\n{name}\n".encode(codec)])
        assert isinstance(verdict, Undecided)
        assert codec in verdict.fitting


def test_the_same_name_again_and_again_proves_no_more() -> None:
    assert found("name\n" + "김민수\n" * 5_000, "cp949") is None


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        (WESTERN_NAMES[:-1], "cp1252"),
        (CHINESE_NAMES, "gb18030"),
        (CHINESE_NAMES[10:], "big5"),
        (CYRILLIC_NAMES, "cp1251"),
        (GREEK_NAMES, "cp1253"),
        (THAI_NAMES, "cp874"),
    ],
)
def test_no_other_encoding_is_taken(names: list[str], codec: str) -> None:
    assert found(sheet(names * 20), codec) is None


def test_the_whole_file_decides() -> None:
    names = sheet(KOREAN_NAMES * 50).encode("cp949")
    western = "Müller\n".encode("cp1252")
    assert isinstance(detect([names, western]), Undecided)
    assert isinstance(detect([names, "김".encode("cp949")[:1]]), Undecided)
    assert isinstance(detect([names[:100], sheet(JAPANESE_NAMES * 50).encode("cp932")]), Undecided)


def test_utf_8_with_one_bad_byte_is_nothing_else() -> None:
    assert isinstance(detect([sheet(KOREAN_NAMES).encode() + b"\xb1\n"]), Undecided)
    assert isinstance(detect([sheet(JAPANESE_NAMES).encode() + b"\xb1\n"]), Undecided)


def test_pieces_may_end_within_a_character() -> None:
    content = sheet(KOREAN_NAMES).encode("cp949")
    verdict = detect([content[index : index + 7] for index in range(0, len(content), 7)])
    assert isinstance(verdict, Detected)
    assert verdict.codec == "cp949"


@given(st.binary(max_size=200), st.integers(1, 5))
def test_bytes_that_are_no_text_are_taken_for_none_or_can_be_read(content: bytes, times: int) -> None:
    verdict = detect([content] * times)
    if isinstance(verdict, Detected):
        assert "\0" not in (content * times).decode(verdict.codec)


@pytest.mark.parametrize("codec", ["cp949", "utf-16-le", "iso2022_jp", "euc_jp", "cp932"])
def test_the_sheet_is_opened_and_says_which_encoding_it_has_and_why(desk: Desk, codec: str) -> None:
    names = (
        KOREAN_NAMES if codec in ("cp949", "utf-16-le") else ["佐藤太郎", "鈴木一郎", "田中花子", "やまだ", "サトウ"]
    )
    path = desk.text(sheet(names, "name,mail").encode(codec))
    opened, (finding,) = desk.try_open(path)
    assert opened is not None
    assert [row.texts[0] for row in opened.rows()] == names
    assert (finding.rule, finding.severity, str(finding.where)) == ("sheet-encoding-detected", "info", path.as_posix())
    assert f"({codec}): " in finding.message
    assert f"`{names[0]}`" in finding.hint
    assert f"`encoding: {codec}`" in finding.hint


def test_characters_that_windows_added_arrive(desk: Desk) -> None:
    names = ["髙橋 一郎", "山﨑 努", "㈱日立", "①番～③番", "ﾔﾏﾀﾞ", "佐藤 花子", "鈴木 次郎", "田中 美咲"]
    opened, _ = desk.try_open(desk.text(sheet(names, "氏名,メール").encode("cp932")))
    assert opened is not None
    assert [row.texts[0] for row in opened.rows()] == names


def test_syllables_that_windows_added_arrive(desk: Desk) -> None:
    names = ["뷁", "똠방각하", "펩시맨", *KOREAN_NAMES[:20]]
    opened, _ = desk.try_open(desk.text(sheet(names, "이름,이메일").encode("cp949")))
    assert opened is not None
    assert [row.texts[0] for row in opened.rows()] == names


def test_seven_bits_with_escapes_that_are_not_japanese_text_are_told(desk: Desk) -> None:
    finding = desk.finding(desk.text(b"name\nKim\n\x1b$BGARBAGE\n"))
    assert (finding.rule, str(finding.where).rpartition(":")[0][-1]) == ("sheet-encoding", "3")
    assert "ISO-2022" in finding.message
    opened, _ = desk.try_open(desk.text(b"name\n\x1b[0mKim\n"))
    assert opened is not None


def test_ascii_before_the_first_name_decides_nothing() -> None:
    content = sheet([f"Kim {number}" for number in range(60_000)] + KOREAN_NAMES).encode("cp949")
    verdict = detect([content[index : index + 65_536] for index in range(0, len(content), 65_536)])
    assert isinstance(verdict, Detected)
    assert verdict.codec == "cp949"


def test_a_large_file_that_is_no_text_is_not_read_to_its_end() -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for read in range(1_000):
            yield bytes(0xA1 + (number * number + read) % 0x5D for number in range(65_535)) + b"\n"

    assert isinstance(detect(pieces()), Undecided)
    assert read < 100


def test_a_bad_byte_at_the_end_of_a_large_file_counts() -> None:
    pieces = [sheet(KOREAN_NAMES * 50).encode("cp949")] * 40
    assert isinstance(detect(pieces), Detected)
    assert isinstance(detect([*pieces, b"\xff\n"]), Undecided)
