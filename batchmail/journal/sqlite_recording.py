"""How steps become durable: events are added, and the deliveries follow them, with few statements for many steps.

What a step costs decides how fast small mails leave. One UPDATE for each took most of it: SQLite builds the list of
states that the column's CHECK allows anew in every statement. Rows that are read cost as much again where the program
is busy, for Python waits for its turn after each: that a step is lawful is a condition of the statement that takes it.
"""

from collections.abc import Iterable, Iterator, Sequence

from batchmail.delivery import DeliveryState, Transition
from batchmail.errors import JournalUnusable
from batchmail.journal.connection import Database, Value
from batchmail.journal.sqlite_rows import STAND, storable
from batchmail.journal.transitions import STEPS, check, unknown

# With a plus, for a search by the mailing would read all of it.
_STANDS = "SELECT id, state, attempts FROM main.delivery WHERE +mailing = ? AND id IN (*)"
_LAST_EVENT = "SELECT coalesce(max(id), 0) FROM main.event"
_ADD_EVENTS = "INSERT INTO main.event (recipients, state, attempt, request, at, reason, provider_id, delivery)"
_LAWFUL = ", ".join(f"('{state}', '{following}')" for state, after in STEPS.items() for following in sorted(after))
#: See `transitions.check`.
_FOLLOW = f"""
    UPDATE main.delivery
    SET state = event.state, attempts = event.attempt, request = event.request, at = event.at, reason = event.reason,
        provider_id = event.provider_id, reached = reached AND event.state <> 'queued',
        missed = missed AND event.state <> 'queued'
    FROM main.event
    WHERE event.id > ? AND delivery.id = event.delivery AND +delivery.mailing = ?
        AND event.attempt = delivery.attempts + (event.state = 'sending')
        AND (delivery.state, event.state) IN (VALUES {_LAWFUL})
"""  # noqa: S608  the states are constants
_SHARE = "UPDATE main.delivery SET reached = reached OR ?, missed = missed OR ? WHERE id = ?"
_COUNT_REQUESTS = "UPDATE main.mailing SET requests = ?1 WHERE id = ?2 AND requests < ?1"

# SQLite is slow to take a text that is an enumeration's.
_NAMES = {state: state.value for state in DeliveryState}


def record(database: Database, mailing: int, steps: Sequence[Transition]) -> None:
    """See Journal.record."""
    try:
        with database.transaction():
            for chosen in _rounds(steps):
                _take(database, mailing, chosen)
            request = max((step.request for step in steps), default=0)
            database.run(_COUNT_REQUESTS, (request, mailing))
    except JournalUnusable:
        _check(database, mailing, steps)  # the fault may be that of a step, which is a bug
        raise


def _take(database: Database, mailing: int, steps: Sequence[Transition]) -> None:
    """Take a step each of several deliveries. Raises JournalUnusable, also where one of them is not lawful."""
    row = database.one(_LAST_EVENT) or (0,)
    database.insert(_ADD_EVENTS, [_event(step) for step in steps])
    if database.run(_FOLLOW, (*row, mailing)) != len(steps):
        raise JournalUnusable(database.path, "the file contradicts itself (a delivery has not followed its events)")
    if shares := [(step.reached, step.missed, step.delivery) for step in steps if step.reached or step.missed]:
        database.run_each(_SHARE, shares)


def _check(database: Database, mailing: int, steps: Sequence[Transition]) -> None:
    """Hold each step against the state that the delivery is in, or that an earlier step of these brings it to."""
    ids = list({step.delivery for step in steps})
    stands = dict(STAND.of(database.path, database.among(_STANDS, (mailing,), ids)))
    for step in steps:
        stand = stands.get(step.delivery)
        if stand is None:
            raise unknown(step)
        check(*stand, step)
        stands[step.delivery] = (step.state, step.attempt)


def _rounds(steps: Iterable[Transition]) -> Iterator[list[Transition]]:
    """The steps in their order, parted so that no delivery takes two at once."""
    chosen: list[Transition] = []
    deliveries: set[int] = set()
    for step in steps:
        if step.delivery in deliveries:
            yield chosen
            chosen, deliveries = [], set()
        chosen.append(step)
        deliveries.add(step.delivery)
    if chosen:
        yield chosen


def _event(step: Transition) -> tuple[Value, ...]:
    return (
        step.recipients,
        _NAMES[step.state],
        step.attempt,
        step.request,
        step.at,
        storable(step.reason),
        storable(step.provider_id),
        step.delivery,
    )
