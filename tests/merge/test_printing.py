"""What is printed the short way is what Jinja2 would print the long way, and is counted alike."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.runtime import Context
from markupsafe import Markup, escape

from batchmail.merge.budget import LARGEST, TooLarge
from batchmail.merge.environment import (
    ADDRESS_SEPARATOR,
    BlankCell,
    MergeEnvironment,
    address_environment,
    html_environment,
    text_environment,
)
from batchmail.merge.patterns import pattern_environment
from batchmail.values import Addresses, Blank, ShownDecimal

ENVIRONMENTS = {
    "text": text_environment,
    "html": html_environment,
    "address": address_environment,
    "pattern": pattern_environment,
}
TEXTS = st.text(alphabet=st.sampled_from(f"ab김&<>'\"*?\n{ADDRESS_SEPARATOR}"), max_size=12)
VALUES = st.one_of(
    TEXTS,
    TEXTS.map(Markup),
    TEXTS.map(lambda text: ShownDecimal.of(Decimal(1), text)),
    st.lists(TEXTS, max_size=3).map(Addresses),
    st.sampled_from((None, 7, 1.5, True, ["a"], len)),
    st.just(Blank("name")),
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What came of printing a value: the text or the error, what is left of the budget, the blanks that were noted."""

    text: str
    left: int
    blanks: int


def printed(environment: MergeEnvironment, value: object, printer: Callable[[object], str]) -> Printed:
    environment.budget.reset()
    noted: list[Blank] = []
    value = BlankCell(value, noted) if isinstance(value, Blank) else value
    try:
        text = str(printer(value))
    except ValueError as error:
        text = f"{type(error).__name__}: {error}"
    return Printed(text, environment.budget.printable, len(noted))


@pytest.mark.parametrize("name", ENVIRONMENTS)
@given(value=VALUES)
def test_a_print_gives_what_the_printing_of_a_final_value_gives(name: str, value: object) -> None:
    environment = ENVIRONMENTS[name]()
    context = Context(environment, {}, None, {})

    def final(value: object) -> object:
        assert environment.finalize is not None
        return environment.finalize(context, value)

    slow_text = printed(environment, value, lambda value: str(final(value)))
    assert printed(environment, value, environment.print_text) == slow_text
    slow_html = printed(environment, value, lambda value: escape(final(value)))
    assert printed(environment, value, environment.print_html) == slow_html


@given(text=st.text())
def test_a_text_is_escaped_as_jinja_does_it(text: str) -> None:
    environment = html_environment()
    environment.budget.reset()
    assert environment.print_html(text) == str(escape(text))


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("printer", ["print_text", "print_html"])
def test_what_is_printed_beyond_the_limit_is_refused(name: str, printer: str) -> None:
    environment = ENVIRONMENTS[name]()
    getattr(environment, printer)("x" * LARGEST)
    with pytest.raises(TooLarge):
        getattr(environment, printer)("x")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("{{ a }}", "&lt;"),
        ("{% autoescape false %}{{ a }}{% endautoescape %}{{ a }}", "<&lt;"),
        ("{% autoescape off %}{{ a }}{% endautoescape %}{{ a }}", "<&lt;"),
        ("{% set b %}<b>{{ a }}{% endset %}{{ b }}", "<b>&lt;"),
        ("{% macro m(x) %}<i>{{ x }}{% endmacro %}{{ m(a) }}", "<i>&lt;"),
        ("{% filter upper %}<u>{{ a }}x{% endfilter %}", "<U>&LT;X"),
        ("{% call(x) m() %}{{ x }}{% endcall %}", "&lt;|"),
    ],
)
def test_what_is_escaped_once_is_not_escaped_again(code: str, text: str) -> None:
    macro = "{% macro m() %}{{ caller(a) }}|{% endmacro %}" if "call(" in code else ""
    template = html_environment().from_string(macro + code)
    assert template.render(a="<", off=False) == text
