from collections.abc import Callable

import pytest

from batchmail.delivery import DeliveryState, Record
from batchmail.report import ReportLine, failed_only
from batchmail.report.line import MailCells
from batchmail.row import Row

ROW = Row(1, 2, ("00042", "김민수"))


def test_the_mail_cells_say_what_the_journal_knows(sent: Callable[[str], Record]) -> None:
    record = sent("00042")._replace(reason="mailbox full", attempts=2, to=("kim@example.com", "lee@example.com"))

    assert ReportLine(ROW, record).mail_cells() == MailCells(
        "sent", "mailbox full", 2, "2026-10-05T09:00:01+09:00", "m-1", "kim@example.com, lee@example.com"
    )


def test_the_mail_cells_of_a_row_that_was_never_enrolled_are_empty() -> None:
    assert ReportLine(ROW, None).mail_cells() == ("", "", None, "", "", "")


def test_a_result_whose_row_has_left_the_sheet_is_found_by_its_key(sent: Callable[[str], Record]) -> None:
    gone = sent("00042")
    rejected = gone._replace(state=DeliveryState.REJECTED, reason="no such domain")

    assert ReportLine(None, gone).mail_cells().reason == "no longer in the sheet: key 00042"
    assert ReportLine(None, rejected).mail_cells().reason == "no longer in the sheet: key 00042; no such domain"


@pytest.mark.parametrize("state", DeliveryState)
def test_only_rejected_and_failed_rows_are_to_be_redone(state: DeliveryState, sent: Callable[[str], Record]) -> None:
    line = ReportLine(ROW, sent("00042")._replace(state=state))

    assert list(failed_only([line])) == ([line] if state in {"rejected", "failed"} else [])


def test_rows_sent_in_part_ask_for_something_too(sent: Callable[[str], Record]) -> None:
    line = ReportLine(ROW, sent("00042")._replace(missed=True, reason="not sent to kim@example.com: 550: unknown"))
    abandoned = ReportLine(ROW, sent("00042")._replace(missed=True, state=DeliveryState.ABANDONED))

    assert list(failed_only([line, abandoned])) == [line]


def test_what_has_no_row_or_no_result_cannot_be_redone(sent: Callable[[str], Record]) -> None:
    failed = sent("00042")._replace(state=DeliveryState.FAILED)

    assert list(failed_only([ReportLine(None, failed), ReportLine(ROW, None)])) == []
