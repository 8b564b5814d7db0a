"""JSON Lines: one object a row, its keys the columns."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.recipients.header import MOST_COLUMNS
from tests.recipients.desk import Desk, broken_at

NAME = "people.jsonl"


def test_a_row_has_its_texts_its_number_and_its_line(desk: Desk) -> None:
    sheet = desk.open(desk.text('{"number": "00042", "name": "김민수"}\n\n{"name": "Lee", "number": "7"}\n', NAME))
    assert sheet.columns == ("number", "name")
    assert [(row.position, row.line, row.texts) for row in sheet.rows()] == [
        (1, 1, ("00042", "김민수")),
        (2, 3, ("7", "Lee")),
    ]
    first, second = sheet.rows()
    assert [str(sheet.place(first, column)).rpartition("jsonl")[2] for column in (None, 0, 1)] == [
        *(":1:1", ":1:12", ":1:29")
    ]
    assert [str(sheet.place(second, column)).rpartition("jsonl")[2] for column in (0, 1)] == [":3:27", ":3:10"]
    assert str(sheet.header_place(1)).endswith(":1:29")


def test_values_are_the_texts_that_are_written(desk: Desk) -> None:
    numbers = '{"a": 1.50, "b": 12345678901234567890, "c": true, "d": null, '
    line = numbers + '"e": " x ", "g": 1e3, "u": "\\u00e9\\ud83d\\ude00"}'
    assert desk.texts(desk.text(line + "\n", NAME)) == [
        ("1.50", "12345678901234567890", "true", "", " x ", "1e3", "é😀")
    ]


def test_missing_keys_are_blank_and_blank_rows_are_left_out(desk: Desk) -> None:
    sheet = desk.open(desk.text('{"a": "1", "b": "2"}\n{}\n{"a": null, "b": " "}\n{"b": "3"}\n', NAME))
    assert [(row.position, row.line, row.texts) for row in sheet.rows()] == [(1, 1, ("1", "2")), (2, 4, ("", "3"))]
    *_, last = sheet.rows()
    assert str(sheet.place(last, 0)).endswith(":4:1")


def test_a_key_that_the_first_row_lacks_is_a_fault_once_where_it_has_content(desk: Desk) -> None:
    content = (
        '{"mail": "a"}\n{"mail": "b", "nmae": ""}\n{"nmae": "Lee", "mail": "c", "x": 1}\n{"nmae": "Kim", "mail": "d"}\n'
    )
    sheet = desk.open(desk.text(content, NAME))
    for _ in range(2):
        rows = list(sheet.rows())
        assert [len(row.faults) for row in rows] == [0, 0, 2, 0]
        assert [(fault.rule, fault.text) for fault in rows[2].faults.values()] == [
            ("sheet-late-column", "Lee"),
            ("sheet-late-column", "1"),
        ]
        assert [str(sheet.place(rows[2], number)).rpartition("jsonl")[2] for number in rows[2].faults] == [
            *(":3:10", ":3:35")
        ]
        assert all(number >= len(sheet.columns) for number in rows[2].faults)


def test_lists_and_objects_are_no_cells(desk: Desk) -> None:
    (row,) = desk.rows(desk.text('{"mail": ["a", "b"], "name": {"first": "Kim"}, "n": 1}\n', NAME))
    assert [(number, fault.rule, fault.text) for number, fault in row.faults.items()] == [
        (0, "cell-bad-value", '["a", "b"]'),
        (1, "cell-bad-value", '{"first": "Kim"}'),
    ]


@pytest.mark.parametrize(
    ("line", "message", "place"),
    [
        ('{"a": 1,}', "the line is no JSON", ":2:9"),
        ('{"a": 1} {"a": 2}', "the line is no JSON", ":2:10"),
        ('[{"a": 1}]', "the line is no object", ":2:1"),
        ("3", "the line is no object", ":2:1"),
        ('{"a": 1, "a": 2}', "the key `a` stands twice", ":2:1"),
        ('{"a": 1, " a": 2}', "the key `a` stands twice", ":2:1"),
        ('{"a": {"b": 1, "b": 2}}', "the key `b` stands twice", ":2:1"),
        ('{"a": ' + "[" * 200_000, "the line is nested too deeply", ":2:1"),
        ('{"a": "\\ud800"}', "the line has half a character", ":2:1"),
        ('{"\\ud800": "x"}', "the line has half a character", ":2:1"),
        ('{"a": "\\u0000"}', "the line has half a character (a surrogate), or NUL", ":2:1"),
    ],
)
def test_a_line_that_is_no_object_of_texts_ends_the_reading_at_its_place(
    desk: Desk, line: str, message: str, place: str
) -> None:
    rows, finding = broken_at(desk.open(desk.text(f'{{"a": 0}}\n{line}\n', NAME)))
    assert (rows, finding.rule, finding.message.startswith(message)) == (1, "sheet-broken", True), finding
    assert str(finding.where).endswith(f"{NAME}{place}")
    assert finding.hint


@pytest.mark.parametrize("content", ["", "\n\n", "{}\n", '{"a": ""}\n'])
def test_a_file_without_rows_is_empty(desk: Desk, content: str) -> None:
    assert desk.finding(desk.text(content, NAME)).rule == "sheet-empty"


def test_too_many_keys_are_refused(desk: Desk) -> None:
    row = {f"c{number}": number for number in range(MOST_COLUMNS + 1)}
    finding = desk.finding(desk.text(json.dumps(row), NAME))
    assert (finding.rule, "256 columns" in finding.message) == ("sheet-broken", True)


def test_very_many_late_keys_are_told_a_few_times(desk: Desk) -> None:
    lines = ['{"a": 1}', *(f'{{"a": 1, "k{number}": 1}}' for number in range(2_000))]
    rows = desk.rows(desk.text("\n".join(lines), NAME))
    assert sum(len(row.faults) for row in rows) == MOST_COLUMNS


def test_a_header_line_is_nothing_it_has(desk: Desk) -> None:
    assert desk.finding(desk.text('{"a": 1}\n', NAME), header=1).rule == "sheet-no-header"


def test_other_encodings_and_workbooks_are_told_as_for_every_text_file(desk: Desk) -> None:
    assert desk.texts(desk.text('{"a": "김민수"}\n'.encode("utf-16"), NAME)) == [("김민수",)]
    assert desk.finding(desk.text('{"a": "박준"}\n'.encode("cp949"), NAME)).rule == "sheet-encoding"
    assert desk.texts(desk.text('{"a": "박준"}\n'.encode("cp949"), NAME), encoding="cp949") == [("박준",)]
    assert "workbook" in desk.finding(desk.text(b"PK\x03\x04xx", NAME)).message


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "이름", 'x"y', "{", ":"]), CELLS), max_size=5)


@given(ROWS, st.booleans(), st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
def test_any_texts_survive_and_every_place_is_that_of_its_value(
    desk: Desk,
    table: list[dict[str, str]],
    ascii_only: bool,  # noqa: FBT001  given by hypothesis
    separators: tuple[str, str],
) -> None:
    rows = [{"a": "", "b": "", "이름": "", 'x"y': "", "{": "", ":": "first"}, *table]
    lines = [json.dumps(row, ensure_ascii=ascii_only, separators=separators) for row in rows]
    sheet = desk.open(desk.text("\n".join(lines) + "\n", NAME))
    read = list(sheet.rows())
    texts = [tuple(row.get(name, "") for name in sheet.columns) for row in rows]
    if not ascii_only:
        assert [row.texts for row in read] == [each for each in texts if any(map(str.strip, each))]
    for row in read:
        for column, name in enumerate(sheet.columns):
            where = str(sheet.place(row, column)).rpartition(":")[2]
            if name in rows[row.line - 1]:
                assert lines[row.line - 1][int(where) - 1] == '"'


def test_rows_stream_without_growing(desk: Desk) -> None:
    peaks = []
    for count in (5_000, 50_000):
        path = desk.text('{"number": "00042", "name": "김민수", "mail": "kim@example.com"}\n' * count, NAME)
        tracemalloc.start()
        assert sum(1 for _ in desk.open(path).rows()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000
