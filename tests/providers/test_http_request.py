"""What leaves the machine, and what does not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from batchmail.errors import InputChanged
from batchmail.message import Message
from batchmail.outcome import Outcome, Rejected, Sent
from batchmail.providers.base import Call, Files, Reply
from batchmail.providers.http import CHUNK

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Api, Outbox, Server, Visit

TOKEN = "kHx-canary/7"


def test_a_mail_arrives_byte_for_byte_with_its_length_said(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    pieces = (b"head", bytes(range(256)) * 1_000, b"", b"x" * CHUNK, b"tail")

    async def scenario() -> None:
        taking = answering(202)
        async with server(taking) as there:
            told = mail_api(there.url, pieces)
            assert await outbox.send(told) == [Sent()]
        assert [(reply.status, reply.body, reply.complete) for reply in told.replies] == [(202, b"", True)]
        [(head, body)] = taking.requests
        assert body == b"".join(pieces)
        request_line, *lines = head.strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        assert request_line == "POST /mail HTTP/1.1"
        assert headers.pop("user-agent").startswith("batchmail/")
        assert headers == {
            "host": f"127.0.0.1:{there.port}",
            "content-type": "application/json",
            "content-length": str(len(body)),
            "accept-encoding": "identity",
            "authorization": f"bearer {TOKEN.lower()}",
        }

    asyncio.run(scenario())


def test_all_mails_of_a_sender_share_one_connection(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        taking = answering(202, Set_Cookie="session=1")
        async with server(taking) as there:
            assert await outbox.send(mail_api(there.url), times=3) == [Sent()] * 3
            assert there.connections == 1
        assert len(taking.requests) == 3
        assert not any("cookie" in head.lower() for head, _ in taking.requests)

    asyncio.run(scenario())


def test_a_connection_that_the_server_ends_is_replaced(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        taking = answering(202, Connection="close")
        async with server(taking) as there:
            assert await outbox.send(mail_api(there.url), times=2) == [Sent()] * 2
            assert there.connections == 2
        assert len(taking.requests) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    status: int, server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        elsewhere = answering(202)
        async with server(elsewhere) as second:
            redirecting = answering(status, Location=f"{second.url}/mail")
            async with server(redirecting) as first:
                assert await outbox.send(mail_api(first.url)) == [Rejected(str(status), "")]
            assert len(redirecting.requests) == 1
            assert second.connections == 0

    asyncio.run(scenario())


def test_a_file_that_changed_stops_a_message_before_any_connection(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    class Changed:
        def call(self, message: Message, files: Files) -> Call:
            raise InputChanged(f"an attachment of {message.subject} {files}")

        def outcome(self, reply: Reply, message: Message) -> Outcome:
            raise AssertionError(reply, message)

    async def scenario() -> None:
        async with server(answering(202)) as there, outbox.sender(Changed()) as sender:
            with pytest.raises(InputChanged, match="an attachment of Invoice 7"):
                sender.prepare(outbox.message)
            assert there.connections == 0

    asyncio.run(scenario())


async def close_after_the_body(visit: Visit) -> None:
    await visit.request()


@pytest.mark.parametrize("spelt", [TOKEN, TOKEN.replace("/", "\\/")])
def test_a_server_that_repeats_the_token_does_not_make_it_known(
    spelt: str, server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(answering(400, f"you said Bearer {spelt}.".encode())) as there:
            assert await outbox.send(mail_api(there.url)) == [Rejected("400", "you said Bearer ***.")]

    asyncio.run(scenario())


def test_a_redirect_that_carries_the_token_does_not_make_it_known(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(answering(302, Location=f"https://login.example/{TOKEN}?t={TOKEN}")) as there:
            api = mail_api(there.url)
            await outbox.send(api)
            assert [reply.headers["location"] for reply in api.replies] == ["https://login.example/***?t=***"]

    asyncio.run(scenario())


def test_not_even_a_log_of_everything_holds_the_token(
    caplog: pytest.LogCaptureFixture,
    server: type[Server],
    answering: Callable[..., Answering],
    outbox: Outbox,
    mail_api: type[Api],
) -> None:
    async def scenario() -> None:
        async with server(answering(202)) as there:
            await outbox.send(mail_api(there.url))
        async with server(close_after_the_body) as faulty:
            await outbox.send(mail_api(faulty.url))

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
    assert "asyncio" in caplog.text
    assert TOKEN not in caplog.text
