"""One template: compiled once, its names checked before any row is merged."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from traceback import extract_tb

from jinja2 import ChainableUndefined, Template, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import TemplateText
from batchmail.merge.budget import Budget
from batchmail.merge.environment import GLOBALS, MergeEnvironment

#: The name under which a template reaches columns whose names are no identifiers: {{ row["First name"] }}.
ROW = "row"


#: Names that Jinja2 keeps for itself.
_RESERVED = frozenset({"self", "super"})


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a template uses, and the line (from 1) on which it does."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class MergeTemplate:
    """A compiled template; `columns` are the positions of the columns that it uses, in order.

    `template` is None where the text is the same for every row: it is then in `constant`.
    A `broken` template has its finding already: the rest of a row is checked without it. Where only names are
    unknown, it has a `template` all the same, which shows what else is wrong with a row.
    """

    source: TemplateText
    columns: tuple[int, ...] = ()
    template: Template | None = None
    constant: str = ""
    broken: bool = False
    budget: Budget = field(default_factory=Budget, repr=False, compare=False)

    def render(self, context: Mapping[str, object]) -> str:
        """The merged text. Raises whatever the template's own expressions raise."""
        if self.template is None:
            return self.constant
        self.budget.reset()
        return self.template.render(context)


class Compiler:
    """Compiles the templates of a job against the columns of its sheet; problems become findings."""

    def __init__(self, columns: Sequence[str], findings: Findings, declared: Iterable[str] = ()) -> None:
        """`declared` are columns that the job names elsewhere: that one is missing is told there."""
        self._declared = frozenset(declared)
        self._columns = tuple(columns)
        self._positions = {name: position for position, name in enumerate(columns)}
        self._findings = findings

    @property
    def columns(self) -> tuple[str, ...]:
        """The sheet's columns."""
        return self._columns

    def compile(self, source: TemplateText, environment: MergeEnvironment, code: str | None = None) -> MergeTemplate:
        """The compiled template, broken where it has findings; `code` where the source is only a part of it."""
        code = source.text if code is None else code
        try:
            tree = environment.parse(code)
            template = environment.from_string(code)
        except TemplateSyntaxError as error:
            self._report_syntax(source, error)
            return MergeTemplate(source, broken=True)
        except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError):  # from Python's own compiler
            self._report_depth(source)
            return MergeTemplate(source, broken=True)
        if any(node.name in _RESERVED for node in tree.find_all(nodes.Name)):
            self._report_reserved(source)
            return MergeTemplate(source, broken=True)
        unsupported = next(tree.find_all((nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)), None)
        if unsupported is not None:
            self._report_unsupported(source, unsupported.lineno)
            return MergeTemplate(source, broken=True)
        whole_row, uses = _uses(tree, self._columns)
        unknown = [use for use in uses if use.name not in self._positions]
        for use in unknown:
            if use.name not in self._declared:
                self._report_unknown(source, use)
        used = (
            range(len(self._columns))
            if whole_row
            else sorted({self._positions[use.name] for use in uses if use not in unknown})
        )
        if unknown:
            lenient = environment.overlay(undefined=ChainableUndefined)
            shown = lenient.from_string(code)
            return MergeTemplate(source, tuple(used), shown, broken=True, budget=environment.budget)
        constant = None if used else _constant(tree)
        merged = template if constant is None else None
        return MergeTemplate(source, tuple(used), merged, constant or "", budget=environment.budget)

    def _report_syntax(self, source: TemplateText, error: TemplateSyntaxError) -> None:
        line = _line(source.text, error.lineno)
        self._findings.add(
            rules.TEMPLATE_SYNTAX.finding(
                f"the template cannot be read: {error.message}",
                source.place(error.lineno, _first_tag(line)),
                "Every {{ wants its }}, every {% if %} its {% endif %}.",
                text=line.strip(),
            )
        )

    def _report_depth(self, source: TemplateText) -> None:
        self._findings.add(
            rules.TEMPLATE_SYNTAX.finding(
                "the template is nested too deeply, or has a number that is too long",
                source.place(1),
                "Write it with fewer brackets and fewer {% for %} and {% if %} within each other.",
            )
        )

    def _report_unsupported(self, source: TemplateText, line: int) -> None:
        text = _line(source.text, line)
        self._findings.add(
            rules.TEMPLATE_SYNTAX.finding(
                "include, extends and import are not yet available in templates",
                source.place(line, _first_tag(text)),
                "Write the text into this template.",
                text=text.strip(),
            )
        )

    def _report_reserved(self, source: TemplateText) -> None:
        self._findings.add(
            rules.TEMPLATE_SYNTAX.finding(
                "`self` and `super` mean something else in templates",
                source.place(1),
                'A column of such a name is reached through the row: {{ row["self"] }}.',
            )
        )

    def _report_unknown(self, source: TemplateText, use: Use) -> None:
        line = _line(source.text, use.line)
        found = re.search(rf"(?<!\w){re.escape(use.name)}(?!\w)", line)
        self._findings.add(
            rules.TEMPLATE_UNKNOWN_NAME.finding(
                f"`{use.name}` is no column of the sheet",
                source.place(use.line, found.start() + 1 if found else 1),
                _nearest(use.name, self._columns),
                text=line.strip(),
            )
        )


def failed_line(error: Exception) -> int:
    """The template's line (from 1) at which its rendering raised; Jinja2 rewrites tracebacks to tell it."""
    lines = [entry.lineno for entry in extract_tb(error.__traceback__) if entry.filename == "<template>"]
    return (lines[-1] if lines else None) or 1


def _nearest(name: str, columns: Sequence[str]) -> str:
    close = get_close_matches(name, columns, n=1)
    known = ", ".join(columns)
    return f"Did you mean `{close[0]}`? The columns are: {known}." if close else f"The columns are: {known}."


def _line(text: str, number: int) -> str:
    lines = text.splitlines() or [""]
    return lines[min(number, len(lines)) - 1]


def _first_tag(line: str) -> int:
    found = re.search(r"\{[{%#]", line)
    return found.start() + 1 if found else 1


def _constant(tree: nodes.Template) -> str | None:
    """The template's text where it is nothing but text; without columns, too, `cycler` may differ by row."""
    if any(not isinstance(node, nodes.Output | nodes.TemplateData) for node in tree.find_all(nodes.Node)):
        return None
    return "".join(node.data for node in tree.find_all(nodes.TemplateData))


def _uses(tree: nodes.Template, columns: Sequence[str]) -> tuple[bool, list[Use]]:
    """Whether the template may use any column of the row, and the columns that it names."""
    free = find_undeclared_variables(tree) - (set(GLOBALS) - set(columns))
    uses: dict[str, Use] = {}
    for node in tree.find_all(nodes.Name):
        if node.ctx == "load" and node.name in free - {ROW}:
            uses.setdefault(node.name, Use(node.name, node.lineno))
    for use in _row_uses(tree):
        uses.setdefault(use.name, use)
    named = sum(1 for _ in _row_uses(tree))
    mentioned = sum(1 for node in tree.find_all(nodes.Name) if node.name == ROW)
    return ROW in free and mentioned > named, sorted(uses.values(), key=lambda use: use.line)


def _row_uses(tree: nodes.Template) -> Iterator[Use]:
    """Columns named through the row: row["First name"] and row.name."""
    for item in tree.find_all(nodes.Getitem):
        if _is_row(item.node) and isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
            yield Use(item.arg.value, item.lineno)
    for attribute in tree.find_all(nodes.Getattr):
        if _is_row(attribute.node):
            yield Use(attribute.attr, attribute.lineno)


def _is_row(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == ROW
