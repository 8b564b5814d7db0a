"""What every provider with an HTTP API keeps to, whatever its server answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from batchmail.message import Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers import PROVIDERS
from tests.providers.cases import HTTP_CASES, TOKEN, Bench, HttpCase, Post

if TYPE_CHECKING:
    from pathlib import Path

    from tests.providers.conftest import Answering, Contents, Server, Visit

#: What a status proves where a provider's documentation says nothing else.
USUAL: Mapping[int, type[Outcome]] = {
    400: Rejected,
    401: Closed,
    403: Closed,
    429: Refused,
    500: InDoubt,
    502: InDoubt,
    503: InDoubt,
}

BODIES = {
    "nothing": b"",
    "garbage": bytes(range(256)) * 40,
    "a page": b"<html><body><h1>Sorry</h1></body></html>",
    "half a JSON": b'{"code": "INVAL',
    "other JSON": b'[{"error": {"code": 7}}]',
    "the token": f"Authorization: Bearer {TOKEN}".encode(),
    "the token in JSON": json.dumps({"code": TOKEN, "description": f"token {TOKEN} expired"}).encode(),
}


@pytest.fixture(params=HTTP_CASES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(kind: str) -> HttpCase:
    return HTTP_CASES[kind]


@pytest.fixture
def post(
    kind: str,
    case: HttpCase,
    server: type[Server],
    answering: Callable[..., Answering],
    files: Contents,
    tmp_path: Path,
) -> Post:
    build = PROVIDERS[kind].build
    assert build is not None
    return Post(build(case.settings), Bench(server, answering, files, tmp_path))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", USUAL)
def test_a_status_proves_what_it_proves_and_nothing_is_sent_twice(
    status: int, body: str, post: Post, case: HttpCase, answering: Callable[..., Answering], message: Message
) -> None:
    refusing = answering(status, BODIES[body])
    outcome = post.hand_over(message, refusing)
    assert isinstance(outcome, {**USUAL, **case.verdicts}[status])
    assert len(refusing.requests) == 1
    _assert_showable(outcome)


@pytest.mark.parametrize("body", BODIES)
def test_a_mail_that_was_taken_is_never_sent_again_whatever_else_the_answer_says(
    body: str, post: Post, case: HttpCase, answering: Callable[..., Answering], message: Message
) -> None:
    outcome = post.hand_over(message, answering(case.success, BODIES[body]))
    assert isinstance(outcome, case.unsaid)
    _assert_showable(outcome)


def test_a_rate_limit_takes_no_attempt_and_says_how_long_to_wait(
    post: Post, answering: Callable[..., Answering], message: Message
) -> None:
    outcome = post.hand_over(message, answering(429, Retry_After="30"))
    assert isinstance(outcome, Refused)
    assert (outcome.retry_after_seconds, outcome.attempt) == (30.0, False)


async def close_after_the_request(visit: Visit) -> None:
    await visit.request()


def test_a_mail_without_an_answer_is_in_doubt(post: Post, message: Message) -> None:
    outcome = post.hand_over(message, close_after_the_request)
    assert isinstance(outcome, InDoubt)
    _assert_showable(outcome)


async def stay_silent(visit: Visit) -> None:
    await visit.request()
    await visit.stay_silent()


def test_an_answer_is_waited_for_as_long_as_the_job_says(post: Post, message: Message) -> None:
    hasty = replace(post, timeout_seconds=0.2)
    assert hasty.hand_over(message, stay_silent) == InDoubt("no answer within 0.2 s")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed_and_most_stop_the_run(
    status: int, post: Post, case: HttpCase, answering: Callable[..., Answering], message: Message
) -> None:
    redirecting = answering(status, Location="/elsewhere")
    outcome = post.hand_over(message, redirecting)
    assert isinstance(outcome, case.verdicts.get(status, Closed))
    assert len(redirecting.requests) == 1
    _assert_showable(outcome)


def test_the_token_is_in_the_request_and_nowhere_else(
    post: Post, case: HttpCase, answering: Callable[..., Answering], message: Message, files: Contents
) -> None:
    taking = answering(case.success)

    async def scenario() -> None:
        async with post.bench.server(taking) as there:
            emulated = post.provider.at(there.url, TOKEN)
            async with emulated.open(files, 60.0) as sender:
                transmission = sender.prepare(message)
                shown = [repr(emulated), repr(sender), repr(transmission), repr(await transmission())]
            assert not [text for text in shown if TOKEN in text]

    asyncio.run(scenario())
    [(head, body)] = taking.requests
    assert TOKEN.encode() in head.encode() + body


def _assert_showable(outcome: Outcome) -> None:
    """No token, no line break, no escape sequence, nothing long."""
    shown = repr(outcome)
    assert TOKEN not in shown
    match outcome:
        case Rejected(code, reason) | Refused(code, reason) | Closed(code, reason):
            assert code
            assert reason
            assert (code + reason).isprintable()
            assert len(code) + len(reason) < 300
        case InDoubt(reason):
            assert reason
            assert reason.isprintable()
            assert len(reason) < 400
        case Sent(provider_id):
            assert provider_id.isprintable()
