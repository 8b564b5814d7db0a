"""A table is the same, whichever kind of file it is kept in, and however its text is encoded."""

import csv
import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.recipients.desk import Desk

#: What a cell of a workbook can hold; openpyxl takes a text that begins with = for a formula.
CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n"),
    max_size=10,
).filter(lambda text: not text.startswith("=") and "_x" not in text)

#: Characters of the alphabets that a file may be in without any mark.
ALPHABETS = {
    "cp949": "abc 김민수박준뷁똠쀍㈜①ㅋ",
    "cp932": "abc 髙﨑～①㈱山田やまだヤマダﾔﾏﾀﾞ",
    "euc_jp": "abc 山田やまだヤマダﾔﾏﾀﾞ",
    "iso2022_jp": "abc 山田やまだヤマダ",
    "utf-8": "abc 김髙😀é",
    "utf-8-sig": "abc 김髙😀é",
    "utf-16": "abc 김髙😀é",
    "utf-16-le": "abc 김髙😀é",
    "utf-16-be": "abc 김髙😀é",
}
TABLES = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))


def whole(table: list[list[str]]) -> list[list[str]]:
    """A table with a header, and a last row that is not blank."""
    width = max(map(len, table), default=1)
    return [[f"c{number}" for number in range(width)], *table, ["end"] * width]


def as_text(
    desk: Desk, rows: list[list[str]], *, codec: str = "utf-8", delimiter: str = ",", name: str = "p.csv"
) -> Path:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, delimiter=delimiter).writerows(rows)
    return desk.text(file.getvalue().encode(codec), name)


def as_json(desk: Desk, rows: list[list[str]], *, codec: str = "utf-8") -> Path:
    header, *others = rows
    lines = (json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in others)
    return desk.text("".join(f"{line}\n" for line in lines).encode(codec), "people.jsonl")


@given(TABLES)
def test_the_rows_of_a_csv_file_and_of_a_workbook_are_the_same(desk: Desk, table: list[list[str]]) -> None:
    rows = whole(table)
    of_csv = desk.open(as_text(desk, rows))
    of_xlsx = desk.open(desk.workbook([[cell or None for cell in row] for row in rows]))
    assert of_csv.columns == of_xlsx.columns
    expected = [(row.position, row.texts) for row in of_csv.rows()]
    assert [(row.position, row.texts) for row in of_xlsx.rows()] == expected
    assert len(expected) == 1 + sum(any(map(str.strip, row)) for row in table)


@given(TABLES, st.sampled_from([(",", "p.csv"), (";", "p.csv"), ("\t", "p.tsv"), ("|", "p.csv")]))
def test_the_rows_of_text_files_are_the_same(desk: Desk, table: list[list[str]], kind: tuple[str, str]) -> None:
    rows = whole([row for row in table if any(map(str.strip, row))])
    delimiter, name = kind
    opened = desk.open(as_text(desk, rows, delimiter=delimiter, name=name))
    read = desk.open(as_json(desk, rows))
    assert opened.columns[: len(read.columns)] == read.columns == tuple(rows[0])
    texts = [row.texts for row in opened.rows()]
    assert texts == [row.texts for row in read.rows()] == [tuple(row) for row in rows[1:]]


def is_utf8(content: bytes) -> bool:
    """Whether bytes that are not all ASCII can be read as UTF-8."""
    with suppress(UnicodeDecodeError):
        return not content.decode("utf-8").isascii()
    return False


@pytest.mark.parametrize("codec", ALPHABETS)
@given(st.data())
def test_no_encoding_changes_a_name(desk: Desk, codec: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.text(st.sampled_from(ALPHABETS[codec]), min_size=1, max_size=6), max_size=8))
    # What can be read as UTF-8 is: `ﾏ①` alone in CP932 has the bytes of `χ@`.
    assume(codec.startswith("utf-8") or not is_utf8("\n".join(names).encode(codec)))
    rows = whole([[name, str(number)] for number, name in enumerate(names)])
    named = desk.open(as_text(desk, rows, codec=codec), encoding=codec)
    expected = [tuple(row) for row in rows[1:]]
    assert [row.texts for row in named.rows()] == expected
    for path in (as_text(desk, rows, codec=codec), as_json(desk, rows, codec=codec)):
        opened, findings = desk.try_open(path)
        if opened is None:
            assert [finding.rule for finding in findings] == ["sheet-encoding"]
        else:
            assert [row.texts for row in opened.rows()] == expected
