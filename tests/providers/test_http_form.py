"""Forms that are sent for tokens: what comes back, and what a failing connection means."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from batchmail.outcome import Closed, Refused
from batchmail.providers.base import Reply
from batchmail.providers.http_answer import LARGEST_ANSWER
from batchmail.providers.http_form import post_form

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Behaviour, Server, Visit

FORM = {"grant_type": "refresh_token", "refresh_token": "a+b/c=d&e", "client_secret": "김 canary"}


@pytest.fixture
def post(server: type[Server]) -> Callable[..., Reply | Refused | Closed]:
    """Sends the form to a server that behaves so."""

    def posted(
        behaviour: Behaviour, seconds: float = 20.0, tls: ssl.SSLContext | None = None
    ) -> Reply | Refused | Closed:
        async def scenario() -> Reply | Refused | Closed:
            async with server(behaviour, tls) as there:
                return await asyncio.to_thread(post_form, f"{there.url}/token", FORM, seconds=seconds)

        return asyncio.run(scenario())

    return posted


Post = Callable[..., Reply | Refused | Closed]


def test_a_form_arrives_as_it_was_meant(post: Post, answering: Callable[..., Answering]) -> None:
    granting = answering(200, b'{"access_token": "x"}')
    reply = post(granting)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, b'{"access_token": "x"}')
    [(head, body)] = granting.requests
    assert head.startswith("POST /token HTTP/1.1\r\n")
    assert "application/x-www-form-urlencoded" in head
    assert dict(parse_qsl(body.decode("ascii"))) == FORM


def test_headers_that_repeat_a_secret_do_not_show_it(post: Post, answering: Callable[..., Answering]) -> None:
    echoing = answering(400, b"{}", Location="/login?refresh_token=a%2Bb%2Fc%3Dd%26e", **{"X-Token": "a+b/c=d&e"})
    reply = post(echoing)
    assert isinstance(reply, Reply)
    assert (reply.headers["location"], reply.headers["x-token"]) == ("/login?refresh_token=***", "***")


def test_a_redirect_is_never_followed(post: Post, answering: Callable[..., Answering]) -> None:
    redirecting = answering(307, Location="/elsewhere")
    reply = post(redirecting)
    assert isinstance(reply, Reply)
    assert (reply.status, len(redirecting.requests)) == (307, 1)


async def close_at_once(visit: Visit) -> None:
    pass


async def close_without_an_answer(visit: Visit) -> None:
    await visit.request()


async def half_an_answer(visit: Visit) -> None:
    await visit.request()
    await visit.say(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token": "x')


async def garbage(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"\x16\x03\x01 is not HTTP\r\n\r\n")


@pytest.mark.parametrize("behaviour", [close_at_once, close_without_an_answer, half_an_answer, garbage])
def test_what_is_no_whole_answer_may_come_later_and_costs_no_attempt(post: Post, behaviour: Behaviour) -> None:
    outcome = post(behaviour)
    assert isinstance(outcome, Refused)
    assert not outcome.reached


async def stay_silent(visit: Visit) -> None:
    await visit.request()
    await visit.stay_silent()


def test_an_answer_is_not_waited_for_without_end(post: Post) -> None:
    outcome = post(stay_silent, 0.2)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("no answer from 127.0.0.1:")
    assert outcome.reason.endswith("within 0.2 s")


async def endless_answer(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await visit.say(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def test_of_an_answer_no_more_is_read_than_one_needs(post: Post) -> None:
    reply = post(endless_answer)
    assert isinstance(reply, Reply)
    assert len(reply.body) == LARGEST_ANSWER


def test_a_server_that_nobody_trusts_gets_no_secret(
    post: Post, answering: Callable[..., Answering], certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    granting = answering(200)
    outcome = post(granting, tls=context)
    assert isinstance(outcome, Closed)
    assert "provider.authUrl" in outcome.hint
    assert granting.requests == []
