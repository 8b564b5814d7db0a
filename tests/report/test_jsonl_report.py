import json
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from batchmail.report import ReportLine, write_report

Lines = Callable[[Sequence[Sequence[str]]], list[ReportLine]]
Fresh = Callable[[str], Path]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


@given(table=st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_any_table_of_texts_comes_back_the_same(table: list[tuple[str, str]], lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.jsonl")

    write_report(path, ("a", "b"), lines_of(table))

    assert [(row["a"], row["b"]) for row in read(path)] == table


def test_texts_are_raw_and_attempts_a_number(lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.jsonl")

    write_report(path, ("key", "氏名"), lines_of([("=1+1", "髙橋 一郎")]))

    assert "髙橋 一郎" in path.read_text(encoding="utf-8")
    assert read(path) == [
        {
            "key": "=1+1",
            "氏名": "髙橋 一郎",
            "mail_status": "sent",
            "mail_reason": "",
            "mail_attempts": 1,
            "mail_time": "2026-10-05T09:00:01+09:00",
            "mail_id": "m-1",
            "mail_to": "kim@example.com",
        }
    ]


def test_attempts_are_null_where_there_is_no_result(lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.jsonl")
    row = lines_of([("00042",)])[0].row

    write_report(path, ("key",), [ReportLine(row, None)])

    assert read(path)[0]["mail_attempts"] is None
    assert read(path)[0]["mail_status"] == ""


def test_half_a_surrogate_pair_does_not_stop_it(lines_of: Lines, fresh: Fresh) -> None:
    path = fresh("results.jsonl")

    write_report(path, ("key",), lines_of([("a\ud800b",)]))

    assert read(path)[0]["key"] == "a?b"
