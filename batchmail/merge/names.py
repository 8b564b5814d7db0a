"""What templates name, checked before any row is merged: columns, filters, tests and what is asked of cells."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from jinja2 import nodes

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import FieldType
from batchmail.merge.environment import MergeEnvironment
from batchmail.merge.family import Family, Part, line_of
from batchmail.merge.filters import LOCALISED
from batchmail.merge.locales import knows_locales
from batchmail.values import Addresses, ShownBoolean, ShownDate, ShownDateTime, ShownDecimal, ShownInteger

#: What the cells of a column are to a template, by the column's declared type; all others are texts.
_VALUES: Mapping[str, type] = {
    "emails": Addresses,
    "integer": ShownInteger,
    "decimal": ShownDecimal,
    "date": ShownDate,
    "datetime": ShownDateTime,
    "boolean": ShownBoolean,
}
#: The name under which a template reaches columns whose names are no identifiers: {{ row["First name"] }}.
ROW = "row"
#: Ours, not Python's: how the value prints.
_OWN = frozenset({"shown", "of"})
#: Braces as single as in other programs, or as wide as Asian keyboards write them.
_BRACED = re.compile(r"[{｛]{1,2}\s*([^{}｛｝]*[^{}｛｝\s])\s*[}｝]{1,2}")
#: A filter and a test that Jinja2 has.
_KNOWN = {"filter": "string", "test": "defined"}


def unknown_filters(family: Family, environment: MergeEnvironment) -> Iterator[Finding]:
    """Filters and tests that do not exist; Jinja2 itself would tell those in a branch when a row takes it.

    So are filters whose library is not installed. In the trees of the family each is replaced by one that does exist:
    Jinja2's check of names wants to know them all.
    """
    for part in family.parts:
        for node in part.tree.find_all((nodes.Filter, nodes.Test)):
            assert isinstance(node, nodes.Filter | nodes.Test)
            kind = "filter" if isinstance(node, nodes.Filter) else "test"
            known = environment.filters if kind == "filter" else environment.tests
            where, line = part.place(node, node.name), line_of(part.source.text, node.lineno).strip()
            if node.name not in known:
                message = f"there is no {kind} `{node.name}`"
                hint = nearest(node.name, [name for name in known if name.isidentifier()], f"{kind}s")
                yield rules.TEMPLATE_UNKNOWN_FILTER.finding(message, where, hint, text=line)
            elif kind == "filter" and node.name in LOCALISED and not knows_locales():
                message = f"the filter `{node.name}` needs a library that is not installed"
                hint = "Install it: pip install 'batchmail[locales]'"
                yield rules.EXTRA_MISSING.finding(message, where, hint, text=line)
            else:
                continue
            node.name = _KNOWN[kind]


def unknown_attributes(family: Family, columns: Collection[str], types: Mapping[str, FieldType]) -> Iterator[Finding]:
    """What templates ask of cells that cells of that column's type do not have."""
    taken = family.shared
    for part in family.parts:
        stored = {node.name for node in part.tree.find_all(nodes.Name) if node.ctx != "load"}
        for node, column, attribute in _attributes(part):
            if column not in columns or column == ROW or column in stored | taken:
                continue
            kind = types.get(column, "text")
            value = _VALUES.get(kind, str)
            public = [name for name in dir(value) if not name.startswith("_") and name not in _OWN]
            if attribute not in public:
                yield rules.TEMPLATE_UNKNOWN_ATTRIBUTE.finding(
                    f"a cell of `{column}` has no `{attribute}`: it is a {_KINDS.get(value, 'text')}",
                    part.place(node, attribute),
                    _meant(column, attribute, columns, public),
                    text=line_of(part.source.text, node.lineno).strip(),
                )


def unescaped(family: Family, columns: Collection[str]) -> Iterator[Finding]:
    """Cells that are printed as HTML."""
    for part in family.parts:
        for node in part.tree.find_all(nodes.Filter):
            taken = [each.name for each in node.find_all(nodes.Name)] if node.name == "safe" else []
            if named := next((name for name in taken if name in columns or name == ROW), ""):
                yield rules.HTML_UNPROTECTED.finding(
                    f"`{named}` is printed as HTML: whoever writes the sheet writes into the mail's markup",
                    part.place(node, "safe"),
                    "Take `| safe` out, unless the column is meant to hold HTML and its author is trusted.",
                    text=line_of(part.source.text, node.lineno).strip(),
                )


_KINDS = {
    Addresses: "list of addresses",
    ShownInteger: "number",
    ShownDecimal: "number",
    ShownDate: "date",
    ShownDateTime: "date and time",
    ShownBoolean: "truth",
}


def _attributes(part: Part) -> Iterator[tuple[nodes.Node, str, str]]:
    """What is asked by a dot, or in brackets, of a name."""
    for node in part.tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name):
            yield node, node.node.name, node.attr
    for item in part.tree.find_all(nodes.Getitem):
        if isinstance(item.node, nodes.Name) and isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
            yield item, item.node.name, item.arg.value


def _meant(column: str, attribute: str, columns: Collection[str], public: list[str]) -> str:
    spelt = [f"{column}{between}{attribute}" for between in ("_", " ", ".", "")]
    found = next((name for name in columns if name.casefold() in {each.casefold() for each in spelt}), "")
    if found:
        return f"The column `{found}` is written {_written(found)}."
    if attribute in {"year", "month", "day", "strftime", "weekday", "hour", "minute"}:
        return f"Declare the column: {column}: {{type: date}} under `recipients.fields`."
    return nearest(attribute, public, "things that can be asked")


def _written(column: str) -> str:
    return f"{{{{ {column} }}}}" if column.isidentifier() else f"{{{{ row['{column}'] }}}}"


def braced_column(text: str, columns: Collection[str]) -> str:
    """The first column whose name stands in single or full-width braces, which Jinja2 takes for a text; else empty."""
    names = (found[1] for found in _BRACED.finditer(text) if not found[0].startswith("{{"))
    return next((_written(name) for name in names if name in columns), "")


def nearest(name: str, known: Collection[str], kind: str) -> str:
    """What may have been meant, and what there is."""
    close = get_close_matches(name, known, n=1)
    there = f"The {kind} are: {', '.join(sorted(known) if kind != 'columns' else known)}."
    return f"Did you mean `{close[0]}`? {there}" if close else there
