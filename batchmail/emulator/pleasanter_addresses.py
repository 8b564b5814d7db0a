"""Pleasanter's lists of addresses, with the quirks of the original.

Read in `Libraries/Mails/Addresses.cs` and `Models/MailAddresses/MailAddressValidators.cs` of Implem.Pleasanter 1.5.3.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_SEPARATORS = frozenset(",;\n")
_ATOM = r"""[^\s<>()\[\]\\,;:@"]+"""
_BARE = re.compile(rf"{_ATOM}@{_ATOM}")
_NAMED = re.compile(rf"""(?:"([^"]*)"|([^"<>@,;]*?))\s*<({_ATOM}@{_ATOM})>""")
_REFERENCE = re.compile(r"\[(?:User|Group|Dept)[0-9]+\]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name beside it."""

    address: str
    name: str = ""


def mailbox(piece: str) -> Mailbox | None:
    """The mailbox of a text, None where there is none; † .NET's `MailAddress` takes some stranger forms besides."""
    if _BARE.fullmatch(piece):
        return Mailbox(piece)
    named = _NAMED.fullmatch(piece)
    return Mailbox(named[3], named[1] or (named[2] or "").strip()) if named else None


def pieces(text: str) -> list[str]:
    """A list taken apart at commas, semicolons and line feeds outside of double quotes.

    Every quote toggles, and none can be escaped: where the last one is left open, what follows it is lost.
    """
    found: list[str] = []
    piece: list[str] = []
    quoted = False
    for character in text:
        quoted ^= character == '"'
        if character in _SEPARATORS and not quoted:
            found.append("".join(piece).strip())
            piece = []
        else:
            piece.append(character)
    return found if quoted else [*found, "".join(piece).strip()]


def first_bad(found: Iterable[str]) -> str:
    """The first piece that is no mailbox. Where that is an empty one, nothing is wrong, whatever comes after it."""
    return next((piece for piece in found if mailbox(piece) is None), "")


def first_external(found: Iterable[str], domains: Sequence[str]) -> str:
    """The first piece whose address ends with none of the domains; letters count as they are written."""
    if not domains:
        return ""
    boxes = ((piece, mailbox(piece)) for piece in found)
    return next((piece for piece, box in boxes if box and not box.address.endswith(tuple(domains))), "")


def sent_to(found: Iterable[str], members: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Whom a list reaches, each once: bad pieces are dropped, and references such as [User12] become their members."""
    reached: dict[str, None] = {}
    for piece in found:
        references = _REFERENCE.findall(piece)
        if references:
            reached.update(dict.fromkeys(address for name in references for address in members.get(name, ())))
        elif box := mailbox(piece):
            reached[box.address] = None
    return tuple(reached)
