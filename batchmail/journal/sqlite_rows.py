"""Rows of the journal's tables, and what they are in the domain's own terms."""

import json
from typing import Any

from batchmail.delivery import Delivery, DeliveryState, Record

#: What `record_of` reads; `position` and `id` come first, to page by.
RECORD_COLUMNS = "position, id, key, state, reason, attempts, at, provider_id, recipients"
#: What `delivery_of` reads.
DELIVERY_COLUMNS = "id, key, position, recipients, content, attempts"


def storable(text: str) -> str:
    """A text as the file can take it: half of a surrogate pair, as a broken answer may have, becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def record_of(row: tuple[Any, ...]) -> Record:
    """A delivery's last known result."""
    _, _, key, state, reason, attempts, at, provider_id, recipients = row
    return Record(key, DeliveryState(state), reason, attempts, at, provider_id, tuple(json.loads(recipients)))


def delivery_of(row: tuple[Any, ...]) -> Delivery:
    """A delivery as it is to be sent."""
    identity, key, position, recipients, content, attempts = row
    return Delivery(identity, key, position, tuple(json.loads(recipients)), content, attempts)
