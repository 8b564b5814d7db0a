"""A column is in every mail that names it, whatever other files of the template call their own variables."""

import pytest

from tests.merge.bench import COLUMNS, Bench

GREET = "{% macro greet(name) %}Dear {{ name }}{% endmacro %}"
BRANCHES = "{% for name in ['Tokyo', 'Seoul'] %}{{ name }} {% endfor %}"
OURS = "{% set name = 'ACME' %}{% macro sign() %}{{ name }}{% endmacro %}"


def write(bench: Bench, **files: str) -> None:
    """Write files, named by their stems, into the manifest's folder."""
    for stem, text in files.items():
        (bench.job.folder / f"{stem}.txt").write_text(text, encoding="utf-8")


def used(bench: Bench) -> set[str]:
    """The columns that the merge takes from a row."""
    return {COLUMNS[position] for position in bench.merger().columns} - {"email"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{% from 'greet.txt' import greet %}{{ greet(name | default('colleague')) }}", "Dear Kim"),
        ("{% import 'greet.txt' as m %}{{ m.greet(name | default('colleague')) }}", "Dear Kim"),
        (
            "{% if name is defined %}Dear {{ name }}{% else %}Dear all{% endif %} {% include 'branches.txt' %}",
            "Dear Kim Tokyo Seoul ",
        ),
        ("{% from 'ours.txt' import sign %}{{ name | default('Sir') }}, {{ sign() }}", "Kim, ACME"),
        (f"{{% block a %}}{BRANCHES}{{% endblock %}}{{{{ name | default('all') }}}}", "Tokyo Seoul Kim"),
        ("{% extends 'layout.txt' %}{% block a %}{{ name | default('all') }}{% endblock %}", "Tokyo Seoul Kim"),
        ("{% from 'row.txt' import count %}{{ count(row) }}", "5"),
        ("{% from 'greet.txt' import greet %}{{ greet(name) }}", "Dear Kim"),
        ("{{ name }} {% include 'branches.txt' %}", "Kim Tokyo Seoul "),
        ("{% from 'ours.txt' import sign %}{{ name }}, {{ sign() }}", "Kim, ACME"),
    ],
)
def test_a_column_is_there_where_another_file_has_a_variable_of_its_name(
    bench: Bench, body: str, expected: str
) -> None:
    layout = BRANCHES + "{% block a %}{% endblock %}"
    row = "{% macro count(row) %}{{ row | length }}{% endmacro %}"
    write(bench, greet=GREET, branches=BRANCHES, ours=OURS, layout=layout, row=row)
    bench.message(body=body, subject="Hello")
    assert bench.message_of(name="Kim").body == expected
    assert not bench.found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{% set name = 'ACME' %}{% include 'printed.txt' %}", "ACME"),
        ("{% for name in ['a', 'b'] %}{% include 'printed.txt' %}{% endfor %}", "ab"),
        ("{% set name = 'ACME' %}{% block a %}{{ name }}{% endblock %}", "ACME"),
        ("{% extends 'layout.txt' %}{% set name = 'ACME' %}", "ACME"),
        ("{% from 'own.txt' import name %}{{ name }}", "ACME"),
        ("{% from 'block.txt' import sign %}{{ sign() }}", "ACME"),
        ("{% import 'macro.txt' as m %}{{ m.name() }}", "ACME"),
    ],
)
def test_a_variable_goes_before_a_column_of_its_name(bench: Bench, body: str, expected: str) -> None:
    own = "{% set name = 'ACME' %}"
    block = own + "{% block a %}{{ name }}{% endblock %}{% macro sign() %}{{ name }}{% endmacro %}"
    macro = "{% macro name() %}ACME{% endmacro %}{% block a %}{{ name() }}{% endblock %}"
    write(bench, own=own, block=block, macro=macro)
    write(bench, printed="{{ name }}", layout="{% block a %}{{ name }}{% endblock %}")
    bench.message(body=body, subject="Hello")
    assert bench.message_of(name="Kim").body == expected
    assert not bench.found


@pytest.mark.parametrize(
    "body",
    [
        "{% from 'greet.txt' import greet %}{{ greet('all') }}",
        "{% include 'branches.txt' %}",
        "{% from 'ours.txt' import sign %}{{ sign() }}",
        "{% from 'ours.txt' import name %}{{ name }}",
        f"{{% block a %}}{BRANCHES}{{% endblock %}}",
        "{% set name = 'ACME' %}{{ name }} {% include 'branches.txt' %}",
    ],
)
def test_a_column_that_only_lends_a_variable_its_name_is_unused(bench: Bench, body: str) -> None:
    write(bench, greet=GREET, branches=BRANCHES, ours=OURS)
    bench.message(body=body, subject="Hello")
    assert used(bench) == set()


def test_a_column_that_an_imported_file_takes_for_its_importers_variable_is_told(bench: Bench) -> None:
    write(bench, sign="{% macro sign() %}{{ name | default('Sir') }}{% endmacro %}")
    bench.message(body="{% set name = 'ACME' %}{% from 'sign.txt' import sign %}{{ sign() }}", subject="Hello")
    bench.merger()
    assert [rule for rule, _ in bench.found] == ["template-unknown-name"]
    assert "with context" in next(iter(bench.findings)).hint


def test_a_variable_that_another_file_sets_is_no_unknown_name(bench: Bench) -> None:
    write(bench, foot="{{ company }}")
    bench.message(body="{% set company = 'ACME' %}{% include 'foot.txt' %}", subject="Hello")
    assert bench.message_of().body == "ACME"
