"""Mails over SMTP: connections, envelopes, logins, encryption, and what a server does not take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from threading import Event
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchmail.emulator import Answer, Cut, Fault, Incoming, SmtpRules
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Closed, Divided, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import NotHandedOver
from batchmail.providers.smtp_answer import SmtpReply
from batchmail.providers.smtp_group import Group
from batchmail.providers.smtp_sender import Letter, SmtpSender
from tests.providers.mail_desk import MESSAGE, MailDesk, Security, mail_desk, to

if TYPE_CHECKING:
    from tests.providers.conftest import Contents


def at(operation: str, number: int | None = None) -> Callable[[Incoming], bool]:
    return lambda incoming: incoming.operation == operation and number in (None, incoming.number)


def test_all_mails_of_a_sender_go_over_one_connection(files: Contents) -> None:
    with mail_desk(files, "starttls") as desk:
        outcomes = desk.send(*[MESSAGE] * 20)
        assert all(isinstance(each, Sent) for each in outcomes)
        assert (desk.emulator.inbox.accepted, desk.emulator.server.connections) == (20, 1)


def test_a_server_names_the_mails_that_it_has_taken(files: Contents) -> None:
    with mail_desk(files) as desk:
        first, second = desk.send(MESSAGE, MESSAGE)
        assert isinstance(first, Sent)
        assert isinstance(second, Sent)
        assert first.provider_id
        assert second.provider_id not in ("", first.provider_id)


@pytest.mark.parametrize("ending", [Answer(421, b"4.7.0 Too many mails in this connection"), Cut()])
@pytest.mark.parametrize("operation", ["MAIL", "RSET"])
def test_a_connection_that_the_server_ends_between_mails_is_made_anew_unnoticed(
    ending: Answer | Cut, operation: str, files: Contents
) -> None:
    with mail_desk(files) as desk:
        desk.emulator.system.unknown.add("nobody@example.com")
        struck: list[int] = []

        def once(incoming: Incoming) -> bool:
            return incoming.operation == operation and incoming.number > 0 and not struck and bool(desk_is_warm())

        def desk_is_warm() -> bool:
            if desk.emulator.inbox.requests > 1 or operation == "RSET":
                struck.append(1)
            return bool(struck)

        desk.faults.when(Fault(ending), once)
        outcomes = desk.send(to("nobody@example.com"), MESSAGE, MESSAGE)
        assert isinstance(outcomes[0], Rejected)
        assert [type(each) for each in outcomes[1:]] == [Sent, Sent]
        assert struck
        assert (desk.emulator.inbox.accepted, desk.emulator.server.connections) == (2, 2)


def test_a_server_that_keeps_closing_is_asked_once_more_and_then_later(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.faults.when(
            Fault(Answer(421, b"4.3.2 Closing")), lambda each: each.operation == "MAIL" and each.number > 1
        )
        first, second = desk.send(MESSAGE, MESSAGE)
        assert isinstance(first, Sent)
        assert isinstance(second, Refused)
        assert desk.emulator.server.connections == 2


def test_who_is_refused_by_name_does_not_cost_the_others_their_mail(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.emulator.system.unknown.add("nobody@example.com")
        [outcome] = desk.send(to("kim@example.com", "nobody@example.com", "sato@example.jp"))
        assert isinstance(outcome, Divided)
        assert outcome.refused == {
            "nobody@example.com": Rejected(
                "SMTP 550 5.1.1", "<nobody@example.com>: Recipient address rejected: User unknown"
            )
        }
        [mail] = desk.emulator.inbox.mails
        assert mail.recipients == ("kim@example.com", "sato@example.jp")


def test_where_all_are_refused_nothing_is_handed_over(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.emulator.system.unknown |= {"a@example.com", "b@example.com"}
        one, both, good = desk.send(to("a@example.com"), to("a@example.com", "b@example.com"), MESSAGE)
        assert isinstance(one, Rejected)
        assert isinstance(both, Divided)
        assert set(both.refused) == {"a@example.com", "b@example.com"}
        assert isinstance(good, Sent)
        assert (desk.emulator.inbox.accepted, desk.emulator.server.connections) == (1, 1)


def test_one_who_is_refused_for_now_keeps_the_mail_from_everybody_so_that_nobody_gets_it_twice(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.emulator.system.greylisted.add("grey@example.com")
        desk.emulator.system.unknown.add("nobody@example.com")
        everybody = to("kim@example.com", "nobody@example.com", "grey@example.com", "sato@example.jp")
        first, again = desk.send(everybody, everybody)
        assert isinstance(first, Refused)
        assert (first.attempt, first.strained) == (True, False)
        assert isinstance(again, Divided)
        assert list(again.refused) == ["nobody@example.com"]
        [mail] = desk.emulator.inbox.mails
        assert mail.recipients == ("kim@example.com", "grey@example.com", "sato@example.jp")


def test_who_gets_a_blind_copy_is_in_the_envelope_alone(files: Contents) -> None:
    with mail_desk(files) as desk:
        message = replace(MESSAGE, cc=(Address("boss@example.com"),), bcc=(Address("archive@example.com"),))
        desk.send(message)
        [mail] = desk.emulator.inbox.mails
        assert (mail.to, mail.cc, mail.bcc) == (("kim@example.com",), ("boss@example.com",), ("archive@example.com",))
        assert b"archive" not in mail.request
        assert mail.account == "billing@example.com"


def test_a_mailbox_that_is_named_twice_is_written_to_once(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.send(replace(MESSAGE, cc=MESSAGE.to))
        [mail] = desk.emulator.inbox.mails
        assert mail.recipients == ("kim@example.com",)


def test_a_mail_above_the_offered_size_is_not_even_begun(files: Contents) -> None:
    with mail_desk(files, rules=SmtpRules(message_bytes=2_000)) as desk:
        large, small = desk.send(replace(MESSAGE, body="long " * 1_000), MESSAGE)
        assert isinstance(large, Rejected)
        assert large.code == "too-large"
        assert large.reason.endswith("bytes; the server takes 2,000")
        assert isinstance(small, Sent)
        assert desk.emulator.inbox.requests == 1


def test_too_many_recipients_are_told_and_not_tried_again(files: Contents) -> None:
    with mail_desk(files, rules=SmtpRules(recipients=2)) as desk:
        [outcome] = desk.send(to("a@example.com", "b@example.com", "c@example.com"))
        assert isinstance(outcome, Rejected)
        assert "too many recipients" in outcome.reason
        assert desk.emulator.inbox.accepted == 0


@pytest.mark.parametrize("offered", [True, False])
def test_letters_before_the_at_need_a_server_that_takes_them(*, offered: bool, files: Contents) -> None:
    with mail_desk(files, rules=SmtpRules(smtputf8=offered)) as desk:
        korean, plain = desk.send(to("김@example.com"), MESSAGE)
        assert isinstance(plain, Sent)
        if offered:
            assert isinstance(korean, Sent)
            assert desk.emulator.inbox.mails[0].to == ("김@example.com",)
        else:
            assert isinstance(korean, Rejected)
            assert korean.code == "no-smtputf8"
            assert desk.emulator.inbox.requests == 1


@pytest.mark.parametrize("mailbox", ["a@b.example>\r\nRCPT TO:<x@y.example", "a b@c.example", "a@b.example\n", "a", ""])
def test_no_address_adds_a_command(mailbox: str, files: Contents) -> None:
    with mail_desk(files) as desk:
        for message in (
            to(mailbox),
            replace(MESSAGE, sender=Address(mailbox)),
            replace(MESSAGE, bcc=(Address(mailbox),)),
        ):
            [outcome] = desk.send(message)
            assert isinstance(outcome, Rejected)
            assert outcome.code == "bad-address"
            assert outcome.reason.isprintable()
        assert desk.emulator.inbox.requests == 0


BODIES = st.text(st.sampled_from(".\r\na<é \0\u2028"), max_size=60) | st.text(max_size=40)


def test_whatever_is_in_a_mail_it_stays_one_mail(files: Contents) -> None:
    with mail_desk(files, rules=SmtpRules.rehearsal()) as desk:

        @settings(max_examples=60, deadline=None)
        @given(bodies=st.lists(BODIES, min_size=1, max_size=8), subject=st.text(max_size=30))
        def law(bodies: list[str], subject: str) -> None:
            before = desk.emulator.inbox.accepted
            messages = [replace(MESSAGE, body=each, subject=subject, content_type=ContentType.TEXT) for each in bodies]
            assert all(isinstance(each, Sent) for each in desk.send(*messages))
            for mail, body in zip(desk.emulator.inbox.mails[before:], bodies, strict=True):
                assert mail.request.count(b"\n") == mail.request.count(b"\r") == mail.request.count(b"\r\n")
                assert mail.recipients == ("kim@example.com",)
                content = BytesParser(policy=policy.default).parsebytes(mail.request).get_payload(decode=True)
                assert isinstance(content, bytes)
                assert content.decode().replace("\r\n", "\n").rstrip("\n") == _lines(body)

        law()


def _lines(body: str) -> str:
    return body.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_any_way_to_log_in_that_both_sides_know_is_taken(way: str, files: Contents) -> None:
    with mail_desk(files, "tls", SmtpRules(logins=frozenset({way, "XOAUTH2"}))) as desk:
        assert isinstance(desk.send()[0], Sent)
        desk.threshold = type(desk.threshold)()
        [wrong] = desk.send(password="wrong")
        assert isinstance(wrong, Closed)
        assert wrong.code == "SMTP 535 5.7.8"


def test_an_access_token_logs_in_with_xoauth2(files: Contents) -> None:
    with mail_desk(files, "starttls") as desk:
        desk.oauth = True
        assert isinstance(desk.send()[0], Sent)
        desk.threshold = type(desk.threshold)()
        [wrong] = desk.send(password="expired")
        assert isinstance(wrong, Closed)


def test_where_no_way_is_common_the_run_stops(files: Contents) -> None:
    with mail_desk(files, rules=SmtpRules(logins=frozenset({"XOAUTH2"}))) as desk:
        [outcome] = desk.send()
        assert isinstance(outcome, Closed)
        assert outcome.code == "no-login"
        assert "XOAUTH2" in outcome.reason


def test_a_wrong_password_is_tried_once_however_many_connections_there_are(files: Contents) -> None:
    tried: list[int] = []

    def counted(incoming: Incoming) -> bool:
        if incoming.operation == "AUTH":
            tried.append(incoming.number)
        return False

    async def at_once(desk: MailDesk) -> list[object]:
        senders = [desk.sender("wrong") for _ in range(16)]
        return list(await asyncio.gather(*(each.prepare(MESSAGE)() for each in senders)))

    with mail_desk(files) as desk:
        desk.faults.when(Fault(), counted)
        outcomes = asyncio.run(at_once(desk))
        assert all(isinstance(each, Closed) for each in outcomes)
        assert len(tried) == 1


def test_a_sender_that_is_not_the_accounts_own_stops_the_run(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.emulator.system.senders.add("other@example.com")
        [outcome] = desk.send()
        assert isinstance(outcome, Closed)
        assert "billing@example.com" in outcome.reason


def test_encryption_that_is_not_offered_is_not_done_without(files: Contents) -> None:
    said: list[str] = []

    def heard(incoming: Incoming) -> bool:
        said.append(incoming.operation)
        return False

    with mail_desk(files, "starttls", SmtpRules(starttls=False)) as desk:
        desk.faults.when(Fault(), heard)
        [outcome] = desk.send()
        assert isinstance(outcome, Closed)
        assert outcome.code == "no-starttls"
        assert not {"AUTH", "MAIL"} & set(said)


@pytest.mark.parametrize(("status", "expected"), [(454, Refused), (502, Closed), (250, Closed)])
def test_encryption_that_is_refused_is_not_done_without(
    status: int, expected: type[Refused | Closed], files: Contents
) -> None:
    with mail_desk(files, "starttls") as desk:
        desk.faults.when(Fault(Answer(status, b"TLS not available")), at("STARTTLS"))
        [outcome] = desk.send()
        assert isinstance(outcome, expected)
        assert desk.emulator.inbox.requests == 0


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_trusts_stops_the_run_before_anybody_logs_in(
    security: Security, files: Contents
) -> None:
    with mail_desk(files, security) as desk:
        desk.trusting = False
        [outcome] = desk.send()
        assert isinstance(outcome, Closed)
        assert outcome.code == "bad-certificate"
        assert desk.emulator.inbox.requests == 0


def test_a_server_without_tls_on_the_port_of_tls_stops_the_run(files: Contents) -> None:
    with mail_desk(files) as desk:
        desk.security = "tls"
        [outcome] = desk.send()
        assert isinstance(outcome, Closed)
        assert outcome.code == "no-tls"


def test_a_server_that_is_not_there_is_tried_again(files: Contents) -> None:
    with mail_desk(files) as desk:
        pass
    [outcome] = desk.send()
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.reached) == ("no-connection", False)


class FailsToName(SmtpSender):
    async def _name_recipients(self, group: Group, letter: Letter) -> Mapping[str, SmtpReply]:
        raise OverflowError(f"{group} cannot name {letter.recipients}")


class FailsAtTheEnd(SmtpSender):
    async def _conclusion(self, *_: object) -> Outcome:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("kind", "error", "mails"), [(FailsToName, NotHandedOver, 0), (FailsAtTheEnd, ZeroDivisionError, 1)]
)
def test_a_program_that_fails_knows_whether_it_had_handed_the_mail_over(
    kind: type[SmtpSender], error: type[Exception], mails: int, files: Contents
) -> None:
    async def scenario(desk: MailDesk) -> object:
        whole = desk.sender()
        async with kind(whole._write, whole._connect, desk.timeouts) as sender:
            return await sender.prepare(MESSAGE)()

    with mail_desk(files) as desk:
        with pytest.raises(error):
            asyncio.run(scenario(desk))
        assert len(desk.emulator.inbox.mails) == mails


def test_a_sender_that_is_cancelled_in_a_transaction_leaves_no_half_of_it_behind(files: Contents) -> None:
    begun = Event()

    def held_up(incoming: Incoming) -> bool:
        if incoming.operation == "RCPT":
            begun.set()
        return incoming.operation == "RCPT"

    async def scenario(desk: MailDesk) -> object:
        async with desk.sender() as sender:
            task = asyncio.ensure_future(sender.prepare(MESSAGE)())
            await asyncio.to_thread(begun.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            desk.faults.clear()
            return await sender.prepare(to("sato@example.jp"))()

    with mail_desk(files) as desk:
        desk.faults.when(Fault(wait_seconds=30.0), held_up)
        assert isinstance(asyncio.run(scenario(desk)), Sent)
        [mail] = desk.emulator.inbox.mails
        assert mail.recipients == ("sato@example.jp",)


def test_a_mail_of_megabytes_arrives_byte_by_byte(files: Contents) -> None:
    content = bytes(range(256)) * 12_000
    message: Message = replace(MESSAGE, attachments=(files.attach("請求書.pdf", content),))
    with mail_desk(files, "starttls") as desk:
        assert isinstance(desk.send(message)[0], Sent)
        [mail] = desk.emulator.inbox.mails
        [file] = mail.attachments
        assert (file.filename, file.content) == ("請求書.pdf", content)
