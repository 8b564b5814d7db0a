"""A template that is rendered for many rows gives each what Jinja2 gives it alone."""

import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from batchmail.merge.budget import LARGEST, TooLarge
from batchmail.merge.context import RowContext
from batchmail.merge.environment import MergeEnvironment, address_environment, html_environment, text_environment
from batchmail.merge.rendering import Rendering, is_straight, rendering
from batchmail.values import Addresses, Blank, CellValue, ShownInteger

COLUMNS = ("name", "city", "row", "range")

#: They read their row and print: one context will do for all rows.
STRAIGHT = [
    "<p>text</p>",
    "{{ name }}",
    "{{ row['city'] }}{{ row.name }}",
    "{{ row }}",
    "{{ city or 'nowhere' }}",
    "{{ city | default('none', true) | upper }}",
    "{% if city == 'Wien' and name %}yes{% elif name is defined %}no{% else %}{{ name }}{% endif %}",
    "{{ 'a' if city else 'b' }}",
    "{% for x in name %}{{ loop.index }}{{ x }}{% else %}empty{% endfor %}",
    "{% for x in [name, city] if x recursive %}{{ x }}{% endfor %}",
    "{{ name.upper() }}{{ name[1:] }}{{ [name] | map('upper') | join }}",
    "{{ (1, 2) | sum + 3 * 2 - 1 }}{{ {'a': name}['a'] ~ city }}",
    "{{ range | string | length }}",
    "{{ name.missing.attribute }}",
    "{{ 1 / 0 }}",
    "{{ nobody }}",
    "{{ nobody is defined }}",
]
#: What templates have that are nothing but texts and cells, and what is taken for it though it prints no cell.
PIECES = [
    *("text", "<p>&amp;</p>", "\n", "{# nothing #}", "{{ 'text' }}", "{{ 1 }}", "{% raw %}{{ name }}{% endraw %}"),
    *("{{ name }}", "{{ city }}", "{{ row['city'] }}", "{{ row['row'] }}", "{{ range }}", "{{ row['range'] }}"),
    *("{{ row }}", "{{ dict }}", "{{ nobody }}", "{{ row['nobody'] }}", "{{ row['items'] }}", "{{ row[0] }}"),
]
#: They put something into their context, or hand it on.
OTHERS = [
    "{% set x = name %}{{ x }}",
    "{% set x %}{{ name }}{% endset %}{{ x }}",
    "{% block part %}{{ name }}{% endblock %}{{ self.part() }}",
    "{% macro m(x) %}{{ x }}{{ city }}{% endmacro %}{{ m(name) }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ name }}{% endcall %}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{% with x = name %}{{ x }}{% endwith %}",
    "{% filter upper %}{{ name }}{% endfilter %}",
    "{% set ns = namespace(n=0) %}{% set ns.n = 3 %}{{ ns.n }}",
]

CELLS: st.SearchStrategy[CellValue | None] = st.one_of(
    st.sampled_from(("Wien", "김민수", "<b>", "a & b", "x", "")),
    st.sampled_from((ShownInteger.of(1200, "1,200"), Addresses(("a@example.com", "b@example.com")))),
    st.none(),
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=4)


def context(environment: MergeEnvironment, cells: tuple[CellValue | None, ...]) -> RowContext:
    values: list[CellValue] = [Blank(name) if cell is None else cell for name, cell in zip(COLUMNS, cells, strict=True)]
    return RowContext(environment.globals, COLUMNS, values, range(len(COLUMNS)))


def given_by(environment: MergeEnvironment, render: Rendering, cells: tuple[CellValue | None, ...]) -> tuple[str, int]:
    """The text or the error of a rendering, and how many blank cells it has printed."""
    row = context(environment, cells)
    environment.budget.reset()
    try:
        text = render(row)
    except Exception as error:  # noqa: BLE001  whatever Jinja2 raises is to be raised here
        text = f"{type(error).__name__}: {error}"
    return text, len(row.printed)


@pytest.mark.parametrize("code", STRAIGHT)
def test_a_template_that_only_reads_its_row_is_straight(code: str) -> None:
    assert is_straight(html_environment().parse(code))


@pytest.mark.parametrize("code", OTHERS)
def test_a_template_that_changes_its_context_is_not(code: str) -> None:
    assert not is_straight(html_environment().parse(code))


@pytest.mark.parametrize("make", [html_environment, text_environment, address_environment])
@given(
    parts=st.lists(st.sampled_from([*STRAIGHT, *OTHERS]), min_size=1, max_size=4, unique=True)
    | st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
    rows=ROWS,
)
def test_every_row_gets_what_it_would_get_alone(
    make: Callable[[], MergeEnvironment], parts: list[str], rows: list[tuple[CellValue | None, ...]]
) -> None:
    code = "\n".join(parts)
    environment = make()
    tree = environment.parse(code)
    try:
        template = environment.from_string(code)
    except Exception:  # noqa: BLE001  two macros or blocks of one name
        return
    shared = rendering(template, tree)
    for cells in rows:
        alone = environment.from_string(code)
        expected = given_by(environment, lambda row, alone=alone: alone.render(dict(row)), cells)  # type: ignore[misc]
        assert given_by(environment, shared, cells) == expected


def test_a_rendering_that_fails_leaves_nothing_behind() -> None:
    environment = text_environment()
    code = "{% for x in name %}{{ x }}{{ 1 / (x != 'b') }}{% endfor %}"
    render = rendering(environment.from_string(code), environment.parse(code))
    assert given_by(environment, render, ("ab", "", "", ""))[0].startswith("ZeroDivisionError")
    assert given_by(environment, render, ("ac", "", "", ""))[0] == "a1.0c1.0"


def test_what_prints_too_much_is_refused_at_the_line_that_does() -> None:
    environment = text_environment()
    code = "\n{{ name }}\n\n{{ city }}{{ name }}"
    render = rendering(environment.from_string(code), environment.parse(code))
    environment.budget.reset()
    with pytest.raises(TooLarge) as raised:
        render(context(environment, ("x" * (LARGEST // 2), "y", "", "")))
    assert [entry.lineno for entry in traceback.extract_tb(raised.tb) if entry.filename == "<template>"] == [4]


def test_a_cell_that_is_printed_twice_in_vain_is_told_once() -> None:
    environment = text_environment()
    code = "{{ name }}{{ nobody }}"
    row = context(environment, (None, "", "", ""))
    with pytest.raises(UndefinedError):
        rendering(environment.from_string(code), environment.parse(code))(row)
    assert len(row.printed) == 1
