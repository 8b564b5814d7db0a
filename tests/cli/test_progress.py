"""What is told while a run goes on, with a terminal and without."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from batchmail.cli.console import Console
from batchmail.cli.progress import Notices, PlainDisplay, display_for, speed_text, states_text, wait_text
from batchmail.delivery import Counts
from batchmail.executor import Progress
from batchmail.outcome import Refused
from batchmail.simulation import SimulatedClock

CLOCK = SimulatedClock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
QUOTA = "the limit of 20,000 recipients/day is reached"


def waiting(seconds: float, why: str = QUOTA) -> Progress:
    return Progress(Counts(sent=5), 5, seconds, 100.0, why)


def interrupted(in_flight: int) -> Progress:
    return Progress(Counts(sent=5), 5, 0.0, 100.0, in_flight=in_flight, interrupted=True)


def test_a_long_wait_is_told_with_its_end_and_its_cause() -> None:
    assert Notices(CLOCK).waiting(waiting(90)) == (
        f"Waiting until 09:31:30 (1 min 30 s): {QUOTA}. Ctrl-C ends the run; the same command goes on."
    )
    assert "until Mon 23 Nov 08:30 (23 h)" in Notices(CLOCK).waiting(waiting(23 * 3600))


def test_short_waits_are_part_of_an_even_pace() -> None:
    assert Notices(CLOCK).waiting(waiting(9.9)) == ""


def test_a_wait_is_told_again_only_where_it_is_another_or_much_longer() -> None:
    notices = Notices(CLOCK)
    told = [
        bool(notices.waiting(waiting(seconds, why)))
        for seconds, why in [(20, "a"), (20, "a"), (39, "a"), (40, "a"), (20, "b"), (900, "b"), (900, "b")]
    ]
    assert told == [True, False, False, True, True, True, True]


def test_an_interruption_is_told_once_and_only_where_something_is_waited_for() -> None:
    notices = Notices(CLOCK)
    assert notices.draining(waiting(0)) == ""
    assert notices.draining(interrupted(3)) == (
        "Waiting for 3 requests in flight (Ctrl-C again stops now and leaves what is in flight in doubt)."
    )
    assert notices.draining(interrupted(2)) == ""
    assert Notices(CLOCK).draining(interrupted(0)) == ""


def test_after_an_interruption_no_wait_is_told() -> None:
    progress = Progress(Counts(), 0, 90.0, 1.0, QUOTA, interrupted=True)
    assert Notices(CLOCK).waiting(progress) == ""


def test_a_display_without_a_terminal_tells_them_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainDisplay(Console(), 100, CLOCK) as display:
        display.watch(waiting(90))
        display.watch(interrupted(1))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["Waiting", "Waiting"]
    assert "1 request in flight" in lines[1]


def test_a_quiet_run_that_waits_for_over_a_minute_says_so_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainDisplay(Console(quiet=True), 100, CLOCK) as display:
        display.watch(waiting(0.0))
        display.watch(waiting(59.0))
        assert capsys.readouterr().err == ""
        for _ in range(3):
            display.watch(waiting(3600.0))
        display.watch(interrupted(1))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Waiting until 10:30:00 (1 h): the limit of")


def test_a_quiet_run_whose_provider_cannot_be_reached_says_so_after_a_minute_of_short_waits() -> None:
    clock = SimulatedClock()
    notices, told = Notices(clock, quiet=True), []
    for seconds in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 50.0, 60.0):
        if notice := notices.waiting(waiting(seconds, "connection refused")):
            told.append((clock.monotonic(), notice))
        clock.advance(seconds)
    assert [at for at, _ in told] == [31.0, 113.0]
    assert all("connection refused" in notice for _, notice in told)


def test_slow_requests_are_no_standstill() -> None:
    clock = SimulatedClock()
    notices = Notices(clock, quiet=True)
    for _ in range(10):
        clock.advance(30)
        assert notices.waiting(replace(waiting(1.0), in_flight=3)) == ""


def test_the_line_below_the_bar_has_short_waits_in_seconds_and_leaves_long_ones_to_a_line_of_their_own() -> None:
    assert states_text(waiting(0.3)).endswith("waiting for the provider's limit 0.3 s")
    assert states_text(waiting(90)) == "sent 5 · rejected 0 · in doubt 0"
    assert wait_text(waiting(90), CLOCK.now()) == f"until 09:31:30 (1 min 30 s): {QUOTA}"


def test_a_rate_that_is_held_up_says_nothing_of_the_time_left() -> None:
    assert speed_text(waiting(0.3), 10) == "0.1/s  1 min 40 s left"
    assert speed_text(waiting(90), 10) == "0.1/s"


def test_a_cause_that_a_server_has_written_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in Notices(CLOCK).waiting(waiting(90, "busy\x1b[2J"))


def postponed(number: int, in_flight: int = 1) -> Progress:
    return Progress(Counts(sent=5), 5, 0.0, 100.0, in_flight=in_flight, postponed=number, postponed_seconds=58.0)


def test_mails_that_wait_for_minutes_are_told_when_it_begins_and_when_nothing_else_is_left() -> None:
    notices = Notices(CLOCK)
    assert notices.postponed(waiting(0)) == ""
    assert notices.postponed(postponed(1)) == (
        "1 mail waits for another try, as the server takes them later; the next in 58 s. "
        "Ctrl-C ends the run; the same command goes on."
    )
    told = [notices.postponed(postponed(number, flight)) for number, flight in [(2, 1), (3, 0), (3, 0), (3, 1), (2, 0)]]
    assert [line.partition(" ")[0] for line in told] == ["", "3", "", "", "2"]


def test_a_display_without_a_terminal_tells_of_them_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainDisplay(Console(), 100, CLOCK) as display:
        display.watch(postponed(2))
        display.watch(postponed(2))
    assert capsys.readouterr().err.count("2 mails wait for another try") == 1


def test_mails_sent_in_part_are_counted_among_those_sent() -> None:
    assert states_text(Progress(Counts(sent=5, partial=2), 5, 0.0, 1.0)).startswith("sent 5 (2 in part) · ")


SILENT = Refused("no-connection", "mail.test:8025 did not answer within 60 s", reached=False, hint="Check `x`.")


def unreached(refused: Refused | None = SILENT) -> Progress:
    return Progress(Counts(), 1, 0.6, 60.0, SILENT.reason, unreached=refused)


def test_that_nothing_gets_through_is_told_at_once_and_once() -> None:
    notices = Notices(CLOCK)
    told = [notices.unreached(progress) for progress in (unreached(None), unreached(), unreached(None), unreached())]
    assert told[1] == (
        "Nothing gets through: mail.test:8025 did not answer within 60 s. Check `x`. "
        "It is tried again; Ctrl-C ends the run."
    )
    assert [bool(each) for each in told] == [False, True, False, False]


@pytest.mark.parametrize(("quiet", "lines"), [(False, 1), (True, 0)])
def test_without_a_terminal_it_is_a_line_and_a_quiet_run_waits_its_minute(
    quiet: bool,  # noqa: FBT001  a parameter of the test
    lines: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with PlainDisplay(Console(quiet=quiet), 100, CLOCK) as display:
        display.watch(unreached())
        display.watch(unreached())
    assert capsys.readouterr().err.count("Nothing gets through") == lines


def test_a_server_s_words_about_it_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in Notices(CLOCK).unreached(unreached(replace(SILENT, reason="\x1b[2J")))


def test_where_nothing_is_to_be_sent_no_share_of_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with display_for(Console(), 0, CLOCK) as display:
        display.watch(Progress(Counts(), 0, 0.0, 1.0, ""))
    assert capsys.readouterr().err == ""


def test_the_last_mail_of_a_run_is_told_with_its_share(capsys: pytest.CaptureFixture[str]) -> None:
    with display_for(Console(), 5, CLOCK) as display:
        display.watch(Progress(Counts(sent=5), 5, 0.0, 1.0, ""))
    assert capsys.readouterr().err.startswith("100%  5/5")
