import csv
import json
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from batchmail.delivery import Record
from batchmail.report import MAIL_COLUMNS, REPORT_SUFFIXES, ReportFormatUnknown, ReportLine, write_report
from batchmail.row import Row

Lines = Callable[[Sequence[Sequence[str]]], list[ReportLine]]


def header(path: Path) -> list[str]:
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return next(csv.reader(file))
        case ".jsonl":
            return list(json.loads(path.read_text(encoding="utf-8").partition("\n")[0]))
        case _:
            book = openpyxl.load_workbook(path)
            return [str(cell.value) for cell in next(book.worksheets[0].iter_rows())]


@pytest.mark.parametrize("suffix", REPORT_SUFFIXES)
def test_the_mail_columns_follow_the_sheets_own(suffix: str, lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / f"results{suffix}"

    write_report(path, ("key", "name"), lines_of([("1", "a")]))

    assert header(path) == ["key", "name", *MAIL_COLUMNS]


@pytest.mark.parametrize("suffix", REPORT_SUFFIXES)
def test_the_columns_of_an_earlier_report_are_replaced(suffix: str, lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / f"results{suffix}"
    columns = ("key", *MAIL_COLUMNS, "name")

    write_report(path, columns, lines_of([("1", "old", "old", "old", "old", "old", "old", "a")]))

    assert header(path) == ["key", "name", *MAIL_COLUMNS]
    assert b"old" not in path.read_bytes()


@pytest.mark.parametrize("suffix", REPORT_SUFFIXES)
def test_a_sheet_without_rows_gives_a_report_without_lines(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"results{suffix}"

    write_report(path, ("key",), [])

    assert path.is_file()


def test_the_suffix_may_be_in_capitals(lines_of: Lines, tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.CSV"

    write_report(path, ("key",), lines_of([("1",)]))

    assert header(path.rename(tmp_path / "results.csv")) == ["key", *MAIL_COLUMNS]


@pytest.mark.parametrize("name", ["results.html", "results.xls", "results", ".csv"])
def test_another_suffix_is_refused_with_the_accepted_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReportFormatUnknown, match=r"\.csv, \.xlsx, \.jsonl") as refusal:
        write_report(tmp_path / name, ("key",), [])

    assert refusal.value.message.startswith((tmp_path / name).as_posix())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("suffix", "rows"), [(".csv", 20_000), (".jsonl", 20_000), (".xlsx", 2_000)])
def test_memory_does_not_grow_with_the_rows(
    suffix: str, rows: int, sent: Callable[[str], Record], tmp_path: Path
) -> None:
    def lines() -> Iterator[ReportLine]:
        for position in range(rows):
            yield ReportLine(Row(position, position, (f"{position:05}", "x" * 500)), sent(str(position)))

    write_report(tmp_path / f"warm{suffix}", ("key", "text"), [])
    tracemalloc.start()
    try:
        write_report(tmp_path / f"results{suffix}", ("key", "text"), lines())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 700_000  # the rows hold 1,000,000 and more
