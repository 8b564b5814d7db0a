"""What was handed over of late, by all mailings of a journal: quotas hold across runs."""

from datetime import datetime
from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.journal import open_journal, view_journal
from batchmail.journal.sqlite_recent import _RECENT
from batchmail.rate import Handover
from tests.journal.desk import IN_DOUBT, QUEUED, SENDING, SENT, Desk, database_of, older, row


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


NINE, TEN = "2026-11-21T09:00:00+09:00", "2026-11-21T10:00:00+09:00"


def test_it_tells_requests_and_recipients_by_second_and_forgets_what_is_older(desk: Desk) -> None:
    desk.enrol(row(1, to=["a@x.jp", "b@x.jp"]), row(2), row(3), row(4))
    desk.go("1", SENDING, at=NINE, request=1)
    desk.journal.record([desk.step(key, SENDING, at=TEN, request=2) for key in ("2", "3")])
    desk.go("4", SENDING, at=TEN, request=3)
    at_nine, at_ten = Handover(moment(NINE) + 1, 1, 2), Handover(moment(TEN) + 1, 2, 3)
    assert list(desk.journal.recent(moment(NINE))) == [at_nine, at_ten]
    assert list(desk.journal.recent(moment(NINE) + 1)) == [at_ten]
    assert list(desk.journal.recent(moment(TEN) + 1)) == []


def test_everybody_counts_whom_an_intent_names_not_those_in_to_alone(desk: Desk) -> None:
    desk.enrol(row(1, to=["a@x.jp", "b@x.jp"]), row(2), row(3))
    desk.journal.record(
        [
            desk.step("1", SENDING, at=NINE, request=1, recipients=5),
            desk.step("2", SENDING, at=NINE, request=1, recipients=1),
        ]
    )
    desk.go("1", SENT, at=TEN, request=1)
    desk.go("3", SENDING, at=NINE, request=2)
    desk.later()
    assert list(desk.journal.recent(moment(NINE))) == [Handover(moment(NINE) + 1, 2, 7)]


def test_a_clock_that_was_ahead_and_put_back_hides_nothing(desk: Desk) -> None:
    desk.enrol(*map(row, range(1, 41)))
    ahead = "2026-12-24T10:00:00+09:00"
    for number in range(1, 41):
        desk.go(str(number), SENDING, at=ahead if number % 3 == 0 else NINE if number < 30 else TEN, request=number)
    assert [(each.at, each.requests) for each in desk.journal.recent(moment(TEN))] == [
        (moment(TEN) + 1, 7),
        (moment(ahead) + 1, 13),
    ]


def test_every_handing_over_counts_whatever_became_of_it(desk: Desk) -> None:
    desk.enrol(row(1), row(2))
    desk.go("1", SENDING, QUEUED, SENDING, SENT, at=NINE, request=1)
    desk.go("2", SENDING, IN_DOUBT, at=NINE, request=2)
    desk.later()
    assert [each.recipients for each in desk.journal.recent(0)] == [3]


def test_moments_are_compared_and_not_how_they_are_written(desk: Desk) -> None:
    desk.enrol(row(1), row(2))
    desk.go("1", SENDING, at="2026-11-21T00:30:00+00:00", request=1)
    desk.go("2", SENDING, at="2026-11-21T09:31:00+09:00", request=2)
    assert [each.at for each in desk.journal.recent(moment(NINE))] == [moment(NINE) + 1801, moment(NINE) + 1861]


def test_other_mailings_of_the_same_file_count_too(path: Path) -> None:
    for edition in ("1", "2"):
        journal = open_journal(path, Mailing("invoices", edition))
        desk = Desk(journal)
        desk.enrol(row(1))
        desk.go("1", SENDING, SENT, at=TEN, request=1)
        journal.close()
    seen = view_journal(path, Mailing("reminders"))
    assert list(seen.recent(moment(NINE))) == [Handover(moment(TEN) + 1, 2, 2)]
    seen.close()


def test_what_an_older_version_has_recorded_counts_with_its_addresses(path: Path) -> None:
    with older(path, 3) as old:
        old.execute("INSERT INTO mailing (job, edition) VALUES ('invoices', '1')")
        old.execute(
            "INSERT INTO delivery (mailing, key, position, recipients, content, state, at, reason)"
            """ VALUES (1, '1', 1, '["a@x.jp", "b@x.jp"]', x'00', 'sent', ?, '')""",
            [TEN],
        )
        old.execute(
            "INSERT INTO event (delivery, attempt, request, state, at, reason, provider_id)"
            " VALUES (1, 1, 1, 'sending', ?, '', '')",
            [TEN],
        )
    journal = open_journal(path, Mailing("invoices", "2"))
    assert list(journal.recent(moment(NINE))) == [Handover(moment(TEN) + 1, 1, 2)]
    journal.close()


def test_what_is_recent_is_found_without_reading_all_events(file_desk: Desk) -> None:
    plan = database_of(file_desk.journal).rows(f"EXPLAIN QUERY PLAN {_RECENT}", (0,))
    assert any("event_handed_over" in step[-1] for step in plan)


def test_a_journal_that_is_not_there_has_handed_over_nothing(path: Path) -> None:
    seen = view_journal(path, Mailing("invoices"))
    assert list(seen.recent(0)) == []
    seen.close()
