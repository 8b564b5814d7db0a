"""One template: compiled once, its names checked before any row is merged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from traceback import extract_tb

from jinja2 import ChainableUndefined, Template, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import FieldType, TemplateText
from batchmail.location import Location, TextLocation
from batchmail.merge.budget import Budget
from batchmail.merge.context import RowContext
from batchmail.merge.environment import GLOBALS, MergeEnvironment
from batchmail.merge.family import Family, FamilyFault, Part, family, line_of, place, too_deep
from batchmail.merge.folder_loader import FolderLoader
from batchmail.merge.html_lint import html_findings, opens_links
from batchmail.merge.inline_css import NotInlined, inlined_template, nesting_fault
from batchmail.merge.inline_css import inlined as inlined_html
from batchmail.merge.lost_lines import lost_lines
from batchmail.merge.masking import masked
from batchmail.merge.mjml import NotCompiled, compiled_mjml, is_mjml
from batchmail.merge.names import ROW, nearest, unescaped, unknown_attributes, unknown_filters
from batchmail.merge.rendering import Rendering, rendering

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
    unknown, it has a `template` all the same, which shows what else is wrong with a row. Where it `opens_links`, cells
    choose where a link leads; where it `inlines_css`, that is done with every text it gives.
    """

    source: TemplateText
    columns: tuple[int, ...] = ()
    template: Template | None = None
    constant: str = ""
    broken: bool = False
    budget: Budget = field(default_factory=Budget, repr=False, compare=False)
    opens_links: bool = False
    inlines_css: bool = False
    rendering: Rendering | None = field(default=None, repr=False, compare=False)

    def render(self, context: RowContext) -> str:
        """The merged text. Raises whatever the template's own expressions raise."""
        text = self.constant
        if self.rendering:
            self.budget.reset()
            text = self.rendering(context)
        return inlined_html(text) if self.inlines_css else text


@dataclass(frozen=True, slots=True)
class _Made:
    """What is merged for a template; `per_mail` where its CSS is inlined in every mail."""

    code: str
    per_mail: bool = False


class Compiler:
    """Compiles the templates of a job against the columns of its sheet; problems become findings."""

    def __init__(
        self,
        columns: Sequence[str],
        findings: Findings,
        declared: Iterable[str] = (),
        types: Mapping[str, FieldType] | None = None,
    ) -> None:
        """`declared` are columns that the job names elsewhere: that one is missing is told there.

        `types` are those of the columns that have one; without them nothing is said of what templates ask of cells.
        """
        self._declared = frozenset(declared)
        self._columns = tuple(columns)
        self._positions = {name: position for position, name in enumerate(columns)}
        self._findings = findings
        self._types = types
        self._told: set[Finding] = set()

    @property
    def columns(self) -> tuple[str, ...]:
        """The sheet's columns."""
        return self._columns

    def compile(self, source: TemplateText, environment: MergeEnvironment, code: str | None = None) -> MergeTemplate:
        """The compiled template, broken where it has findings; `code` where the source is only a part of it."""
        code = source.text if code is None else code
        try:
            found = family(source, code, environment)
        except FamilyFault as broken:
            self._tell(broken.finding)
            return MergeTemplate(source, broken=True)
        faults = [*_reserved(found), *unknown_filters(found, environment)]
        template: Template | None = None
        if not faults:
            try:
                template = environment.from_string(code)
            except TemplateSyntaxError as error:
                faults.append(_unreadable(source, error))
            except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError):  # Python's own compiler
                faults.append(too_deep(source))
        for fault in faults:
            self._tell(fault)
        return self._checked(source, template, found, environment, code)

    def _checked(
        self, source: TemplateText, template: Template | None, found: Family, environment: MergeEnvironment, code: str
    ) -> MergeTemplate:
        """The template with the columns that it uses; broken where it is no template, or names what is not there."""
        unknown = asked = False
        used: set[int] = set(range(len(self._columns))) if found.open else set()
        for part in found.parts:
            whole_row, uses = _uses(part, self._columns, found.shared)
            used.update(range(len(self._columns)) if whole_row else ())
            used.update(self._positions[use.name] for use in uses if use.name in self._positions and not part.alone)
            for use in uses:
                if part.alone or use.name not in self._positions:
                    unknown = True
                    self._tell_unknown(part, use)
        for fault in unknown_attributes(found, self._columns, self._types) if self._types is not None else ():
            asked = True
            self._tell(fault)
        opens = environment.autoescape is True and self._looked_at(found, environment)
        if template is None:
            return MergeTemplate(source, broken=True)
        made = self._made(found, environment) if environment.autoescape is True else _Made(code)
        columns = tuple(sorted(used))
        if made is None:
            return self._broken(source, columns, template, environment)
        if unknown or asked:
            shown = environment.overlay(undefined=ChainableUndefined).from_string(code)
            return self._broken(source, columns, shown, environment)
        if made.code != code:
            template = environment.from_string(made.code)
        tree = environment.parse(made.code)
        constant = None if columns else _constant(tree)
        return MergeTemplate(
            source,
            columns,
            template if constant is None else None,
            constant or "",
            budget=environment.budget,
            opens_links=opens,
            inlines_css=made.per_mail,
            rendering=rendering(template, tree) if constant is None else None,
        )

    def _broken(
        self, source: TemplateText, columns: tuple[int, ...], template: Template, environment: MergeEnvironment
    ) -> MergeTemplate:
        """A template whose finding is told, to be rendered all the same."""
        budget, shown = environment.budget, rendering(template)
        return MergeTemplate(source, columns, template, broken=True, budget=budget, rendering=shown)

    def _made(self, found: Family, environment: MergeEnvironment) -> "_Made | None":
        """The HTML of a template: compiled from MJML, with its CSS inlined; None where that is a finding."""
        source, code = found.parts[0].source, found.parts[0].source.text
        try:
            if is_mjml(source):
                code = compiled_mjml(found, environment)
            if not environment.inlines_css:
                return _Made(code)
            code, why = inlined_template(masked(code, environment), environment.parse(code))
            if not why and nesting_fault(masked(code, environment)):
                code, why = source.text, "its HTML is put in another order when it is read"
        except (NotCompiled, NotInlined) as fault:
            self._tell(fault.finding(source))
            return None
        if why:
            hint = "Nothing needs to be done. Where rows decide on no classes and styles, it is done once."
            self._tell(
                rules.CSS_INLINED_PER_MAIL.finding(f"the CSS is inlined mail by mail: {why}", source.where, hint)
            )
        return _Made(code, per_mail=bool(why))

    def _looked_at(self, found: Family, environment: MergeEnvironment) -> bool:
        """Tell what mail programs make of the HTML; whether cells choose where its links lead."""
        for fault in (*unescaped(found, self._columns), *lost_lines(found, environment)):
            self._tell(fault)
        opens = found.open
        for part in found.parts:
            template = masked(part.source.text, environment)
            opens |= opens_links(template)
            inlined = environment.inlines_css
            for fault in () if is_mjml(part.source) else html_findings(part.source, template, inlined=inlined):
                self._tell(fault)
        return opens

    def _tell(self, finding: Finding) -> None:
        """Tell what is wrong, once for all templates that include the same file."""
        if finding not in self._told:
            self._told.add(finding)
            self._findings.add(finding)

    def _tell_unknown(self, part: Part, use: Use) -> None:
        known = use.name in self._positions or use.name == ROW
        if not known and use.name in self._declared:
            return
        message, hint = f"`{use.name}` is no column of the sheet", nearest(use.name, self._columns, "columns")
        if known:
            message = f"`{use.name}` is not seen in a file that is imported"
            hint = "Write `with context` at the end of the import, or give it to the macro as an argument."
        line = line_of(part.source.text, use.line).strip()
        where = place(part.source, use.line, use.name)
        self._tell(rules.TEMPLATE_UNKNOWN_NAME.finding(message, where, hint, text=line))


def _unreadable(source: TemplateText, error: TemplateSyntaxError) -> Finding:
    """What is said of what Jinja2's compiler refuses after its parser has taken it; perhaps in a file of its own."""
    return rules.TEMPLATE_SYNTAX.finding(
        f"the template cannot be read: {error.message}",
        place(source, error.lineno),
        "Every {{ wants its }}, every {% if %} its {% endif %}.",
        text=line_of(source.text, error.lineno).strip(),
    )


def _reserved(found: Family) -> Iterator[Finding]:
    """`self` and `super`, but for blocks, where they mean what they mean in Jinja2."""
    for part in found.parts:
        reserved = () if part.tree.find(nodes.Block) else _RESERVED
        node = next((each for each in part.tree.find_all(nodes.Name) if each.name in reserved), None)
        if node:
            yield rules.TEMPLATE_SYNTAX.finding(
                "`self` and `super` mean something else in templates",
                part.place(node, node.name),
                'A column of such a name is reached through the row: {{ row["self"] }}.',
            )


def failed_place(template: MergeTemplate, error: Exception) -> Location:
    """Where the rendering of a template raised; Jinja2 rewrites tracebacks to tell it."""
    loader = template.template.environment.loader if template.template else None
    known = loader.known if isinstance(loader, FolderLoader) else {}
    entries = [entry for entry in extract_tb(error.__traceback__) if entry.filename in known or _is_own(entry.filename)]
    if not entries:
        return template.source.place(1)
    line = entries[-1].lineno or 1
    file = known.get(entries[-1].filename)
    return TextLocation(file, line, 1) if file else template.source.place(line)


def _is_own(filename: str) -> bool:
    return filename == "<template>"


def _constant(tree: nodes.Template) -> str | None:
    """The template's text where it is nothing but text; without columns, too, `cycler` may differ by row."""
    if any(not isinstance(node, nodes.Output | nodes.TemplateData) for node in tree.find_all(nodes.Node)):
        return None
    return "".join(node.data for node in tree.find_all(nodes.TemplateData))


def _uses(part: Part, columns: Sequence[str], shared: frozenset[str]) -> tuple[bool, list[Use]]:
    """Whether the template may use any column of the row, and the columns that it names.

    Of the names that are `shared` none is unknown, but a column counts all the same: where a variable of another file
    hides it, taking it from the row changes nothing; where none does, the mail would lack it.
    """
    tree = part.tree
    free = find_undeclared_variables(tree) - ((shared | set(GLOBALS)) - {*columns, ROW}) - _RESERVED
    if part.alone:  # it sees no columns that could be hidden
        free -= part.exported
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
