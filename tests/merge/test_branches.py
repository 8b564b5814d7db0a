"""A merge tells which branches of the templates it took, and gives the same text as one that is not watched."""

from pathlib import Path

import pytest

from batchmail.delivery import Mailing
from batchmail.finding import Findings
from batchmail.job import Job, MessageSpec, ProviderSpec, RecipientsSpec, TemplateText
from batchmail.location import Location, TextLocation
from batchmail.merge import make_merger
from batchmail.merge.branches import Branches, watched_merger
from batchmail.row import ReadRow, Row

COLUMNS = ("email", "kind", "note")
WHERE = TextLocation(Path("job.yaml"), 1, 1)

BODY = """\
{% if kind == "a" %}A{% elif kind == "b" %}B{% if note %}!{% endif %}
{% else %}C{% endif %}
{{ "<x>" if note else note | default("none") }} {{ note or "&" }}
{% for letter in kind %}[{{ letter }}]{% else %}nothing{% endfor %}
{% for one in range(2) %}.{% endfor %}
{% set word = "yes" if note else "no" %}{{ word }}{% if not (kind and note) %}?{% endif %}
"""


def place(row: Row, column: int | None) -> Location:
    return TextLocation(Path("people.csv"), row.line, column)


def job(body: str) -> Job:
    message = MessageSpec(
        to=(TemplateText("{{ email }}", WHERE),),
        subject=TemplateText("Hello", WHERE),
        body=TemplateText(body, TextLocation(Path("body.html"), 1, 1)),
    )
    return Job(Path("job.yaml"), Mailing("test"), ProviderSpec("test", None), RecipientsSpec(Path("p.csv")), message)


def read(kind: str, note: str) -> ReadRow:
    row = Row(1, 2, ("kim@example.com", kind, note))
    return ReadRow(row, row.texts, {})


def taken(kind: str, note: str, body: str = BODY) -> frozenset[str]:
    branches = Branches()
    merger = watched_merger(job(body), COLUMNS, place, branches)
    assert merger.merge(read(kind, note))
    return branches.taken()


@pytest.mark.parametrize("kind", ["a", "b", "c", ""])
@pytest.mark.parametrize("note", ["x", ""])
def test_watching_changes_nothing_of_the_text(kind: str, note: str) -> None:
    plain = make_merger(job(BODY), COLUMNS, place, Findings()).merge(read(kind, note))
    watched = watched_merger(job(BODY), COLUMNS, place, Branches()).merge(read(kind, note))
    assert plain is not None
    assert plain == watched


@pytest.mark.parametrize(
    ("kind", "note", "expected"),
    [
        ("a", "x", {"body.html:1 if", "body.html:3 if", "body.html:4 for", "body.html:6 if"}),
        ("b", "x", {"body.html:1 elif", "body.html:1 if"}),
        ("b", "", {"body.html:1 elif", "body.html:1 else", "body.html:3 else", "body.html:3 or"}),
        ("", "", {"body.html:2 else", "body.html:4 for without a turn"}),
    ],
)
def test_a_branch_is_named_by_its_line_and_kind(kind: str, note: str, expected: set[str]) -> None:
    names = {name.partition(" (")[0] for name in taken(kind, note)}
    assert expected <= names


def test_what_was_not_taken_is_not_told() -> None:
    body = '{% if kind == "a" %}A{% else %}B{% endif %}'
    assert taken("a", "", body) == {"body.html:1 if"}
    assert taken("b", "", body) == {"body.html:1 else"}


def test_branches_of_one_line_and_kind_are_told_apart() -> None:
    body = '{{ "x" if kind else "y" }}{{ "x" if note else "y" }}'
    first, second = taken("a", "", body), taken("", "b", body)
    assert len(first) == len(second) == 2
    assert first.isdisjoint(second)


def test_each_row_is_told_for_itself() -> None:
    branches = Branches()
    merger = watched_merger(job("{% if note %}A{% endif %}"), COLUMNS, place, branches)
    merger.merge(read("", "x"))
    assert branches.taken() == {"body.html:1 if"}
    merger.merge(read("", ""))
    assert branches.taken() == {"body.html:1 else"}
