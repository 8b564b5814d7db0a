"""What a failure on the way to a mail server proves, command by command, in the clear and encrypted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from batchmail.emulator import Answer, Cut, Fault, HalfAnswer, Incoming, Silence, SmtpRules
from batchmail.event_loop import LoopFactory
from batchmail.fastest_loop import fastest_loop
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.smtp_wire import SmtpTimeouts
from tests.providers.mail_desk import MESSAGE, Security, mail_desk

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

#: Far more than the systems on both sides keep for a connection.
LARGE = replace(MESSAGE, body=("0123456789abcdef" * 4 + "\n") * 250_000)
SHORT = 0.2

BEFORE = [
    ("connect", Answer(554, b"5.7.1 No mail from you"), "Closed SMTP 554 5.7.1"),
    ("connect", Answer(421, b"4.3.2 Too many connections"), "Refused- SMTP 421 4.3.2"),
    ("connect", Cut(), "Refused no-connection"),
    ("connect", HalfAnswer(Answer(220, b"ESMTP"), 2), "Refused no-connection"),
    ("EHLO", Answer(502, b"5.5.1 What?"), "Closed SMTP 502 5.5.1"),
    ("EHLO", Answer(421, b"4.3.2 Closing"), "Refused- SMTP 421 4.3.2"),
    ("EHLO", Cut(), "Refused no-connection"),
    ("AUTH", Answer(535, b"5.7.8 Wrong"), "Closed SMTP 535 5.7.8"),
    ("AUTH", Answer(534, b"5.7.9 Use an app password"), "Closed SMTP 534 5.7.9"),
    ("AUTH", Answer(454, b"4.7.0 Not now"), "Refused- SMTP 454 4.7.0"),
    ("AUTH", Answer(421, b"4.7.0 Too many logins"), "Refused- SMTP 421 4.7.0"),
    ("AUTH", Cut(), "Refused no-connection"),
    ("MAIL", Answer(421, b"4.3.2 Closing"), "Refused SMTP 421 4.3.2"),
    ("MAIL", Answer(451, b"4.3.0 Try again"), "Refused SMTP 451 4.3.0"),
    ("MAIL", Answer(451, b"4.7.1 too much mail"), "Refused- SMTP 451 4.7.1"),
    ("MAIL", Answer(454, b"Throttling failure: Maximum sending rate exceeded."), "Refused- SMTP 454"),
    ("MAIL", Answer(530, b"5.7.0 Authentication required"), "Closed SMTP 530 5.7.0"),
    ("MAIL", Answer(553, b"5.7.1 Not your address"), "Closed SMTP 553 5.7.1"),
    ("MAIL", Answer(550, b"5.1.8 Unknown domain"), "Closed SMTP 550 5.1.8"),
    ("MAIL", Answer(552, b"5.3.4 Too big"), "Rejected SMTP 552 5.3.4"),
    ("MAIL", Answer(501, b"5.5.4 Syntax"), "Rejected SMTP 501 5.5.4"),
    ("MAIL", Cut(), "Refused connection-broken"),
    ("RCPT", Answer(421, b"4.3.2 Closing"), "Refused SMTP 421 4.3.2"),
    ("RCPT", Answer(451, b"4.7.1 Greylisted, try again later"), "Refused SMTP 451 4.7.1"),
    ("RCPT", Answer(452, b"4.2.2 The mailbox is over quota"), "Refused SMTP 452 4.2.2"),
    ("RCPT", Answer(452, b"4.5.3 Too many recipients"), "Rejected SMTP 452 4.5.3"),
    ("RCPT", Answer(550, b"5.1.1 User unknown"), "Rejected SMTP 550 5.1.1"),
    ("RCPT", Answer(550, b"5.4.5 Daily sending limit exceeded"), "Closed SMTP 550 5.4.5"),
    ("RCPT", Answer(530, b"5.7.1 Log in first"), "Closed SMTP 530 5.7.1"),
    ("RCPT", Cut(), "Refused connection-broken"),
    ("DATA", Answer(421, b"4.3.2 Closing"), "Refused SMTP 421 4.3.2"),
    ("DATA", Answer(451, b"4.3.0 Try again"), "Refused SMTP 451 4.3.0"),
    ("DATA", Answer(554, b"5.6.0 No"), "Rejected SMTP 554 5.6.0"),
    ("DATA", Answer(250, b"2.0.0 Ok?"), "Refused no-sense"),
    ("DATA", Cut(), "Refused connection-broken"),
]
AFTER = [
    (Fault(Answer(451, b"4.3.0 Try again")), "Refused SMTP 451 4.3.0", 0),
    (Fault(Answer(421, b"4.3.2 Closing")), "Refused SMTP 421 4.3.2", 0),
    (Fault(Answer(452, b"4.3.1 Disk full")), "Refused SMTP 452 4.3.1", 0),
    (Fault(Answer(450, b"4.7.1 too much mail")), "Refused- SMTP 450 4.7.1", 0),
    (Fault(Answer(554, b"5.7.1 This is spam")), "Rejected SMTP 554 5.7.1", 0),
    (Fault(Answer(550, b"5.4.5 Daily user sending limit exceeded")), "Closed SMTP 550 5.4.5", 0),
    (Fault(Answer(250, b"2.0.0 Ok: queued as 4Xyz"), handled=True), "Sent 4Xyz", 1),
    (Fault(Answer(251, b"Will forward"), handled=True), "Sent Will forward", 1),
    (Fault(Cut()), "InDoubt", 0),
    (Fault(Cut(), handled=True), "InDoubt", 1),
    (Fault(HalfAnswer(Answer(250, b"2.0.0 Ok"), 3), handled=True), "InDoubt", 1),
    (Fault(HalfAnswer(Answer(250, b"2.0.0 Ok"), 99), handled=True), "Sent", 1),
    (Fault(Answer(354, b"Go on"), handled=True), "InDoubt", 1),
    (Fault(Answer(999, b"What"), handled=True), "InDoubt", 1),
    (Fault(Answer(221, b"2.0.0 Bye"), handled=True), "InDoubt", 1),
]


def told(outcome: Outcome) -> str:
    """An outcome in short; a Refused that takes no attempt has a dash."""
    match outcome:
        case Refused(code):
            return f"Refused{'' if outcome.attempt else '-'} {code}"
        case Rejected(code) | Closed(code):
            return f"{type(outcome).__name__} {code}"
        case Sent(provider_id):
            return f"Sent {provider_id}".rstrip()
        case _:
            return type(outcome).__name__


def named(operation: str, number: int | None = None) -> Callable[[Incoming], bool]:
    return lambda incoming: _is(incoming, operation, number)


def _is(incoming: Incoming, operation: str, number: int | None) -> bool:
    return incoming.operation == operation and number in (None, incoming.number)


Way = tuple[Security, SmtpRules, LoopFactory]

SECURITIES: tuple[Security, ...] = ("none", "starttls", "tls")

#: Every fault strikes a dialogue step by step and one of several commands at once, which the fastest loop has as well.
TALKS: list[tuple[str, SmtpRules, LoopFactory]] = [
    ("", SmtpRules(pipelining=False), asyncio.new_event_loop),
    (", at once", SmtpRules(pipelining=True), asyncio.new_event_loop),
    (", at once, on the fastest loop", SmtpRules(pipelining=True), fastest_loop()),
]
WAYS: list[Way] = [(security, rules, loop) for security in SECURITIES for _, rules, loop in TALKS]
NAMES = [f"{security}{talk}" for security in SECURITIES for talk, _, _ in TALKS]


@pytest.fixture(params=range(len(WAYS)), ids=NAMES)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[int(request.param)]


@pytest.mark.parametrize(("operation", "ending", "expected"), BEFORE, ids=lambda each: str(each)[:40])
def test_before_the_mail_was_handed_over_nothing_is_in_doubt(
    operation: str, ending: Answer | Cut | HalfAnswer, expected: str, way: Way, files: Contents
) -> None:
    with mail_desk(files, *way) as desk:
        desk.faults.when(Fault(ending), named(operation))
        first, second = desk.send_around(MESSAGE)
        assert told(first) == expected
        assert isinstance(second, Sent) or expected.startswith("Closed SMTP 53")
        assert desk.emulator.inbox.accepted == isinstance(second, Sent)


@pytest.mark.parametrize(("fault", "expected", "accepted"), AFTER)
def test_once_it_was_handed_over_only_a_reply_can_tell(
    fault: Fault, expected: str, accepted: int, way: Way, files: Contents
) -> None:
    with mail_desk(files, *way) as desk:
        desk.faults.when(fault, named("send", 1))
        first, second = desk.send_around(MESSAGE)
        assert told(first) == expected
        assert isinstance(second, Sent)
        assert desk.emulator.inbox.accepted == accepted + 1


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Cut(), "Refused connection-broken"),
        (Answer(552, b"5.3.4 Too big after all"), "Rejected SMTP 552 5.3.4"),
        (Answer(421, b"4.4.2 Timeout"), "Refused SMTP 421 4.4.2"),
        (Answer(250, b"2.0.0 Ok"), "InDoubt"),
        (Answer(221, b"2.0.0 Bye"), "InDoubt"),
        (Silence(), "Refused connection-stalled"),
    ],
)
def test_a_mail_of_which_a_part_is_missing_was_not_taken(
    ending: Answer | Cut | Silence, expected: str, way: Way, files: Contents
) -> None:
    with mail_desk(files, *way) as desk:
        desk.timeouts = SmtpTimeouts(write=SHORT)
        desk.faults.when(Fault(ending), named("body"))
        first, second = desk.send_around(LARGE)
        assert told(first) == expected
        assert isinstance(second, Sent)


@pytest.mark.parametrize("operation", ["connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_server_that_falls_silent_before_has_nothing(operation: str, way: Way, files: Contents) -> None:
    with mail_desk(files, *way) as desk:
        desk.timeouts = SmtpTimeouts(command=SHORT)
        desk.faults.when(Fault(Silence()), named(operation))
        [outcome] = desk.send()
        assert isinstance(outcome, Refused)
        assert desk.emulator.inbox.accepted == 0


@pytest.mark.parametrize("handled", [False, True])
def test_a_server_that_falls_silent_after_the_mail_leaves_it_in_doubt(
    *, handled: bool, way: Way, files: Contents
) -> None:
    with mail_desk(files, *way) as desk:
        desk.timeouts = SmtpTimeouts(answer=SHORT)
        desk.faults.when(Fault(Silence(), handled=handled), named("send"))
        assert desk.send() == [InDoubt("no answer within 0.2 s")]
        assert desk.emulator.inbox.accepted == handled


def test_what_arrives_late_has_arrived(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.faults.when(Fault(wait_seconds=0.05), named("send")).when(Fault(wait_seconds=0.05), named("RCPT"))
        [outcome] = desk.send()
        assert isinstance(outcome, Sent)
