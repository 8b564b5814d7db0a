"""A connection to a mail server is made before a mail's intent, and what hinders it is told by the transmission."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from batchmail.emulator import Answer, Fault
from batchmail.outcome import Outcome, Refused, Sent
from batchmail.providers.smtp import SmtpSettings, build
from batchmail.providers.smtp_sender import SmtpSender
from batchmail.providers.smtp_wire import Broken
from tests.providers.mail_desk import MESSAGE, MailDesk, mail_desk

if TYPE_CHECKING:
    from tests.providers.conftest import Contents, Server, Visit


def test_whoever_is_ready_has_logged_in_and_begun_no_mail(files: Contents) -> None:
    async def scenario(desk: MailDesk) -> tuple[int, int, Outcome]:
        async with desk.sender() as sender:
            await sender.ready()
            await sender.ready()
            before = desk.emulator.server.connections, desk.emulator.inbox.requests
            return (*before, await sender.prepare(MESSAGE)())

    with mail_desk(files, "starttls") as desk:
        connections, requests, outcome = asyncio.run(scenario(desk))
        assert (connections, requests, type(outcome)) == (1, 0, Sent)
        assert desk.emulator.server.connections == 1


def test_why_nobody_could_log_in_is_told_by_the_transmission_and_once(files: Contents) -> None:
    async def scenario(desk: MailDesk) -> list[Outcome]:
        async with desk.sender() as sender:
            await sender.ready()
            desk.faults.clear()
            return [await sender.prepare(MESSAGE)() for _ in range(2)]

    with mail_desk(files) as desk:
        desk.faults.when(Fault(Answer(454, b"4.7.0 Not now")), lambda each: each.operation == "AUTH")
        first, second = asyncio.run(scenario(desk))
        assert isinstance(first, Refused)
        assert (first.code, first.attempt) == ("SMTP 454 4.7.0", False)
        assert isinstance(second, Sent)


def test_a_connection_that_has_ended_meanwhile_is_made_anew_before_a_mail_is_begun(files: Contents) -> None:
    async def scenario(desk: MailDesk) -> Outcome:
        async with desk.sender() as sender:
            await sender.prepare(MESSAGE)()
            assert sender._session is not None
            desk.emulator.server._loop.call_soon_threadsafe(cut_all, desk)
            with pytest.raises(Broken):
                await sender._session.wire.hear()
            await sender.ready()
            assert (desk.emulator.server.connections, desk.emulator.inbox.requests) == (2, 1)
            return await sender.prepare(MESSAGE)()

    with mail_desk(files) as desk:
        assert isinstance(asyncio.run(scenario(desk)), Sent)


def test_whoever_does_not_wait_for_the_farewell_leaves_no_connection_behind(
    server: type[Server], files: Contents
) -> None:
    async def scenario() -> tuple[bool, bool]:
        leaving = asyncio.Event()

        async def never_says_goodbye(visit: Visit) -> None:
            for answer in (b"220 mail.example\r\n", b"250 mail.example\r\n"):
                await visit.say(answer)
                await visit.line()
            leaving.set()
            await visit.stay_silent()

        async with server(never_says_goodbye) as there:
            sender = build(SmtpSettings("127.0.0.1", there.port, "none")).open(files, 5.0)
            assert isinstance(sender, SmtpSender)
            await sender.ready()
            assert sender._session is not None
            wire = sender._session.wire
            farewell = asyncio.ensure_future(sender.__aexit__())
            await leaving.wait()
            farewell.cancel()
            with pytest.raises(asyncio.CancelledError):
                await farewell
            return wire.alive, wire._ended

    assert asyncio.run(scenario()) == (False, True)


def cut_all(desk: MailDesk) -> None:
    for connection in tuple(desk.emulator.server._premises.open):
        connection.cut()


def test_a_new_connection_that_takes_no_mail_is_not_made_again_at_once(files: Contents) -> None:
    async def scenario(desk: MailDesk) -> Outcome:
        async with desk.sender() as sender:
            await sender.ready()
            return await sender.prepare(MESSAGE)()

    with mail_desk(files) as desk:
        desk.faults.when(Fault(Answer(421, b"4.3.2 Closing")), lambda each: each.operation == "MAIL")
        assert isinstance(asyncio.run(scenario(desk)), Refused)
        assert desk.emulator.server.connections == 1
