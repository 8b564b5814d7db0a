"""What a connection asks its credential, and what it tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from batchmail.message import Message
from batchmail.outcome import Closed, Outcome, Refused, Rejected
from batchmail.providers.base import Call, Files, NotHandedOver, Reply
from batchmail.providers.credential import Access
from batchmail.providers.http import HttpSender, Timeouts

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Outbox, Server


class Renewing:
    """A credential whose token the server refuses, and which gets another."""

    def __init__(self, *begun: Access | Refused | Closed) -> None:
        self.begun = list(begun)
        self.log: list[str] = []

    async def access(self) -> Access | Refused | Closed:
        return self.begun.pop(0)

    def accepted(self, access: Access) -> None:
        self.log.append(f"accepted {access.headers['X']}")

    async def refused(self, access: Access, closed: Closed) -> Refused:
        self.log.append(f"refused {access.headers['X']}: {closed.reason}")
        return Refused("token-expired", "renewed", 0.0, attempt=False)


class Guarded:
    """A mail API for which a wrong token is the end."""

    def __init__(self, url: str, body: bytes = b"{}") -> None:
        self._call = Call("POST", f"{url}/mail", {}, (body,))

    def call(self, message: Message, files: Files) -> Call:
        del message, files  # this API always sends the same
        return self._call

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        del message
        return Closed("UNAUTHORIZED", reply.body.decode(), "…") if reply.status == 401 else Rejected("", "")


def test_a_mail_whose_token_is_refused_goes_back_into_the_queue(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    credential = Renewing(*[Access({"X": "1"}, ("canary",))] * 2)

    async def scenario() -> Outcome:
        async with server(answering(401, b"no canary")) as there:
            sender = HttpSender(Guarded(there.url), outbox.files, credential, outbox.tls, Timeouts())
            async with sender:
                return await sender.prepare(outbox.message)()

    assert asyncio.run(scenario()) == Refused("token-expired", "renewed", 0.0, attempt=False)
    assert credential.log == ["refused 1: no ***"]


@pytest.mark.parametrize(("status", "log"), [(202, ["accepted 1"]), (400, ["accepted 1"]), (500, [])])
def test_whatever_the_server_thinks_of_a_mail_its_token_may_have_been_let_in(
    status: int, log: list[str], server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    credential = Renewing(*[Access({"X": "1"}, ())] * 2)

    async def scenario() -> None:
        async with server(answering(status)) as there:
            sender = HttpSender(Guarded(there.url), outbox.files, credential, outbox.tls, Timeouts())
            async with sender:
                await sender.prepare(outbox.message)()

    asyncio.run(scenario())
    assert credential.log == log


def test_without_a_token_no_byte_leaves(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    begun = (Refused("token-endpoint", "it is down", attempt=False), Closed("not-signed-in", "nobody has", "Sign in."))

    async def scenario() -> None:
        async with server(answering(202)) as there:
            credential = Renewing(begun[0], *begun)
            sender = HttpSender(Guarded(there.url), outbox.files, credential, outbox.tls, Timeouts())
            async with sender:
                assert len(credential.begun) == len(begun)  # asked for before there is any mail
                assert [await sender.prepare(outbox.message)() for _ in begun] == list(begun)
            assert there.connections == 0

    asyncio.run(scenario())


def test_a_credential_that_fails_puts_no_mail_in_doubt(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(answering(202)) as there:
            credential = Renewing(Closed("not-signed-in", "nobody has", "Sign in."))
            async with HttpSender(Guarded(there.url), outbox.files, credential, outbox.tls, Timeouts()) as sender:
                await sender.prepare(outbox.message)()  # the list is empty

    with pytest.raises(NotHandedOver) as raised:
        asyncio.run(scenario())
    assert isinstance(raised.value.cause, IndexError)


def test_what_was_got_before_the_intent_serves_one_mail(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    credential = Renewing(*(Access({"X": text}, ()) for text in ("enter", "ready", "late")))

    async def scenario() -> None:
        async with (
            server(answering(202)) as there,
            HttpSender(Guarded(there.url), outbox.files, credential, outbox.tls, Timeouts()) as sender,
        ):
            await sender.ready()
            assert len(credential.begun) == 1
            await sender.prepare(outbox.message)()
            assert len(credential.begun) == 1
            await sender.prepare(outbox.message)()

    asyncio.run(scenario())
    assert credential.log == ["accepted ready", "accepted late"]


def test_why_there_is_no_access_is_asked_once_and_told_by_the_mail(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    down = Refused("token-endpoint", "it is down", attempt=False)

    async def scenario() -> None:
        async with server(answering(202)) as there:
            credential = Renewing(Access({}, ()), down)
            async with HttpSender(Guarded(there.url), outbox.files, credential, outbox.tls, Timeouts()) as sender:
                await sender.ready()
                assert await sender.prepare(outbox.message)() == down
            assert there.connections == 0

    asyncio.run(scenario())
