"""Which branches of a job's templates the merge of a row took: for a preview that shows each of them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from jinja2 import nodes

from batchmail.finding import Findings
from batchmail.job import Job, TemplateText
from batchmail.location import CellLocation, TextLocation
from batchmail.merge.attachments import AttachmentFinder
from batchmail.merge.environment import MergeEnvironment
from batchmail.merge.merger import Adapt, Merger
from batchmail.merge.row_merge import Ground, Place
from batchmail.merge.template import Compiler, MergeTemplate
from batchmail.merge.templates import TemplateLoader


class Branches:
    """Notes the branches that are taken; each has a name of its own, made of place and kind: `body.html:12 else`."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._alike: Counter[str] = Counter()
        self._taken: set[int] = set()

    def add(self, name: str) -> int:
        """The number of a new branch; the second of a line and kind is called `body.html:12 else (2)`."""
        self._alike[name] += 1
        alike = self._alike[name]
        self._names.append(f"{name} ({alike})" if alike > 1 else name)
        return len(self._names) - 1

    def take(self, number: int, value: object = "") -> object:
        """Note a branch; what stands in it is given back, so that a branch may be a part of an expression."""
        self._taken.add(number)
        return value

    def taken(self) -> frozenset[str]:
        """The names of the branches taken since this was last asked."""
        names = frozenset(self._names[number] for number in self._taken)
        self._taken.clear()
        return names


def watched_merger(
    job: Job, columns: Sequence[str], place: Place, branches: Branches, adapt: Adapt | None = None
) -> Merger:
    """A job's merger that notes the branches it takes. It tells no findings: the plan's own merger has told them."""
    untold = Findings(keep=0)
    declared = {*job.recipients.key, *job.recipients.fields}
    watched = frozenset(position for position, name in enumerate(columns) if name in declared)
    loader = TemplateLoader(job, _WatchedCompiler(columns, untold, branches), untold)
    ground = Ground(job, tuple(columns), place, AttachmentFinder(job.folder), loader, watched)
    return Merger(ground, loader.load(), untold, adapt)


class _WatchedCompiler(Compiler):
    """Compiles templates with a mark in each of their branches."""

    def __init__(self, columns: Sequence[str], findings: Findings, branches: Branches) -> None:
        super().__init__(columns, findings)
        self._branches = branches

    def compile(self, source: TemplateText, environment: MergeEnvironment, code: str | None = None) -> MergeTemplate:
        if code is not None:  # a condition, which decides on rows and shows nothing
            return super().compile(source, environment, code)
        return super().compile(source, _watched(environment, self._branches, source))


def _watched(environment: MergeEnvironment, branches: Branches, source: TemplateText) -> MergeEnvironment:
    """The environment with marks put into a template after its names were checked, which would see them."""
    watched = environment.overlay()  # it shares filters and globals with the environment
    assert isinstance(watched, MergeEnvironment)
    watched.prepare = lambda tree, name: _Marking(branches, source if name is None else _included(name)).mark(tree)
    watched.take = branches.take
    return watched


def _included(name: str) -> TemplateText:
    """A file that another template includes, as far as its places go."""
    return TemplateText("", TextLocation(Path(name), 1, 1))


class _Marking:
    """Goes through the tree of a template once. What only decides, the test of an `if`, gets no marks."""

    def __init__(self, branches: Branches, source: TemplateText) -> None:
        self._branches = branches
        self._source = source

    def mark(self, node: nodes.Node) -> None:
        """Mark all branches within a node."""
        for child in node.iter_child_nodes(exclude=("test", "elif_")):
            self.mark(child)
        match node:
            case nodes.If():
                self._mark_if(node)
            case nodes.For():
                node.body.insert(0, self._statement("for", node.lineno))
                node.else_.insert(0, self._statement("for without a turn", node.lineno))
            case nodes.CondExpr():
                self._mark_choice(node)
            case nodes.Or():
                node.right = self._expression("or", node.right)
            case _:
                pass

    def _mark_if(self, node: nodes.If) -> None:
        for other in node.elif_:
            for child in other.body:
                self.mark(child)
            other.body.insert(0, self._statement("elif", other.lineno))
        node.body.insert(0, self._statement("if", node.lineno))
        node.else_.insert(0, self._statement("else", node.else_[0].lineno if node.else_ else node.lineno))

    def _mark_choice(self, node: nodes.CondExpr) -> None:
        node.expr1 = self._expression("if", node.expr1)
        if node.expr2 is not None:
            node.expr2 = self._expression("else", node.expr2)

    def _statement(self, kind: str, line: int) -> nodes.ExprStmt:
        return nodes.ExprStmt(self._call(kind, line), lineno=line)

    def _expression(self, kind: str, expression: nodes.Expr) -> nodes.Call:
        return self._call(kind, expression.lineno, expression)

    def _call(self, kind: str, line: int, *value: nodes.Expr) -> nodes.Call:
        number = self._branches.add(f"{self._place(line)} {kind}")
        take = nodes.EnvironmentAttribute("take", lineno=line)
        return nodes.Call(take, [nodes.Const(number, lineno=line), *value], [], None, None, lineno=line)

    def _place(self, line: int) -> str:
        match self._source.place(line):
            case TextLocation(path, at):
                return f"{path.name}:{at}"
            case CellLocation(_, sheet, cell, at):
                return f"{sheet}!{cell}" if at is None else f"{sheet}!{cell} line {at}"
            case where:
                assert_never(where)
