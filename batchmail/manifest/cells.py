"""The rows of a job's worksheet into nodes with places: what `nodes.py` does for YAML.

A key is the way to its value, its parts with dots between them; a number is a place in a list. What the workbook itself
tells need not be written: the version of these keys, and that the recipients are on a worksheet of that name.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, islice
from pathlib import PurePath

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.job import Route
from batchmail.location import CellLocation, TextLocation
from batchmail.manifest.dotted import Step, dotted, steps_of
from batchmail.manifest.job_sheet import JobSheet, SettingCell, SettingRow
from batchmail.manifest.nodes import MAX_DEPTH, MAX_NODES
from batchmail.manifest.swapped import LOOKED_AT, swapped_columns
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence, Unreadable
from batchmail.manifest.wording import shown
from batchmail.wording import did_you_mean, listed

#: As many as a manifest in YAML may have bytes.
MAX_CHARACTERS = 1_000_000

PEOPLE = "recipients"


@dataclass(slots=True)
class _Group:
    """Keys below a key, as they are gathered.

    Not `complete` where one was told and is left out; `named` where one of them is no number alone.
    """

    key: CellLocation
    children: "dict[str, _Group | SettingRow]" = field(default_factory=dict)
    complete: bool = True
    named: bool = False

    def take(self, step: Step, child: "_Group | SettingRow") -> "_Group | SettingRow":
        """Take a child in; gives the one that is there already, where there is one."""
        self.named = self.named or isinstance(step, str)
        return self.children.setdefault(str(step), child)


def compose_cells(sheet: JobSheet, findings: Findings) -> tuple[Mapping, bytes] | None:
    """The nodes of a job's worksheet, and the digest of what its rows say; None where there are none, or too many."""
    root = _Group(sheet.where)
    digest = sha256()
    number = characters = 0
    rows = iter(sheet.rows)
    first = tuple(islice(rows, LOOKED_AT))
    if swapped := swapped_columns(first):
        findings.add(swapped)
        return None
    for row in chain(first, rows):
        number += len(row.values)
        characters += len(row.key) + sum(len(value.text or "") for value in row.values)
        if number > MAX_NODES or characters > MAX_CHARACTERS:
            findings.add(_too_large(row.where))
            return None
        digest.update(json.dumps([row.key, *(value.text for value in row.values)]).encode("ascii"))
        _insert(root, row, findings)
    if not number:
        message, hint = "the worksheet has no keys", "Write `name` into column A, the name of the job into column B."
        findings.add(rules.MANIFEST_MISSING_KEY.finding(message, sheet.where, hint))
        return None
    _complete(root, sheet, findings)
    return _mapping(root, (), ()), digest.digest()


def _too_large(where: CellLocation) -> Finding:
    message = f"more than {MAX_NODES:,} values, or {MAX_CHARACTERS:,} characters, which no job may have"
    return rules.MANIFEST_LIMITS.finding(message, where, "Put lists of people onto a worksheet of their own.")


def _insert(root: _Group, row: SettingRow, findings: Findings) -> None:
    """Put a row where its key says; a key that is none, or stands there already, is told and left out."""
    steps = steps_of(row.key)
    if steps is None or len(steps) > MAX_DEPTH:
        findings.add(_no_key(row))
        root.complete = False
        return
    group = root
    for end, step in enumerate(steps[:-1], start=1):
        child = group.take(step, _Group(row.where))
        if isinstance(child, SettingRow):
            findings.add(_value_and_keys(dotted(steps[:end]), row, child))
            group.complete = False
            return
        group = child
    match group.take(steps[-1], row):
        case _Group() as keys:
            findings.add(_value_and_keys(dotted(steps), row, keys))
            group.complete = False
        case first if first is not row:
            findings.add(_twice(row, first))
            group.complete = False
        case _:
            pass


def _no_key(row: SettingRow) -> Finding:
    return rules.MANIFEST_UNKNOWN_KEY.finding(
        f"`{shown(row.key)}` is no key",
        row.where,
        "A key is words with one dot between them: message.subject. A remark stands in a row that begins with #.",
        text=shown(row.key),
    )


def _twice(row: SettingRow, first: SettingRow) -> Finding:
    return rules.MANIFEST_DUPLICATE_KEY.finding(
        f"the key `{shown(row.key)}` stands twice",
        row.where,
        f"It stands first in {first.where.cell}. Keep one of the two.",
        text=shown(row.key),
    )


def _value_and_keys(key: str, row: SettingRow, other: _Group | SettingRow) -> Finding:
    above = other.where if isinstance(other, SettingRow) else other.key
    return rules.MANIFEST_DUPLICATE_KEY.finding(
        f"`{shown(key)}` has a value, and keys below it",
        row.where,
        f"The other row is {above.row}. Keep the value, or the keys below it.",
        text=shown(row.key),
    )


def _complete(root: _Group, sheet: JobSheet, findings: Findings) -> None:
    """Add what the workbook itself tells."""
    root.take("version", _given(sheet.where, "1"))
    where = sheet.people or sheet.where
    people = root.take(PEOPLE, _Group(where))
    if not isinstance(people, _Group):
        return
    own = where.path.name
    if sheet.people and (key := _other_source(people, own)):
        findings.add(_unread(sheet.people, key, people.children[key]))
    if not {"file", "rows"} & people.children.keys():
        sheet_row = people.children.get("sheet")
        people.take("file", _given(sheet_row.values[0].where if isinstance(sheet_row, SettingRow) else where, own))
    if "sheet" in people.children or not _names(people.children.get("file"), own):
        return
    if sheet.people is None:
        findings.add(_without_people(sheet))
        people.children["file"] = _given(where, None)
    else:
        people.take("sheet", _given(sheet.people, sheet.people.sheet))


def _given(where: CellLocation, text: str | None) -> SettingRow:
    return SettingRow(where, "", (SettingCell(where, text),))


def _names(child: _Group | SettingRow | None, file: str) -> bool:
    """Whether a row, or one of those below a key, names this file."""
    return any(text and PurePath(text) == PurePath(file) for text in _texts(child))


def _texts(child: _Group | SettingRow | None) -> Iterator[str]:
    """The values of a row, or of those below a key; blank where they are, or cannot be read."""
    match child:
        case SettingRow(values=values):
            yield from ((value.text or "").strip() for value in values)
        case _Group(children=children):
            for each in children.values():
                yield from _texts(each)
        case None:
            pass


def _other_source(people: _Group, own: str) -> str | None:
    """The key that has the recipients elsewhere than on a worksheet of the workbook, if one does without a fault."""
    if "rows" in people.children:
        return "rows"
    files = list(_texts(people.children.get("file")))
    return "file" if files and all(files) and not _names(people.children["file"], own) else None


def _unread(people: CellLocation, key: str, child: _Group | SettingRow) -> Finding:
    name = f"{PEOPLE}.{key}"
    return rules.MANIFEST_UNREAD_RECIPIENTS.finding(
        f"`{name}` names other recipients, so the worksheet `{shown(people.sheet)}` is not read",
        child.where if isinstance(child, SettingRow) else child.key,
        f"To write to the people on the worksheet, delete `{name}`. If the others are meant, give the worksheet "
        f"another name, or allow it with --allow {rules.MANIFEST_UNREAD_RECIPIENTS.id}",
        text=name,
    )


def _without_people(sheet: JobSheet) -> Finding:
    there = (
        f"The worksheets are: {listed(sheet.worksheets)}. Call the one with the people `{PEOPLE}`, or write its name: "
        f"`{PEOPLE}.sheet` in column A of `{shown(sheet.where.sheet)}`, the name in column B."
    )
    message = f"the workbook has no worksheet `{PEOPLE}`"
    others = [name for name in sheet.worksheets if name != sheet.where.sheet]
    hint = did_you_mean(PEOPLE, others, there)
    return rules.SHEET_NOT_FOUND.finding(message, TextLocation(sheet.where.path), hint, text=PEOPLE)


def _node(child: _Group | SettingRow, route: Route, steps: tuple[Step, ...]) -> Node:
    match child:
        case _Group(key, children, named=False):
            numbers = sorted(map(int, children))
            items = (_node(children[str(n)], (*route, at), (*steps, n)) for at, n in enumerate(numbers))
            return Sequence(route, key, key, tuple(items), dotted(steps))
        case _Group():
            return _mapping(child, route, steps)
        case SettingRow(where, _, (value,)):
            return _value(value, route, where, dotted(steps))
        case SettingRow(where, _, values):
            name = dotted(steps)
            cells = (_value(value, (*route, at), where, name) for at, value in enumerate(values))
            return Sequence(route, where, values[0].where, tuple(cells), name, in_one_row=True)


def _mapping(group: _Group, route: Route, steps: tuple[Step, ...]) -> Mapping:
    entries = {name: _node(child, (*route, name), (*steps, name)) for name, child in group.children.items()}
    return Mapping(route, group.key, group.key, entries, group.complete, dotted(steps))


def _value(value: SettingCell, route: Route, key: CellLocation, name: str) -> Node:
    if value.text is None:
        return Unreadable(route, key, value.where, name)
    text = _seen(value.text)
    return Scalar(route, key, value.where, text, text, True, value.where, 1, name)


def _seen(text: str) -> str:
    """A cell's text with line ends as in YAML. Nobody sees a space at the ends of a line that stands alone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if "\n" in text else text.strip()
