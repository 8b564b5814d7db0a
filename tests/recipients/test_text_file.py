"""Text files: their encodings, the first byte that does not fit, and finding lines again."""

import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchmail.recipients.encodings import Encoding, UnknownEncoding, encoding_of
from batchmail.recipients.text_file import TextPosition, text_file
from tests.recipients.desk import WHERE, Desk

KOREAN = "number,name\n00042,김민수\n00043,이영희\n"
JAPANESE = "number,name\n00042,髙橋 一郎\n00043,やまだ タロウ\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_told_by_its_mark(desk: Desk, codec: str) -> None:
    sheet = desk.open(desk.text(KOREAN.encode(codec)))
    assert sheet.columns == ("number", "name")
    assert [row.texts for row in sheet.rows()] == [("00042", "김민수"), ("00043", "이영희")]
    *_, second = sheet.rows()
    assert str(sheet.place(second, 1)).endswith("people.csv:3:7")
    assert str(sheet.header_place()).endswith("people.csv:1:1")


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (KOREAN, "cp949"),
        (KOREAN, "euc_kr"),
        (JAPANESE, "cp932"),
        (JAPANESE.replace("髙", "高"), "iso2022_jp"),
        (KOREAN, "utf-16-be"),
    ],
)
def test_a_named_encoding_is_used(desk: Desk, text: str, codec: str) -> None:
    rows = desk.rows(desk.text(text.encode(codec)), encoding=codec)
    assert [row.texts for row in rows] == [tuple(line.split(",")) for line in text.splitlines()[1:]]


@pytest.mark.parametrize(("codec", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe")])
def test_a_mark_is_no_part_of_the_first_name(desk: Desk, codec: str, mark: bytes) -> None:
    assert desk.open(desk.text(mark + KOREAN.encode(codec)), encoding=codec).columns[0] == "number"


def test_another_encoding_is_told_with_its_place_its_reading_and_the_line_to_write(desk: Desk) -> None:
    finding = desk.finding(desk.text("number,name\n00042,김민수\n".encode("cp949")))
    assert finding.rule == "sheet-encoding"
    assert str(finding.where).endswith("people.csv:2:7")
    assert finding.message == "the byte 0xB1 is not UTF-8"
    assert "`00042,김민수`" in finding.hint
    assert "`encoding: cp949`" in finding.hint
    assert finding.text == r"00042,\xb1\xe8\xb9\xce\xbc\xf6"


@pytest.mark.parametrize(
    ("text", "codec", "first"),
    [
        ("name\n山田太郎\n", "cp932", "cp932"),
        ("name\n山田太郎\n", "euc_jp", "euc_jp"),
        ("name\nMüller\nCafé\n", "cp1252", "cp1252"),
        ("name\n李小龙\n张伟\n", "gb18030", "gb18030"),
    ],
)
def test_the_likeliest_encoding_is_proposed_first(desk: Desk, text: str, codec: str, first: str) -> None:
    assert f"`encoding: {first}`" in desk.finding(desk.text(text.encode(codec))).hint


def test_a_byte_far_into_the_file_is_found_at_its_line(desk: Desk) -> None:
    content = ("a,b\n" + "김,x\n" * 100_000).encode() + b"yy\xb1\xe8,z\n"
    finding = desk.finding(desk.text(content))
    assert str(finding.where).endswith("people.csv:100002:3")
    assert "0xB1" in finding.message


def test_a_character_that_is_cut_off_at_the_end_is_told(desk: Desk) -> None:
    assert str(desk.finding(desk.text("a\n1\n김".encode()[:-1])).where).endswith("people.csv:3:1")


def test_a_named_encoding_that_does_not_fit_is_told(desk: Desk) -> None:
    finding = desk.finding(desk.text(KOREAN), encoding="cp932")
    assert finding.rule == "sheet-encoding"
    assert "CP932" in finding.message
    assert "`encoding: utf-8`" in finding.hint
    assert "`00042,김민수`" in finding.hint


def test_what_nothing_fits_is_told_without_a_proposal(desk: Desk) -> None:
    finding = desk.finding(desk.text(b"a\n\xff\xff\x81\x8d\n"))
    assert finding.rule == "sheet-encoding"
    assert "would read" not in finding.hint


@pytest.mark.parametrize("name", ["utf-9", "rot13", "base64", "undefined", "x" * 3000])
def test_a_name_that_is_no_encoding_is_told_where_it_is_named(desk: Desk, name: str) -> None:
    finding = desk.finding(desk.text(KOREAN), encoding=name)
    assert (finding.rule, finding.where) == ("sheet-encoding", WHERE)
    with pytest.raises(UnknownEncoding):
        encoding_of(b"", name)


def test_utf_16_without_a_mark_is_little_endian() -> None:
    assert encoding_of(b"a\0", "utf-16") == Encoding("utf-16-le")
    assert encoding_of(b"\xfe\xff\0a", "utf-16") == Encoding("utf-16-be", 2)


PIECES = st.lists(st.text(st.sampled_from("a한\r\n😀"), max_size=8), max_size=6)


@given(PIECES)
@example(["a\r", "\nb"])
@example(["\r", "", "\n"])
def test_lines_and_columns_are_counted_over_pieces(pieces: list[str]) -> None:
    position = TextPosition()
    for piece in pieces:
        position.move(piece)
    text = "".join(pieces)
    lines = io.StringIO(text, newline="").readlines() or [""]
    ended = lines[-1].endswith(("\r", "\n"))
    assert position.line == len(lines) + ended
    assert position.column == (1 if ended else len(lines[-1]) + 1)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "cp949", "cp932", "iso2022_jp", "gb18030", "hz", "utf-7"])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_line_of_a_large_file_is_found_again(desk: Desk, codec: str, end: str) -> None:
    lines = [f"{number} 日本 {'x' * (number % 50)}{end}" for number in range(1, 6_000)]
    path = desk.text("".join(lines).encode(codec))
    file = text_file(path, codec, WHERE)
    assert list(file.read()) == lines
    for number in (1, 2, 1_000, 2_345, 5_999):
        assert next(file.read_from(number)) == lines[number - 1]


def test_a_folder_and_what_is_not_there_are_told_where_they_are_named(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "people.csv"
    folder.mkdir()
    finding = desk.finding(folder)
    assert (finding.rule, finding.where, finding.message) == ("file-unreadable", WHERE, "`people.csv` is a folder")
    missing = desk.finding(tmp_path / "peopel.csv")
    assert (missing.rule, missing.where) == ("file-missing", WHERE)
    assert "Did you mean `people.csv`?" in missing.hint
    nowhere = desk.finding(tmp_path / "no" / "people.csv")
    assert "is not there" in nowhere.hint
