"""What a template names is checked before any row is merged, in branches that no row takes too."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from batchmail.job import FieldSpec, FieldType
from batchmail.location import TextLocation
from batchmail.values import ShownDate
from tests.merge.bench import Bench


def declare(bench: Bench, **types: FieldType) -> None:
    where = TextLocation(Path("job.yaml"), 5, 5)
    fields = {name: FieldSpec(name, where, type=kind) for name, kind in types.items()}
    bench.job = replace(bench.job, recipients=replace(bench.job.recipients, fields=fields))


@pytest.mark.parametrize(
    ("body", "column", "meant"),
    [
        ("<p>{{ name | uper }}</p>", 14, "upper"),
        ("{{ number | monye('KRW') }}", 13, "money"),
        ("{% if name is defind %}x{% endif %}", 15, "defined"),
        ("{% if 1 > 2 %}{{ name | uper }}{% endif %}", 25, "upper"),
        ("{{ 1 if name else name | uper }}", 26, "upper"),
        ("{% for x in [name] | srot %}{% endfor %}", 22, "sort"),
    ],
)
def test_a_filter_or_test_that_does_not_exist_is_found_at_its_place(
    bench: Bench, body: str, column: int, meant: str
) -> None:
    bench.message(body=body)
    bench.merger()
    assert bench.found == [("template-unknown-filter", f"job.yaml:10:{4 + column}")]
    (finding,) = bench.findings
    assert f"Did you mean `{meant}`?" in finding.hint


def test_every_filter_of_a_template_that_does_not_exist_is_told(bench: Bench) -> None:
    bench.message(body="{{ name | a1 }} {{ name | b1 }}")
    bench.merger()
    assert [finding.message for finding in bench.findings] == ["there is no filter `a1`", "there is no filter `b1`"]


def test_names_are_checked_behind_a_filter_that_does_not_exist(bench: Bench) -> None:
    bench.message(body="{{ name | a1 }} {{ nmae }} {% if name is b1 %}{{ emial | c1 }}{% endif %}")
    bench.merger()
    assert sorted(finding.message for finding in bench.findings) == [
        "`emial` is no column of the sheet",
        "`nmae` is no column of the sheet",
        "there is no filter `a1`",
        "there is no filter `c1`",
        "there is no test `b1`",
    ]


def test_the_marks_of_our_own_are_not_offered_as_filters(bench: Bench) -> None:
    bench.message(body="{{ name | spend }}")
    bench.merger()
    assert "work" not in next(iter(bench.findings)).hint


@pytest.mark.parametrize(
    "body",
    [
        "{% if name == 'nobody' %}{{ nmae }}{% endif %}",
        "{% for x in [] %}{{ nmae }}{% endfor %}",
        "{% macro never() %}{{ nmae }}{% endmacro %}",
        "{{ name or nmae }}",
        "{% if false %}{{ nmae }}{% endif %}",
    ],
)
def test_a_name_in_a_branch_that_no_row_takes_is_checked(bench: Bench, body: str) -> None:
    bench.message(body=body)
    bench.merger()
    assert [rule for rule, _ in bench.found] == ["template-unknown-name"]


@pytest.mark.parametrize(
    ("body", "column", "said"),
    [
        ("Dear {{ name.frist }}", 14, "The things that can be asked are: "),
        ("{{ name.uper() }}", 9, "Did you mean `upper`?"),
        ("{{ name['frist'] }}", 10, "The things that can be asked are: "),
        ("{{ First.name }} {{ name }}", 4, "no column"),
        ("{{ number.year }}", 11, "number: {type: date}"),
        ("{% if false %}{{ number.shown }}{% endif %}", 25, "The things that can be asked are: "),
    ],
)
def test_what_a_cell_does_not_have_is_found_at_its_place(bench: Bench, body: str, column: int, said: str) -> None:
    bench.message(body=body)
    bench.merger()
    (finding,) = bench.findings
    assert str(finding.where) == f"job.yaml:10:{4 + column}"
    assert said in finding.hint + finding.message


def test_a_date_has_what_dates_have(bench: Bench) -> None:
    declare(bench, number="date")
    bench.message(body="{{ number.year }} {{ number.strftime('%m') }}")
    assert bench.message_of(number=ShownDate.of(date(2026, 10, 31), "31")).body == "2026 10"
    bench.message(body="{{ number.upper() }}")
    bench.merger()
    assert [rule for rule, _ in bench.found] == ["template-unknown-attribute"]


@pytest.mark.parametrize(
    "body",
    [
        "{{ name.upper() }} {{ name.split(' ')[0] }}",
        "{% set name = namespace(x=1) %}{{ name.x }}",
        "{% for name in [{'x': 1}] %}{{ name.x }}{% endfor %}",
        "{{ row['First name'].lower() }} {{ row.氏名 }}",
    ],
)
def test_what_cells_and_own_values_have_may_be_asked(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert bench.merge() is not None
    assert bench.found == []
