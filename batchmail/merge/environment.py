"""The Jinja2 environments: sandboxed, strict about missing names, escaping for HTML only."""

from collections.abc import Callable

from jinja2 import StrictUndefined, Template, Undefined, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from batchmail.merge.bounded import BoundedEnvironment
from batchmail.merge.budget import Budget
from batchmail.merge.filters import FILTERS
from batchmail.merge.printing import as_text, printers
from batchmail.values import Addresses, Blank

#: Separates the addresses of a column declared `type: emails`, and nothing else.
ADDRESS_SEPARATOR = "\x1f"

#: So many files that templates include are kept compiled.
INCLUDED = 200

#: What a template may use besides the columns.
GLOBALS = ("range", "namespace", "dict", "joiner", "cycler")


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


class _RowTemplate(Template):
    """A template whose imports are made anew: Jinja2 would make each once, with its `namespace` kept for all rows.

    What a macro keeps in its file must not reach the next mail, and what an import does counts in every rendering.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:  # noqa: ARG002  jinja2's own signature
        return self.make_module()


class MergeEnvironment(BoundedEnvironment):
    """What the templates of a job are compiled in; `inlines_css` where <style> is written into the elements.

    `prepare` changes the tree of a template that is parsed and checked; the name is that of its file, None for the
    template itself. `take` is what the changed tree may call.
    """

    template_class = _RowTemplate
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


def _address(value: object) -> object:
    return ADDRESS_SEPARATOR.join(value) if isinstance(value, Addresses) else as_text(value)


def _text_of_address(text: str) -> str:
    # A cell that holds the separator must not become a list by it; a line break is no address either.
    return text.replace(ADDRESS_SEPARATOR, "\n")


def _environment(
    shown: Callable[[object], object] = as_text,
    written: Callable[[str], str] | None = None,
    *,
    autoescape: bool = False,
) -> MergeEnvironment:
    """An environment that prints values as `shown` says, and texts as `written` says."""
    budget = Budget()
    printing = printers(budget, shown, written)
    environment = MergeEnvironment(
        autoescape=autoescape,
        undefined=StrictUndefined,
        finalize=printing.finalize,
        keep_trailing_newline=True,
        cache_size=INCLUDED,
        auto_reload=False,  # a run sends what it has planned
    )
    del environment.filters["random"]  # what was planned is what is sent
    environment.filters.update(FILTERS)
    environment.globals = {name: environment.globals[name] for name in GLOBALS}
    environment.bind(budget, printing)
    return environment


def html_environment() -> MergeEnvironment:
    """For HTML bodies: every value is escaped."""
    return _environment(autoescape=True)


def text_environment(
    shown: Callable[[object], object] = as_text, written: Callable[[str], str] | None = None
) -> MergeEnvironment:
    """For subjects, names, paths and plain text: nothing is escaped."""
    return _environment(shown, written)


def address_environment() -> MergeEnvironment:
    """For address fields: a column declared `type: emails` gives its addresses with ADDRESS_SEPARATOR between."""
    return _environment(_address, _text_of_address)
