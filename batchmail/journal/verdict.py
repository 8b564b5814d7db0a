"""What is to become of a row, given what the journal knows of its key. schema/roster.sql says the same in SQL."""

from enum import StrEnum

from batchmail.delivery import DeliveryState


class Verdict(StrEnum):
    """How a row of a plan stands against the journal: each row stands in exactly one of these ways."""

    SEND = "send"
    ALREADY_SENT = "sent"
    SKIPPED = "skipped"
    IN_DOUBT = "in_doubt"
    REJECTED = "rejected"
    ABANDONED = "abandoned"


#: States that a plan's wish to skip the row may replace; the others tell what happened to a mail that may be out.
SKIPPABLE = frozenset({DeliveryState.QUEUED, DeliveryState.SKIPPED, DeliveryState.FAILED, DeliveryState.REJECTED})


def verdict(state: DeliveryState | None, *, skip: bool, changed: bool, named: bool) -> Verdict:
    """How a row stands whose key is in this state, None where the journal does not know it.

    `changed` tells that its addresses or content differ from those in the journal, `named` that it was asked for by
    its key: what the provider has refused is tried again only then, or when it has changed.
    """
    if skip:
        return Verdict.SKIPPED
    match state:
        case DeliveryState.SENT:
            return Verdict.ALREADY_SENT
        case DeliveryState.SENDING | DeliveryState.IN_DOUBT:
            return Verdict.IN_DOUBT
        case DeliveryState.ABANDONED:
            return Verdict.ABANDONED
        case DeliveryState.REJECTED if not (changed or named):
            return Verdict.REJECTED
        case _:
            return Verdict.SEND
