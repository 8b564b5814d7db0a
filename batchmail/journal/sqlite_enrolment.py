"""How a plan's rows become the journal's deliveries: one commit, whatever their number."""

from batchmail.journal.connection import Database
from batchmail.journal.transitions import NOT_PLANNED

_CLASH = "SELECT key FROM temp.candidate WHERE skip = '' GROUP BY key HAVING count(*) > 1 LIMIT 1"

# A new delivery's id follows from its row's position, so that ids rise with positions and need not be looked up.
_ENROL_SENT = """
    INSERT INTO temp.enrolment (position, delivery, becomes, fresh, step)
    SELECT position, coalesce(delivery, position + (SELECT coalesce(max(id), 0) FROM main.delivery)), 'queued',
        delivery IS NULL, state IS NOT 'queued'
    FROM temp.standing WHERE skip = '' AND verdict = 'send'
"""

# Of several rows with one key, the delivery is the one's that is sent, else the first one's.
_ENROL_SKIPPED = """
    INSERT INTO temp.enrolment (position, delivery, becomes, fresh, step)
    SELECT position, coalesce(delivery, position + (SELECT coalesce(max(id), 0) FROM main.delivery)), 'skipped',
        delivery IS NULL, 1
    FROM temp.standing
    WHERE skip <> ''
        AND (
            state IS NULL
            OR state IN ('queued', 'failed', 'rejected')
            OR (state = 'skipped' AND reason <> skip)
        )
        AND NOT EXISTS (
            SELECT 1 FROM temp.candidate AS other
            WHERE other.key = standing.key AND (other.skip = '' OR other.position < standing.position)
        )
"""

_NOT_PLANNED = """
    WHERE mailing = ? AND state = 'queued' AND id NOT IN (SELECT delivery FROM temp.enrolment)
"""
_DROP_EVENTS = f"""
    INSERT INTO main.event (delivery, attempt, request, state, at, reason, provider_id)
    SELECT id, attempts, 0, 'skipped', ?, ?, '' FROM main.delivery {_NOT_PLANNED}
"""  # noqa: S608  put together from the constants above
_DROP = f"""
    UPDATE main.delivery
    SET state = 'skipped', request = 0, at = ?, reason = ?, provider_id = '', reached = 0, missed = 0
    {_NOT_PLANNED}
"""  # noqa: S608  the same

_STEP = """
    UPDATE main.delivery
    SET state = enrolment.becomes, request = 0, at = ?, reason = candidate.skip, provider_id = '',
        reached = 0, missed = 0
    FROM temp.enrolment JOIN temp.candidate ON candidate.position = enrolment.position
    WHERE delivery.id = enrolment.delivery AND enrolment.step AND NOT enrolment.fresh
"""

_CORRECT = """
    UPDATE main.delivery
    SET position = candidate.position, recipients = candidate.recipients, content = candidate.content,
        subject = candidate.subject
    FROM temp.enrolment JOIN temp.candidate ON candidate.position = enrolment.position
    WHERE delivery.id = enrolment.delivery AND NOT enrolment.fresh AND (
        delivery.position <> candidate.position
        OR delivery.recipients <> candidate.recipients
        OR delivery.content <> candidate.content
        OR delivery.subject <> candidate.subject
    )
"""

_ADD = """
    INSERT INTO main.delivery (id, mailing, key, position, recipients, content, subject, state, at, reason)
    SELECT enrolment.delivery, ?, candidate.key, candidate.position, candidate.recipients, candidate.content,
        candidate.subject, enrolment.becomes, ?, candidate.skip
    FROM temp.enrolment JOIN temp.candidate ON candidate.position = enrolment.position
    WHERE enrolment.fresh ORDER BY enrolment.position
"""

_EVENTS = """
    INSERT INTO main.event (delivery, attempt, request, state, at, reason, provider_id)
    SELECT delivery.id, delivery.attempts, 0, delivery.state, delivery.at, delivery.reason, ''
    FROM temp.enrolment JOIN main.delivery ON delivery.id = enrolment.delivery
    WHERE enrolment.step ORDER BY enrolment.position
"""


def enrol(database: Database, mailing: int, at: str) -> None:
    """Make the rows of the roster durable as deliveries, once they are compared with the journal; in a transaction.

    Raises ValueError where two rows to be sent have one key.
    """
    if clash := database.one(_CLASH):
        raise ValueError(f"two rows to be sent have the key {clash[0]!r}; a clash is settled before enrolling")
    database.run("DELETE FROM temp.enrolment")
    database.run(_ENROL_SENT)
    database.run(_ENROL_SKIPPED)
    if database.one("SELECT 1 FROM temp.plan WHERE whole") and database.run(_DROP_EVENTS, (at, NOT_PLANNED, mailing)):
        database.run(_DROP, (at, NOT_PLANNED, mailing))
    database.run(_STEP, (at,))
    database.run(_CORRECT)
    database.run(_ADD, (mailing, at))
    database.run(_EVENTS)
