"""A sandbox in which every rendering ends soon and stays small, whatever its template says.

Jinja2's own sandbox keeps a template from Python's insides, but not from `'a' * 10**9`, a filter `center(10**9)`, or
loops within loops. Here the code of a template counts what it does (see `budget`): nothing is timed and no process is
ended, so that it works alike on every system, and what was planned is what is sent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import update_wrapper, wraps
from itertools import islice
from typing import Any

from jinja2 import nodes, pass_context, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from batchmail.merge.budget import LARGEST, Budget, TooLarge, length, weight
from batchmail.merge.guards import FILTER_GUARDS, METHOD_GUARDS, PRICES, REFUSED_METHODS, braces, product
from batchmail.merge.printing import Printers

Filter = Callable[..., Any]
_Finalize = CodeGenerator._FinalizeInfo  # noqa: SLF001  jinja2's own generators for other outputs take it so

#: Filters for the code of templates alone: no template can write a name with a space.
_SPEND, _CONCAT, _READ = "spend work", "join texts", "read value"
#: What a turn of a loop costs beside what is in it.
_TURN = 20


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox whose templates count what they do in `budget`, which is to be reset for each rendering."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def bind(self, budget: Budget, printing: Printers) -> None:
        """Count in a budget from now on, and print so; to be called once, when all filters are there."""
        self.budget = budget
        self.print_text = printing.text
        self.print_html = printing.html
        self.filters.update({name: _bounded(name, each, budget) for name, each in self.filters.items()})
        self.filters.update(_counting_filters(budget))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401  jinja2's own signature
        self.budget.make(product(operator, left, right))
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401  as above
        return attr not in REFUSED_METHODS and super().is_safe_attribute(obj, attr, value)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as above
        owner, guard = getattr(obj, "__self__", None), METHOD_GUARDS.get(getattr(obj, "__name__", ""))
        if isinstance(owner, str):
            args = tuple(map(self._solid, args))
            self.budget.make(len(owner) + sum(map(weight, args)))
        if guard and owner is not None:
            self.budget.make(guard(owner, args, kwargs))
        made = super().call(context, obj, *args, **kwargs)
        self.budget.make(length(made))
        return made

    def _solid(self, value: object) -> object:
        return _listed(value, self.budget) if isinstance(value, Iterator) else value

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401  as above
        made = super().wrap_str_format(value)
        if made is None:
            return None
        text, budget = str(value.__self__), self.budget

        def wrapper(*args: object, **kwargs: object) -> str:
            budget.make(braces(text, args, kwargs))
            return made(*args, **kwargs)

        return update_wrapper(wrapper, value)


class BoundedGenerator(CodeGenerator):
    """Writes the code of a template, with what counts in it."""

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:  # noqa: ANN401, N802  jinja2's own signature
        _Counting().visit(node)
        node.set_environment(self.environment)
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: _Finalize) -> None:
        if frame.eval_ctx.volatile:  # whether to escape is known only when it is run
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.print_html(" if frame.eval_ctx.autoescape else "environment.print_text(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: _Finalize) -> None:
        if frame.eval_ctx.volatile:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")")


BoundedEnvironment.code_generator_class = BoundedGenerator


class _Counting(NodeTransformer):
    """Puts into a template what counts its loops, macros, joined texts, slices and, where they repeat, comparisons."""

    def __init__(self) -> None:
        self._repeated = 0

    def visit_Template(self, node: nodes.Template) -> nodes.Node:  # noqa: N802  jinja2's way of dispatching
        return self._entered(node)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  as above
        return self._entered(node, repeated=True)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802  as above
        return self._entered(node, repeated=True)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802  as above
        return self._entered(node, repeated=True)

    def visit_Block(self, node: nodes.Block) -> nodes.Node:  # noqa: N802  as above
        return self._entered(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  as above
        self.generic_visit(node)
        return _filter(nodes.List(node.nodes, lineno=node.lineno), _CONCAT)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802  as above
        self.generic_visit(node)
        return _filter(node, _READ) if isinstance(node.arg, nodes.Slice) else node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802  as above
        self.generic_visit(node)
        if self._repeated:
            node.expr = _filter(node.expr, _READ)
            for operand in node.ops:
                operand.expr = _filter(operand.expr, _READ)
        return node

    def _entered(
        self,
        node: nodes.Template | nodes.For | nodes.Macro | nodes.CallBlock | nodes.Block,
        *,
        repeated: bool = False,
    ) -> nodes.Node:
        cost = cost_of(node.body)
        self._repeated += repeated
        self.generic_visit(node)
        self._repeated -= repeated
        step = nodes.Filter(nodes.Const(cost), _SPEND, [], [], None, None, lineno=node.lineno)
        node.body.insert(0, nodes.ExprStmt(step, lineno=node.lineno))
        return node


def _filter(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def cost_of(body: Iterable[nodes.Node]) -> int:
    """What one turn through a body costs; what is counted by itself costs no more than its being there."""
    total, open_nodes = _TURN, list(body)
    while open_nodes:
        node = open_nodes.pop()
        total += len(node.data) if isinstance(node, nodes.TemplateData) else 1
        if not isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock | nodes.Block):
            open_nodes.extend(node.iter_child_nodes())
    return total


def _counting_filters(budget: Budget) -> Mapping[str, Filter]:
    @pass_context  # so that it is not reckoned once, when the template is compiled
    def spend(_context: Context, cost: int) -> None:
        budget.turn(cost)

    @pass_eval_context
    def join(context: EvalContext, texts: list[object]) -> str:
        budget.make(sum(map(weight, texts)))
        return markup_join(texts) if context.autoescape else str_join(texts)

    def read(value: object) -> object:
        budget.make(length(value))
        return value

    return {_SPEND: spend, _CONCAT: join, _READ: read}


def _bounded(name: str, function: Filter, budget: Budget) -> Filter:
    """A filter that reckons first what it will make."""
    guard, price = FILTER_GUARDS.get(name), PRICES.get(name, 1)
    at = 1 if hasattr(function, "jinja_pass_arg") else 0  # before the value, it is given a context

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  whatever the filter takes and gives
        value = args[at]
        if value.__class__ is str and len(args) == at + 1 and not kwargs and not guard:  # nearly always
            budget.make(price * (len(value) + 1))
            made = function(*args)
            budget.make(len(made) if made.__class__ is str else length(made))
            return made
        if isinstance(value, Iterator):
            args = (*args[:at], _listed(value, budget), *args[at + 1 :])
        amount = weight(args[at])
        if len(args) > at + 1 or kwargs:
            given = args[at + 1 :]
            amount += sum(map(weight, given)) + sum(map(weight, kwargs.values()))
            if guard:
                budget.make(guard(args[at], given, kwargs))
        if amount > LARGEST:
            raise TooLarge("a filter is given a text or list that is too long")
        budget.spend(price * amount)
        made = function(*args, **kwargs)
        budget.make(length(made))
        return made

    return wrapper


def _listed(values: Iterator[object], budget: Budget) -> list[object]:
    """What an iterator gives, one by one."""
    found: list[object] = []
    for each in islice(values, LARGEST):
        budget.spend(1 + length(each))
        found.append(each)
    return found
