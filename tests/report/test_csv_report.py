import csv
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from batchmail.formula import armed, is_formula
from batchmail.report import MAIL_COLUMNS, ReportLine, write_report

Lines = Callable[[Sequence[Sequence[str]]], list[ReportLine]]
Fresh = Callable[[str], Path]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
AWKWARD = st.text(alphabet=",\"'; \t\r\n=a가", max_size=4)
TABLES = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5)


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, strict=True))


@given(table=TABLES)
def test_any_table_of_texts_comes_back_the_same(
    table: list[tuple[str, str, str]], lines_of: Lines, fresh: Fresh
) -> None:
    path = fresh("results.csv")

    write_report(path, ("a", "b", "c"), lines_of(table))

    assert [tuple(armed(cell) for cell in row[:3]) for row in read(path)[1:]] == table


@given(table=TABLES)
def test_no_cell_of_it_is_a_formula(table: list[tuple[str, str, str]], lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.csv")

    write_report(path, ("=a", "b", "c"), lines_of(table))

    assert not [cell for row in read(path) for cell in row if is_formula(cell)]


@given(table=st.lists(st.tuples(AWKWARD, AWKWARD), max_size=5))
def test_it_is_written_as_the_csv_module_writes_it(table: list[tuple[str, str]], lines_of: Lines, fresh: Fresh) -> None:
    path, expected = fresh("results.csv"), StringIO(newline="")

    write_report(path, ("a", "b,"), lines_of(table))

    rows = read(path)
    csv.writer(expected, lineterminator="\r\n").writerows(rows)
    assert len(rows) == 1 + len(table)
    assert path.read_bytes() == expected.getvalue().encode("utf-8-sig")


def test_the_file_is_one_that_excel_reads_as_utf_8_with_windows_line_ends(lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.csv")

    write_report(path, ("key", "name"), lines_of([("00042", "김민수"), ("00043", "Lee, Park\nand Sons")]))

    expected = (
        "key,name,mail_status,mail_reason,mail_attempts,mail_time,mail_id,mail_to\r\n"
        "00042,김민수,sent,,1,2026-10-05T09:00:01+09:00,m-1,kim@example.com\r\n"
        '00043,"Lee, Park\nand Sons",sent,,1,2026-10-05T09:00:01+09:00,m-1,kim@example.com\r\n'
    )
    assert path.read_bytes() == b"\xef\xbb\xbf" + expected.encode()


def test_a_row_without_a_result_has_empty_mail_cells(lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.csv")
    row = lines_of([("00042",)])[0].row

    write_report(path, ("key",), [ReportLine(row, None)])

    assert read(path)[1] == ["00042", *[""] * len(MAIL_COLUMNS)]


def test_half_a_surrogate_pair_does_not_stop_it(lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.csv")

    write_report(path, ("key",), lines_of([("a\ud800b",)]))

    assert read(path)[1][0] == "a?b"
