"""What was handed over of late, by all mailings of a journal: quotas hold across runs."""

from datetime import datetime
from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.journal import open_journal, view_journal
from batchmail.rate import Handover
from tests.journal.desk import IN_DOUBT, QUEUED, SENDING, SENT, Desk, row


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


def test_a_journal_that_is_not_there_has_handed_over_nothing(path: Path) -> None:
    seen = view_journal(path, Mailing("invoices"))
    assert list(seen.recent(0)) == []
    seen.close()
