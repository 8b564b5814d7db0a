"""The Jinja2 environments: sandboxed, strict about missing names, escaping for HTML only."""

from collections.abc import Callable
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from batchmail.merge.filters import FILTERS
from batchmail.values import Addresses, Blank

#: Separates the addresses of a column declared `type: emails`, and nothing else.
ADDRESS_SEPARATOR = "\x1f"

#: The longest text or list that an arithmetic expression of a template may make.
LARGEST_PRODUCT = 1_000_000

#: What a template may use besides the columns.
GLOBALS = ("range", "namespace", "dict", "joiner", "cycler")


class PrintedNone(ValueError):
    """A template printed an expression that has no value."""


class TooLarge(ValueError):
    """A template's arithmetic would have made something huge."""


class BlankCell(Undefined):
    """An empty cell in a template: false, equal to "", open to `default`; printing it is noted in `printed`."""

    __slots__ = ("blank", "printed")

    def __init__(self, blank: Blank, printed: list[Blank]) -> None:
        super().__init__(hint=f"the cell of `{blank.column}` is blank, and the template computes with it")
        self.blank = blank
        self.printed = printed

    def __str__(self) -> str:
        self.printed.append(self.blank)
        return ""

    def __eq__(self, other: object) -> bool:
        return other in ("", None) or isinstance(other, BlankCell)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash("")


class MergeEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox whose products and powers stay small: `'a' * 10**9` would otherwise take the machine's memory."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401  jinja2's own signature
        if operator == "**" and abs(right) > 64:  # noqa: PLR2004  no mail needs a higher power
            raise TooLarge(f"{left!r} to the power of {right!r} is too large")
        if operator == "*" and _length(left, right) > LARGEST_PRODUCT:
            raise TooLarge("a repeated text or list is too long")
        return super().call_binop(context, operator, left, right)


def _length(left: object, right: object) -> int:
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple) and isinstance(times, int):
            return len(sequence) * times
    return 0


def _text(value: object) -> object:
    if value is None:
        raise PrintedNone("an expression has no value")
    return value


def _address(value: object) -> object:
    if isinstance(value, Addresses):
        return ADDRESS_SEPARATOR.join(value)
    # A cell that holds the separator itself must not become a list by it; a line break is no address either.
    return value.replace(ADDRESS_SEPARATOR, "\n") if isinstance(value, str) else _text(value)


def _environment(finalize: Callable[[object], object], *, autoescape: bool) -> MergeEnvironment:
    environment = MergeEnvironment(
        autoescape=autoescape,
        undefined=StrictUndefined,
        finalize=finalize,
        keep_trailing_newline=True,
        cache_size=0,
    )
    del environment.filters["random"]  # what was planned is what is sent
    environment.filters.update(FILTERS)
    environment.globals = {name: environment.globals[name] for name in GLOBALS}
    return environment


def html_environment() -> MergeEnvironment:
    """For HTML bodies: every value is escaped."""
    return _environment(_text, autoescape=True)


def text_environment() -> MergeEnvironment:
    """For subjects, names, paths and plain text: nothing is escaped."""
    return _environment(_text, autoescape=False)


def address_environment() -> MergeEnvironment:
    """For address fields: a column declared `type: emails` gives its addresses with ADDRESS_SEPARATOR between."""
    return _environment(_address, autoescape=False)
