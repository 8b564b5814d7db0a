"""Rows of the journal's tables, and what they are in the domain's own terms."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from batchmail.delivery import Delivery, DeliveryState, Record
from batchmail.errors import JournalUnusable

T = TypeVar("T")
SqlRow = tuple[Any, ...]

_STATES = {state.value: state for state in DeliveryState}

#: What `RECORD` reads; `position` and `id` come first, to page by.
RECORD_COLUMNS = "position, id, key, state, reason, attempts, at, provider_id, recipients, reached, missed"
#: What `RESULT` reads of the deliveries, after the position of the row that the result is for.
RESULT_COLUMNS = ", ".join(f"delivery.{column}" for column in RECORD_COLUMNS.split(", ")[1:])
#: What `DELIVERY` reads.
DELIVERY_COLUMNS = "id, key, position, recipients, content, attempts"


@dataclass(frozen=True, slots=True)
class Meaning(Generic[T]):
    """What the rows of a statement stand for: the types of their columns, and how they are understood."""

    types: tuple[type, ...]
    understand: Callable[[SqlRow], T]

    def of(self, path: Path, rows: Iterable[SqlRow]) -> Iterator[T]:
        """Rows as the domain knows them. Raises JournalUnusable where a damaged file says what no journal says."""
        for row in rows:
            if tuple(map(type, row)) != self.types:
                raise JournalUnusable(path, "the file is damaged (a value has another type than its column)")
            try:
                meaning = self.understand(row)
            except (TypeError, ValueError) as error:
                raise JournalUnusable(path, f"the file is damaged ({error})") from error
            yield meaning


def storable(text: str) -> str:
    """A text as the file can take it: half of a surrogate pair, as a broken answer may have, becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _state(name: str) -> DeliveryState:
    """A state by its name, faster than the enumeration finds it. Raises ValueError where there is none."""
    return _STATES.get(name) or DeliveryState(name)


def addresses_of(text: str) -> tuple[str, ...]:
    """Addresses from what `digest.addresses_text` made of them. One alone, which most rows have, needs no parser."""
    only = text[2:-2]
    if text == f'["{only}"]' and only.isascii() and only.isprintable() and '"' not in only and "\\" not in only:
        return (only,)
    return tuple(json.loads(text))


def _record(row: SqlRow) -> Record:
    _, _, key, state, reason, attempts, at, provider_id, recipients, reached, missed = row
    to = addresses_of(recipients)
    return Record(key, _state(state), reason, attempts, at, provider_id, to, bool(reached), bool(missed))


def delivery_of(row: SqlRow) -> Delivery:
    """A delivery from what `DELIVERY` reads."""
    identity, key, position, recipients, content, attempts = row
    return Delivery(identity, key, position, addresses_of(recipients), content, attempts)


#: A delivery's last known result.
RECORD = Meaning((int, int, str, str, str, int, str, str, str, int, int), _record)
#: The position of a row, and the last known result of its delivery.
RESULT = Meaning(RECORD.types, lambda row: (row[0], _record(row)))
#: A delivery as it is to be sent.
DELIVERY = Meaning((int, str, int, str, bytes, int), delivery_of)
#: Its number in the order of sending, the position of the first row of its batch, and the delivery.
WAITING = Meaning((int, int, *DELIVERY.types), lambda row: (row[1], delivery_of(row[2:])))
#: A delivery's id, and its state and attempts.
STAND = Meaning((int, str, int), lambda row: (row[0], (_state(row[1]), row[2])))
#: A state, how many deliveries are in it, and how many of them somebody does not get.
COUNT = Meaning((str, int, int), lambda row: (DeliveryState(row[0]), row[1], row[2]))
