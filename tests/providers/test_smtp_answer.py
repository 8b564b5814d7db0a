"""What a mail server's replies mean, and how they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.smtp_answer import (
    SmtpReply,
    concluded,
    is_crowded,
    opened,
    refused,
    refused_login,
    refused_recipient,
    refused_sender,
)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("2.0.0 Ok: queued as 4Xz9Kq2", "4Xz9Kq2"),
        ("OK id=1tABcD-0001Yz-2K", "1tABcD-0001Yz-2K"),
        ("2.6.0 <a@b> [InternalId=81604378624, Hostname=x.prod.outlook.com] Queued mail for delivery", "81604378624"),
        ("2.0.0 5ALGm2 Message accepted for delivery", "5ALGm2"),
        ("Ok 0100018c2a3b4c5d-1a2b3c4d-0000", "0100018c2a3b4c5d-1a2b3c4d-0000"),
        ("2.0.0 OK  1700000000 a640c23a62f3a-9d42.42 - gsmtp", "OK 1700000000 a640c23a62f3a-9d42.42 - gsmtp"),
        ("2.0.0 Ok", ""),
        ("OK", ""),
        ("", ""),
    ],
)
def test_what_a_server_calls_a_mail_is_found(said: str, name: str) -> None:
    assert concluded(SmtpReply(250, said)) == Sent(name)


def test_a_farewell_says_nothing_of_the_mail() -> None:
    assert concluded(SmtpReply(221, "2.0.0 Ok: queued as 4Xyz")) == InDoubt(
        "the server said goodbye (221) instead of whether it took the mail"
    )


def test_the_lines_of_a_reply_are_one_and_the_codes_are_told_once() -> None:
    reply = SmtpReply(550, "5.7.1 Blocked.\n5.7.1 See https://example.com/why\x1b[2J")
    assert refused(reply) == Rejected("SMTP 550 5.7.1", "Blocked. See https://example.com/why [2J")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (421, "4.7.0 Too many connections"),
        (450, "4.7.1 Error: too much mail from 192.0.2.1"),
        (451, "4.7.28 Gmail has detected an unusual rate of mail"),
        (452, "4.3.1 sending limit exceeded"),
        (454, "Throttling failure: Maximum sending rate exceeded."),
    ],
)
def test_a_rate_takes_no_attempt(code: int, said: str) -> None:
    outcome = refused(SmtpReply(code, said))
    assert isinstance(outcome, Refused)
    assert not outcome.attempt


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (421, "4.7.0 mx.example.com Error: too many connections from 192.0.2.1"),
        (421, "Too many concurrent SMTP connections; please try again later."),
        (421, "4.3.2 The maximum number of concurrent server connections has exceeded a limit, closing"),
        (432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"),
        (432, "4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more."),
    ],
)
def test_too_many_connections_take_no_attempt_and_may_become_fewer(code: int, said: str) -> None:
    reply = SmtpReply(code, said)
    for outcome in (refused(reply), opened(reply, "mx"), refused_login(reply, "mx")):
        assert isinstance(outcome, Refused)
        assert (outcome.attempt, outcome.crowded) == (False, True)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (421, "4.3.2 Closing"),
        (421, "4.7.0 Connection rate limit exceeded"),
        (451, "4.7.28 Gmail has detected an unusual rate of mail"),
        (452, "4.5.3 Too many recipients"),
        (450, "4.2.1 The mailbox has too many connections"),
    ],
)
def test_what_is_not_about_connections_leaves_them_alone(code: int, said: str) -> None:
    assert not is_crowded(SmtpReply(code, said))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (450, "4.2.1 The user you are trying to contact is receiving mail at a rate that is too high"),
        (451, "4.7.1 Greylisting in action, please come back later"),
        (452, "4.2.2 The account is over quota"),
        (451, "4.3.0 Temporary failure"),
    ],
)
def test_what_is_about_one_mail_takes_one_of_its_attempts(code: int, said: str) -> None:
    outcome = refused(SmtpReply(code, said))
    assert isinstance(outcome, Refused)
    assert outcome.attempt


@pytest.mark.parametrize(
    ("code", "said", "patient"),
    [
        (451, "4.7.1 Greylisting in action, please come back later", True),
        (450, "4.2.0 <kim@example.com>: Recipient address rejected: Greylisted", True),
        (452, "4.2.2 The mailbox is full", True),
        (450, "4.1.1 unverified address: Address verification in progress", True),
        (450, "Mailbox busy", True),
        (451, "Greylisted", True),
        (451, "4.3.0 Temporary lookup failure", False),
        (452, "4.3.1 Insufficient system storage", False),
        (421, "4.7.1 Closing", False),
        (450, "4.7.1 Error: too much mail from 192.0.2.1", False),
        (454, "Temporary failure", False),
    ],
)
def test_what_is_about_one_person_is_waited_for_and_says_nothing_of_the_server(
    code: int, said: str, *, patient: bool
) -> None:
    for outcome in (refused_recipient(SmtpReply(code, said)), concluded(SmtpReply(code, said))):
        assert isinstance(outcome, Refused)
        assert outcome.patient is patient
        assert not (patient and outcome.strained)


def test_a_full_mailbox_is_not_a_spent_account() -> None:
    assert isinstance(refused(SmtpReply(552, "5.2.2 Sending is refused: the daily quota of the mailbox")), Rejected)
    assert isinstance(refused(SmtpReply(550, "5.7.0 Daily sending quota exceeded")), Closed)


_TEXTS = st.text(max_size=60) | st.sampled_from(["5.7.1", "4.7.1 rate", "x" * 5_000, "\r\n\0\x1b", "\udc80"])


@given(code=st.integers(-50, 1100), text=_TEXTS)
def test_any_reply_has_a_meaning_that_can_be_shown(code: int, text: str) -> None:
    reply = SmtpReply(code, text)
    outcomes: list[Outcome | None] = [
        concluded(reply),
        refused(reply),
        refused_sender(reply, "a@example.com"),
        refused_login(reply, "mail.example.com:587"),
        opened(reply, "mail.example.com:587"),
    ]
    for outcome in filter(None, outcomes):
        match outcome:
            case Rejected(code_, reason) | Refused(code_, reason) | Closed(code_, reason):
                shown = code_ + reason
            case Sent(provider_id):
                shown = provider_id
            case InDoubt(reason):
                shown = reason
            case _:
                raise AssertionError(outcome)
        assert shown.isprintable()
        assert len(shown) < 400
        if not 200 <= code <= 299:
            assert not isinstance(outcome, Sent)
    if 400 <= code <= 599:
        assert isinstance(concluded(reply), Refused | Rejected | Closed)
