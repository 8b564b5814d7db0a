"""The Jinja2 environments: sandboxed, strict about missing names, escaping for HTML only."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal

from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.runtime import Context

from batchmail.merge.bounded import BoundedEnvironment
from batchmail.merge.budget import Budget
from batchmail.merge.filters import FILTERS
from batchmail.values import Addresses, Blank

#: Separates the addresses of a column declared `type: emails`, and nothing else.
ADDRESS_SEPARATOR = "\x1f"

#: So many files that templates include are kept compiled.
INCLUDED = 200

#: What a template may use besides the columns.
GLOBALS = ("range", "namespace", "dict", "joiner", "cycler")


class PrintedNone(ValueError):
    """A template printed an expression that has no value."""


class NotPrintable(ValueError):
    """A template printed something that shows Python's insides: a list, a method, a macro."""


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


class MergeEnvironment(BoundedEnvironment):
    """What the templates of a job are compiled in; `inlines_css` where <style> is written into the elements.

    `prepare` changes the tree of a template that is parsed and checked; the name is that of its file, None for the
    template itself. `take` is what the changed tree may call.
    """

    inlines_css = False
    prepare: Callable[[nodes.Template, str | None], None] | None = None
    take: Callable[..., object] | None = None

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002  jinja2's own signature
    ) -> str:
        if self.prepare:
            self.prepare(source, name)
            source.set_environment(self)
        return super()._generate(source, name, filename, defer_init)


#: What may be printed beside texts. A list would show its brackets and quotes, a method its place in memory.
_PRINTABLE = (int, float, Decimal, date, time, timedelta, Undefined, Addresses)


def _text(value: object) -> object:
    if value is None:
        raise PrintedNone("an expression has no value")
    if not isinstance(value, _PRINTABLE):
        kind = "method: () is missing behind it" if callable(value) else f"{type(value).__name__}, which is no text"
        hint = "; `| join(', ')` makes a text of a list" if isinstance(value, list | tuple | Iterator) else ""
        raise NotPrintable(f"the template prints a {kind}{hint}")
    return value


def _address(value: object) -> object:
    return ADDRESS_SEPARATOR.join(value) if isinstance(value, Addresses) else _text(value)


def _text_of_address(text: str) -> str:
    # A cell that holds the separator must not become a list by it; a line break is no address either.
    return text.replace(ADDRESS_SEPARATOR, "\n")


def _environment(
    shown: Callable[[object], object] = _text,
    written: Callable[[str], str] | None = None,
    *,
    autoescape: bool = False,
) -> MergeEnvironment:
    """An environment that prints values as `shown` says, and texts as `written` says."""
    budget = Budget()

    @pass_context  # so that constants are looked at as all else is, when they are printed
    def finalize(_context: Context, value: object) -> object:
        if isinstance(value, str):
            budget.print(len(value))
            return written(value) if written else value
        return shown(value)

    environment = MergeEnvironment(
        autoescape=autoescape,
        undefined=StrictUndefined,
        finalize=finalize,
        keep_trailing_newline=True,
        cache_size=INCLUDED,
        auto_reload=False,  # a run sends what it has planned
    )
    del environment.filters["random"]  # what was planned is what is sent
    environment.filters.update(FILTERS)
    environment.globals = {name: environment.globals[name] for name in GLOBALS}
    environment.bind(budget)
    return environment


def html_environment() -> MergeEnvironment:
    """For HTML bodies: every value is escaped."""
    return _environment(autoescape=True)


def text_environment() -> MergeEnvironment:
    """For subjects, names, paths and plain text: nothing is escaped."""
    return _environment()


def address_environment() -> MergeEnvironment:
    """For address fields: a column declared `type: emails` gives its addresses with ADDRESS_SEPARATOR between."""
    return _environment(_address, _text_of_address)
