"""Faults of a manifest's values, as findings and as the exception that carries one through pydantic.

Pydantic collects the exceptions of a list's items; its own sentences are never shown.
"""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import TextLocation
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence
from batchmail.manifest.wording import named, shown
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
    text = shown(node.text if node.block else node.written) if isinstance(node, Scalar) and not hidden else ""
    message = f"{named(node.route)} takes {takes}, and here stands {stands}"
    return fault(rules.MANIFEST_BAD_VALUE.finding(message, node.where, hint, text=text))


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
    message = f"{named(node.route)} has no value; it takes {takes}"
    hint = "Write the value, or take the key out."
    text = ""
    if isinstance(node, Scalar) and node.written:
        text = node.text
        hint += f' Where the word is meant, put it in quotes: "{text}"'
    return fault(rules.MANIFEST_BAD_VALUE.finding(message, node.where, hint, text=text))


def not_yet(what: str, where: TextLocation, hint: str, text: str = "") -> Finding:
    """Something of the manifest's shape that this version cannot do."""
    return rules.MANIFEST_NOT_YET_AVAILABLE.finding(f"{what} is not yet available", where, hint, text=text)


def unknown_key(node: Node, known: Iterable[str]) -> Finding:
    """A key that is not known at its place."""
    word = str(node.route[-1])
    close = nearest(word, known)
    accepted = f"The keys here are: {listed(known)}."
    return rules.MANIFEST_UNKNOWN_KEY.finding(
        f"{named(node.route)} is not a known key",
        node.key,
        f"Did you mean `{close}`? {accepted}" if close else accepted,
        text=shown(word),
    )


def missing_key(mapping: Mapping, key: str, description: str) -> Finding:
    """A key that must be there."""
    return rules.MANIFEST_MISSING_KEY.finding(
        f"{named((*mapping.route, key))} is missing", mapping.where, f"Add `{key}`: {description}".rstrip(": ")
    )
