"""What a template keeps for itself ends with the mail: nothing of a row reaches the next one."""

import pytest

from batchmail.merge.branches import Branches, watched_merger
from batchmail.merge.environment import GLOBALS
from batchmail.message import Message
from tests.merge.bench import COLUMNS, Bench, place

GREET = (
    '{% set ns = namespace(last="nobody") %}'
    "{% macro call(n) %}{% if n %}{% set ns.last = n %}{% endif %}Dear {{ ns.last }}{% endmacro %}"
)
JOIN = '{% set sep = joiner(", ") %}{% macro call(n) %}{{ sep() }}{{ n }}{% endmacro %}'
CYCLE = '{% set turn = cycler("odd", "even") %}{% macro call(n) %}{{ turn.next() }} {{ n }}{% endmacro %}'

#: What a file keeps, and what three rows get: Kim, one without a name, Lee.
KEEPERS = pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GREET, ["Dear Kim", "Dear nobody", "Dear Lee"], id="namespace"),
        pytest.param(JOIN, ["Kim", "", "Lee"], id="joiner"),
        pytest.param(CYCLE, ["odd Kim", "odd ", "odd Lee"], id="cycler"),
    ],
)
CALL = '{{ call(name | default("", true)) }}'
IMPORTS = pytest.mark.parametrize(
    "body",
    [
        "{% from 'kept.txt' import call %}" + CALL,
        "{% from 'kept.txt' import call with context %}" + CALL,
        "{% import 'kept.txt' as m %}" + CALL.replace("call(", "m.call("),
        "{% import 'kept.txt' as m with context %}" + CALL.replace("call(", "m.call("),
        "{% macro greet(n) %}{% from 'kept.txt' import call %}{{ call(n) }}{% endmacro %}"
        + CALL.replace("call(", "greet("),
        "{% include 'calls.txt' %}",
        "{% include 'calls.txt' without context %}",
        "{% extends 'layout.txt' %}{% block inner %}" + CALL + "{% endblock %}",
    ],
)


def keep(bench: Bench, text: str) -> None:
    """Write the file that is imported, and files that go by way of it."""
    without = "{% from 'kept.txt' import call %}"
    for name, content in (
        ("kept.txt", text),
        ("calls.txt", without + CALL),
        ("layout.txt", without + "{% block outer %}{% block inner %}{% endblock %}{% endblock %}"),
    ):
        (bench.job.folder / name).write_text(content, encoding="utf-8")


def bodies(bench: Bench, *names: str) -> list[str]:
    """What one merger gives for rows of these names, one after another."""
    merger = bench.merger()
    merged = [merger.merge(bench.row(name=name)) for name in names]
    assert all(isinstance(each, Message) for each in merged), bench.found
    return [each.body for each in merged if each]


@KEEPERS
@pytest.mark.parametrize(
    "tag",
    ["{% from 'kept.txt' import call %}" + CALL, "{% import 'kept.txt' as m %}" + CALL.replace("call(", "m.call(")],
)
def test_what_an_imported_file_keeps_ends_with_the_mail(bench: Bench, text: str, tag: str, expected: list[str]) -> None:
    keep(bench, text)
    bench.message(body=tag, subject="Hello")
    assert bodies(bench, "Kim", "", "Lee") == expected


@pytest.mark.parametrize("text", [GREET, JOIN, CYCLE], ids=["namespace", "joiner", "cycler"])
@IMPORTS
def test_a_row_gets_the_same_mail_alone_as_after_others(bench: Bench, text: str, body: str) -> None:
    keep(bench, text)
    bench.message(body=body, subject="Hello")
    together = bodies(bench, "Kim", "", "Lee")
    assert together == [bodies(bench, name)[0] for name in ("Kim", "", "Lee")]


@KEEPERS
def test_what_a_body_keeps_itself_ends_with_the_mail(bench: Bench, text: str, expected: list[str]) -> None:
    bench.message(body=text + CALL, subject="Hello")
    assert bodies(bench, "Kim", "", "Lee") == expected


@KEEPERS
def test_what_is_planned_is_what_is_sent(bench: Bench, text: str, expected: list[str]) -> None:
    keep(bench, text)
    bench.message(body="{% import 'kept.txt' as m %}" + CALL.replace("call(", "m.call("), subject="Hello")
    merger = bench.merger()
    planned, sent = (
        [merged.content_digest() if (merged := merger.merge(bench.row(name=name))) else None for name in order]
        for order in (("Kim", "", "Lee"), ("Lee", "", "Kim"))
    )
    assert None not in planned
    assert planned == sent[::-1]
    assert len(set(planned)) == len(set(expected))


def test_a_list_that_is_read_once_is_there_for_every_row(bench: Bench) -> None:
    keep(bench, "{% set days = ['mo', 'tu'] | map('upper') %}{% macro call(n) %}{{ n }}{{ days | join }}{% endmacro %}")
    bench.message(body="{% from 'kept.txt' import call %}" + CALL, subject="Hello")
    assert bodies(bench, "Kim", "Lee") == ["KimMOTU", "LeeMOTU"]


def test_what_an_imported_file_does_is_counted_for_every_row(bench: Bench) -> None:
    keep(bench, "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}")
    bench.message(body="{% import 'kept.txt' as m %}{{ name }}", subject="Hello")
    merger = bench.merger()
    assert [merger.merge(bench.row(name=name)) for name in ("Kim", "Lee")] == [None, None]
    assert [rule for rule, _ in bench.found] == ["template-failed"] * 2


@pytest.mark.parametrize("text", [GREET, JOIN, CYCLE], ids=["namespace", "joiner", "cycler"])
def test_a_preview_shows_what_is_sent(bench: Bench, text: str) -> None:
    keep(bench, text)
    bench.message(body="{% from 'kept.txt' import call %}" + CALL, subject="Hello")
    merger, watched = bench.merger(), watched_merger(bench.job, COLUMNS, place, Branches())
    rows = [bench.row(name=name) for name in ("Kim", "", "Lee")]
    assert [watched.merge(row) for row in rows] == [merger.merge(row) for row in rows]
    assert watched.merge(rows[1]) == merger.merge(rows[1]) == bench.merger().merge(rows[1])


@pytest.mark.parametrize("shared", GLOBALS)
def test_a_template_keeps_nothing_in_what_all_rows_share(bench: Bench, shared: str) -> None:
    bench.message(body=f"{{% set {shared}.last = name %}}", subject="Hello")
    assert bench.merge() is None
    assert [rule for rule, _ in bench.found] == ["template-failed"]
