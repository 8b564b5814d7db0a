"""Workbooks that are broken, huge or hostile end in a finding, quickly and in little memory."""

import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from hashlib import shake_256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.recipients import SheetBroken
from tests.recipients.desk import MAIN, Desk, broken_at, raw_parts

ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    '<row r="3"><c r="A3" s="1"><f>A2+1</f><v>2</v></c></row>'
)
STRINGS = "<si><t>name</t></si>"
STYLES = '<numFmts><numFmt numFmtId="164" formatCode="0.00"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs>'


def noise(size: int) -> bytes:
    return shake_256(b"noise").digest(size)


def reason(desk: Desk, parts: dict[str, str | bytes]) -> str:
    finding = desk.finding(desk.archive(parts))
    assert finding.rule == "sheet-broken"
    assert str(finding.where).endswith("people.xlsx")
    return finding.message


def test_the_workbook_of_these_tests_is_all_right(desk: Desk) -> None:
    assert desk.texts(desk.parts(ROWS, strings=STRINGS, styles=STYLES)) == [("1",), ("2.00",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no workbook"),
        (b"<html><table>", "no workbook"),
        (b"PK\x03\x04 and nothing more", "damaged or incomplete"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password, or an old .xls workbook"),
    ],
)
def test_what_is_no_archive_is_told(desk: Desk, content: bytes, message: str) -> None:
    finding = desk.finding(desk.text(content, "people.xlsx"))
    assert finding.rule == "sheet-broken"
    assert message in finding.message
    assert finding.hint


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_told(desk: Desk, part: float) -> None:
    whole = desk.workbook([("a",), *[(f"name {number}",) for number in range(500)]]).read_bytes()
    finding = desk.finding(desk.text(whole[: int(len(whole) * part)], "people.xlsx"))
    assert (finding.rule, "damaged" in finding.message) == ("sheet-broken", True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parts: parts.pop("_rels/.rels"), "no workbook"),
        (lambda parts: parts.pop("xl/workbook.xml"), "xl/workbook.xml is missing"),
        (lambda parts: parts.pop("xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml is missing"),
        (lambda parts: parts.pop("xl/sharedStrings.xml"), "xl/sharedStrings.xml is missing"),
        (lambda parts: parts.update({"xl/styles.xml": "<styleSheet><a>"}), "not XML, or is cut off"),
        (lambda parts: parts.update({"xl/workbook.xml": "none"}), "not XML, or is cut off"),
        (lambda parts: parts.update({"xl/worksheets/sheet1.xml": f'<chartsheet xmlns="{MAIN}"/>'}), "is none"),
        (lambda parts: parts.update({"xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"/>'}), "has no end"),
    ],
)
def test_missing_and_broken_parts_are_told(
    desk: Desk, change: Callable[[dict[str, str]], object], message: str
) -> None:
    parts = raw_parts(ROWS, strings=STRINGS, styles=STYLES)
    change(parts)
    assert message in reason(desk, dict(parts))


@pytest.mark.parametrize(
    ("row", "cell", "message"),
    [
        ('<row r="3"><c r="A3" t="s"><v>7</v></c></row>', "A3", "names a text that is not there"),
        ('<row r="3"><c r="A3" t="s"><v>-1</v></c></row>', "A3", "names a text that is not there"),
        ('<row r="3"><c r="A3"><v>1_0</v></c></row>', "A3", "`1_0` is no number"),
        ('<row r="3"><c r="A3"><v>NaN</v></c></row>', "A3", "`NaN` is no number"),
        (f'<row r="3"><c r="A3"><v>{"9" * 9999}</v></c></row>', "A3", "is no number"),
        ('<row r="3"><c r="A3" t="x"><v>1</v></c></row>', "A3", "unknown kind, x"),
        ('<row r="3"><c r="A3" t="d"><v>tomorrow</v></c></row>', "A3", "`tomorrow` is no date"),
        ('<row r="2"><c r="A2"><v>1</v></c></row>', None, "its row 2 comes after row 2"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', None, "its row 1048577"),
        ('<row r="x"><c r="A3"><v>1</v></c></row>', None, "`x` is no number"),
        ('<row r="3"><c r="A3" s="x"><v>1</v></c></row>', None, "`x` is no number"),
        ('<row r="3"><c r="XFE3"><v>1</v></c></row>', None, "more than 16,384 columns"),
        ('<row r="3"><c r="3"><v>1</v></c></row>', None, "more than 16,384 columns"),
        ('<row r="3"><c r="A-3"><v>1</v></c></row>', None, "it has a cell A-"),
        (f'<row r="3">{"<c/>" * 16_385}</row>', None, "more than 16,384 columns"),
        ("<row><c><v>1</c></row>", None, "not XML, or is cut off"),
    ],
)
def test_a_broken_cell_ends_the_reading(desk: Desk, row: str, cell: str | None, message: str) -> None:
    path = desk.parts(ROWS[: ROWS.index('<row r="3">')] + row, strings=STRINGS)
    sheet, findings = desk.try_open(path)
    finding = broken_at(sheet)[1] if sheet else findings[0]
    assert str(finding.where).endswith(f"Guests!{cell}" if cell else "people.xlsx")
    assert finding.rule == "sheet-broken"
    assert message in finding.message


def test_a_damaged_byte_far_into_the_sheet_is_told(desk: Desk) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n**3 % 99_991}</v></c></row>' for n in range(2, 20_000))
    path = desk.parts(ROWS[: ROWS.index('<row r="2">')] + rows, strings=STRINGS)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    content[info.header_offset + info.compress_size - 5_000] ^= 0xFF
    finding = desk.finding(desk.text(bytes(content), "people.xlsx"))
    assert (finding.rule, "damaged" in finding.message) == ("sheet-broken", True)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_entities_are_refused(desk: Desk, part: str) -> None:
    parts = raw_parts(ROWS, strings=STRINGS, styles=STYLES)
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    parts[part] = parts[part].replace("?>", f"?>{doctype}", 1)
    assert "document type" in reason(desk, dict(parts))


def test_too_much_growth_is_refused_before_anything_is_unpacked(desk: Desk) -> None:
    blank = "<c/>" * 4_000_000
    path = desk.archive(dict(raw_parts(f'<row r="1">{blank}</row>')))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    finding = desk.finding(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "grows more than 100 times" in finding.message
    assert peak < 2_000_000


def test_too_much_of_everything_is_refused(desk: Desk) -> None:
    parts = raw_parts(ROWS, strings=STRINGS)
    assert "more than 256 MB" in reason(desk, {**parts, "media": noise(3_000_000) + b"\0" * 254_000_000})


def test_a_row_of_countless_blank_cells_is_refused_in_little_memory(desk: Desk) -> None:
    parts = raw_parts(f'<row r="1">{"<c/>" * 2_000_000}</row>')
    path = desk.archive(dict(parts))
    tracemalloc.start()
    finding = desk.finding(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "16,384 columns" in finding.message
    assert peak < 2_000_000


@pytest.mark.parametrize("styles", ["<cellXfs>" + '<xf numFmtId="0"/>' * 70_001 + "</cellXfs>"])
def test_too_many_formats_are_refused(desk: Desk, styles: str) -> None:
    assert "more than 70,000 formats" in reason(desk, dict(raw_parts(ROWS, styles=styles)))


def test_too_large_a_part_beside_the_cells_is_refused(desk: Desk) -> None:
    styles = "<!--" + noise(16_500_000).hex() + "-->"
    assert "xl/styles.xml has more than" in reason(desk, dict(raw_parts(ROWS, styles=styles)))


def test_too_many_parts_are_refused(desk: Desk) -> None:
    parts: dict[str, str | bytes] = {f"{'x' * 400}{number}": b"" for number in range(9_500)}
    assert "too many parts" in reason(desk, parts)


def test_an_archive_with_the_end_of_large_archives_is_read(desk: Desk) -> None:
    content = desk.archive(dict(raw_parts(ROWS, strings=STRINGS))).read_bytes()
    end = content.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", content[end + 10 : end + 20])
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    pointer = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    small = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0)
    path = desk.text(content[:end] + large + pointer + small, "people.xlsx")
    assert len(desk.rows(path)) == 2


def test_other_ways_of_packing_are_refused(desk: Desk) -> None:
    finding = desk.finding(desk.archive(dict(raw_parts(ROWS)), zipfile.ZIP_LZMA))
    assert "packed in a way" in finding.message


def test_a_password_on_the_parts_is_told(desk: Desk) -> None:
    path = desk.archive(dict(raw_parts(ROWS)), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in desk.finding(desk.text(bytes(content), "people.xlsx")).message


def test_names_of_parts_are_compared_without_case_and_slashes(desk: Desk) -> None:
    parts = {name.upper().replace("/", "\\"): text for name, text in raw_parts(ROWS, strings=STRINGS).items()}
    assert len(desk.rows(desk.archive(dict(parts)))) == 2


@given(st.data())
def test_a_damaged_workbook_does_no_more_than_break(desk: Desk, data: st.DataObject) -> None:
    compression = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    parts = dict(raw_parts(ROWS, strings=STRINGS, styles=STYLES))
    content = bytearray(desk.archive(dict(parts), compression).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    sheet, findings = desk.try_open(desk.text(bytes(content), "people.xlsx"))
    assert sheet or findings
    try:
        rows = list(sheet.rows()) if sheet else []
    except SheetBroken as broken:
        assert broken.finding.hint  # noqa: PT017  breaking is allowed here, not asked for
    else:
        assert len(rows) <= 3
