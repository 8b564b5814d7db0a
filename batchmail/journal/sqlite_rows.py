"""Rows of the journal's tables, and what they are in the domain's own terms."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from batchmail.delivery import Delivery, DeliveryState, Record
from batchmail.errors import JournalUnusable

T = TypeVar("T")

#: What `record_of` reads; `position` and `id` come first, to page by.
RECORD_COLUMNS = "position, id, key, state, reason, attempts, at, provider_id, recipients"
#: What `delivery_of` reads.
DELIVERY_COLUMNS = "id, key, position, recipients, content, attempts"


def understood(path: Path, convert: Callable[[tuple[Any, ...]], T], rows: Iterable[tuple[Any, ...]]) -> Iterator[T]:
    """Rows as the domain knows them. Raises JournalUnusable where a damaged file says what no journal says."""
    for row in rows:
        try:
            meaning = convert(row)
        except (TypeError, ValueError) as error:
            raise JournalUnusable(path, f"the file is damaged ({error})") from error
        yield meaning


def storable(text: str) -> str:
    """A text as the file can take it: half of a surrogate pair, as a broken answer may have, becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def record_of(row: tuple[Any, ...]) -> Record:
    """A delivery's last known result."""
    _, _, key, state, reason, attempts, at, provider_id, recipients = row
    return Record(key, DeliveryState(state), reason, attempts, at, provider_id, tuple(json.loads(recipients)))


def count_of(row: tuple[Any, ...]) -> tuple[DeliveryState, int]:
    """How many deliveries are in a state."""
    state, number = row
    return DeliveryState(state), int(number)


def stand_of(row: tuple[Any, ...]) -> tuple[int, tuple[DeliveryState, int]]:
    """A delivery's id, and its state and attempts."""
    identity, state, attempts = row
    return identity, (DeliveryState(state), int(attempts))


def delivery_of(row: tuple[Any, ...]) -> Delivery:
    """A delivery as it is to be sent."""
    identity, key, position, recipients, content, attempts = row
    return Delivery(identity, key, position, tuple(json.loads(recipients)), content, attempts)


def waiting_of(row: tuple[Any, ...]) -> tuple[int, Delivery]:
    """The position of the first row of a delivery's batch, and the delivery."""
    _, first, *delivery = row
    return first, delivery_of(tuple(delivery))
