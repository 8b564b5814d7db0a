"""Operations of the control side upon tokens, and upon what an emulator knows of addresses."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Protocol

from batchmail.emulator.control import Asked, Operation
from batchmail.emulator.exchange import Answer, Json, json_answer
from batchmail.emulator.json_fields import Fields, filled

_REFERENCE = re.compile(r"\[(?:User|Group|Dept)[0-9]+\]")
_REFERENCES = "the members of references such as [User12], [Group3] or [Dept4]"
_ADDRESSES = 'a list of addresses, such as ["kim@example.com"]'


class Tokens(Protocol):
    """Who can have tokens expire."""

    def expire_tokens(self) -> None:
        """From now on all tokens that there are count as expired."""
        ...

    def restore_tokens(self) -> None:
        """Let them in again."""
        ...


def token_operations(tokens: Tokens) -> tuple[Operation, ...]:
    """Tokens that expire on demand."""

    def expire(asked: Asked) -> Answer:
        _check_empty(asked)
        tokens.expire_tokens()
        return json_answer(200, {"tokens": "expired"})

    def restore(asked: Asked) -> Answer:
        _check_empty(asked)
        tokens.restore_tokens()
        return json_answer(200, {"tokens": "good"})

    return (
        Operation("POST", "tokens/expire", "every token or key that there is counts as expired or disabled", expire),
        Operation("POST", "tokens/restore", "they are taken again", restore),
    )


class AddressLists:
    """Lists of addresses with which something is the matter, by what it is."""

    def __init__(self, lists: Mapping[str, set[str]]) -> None:
        self._lists = lists

    def operations(self) -> tuple[Operation, ...]:
        """What can be done with them."""
        names = ", ".join(self._lists)
        return (
            Operation("GET", "addresses", f"lists of addresses: {names}", self.show),
            Operation("PATCH", "addresses", "replaces the lists that are named", self.change),
            Operation("DELETE", "addresses", "empties all of them", self.clear),
        )

    def show(self, asked: Asked) -> Answer:
        """All lists."""
        del asked
        return json_answer(200, {name: list[Json](sorted(found)) for name, found in self._lists.items()})

    def change(self, asked: Asked) -> Answer:
        """Other lists, or none where there is a fault in any."""
        fields = Fields(asked.object())
        lists = {name: fields.take(name, _ADDRESSES, _addresses) for name in self._lists}
        fields.end()
        for name, found in lists.items():
            if found is not None:
                _replace(self._lists[name], {address.lower() for address in found})
        return self.show(asked)

    def clear(self, asked: Asked) -> Answer:
        """No addresses."""
        for found in self._lists.values():
            found.clear()
        return self.show(asked)


class Members:
    """The addresses behind references in Pleasanter's lists."""

    def __init__(self, members: MutableMapping[str, Sequence[str]]) -> None:
        self._members = members

    def operations(self) -> tuple[Operation, ...]:
        """What can be done with them."""
        return (
            Operation("GET", "members", _REFERENCES, self.show),
            Operation("PATCH", "members", "replaces the members of those that are named", self.change),
            Operation("DELETE", "members", "forgets all of them", self.clear),
        )

    def show(self, asked: Asked) -> Answer:
        """All references."""
        del asked
        return json_answer(200, {name: list[Json](found) for name, found in self._members.items()})

    def change(self, asked: Asked) -> Answer:
        """Other members, or none where there is a fault in any."""
        given = asked.object()
        fields = Fields(given)
        found = {name: fields.take(name, _ADDRESSES, _addresses) for name in given}
        for name in given:
            if not _REFERENCE.fullmatch(name):
                fields.refuse(name, given[name], _REFERENCES)
        fields.end()
        self._members.update({name: addresses or () for name, addresses in found.items()})
        return self.show(asked)

    def clear(self, asked: Asked) -> Answer:
        """No references."""
        self._members.clear()
        return self.show(asked)


def _replace(found: set[str], wanted: set[str]) -> None:
    """Let a set have other members; one that stays is there at every moment."""
    found |= wanted
    found &= wanted


def _addresses(given: object) -> tuple[str, ...] | None:
    if not isinstance(given, list):
        return None
    texts = [filled(each) for each in given]
    found = tuple(text for text in texts if text is not None and "@" in text)
    return found if len(found) == len(given) else None


def _check_empty(asked: Asked) -> None:
    """Nothing can be said about tokens but that."""
    Fields(asked.object()).end()
