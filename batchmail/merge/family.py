"""A template and all the files that it names, parsed: what the check of names looks through."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jinja2 import TemplateSyntaxError, nodes

from batchmail import rules
from batchmail.finding import Finding, Rule
from batchmail.job import TemplateText
from batchmail.location import Location
from batchmail.merge.environment import MergeEnvironment
from batchmail.merge.folder_loader import FileUnusable, FolderLoader

#: Files within files within files: deeper than this is a mistake, and so are more files than this in one body.
DEEPEST = 20
MOST_FILES = 200

_Reference = nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport


@dataclass(frozen=True, slots=True)
class Part:
    """One parsed template; `alone` where it was imported without context and sees no columns."""

    source: TemplateText
    tree: nodes.Template
    alone: bool = False

    @property
    def exported(self) -> frozenset[str]:
        """What it sets outside of all loops, macros and blocks: its blocks see that, too."""
        return frozenset(name for node in _outermost(self.tree.body) for name in _assigned(node))

    def place(self, node: nodes.Node, name: str = "") -> Location:
        """Where a name stands on a node's line; its tag, where the name is not found there."""
        return place(self.source, node.lineno, name)


class FamilyFault(Exception):
    """Why a template cannot be compiled."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Family:
    """A template first, then what it includes, extends and imports; `open` where a row names a further file."""

    parts: tuple[Part, ...]
    open: bool

    @property
    def shared(self) -> frozenset[str]:
        """Names that one part may get from another, or a block from what stands outside of it."""
        related = len(self.parts) > 1 or any(part.tree.find(nodes.Block) for part in self.parts)
        return frozenset(name for part in self.parts for name in _assigned(part.tree)) if related else frozenset()


def family(source: TemplateText, code: str, environment: MergeEnvironment) -> Family:
    """The family of a template. Raises FamilyFault."""
    root = Part(source, _parsed(replace(source, text=code), environment, source))
    parts = [root]
    is_open = _follow(root, environment, parts, (source.where.path.as_posix(),))
    return Family(tuple(parts), is_open)


def _parsed(source: TemplateText, environment: MergeEnvironment, shown: TemplateText) -> nodes.Template:
    try:
        return environment.parse(source.text)
    except TemplateSyntaxError as error:
        raise FamilyFault(
            rules.TEMPLATE_SYNTAX.finding(
                f"the template cannot be read: {error.message}",
                place(shown, error.lineno),
                _advice(shown, error, is_expression=source.text != shown.text),
                text=line_of(shown.text, error.lineno).strip(),
            )
        ) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise FamilyFault(too_deep(shown)) from None


def _advice(shown: TemplateText, error: TemplateSyntaxError, *, is_expression: bool) -> str:
    if "got '='" in (error.message or ""):
        return "Write `==` to compare."
    if is_expression and "{{" in shown.text:
        return "An expression stands here: write it without {{ and }}."
    if is_expression:
        return "An expression stands here: the names of columns as they are, texts in quotes: diet == 'vegan'."
    return "Every {{ wants its }}, every {% if %} its {% endif %}."


def too_deep(source: TemplateText) -> Finding:
    """What is said of a template that Python's own compiler refuses."""
    return rules.TEMPLATE_SYNTAX.finding(
        "the template is nested too deeply, or has a number that is too long",
        source.place(1),
        "Write it with fewer brackets and fewer {% for %} and {% if %} within each other.",
    )


def _follow(part: Part, environment: MergeEnvironment, parts: list[Part], path: tuple[str, ...]) -> bool:
    """Take in what a part names; whether any name is known only when a row is merged."""
    is_open = False
    for node in part.tree.find_all((nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)):
        assert isinstance(node, _Reference)
        names = _names(node.template)
        is_open |= names is None
        for source in _sources(part, node, names or (), environment):
            name = source.where.path.as_posix()
            if name in path or len(path) > DEEPEST or len(parts) > MOST_FILES:
                raise FamilyFault(_circle(part, node, source.where.path.name, again=name in path))
            alone = isinstance(node, nodes.Import | nodes.FromImport) and not node.with_context
            found = Part(source, _parsed(source, environment, source), alone)
            parts.append(found)
            is_open |= _follow(found, environment, parts, (*path, name))
    return is_open


def _sources(
    part: Part, node: _Reference, names: Sequence[str], environment: MergeEnvironment
) -> Iterator[TemplateText]:
    """The files that a tag names: all of them that are there, at least one unless it says `ignore missing`."""
    loader = environment.loader
    if not isinstance(loader, FolderLoader):
        message = "include, extends and import are for the body and the text"
        raise FamilyFault(_finding(rules.TEMPLATE_SYNTAX, message, part, node, "Write the text into this template."))
    missing: FileUnusable | None = None
    found = 0
    for name in names:
        try:
            yield loader.read(name)
            found += 1
        except FileUnusable as fault:
            if fault.rule is not rules.FILE_MISSING:
                raise FamilyFault(_finding(fault.rule, fault.reason, part, node, fault.hint)) from None
            missing = fault
    forgiving = isinstance(node, nodes.Include) and node.ignore_missing
    if missing and not found and not forgiving:
        raise FamilyFault(_finding(missing.rule, missing.reason, part, node, missing.hint))


def _names(node: nodes.Expr) -> tuple[str, ...] | None:
    """The names that a tag spells out; None where it computes them."""
    if isinstance(node, nodes.Const):
        value = node.value
        return (value,) if isinstance(value, str) else tuple(each for each in value if isinstance(each, str))
    if isinstance(node, nodes.List | nodes.Tuple) and all(isinstance(each, nodes.Const) for each in node.items):
        return tuple(str(each.value) for each in node.items if isinstance(each, nodes.Const))
    return None


def _finding(rule: Rule, message: str, part: Part, node: nodes.Node, hint: str) -> Finding:
    text = line_of(part.source.text, node.lineno).strip()
    return rule.finding(message, part.place(node), hint, text=text)


def _circle(part: Part, node: nodes.Node, name: str, *, again: bool) -> Finding:
    why = f"`{name}` is included within itself" if again else "files are included too deeply, or too many of them"
    return _finding(rules.TEMPLATE_CIRCLE, why, part, node, "Take one of the includes out.")


def _outermost(body: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    """What puts names into the context of the whole template, in branches too."""
    for node in body:
        match node:
            case nodes.If():
                yield from _outermost((*node.body, *node.elif_, *node.else_))
            case nodes.Assign(target=target) | nodes.AssignBlock(target=target):
                yield target
            case nodes.Macro(name=name):
                yield nodes.Name(name, "store")
            case nodes.Import() | nodes.FromImport():
                yield node
            case _:
                pass


def _assigned(tree: nodes.Node) -> Iterator[str]:
    found = tree.find_all((nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport, nodes.For))
    for node in (tree, *found):
        match node:
            case nodes.Name(ctx="store" | "param", name=name) | nodes.Macro(name=name) | nodes.Import(target=name):
                yield name
            case nodes.FromImport(names=names):
                yield from (each if isinstance(each, str) else each[1] for each in names)
            case nodes.For():
                yield "loop"
            case _:
                pass


def place(source: TemplateText, line: int, name: str = "") -> Location:
    """Where a name stands on a line; the line's first tag, where it is not found there."""
    text = line_of(source.text, line)
    at = _word(text, name) if name else -1
    if at < 0:
        tags = [found for tag in ("{{", "{%", "{#") if (found := text.find(tag)) >= 0]
        at = min(tags, default=0)
    return source.place(line, at + 1)


def _word(text: str, name: str) -> int:
    at = text.find(name)
    while at >= 0 and ((at and _in_word(text[at - 1])) or _in_word(text[at + len(name) : at + len(name) + 1])):
        at = text.find(name, at + 1)
    return at


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def line_of(text: str, number: int) -> str:
    """A line of a text, its last one where it has fewer."""
    lines = text.splitlines() or [""]
    return lines[min(number, len(lines)) - 1]
