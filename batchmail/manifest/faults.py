"""Faults of a manifest's values, as findings and as the exception that carries one through pydantic.

Pydantic collects the exceptions of a list's items; its own sentences are never shown.
"""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence, in_workbook
from batchmail.manifest.wording import beside, named, shown
from batchmail.wording import listed, nearest

_FAULT = "manifest_fault"
_TOLD = "manifest_fault_told"


def fault(finding: Finding) -> PydanticCustomError:
    """The exception that carries a finding."""
    return PydanticCustomError(_FAULT, "a fault of the manifest", {"finding": finding})


def told() -> PydanticCustomError:
    """The exception for a value whose finding is there already."""
    return PydanticCustomError(_TOLD, "a fault of the manifest that was told")


def carried(error: ValidationError) -> Iterator[Finding]:
    """The findings that a failed validation carries. Raises the error itself where it carries another thing: a bug."""
    for line in error.errors(include_url=False, include_input=False):
        match line["type"]:
            case "manifest_fault":
                yield line["ctx"]["finding"]
            case "manifest_fault_told" | "missing":  # keys that are missing are told by the mapping that lacks them
                pass
            case _:
                raise error


def bad_value(node: Node, takes: str, hint: str, *, hidden: bool = False) -> PydanticCustomError:
    """A value that its field does not take; `hidden` where it may be a secret and is not to be repeated."""
    stands = "a text" if hidden and isinstance(node, Scalar) else _found(node)
    if isinstance(node, Sequence) and node.in_one_row:
        return _second_cell(node, takes)
    text = shown(node.text if node.block else node.written) if isinstance(node, Scalar) and not hidden else ""
    message = f"{named(node)} takes {takes}, and here stands {stands}"
    return fault(rules.MANIFEST_BAD_VALUE.finding(message, node.where, hint, text=text))


def _second_cell(row: Sequence, takes: str) -> PydanticCustomError:
    """Several cells where one is taken: often a remark beside the value."""
    message = f"{named(row)} takes one value, {takes}, and here stands a second one"
    hint = "Empty this cell. A remark stands in a row of its own that begins with #."
    return fault(rules.MANIFEST_BAD_VALUE.finding(message, row.items[1].where, hint))


def _found(node: Node) -> str:
    match node:
        case Scalar() if node.plain or node.block:
            return f'"{shown(node.text)}"'
        case Scalar():
            return shown(node.written)
        case Sequence():
            return "a list"
        case Mapping():
            return "a group of keys"
        case _:
            return "something else"


def no_value(node: Node, takes: str) -> PydanticCustomError:
    """A key without a value. Where the word `null` is meant, quotes say so."""
    message = f"{named(node)} has no value; it takes {takes}"
    hint = "Write the value, or take the key out."
    text = ""
    if isinstance(node, Scalar) and node.written:
        text = node.text
        hint += f' Where the word is meant, put it in quotes: "{text}"'
    if in_workbook(node):
        otherwise = "begin the key with # to leave the row out"
        if node.route and isinstance(node.route[-1], int):
            otherwise = "leave none out: the values of a list stand beside each other"
        hint = f"Write the value into this cell, or {otherwise}."
    return fault(rules.MANIFEST_BAD_VALUE.finding(message, node.where, hint, text=text))


def not_yet(what: str, where: Location, hint: str, text: str = "") -> Finding:
    """Something of the manifest's shape that this version cannot do."""
    return rules.MANIFEST_NOT_YET_AVAILABLE.finding(f"{what} is not yet available", where, hint, text=text)


def unknown_key(node: Node, where: Location, known: Iterable[str], elsewhere: str = "") -> Finding:
    """A key that is not known at its place; `elsewhere` is the one that was meant, where it is known by another way."""
    word = str(node.route[-1])
    close = nearest(word, known)
    accepted = f"The keys here are: {listed(known)}."
    if in_workbook(node):
        close = elsewhere or (close and beside(node, close))
    return rules.MANIFEST_UNKNOWN_KEY.finding(
        f"{named(node)} is not a known key",
        where,
        f"Did you mean `{close}`? {accepted}" if close else accepted,
        text=shown(word),
    )


def missing_key(mapping: Mapping, key: str, description: str, below: Iterable[str] = ()) -> Finding:
    """A key that must be there; `below` are the keys that must be there below it."""
    what = f"Add `{key}`: {description}"
    if in_workbook(mapping):
        rows = [named(mapping, key, each) for each in below] or [named(mapping, key)]
        what = f"Add {'a row' if len(rows) == 1 else 'the rows'} {', '.join(rows)}: {description}"
    return rules.MANIFEST_MISSING_KEY.finding(f"{named(mapping, key)} is missing", mapping.where, what.rstrip(": "))
