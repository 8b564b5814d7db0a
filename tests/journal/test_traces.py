"""What a look-up needs to know: when mails in doubt were handed over, and whose mails could be taken for theirs."""

from datetime import datetime
from pathlib import Path

import pytest

from batchmail.delivery import Candidate, Mailing
from batchmail.journal import open_journal
from batchmail.lookup import Handover, Trace
from tests.journal.desk import (
    ABANDONED,
    AT,
    IN_DOUBT,
    LATER,
    MAILING,
    QUEUED,
    REJECTED,
    SENDING,
    SENT,
    Desk,
    older,
    row,
)

THEN, AFTERWARDS = datetime.fromisoformat(AT), datetime.fromisoformat(LATER)


def noticed(position: int, *to: str, subject: bytes = b"notice", key: str | None = None) -> Candidate:
    """A row whose mail can be recognised."""
    return row(position, key, to=to or ("kim@example.com",))._replace(subject=subject)


def traced(desk: Desk) -> dict[str, Trace]:
    return {trace.delivery.key: trace for trace in desk.journal.traces()}


def test_nothing_is_traced_where_nothing_is_in_doubt(desk: Desk) -> None:
    desk.enrol(noticed(1), noticed(2, "lee@example.com"))
    desk.go("1", SENDING, SENT)
    assert desk.journal.traces() == []


def test_a_mail_in_doubt_has_the_time_of_its_attempt_and_of_its_end(desk: Desk) -> None:
    desk.enrol(noticed(1))
    desk.go("1", SENDING)
    desk.go("1", IN_DOUBT, at=LATER, reason="no answer")
    desk.later()
    trace = traced(desk)["1"]
    assert (trace.handovers, trace.reason, trace.subject) == ((Handover(THEN, AFTERWARDS),), "no answer", b"notice")
    assert (trace.doubtful, trace.looked) == (True, False)


def test_a_run_that_died_leaves_no_end(desk: Desk) -> None:
    desk.enrol(noticed(1))
    desk.go("1", SENDING)
    desk.journal.recover(LATER)
    desk.later()
    assert traced(desk)["1"].handovers == (Handover(THEN),)


def test_attempts_that_were_refused_are_none(desk: Desk) -> None:
    desk.enrol(noticed(1))
    desk.go("1", SENDING, QUEUED, SENDING, QUEUED)
    desk.go("1", SENDING, IN_DOUBT, at=LATER)
    desk.later()
    assert traced(desk)["1"].handovers == (Handover(AFTERWARDS, AFTERWARDS),)


def test_a_mail_that_is_sent_again_keeps_its_first_attempt(desk: Desk) -> None:
    desk.enrol(noticed(1))
    desk.go("1", SENDING, IN_DOUBT, QUEUED)
    desk.later()
    desk.enrol(noticed(1), at=LATER)
    desk.go("1", SENDING, IN_DOUBT, at=LATER)
    assert traced(desk)["1"].handovers == (Handover(THEN, THEN), Handover(AFTERWARDS, AFTERWARDS))


def test_who_was_looked_for_in_vain_is_known_and_why_it_is_in_doubt_is_too(desk: Desk) -> None:
    desk.enrol(noticed(1))
    desk.go("1", SENDING)
    desk.go("1", IN_DOUBT, reason="no answer")
    desk.go("1", IN_DOUBT, IN_DOUBT, reason="no answer; not found", at=LATER)
    desk.later()
    trace = traced(desk)["1"]
    assert (trace.looked, trace.reason, trace.handovers) == (True, "no answer", (Handover(THEN, THEN),))
    assert desk.record("1").reason == "no answer; not found"


def test_those_that_could_be_taken_for_it_are_traced_too(desk: Desk) -> None:
    desk.enrol(
        noticed(1),
        noticed(2),
        noticed(3, "KIM@example.com", "lee@example.com"),
        noticed(4),
        noticed(5),
        noticed(6, "lee@example.com"),
        noticed(7, subject=b"other"),
        noticed(8),
        noticed(9),
    )
    desk.go("1", SENDING, IN_DOUBT)
    for key in ("2", "3", "6", "7"):
        desk.go(key, SENDING, SENT)
    desk.go("4", SENDING, IN_DOUBT, ABANDONED)
    desk.go("5", SENDING, IN_DOUBT, QUEUED)
    desk.go("8", SENDING, REJECTED)
    desk.later()
    assert list(traced(desk)) == ["1", "2", "3", "4", "5"]
    assert [key for key, trace in traced(desk).items() if trace.doubtful] == ["1"]


def test_a_mail_without_a_mark_has_no_rivals(desk: Desk) -> None:
    desk.enrol(noticed(1, subject=b""), noticed(2, subject=b""))
    desk.go("1", SENDING, IN_DOUBT)
    desk.go("2", SENDING, SENT)
    desk.later()
    assert list(traced(desk)) == ["1"]


def test_another_mailings_mail_is_a_rival_and_not_to_be_settled(path: Path) -> None:
    other = Desk(open_journal(path, Mailing("letters")))
    other.enrol(noticed(1, key="theirs"))
    other.go("theirs", SENDING, IN_DOUBT)
    other.journal.close()
    own = Desk(open_journal(path, MAILING))
    own.enrol(noticed(1, key="ours"))
    own.go("ours", SENDING, IN_DOUBT)
    assert [(trace.delivery.key, trace.doubtful) for trace in own.journal.traces()] == [
        ("ours", True),
        ("theirs", False),
    ]
    own.journal.close()


def test_the_mark_is_that_of_the_newest_plan(desk: Desk) -> None:
    desk.enrol(noticed(1, subject=b"old"))
    desk.later()
    desk.enrol(noticed(1, subject=b"new"))
    desk.go("1", SENDING, IN_DOUBT)
    desk.later()
    assert traced(desk)["1"].subject == b"new"


def test_rows_that_look_alike_are_counted_as_far_as_they_are_sent(desk: Desk) -> None:
    desk.reach(SENT, noticed(1))
    again = [noticed(1), noticed(2), noticed(3, "KIM@example.com"), noticed(4, "lee@example.com")]
    other = [noticed(5, subject=b""), noticed(6, subject=b""), noticed(7, subject=b"other")]
    assert desk.plan(*again).look_alikes() == 2
    assert desk.plan(*again, *other).look_alikes() == 2
    assert desk.plan(*other).look_alikes() == 0


@pytest.mark.parametrize("state", ["sending", "in_doubt"])
def test_what_an_older_version_left_in_doubt_has_no_mark_and_is_not_lost(path: Path, state: str) -> None:
    with older(path, 1) as old:
        old.execute("INSERT INTO mailing (job, edition) VALUES (?, ?)", (MAILING.job, MAILING.edition))
        old.execute(
            "INSERT INTO delivery (mailing, key, position, recipients, content, state, attempts, at, reason)"
            " VALUES (1, '1', 1, '[\"kim@example.com\"]', x'00', ?, 1, ?, '')",
            (state, AT),
        )
        old.executemany(
            "INSERT INTO event (delivery, attempt, request, state, at, reason, provider_id)"
            " VALUES (1, 1, 1, ?, ?, '', '')",
            [(step, AT) for step in ("queued", "sending", "in_doubt")[: 3 if state == "in_doubt" else 2]],
        )
    desk = Desk(open_journal(path, MAILING))
    desk.journal.recover(LATER)
    assert traced(desk)["1"].subject == b""
    assert desk.states() == {"1": "in_doubt"}
    desk.journal.close()
