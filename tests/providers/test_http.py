"""What a failing connection proves, fault by fault."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.connecting import unconnected
from batchmail.providers.http import Timeouts, _answered_early
from batchmail.providers.http_answer import LARGEST_ANSWER

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Api, Behaviour, Outbox, Server, Visit

#: Far more than the systems on both sides keep for a connection.
LARGE = (b'{"data":"', bytes(48_000_000), b'"}')
#: How long the tests wait for what never comes; all other waits are the real ones.
SHORT = 0.2
PATIENT = Timeouts()


async def close_at_once(visit: Visit) -> None:
    pass


async def reset_within_the_body(visit: Visit) -> None:
    await visit.some(100_000)
    visit.reset()


async def close_within_the_body(visit: Visit) -> None:
    await visit.some(100_000)


async def stop_reading(visit: Visit) -> None:
    await visit.some(1_000)
    await visit.stay_silent()


async def reset_after_the_body(visit: Visit) -> None:
    await visit.request()
    visit.reset()


async def close_after_the_body(visit: Visit) -> None:
    await visit.request()


async def silence_after_the_body(visit: Visit) -> None:
    await visit.request()
    await visit.stay_silent()


async def garbage(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"\x16\x03\x01 is not HTTP\r\n\r\n")


async def half_a_header(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accep")


async def half_a_header_and_silence(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nContent-")
    await visit.stay_silent()


async def truncated_answer(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf")


async def unfinished_answer(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf")
    await visit.stay_silent()


async def endless_answer(visit: Visit) -> None:
    await visit.request()
    await visit.say(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await visit.say(b"10000\r\n" + bytes(0x10000) + b"\r\n")


@pytest.mark.parametrize(
    ("behaviour", "timeouts", "said"),
    [
        (reset_within_the_body, PATIENT, "connection-broken: S broke the connection before it had the whole mail"),
        (close_within_the_body, PATIENT, "connection-broken: S broke the connection before it had the whole mail"),
        (stop_reading, Timeouts(write=SHORT), "connection-stalled: S took no more of the mail for 0.2 s"),
    ],
)
def test_a_mail_whose_last_piece_never_left_was_not_taken(
    behaviour: Behaviour, timeouts: Timeouts, said: str, server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            [outcome] = await outbox.send(mail_api(faulty.url, LARGE), timeouts)
            assert isinstance(outcome, Refused)
            assert f"{outcome.code}: {outcome.reason}".replace(f"127.0.0.1:{faulty.port}", "S") == said
            assert faulty.connections == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("behaviour", "timeouts", "reasons"),
    [
        # A small mail leaves at once, so a server that read nothing looks like one that broke after reading all.
        (close_at_once, PATIENT, {"the connection broke", "no readable answer"}),
        (reset_after_the_body, PATIENT, {"the connection broke"}),
        (close_after_the_body, PATIENT, {"no readable answer"}),
        (silence_after_the_body, Timeouts(answer=SHORT), {"no answer within 0.2 s"}),
        (garbage, PATIENT, {"no readable answer"}),
        (half_a_header, PATIENT, {"no readable answer"}),
        (half_a_header_and_silence, Timeouts(answer=SHORT), {"no answer within 0.2 s"}),
    ],
)
def test_a_mail_that_left_without_an_answer_is_in_doubt_and_not_sent_again(
    behaviour: Behaviour,
    timeouts: Timeouts,
    reasons: set[str],
    server: type[Server],
    outbox: Outbox,
    mail_api: type[Api],
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            [outcome] = await outbox.send(mail_api(faulty.url), timeouts)
            assert isinstance(outcome, InDoubt)
            assert outcome.reason.removesuffix(" after the mail was handed over") in reasons
            assert faulty.connections == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("behaviour", [truncated_answer, unfinished_answer])
def test_a_status_stands_though_the_rest_of_the_answer_is_missing(
    behaviour: Behaviour, server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            told = mail_api(faulty.url)
            assert await outbox.send(told, Timeouts(rest=SHORT)) == [Sent()]
            assert [(reply.status, reply.body, reply.complete) for reply in told.replies] == [(202, b"half", False)]
            assert faulty.connections == 1

    asyncio.run(scenario())


def test_of_an_endless_answer_only_the_beginning_is_read(
    server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(endless_answer) as faulty:
            told = mail_api(faulty.url)
            assert await outbox.send(told, Timeouts(rest=3_600)) == [Sent()]
            assert [(len(reply.body), reply.complete) for reply in told.replies] == [(LARGEST_ANSWER, False)]

    asyncio.run(scenario())


def test_where_nobody_listens_the_mail_may_be_tried_again(outbox: Outbox, mail_api: type[Api]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
        outcomes = asyncio.run(outbox.send(mail_api(f"http://{place}")))
    assert outcomes == [Refused("no-connection", f"{place} refused the connection", reached=False)]


def test_a_name_that_cannot_be_resolved_is_named() -> None:
    error = OSError("all attempts failed")
    error.__cause__ = ExceptionGroup("one an address", [socket.gaierror(-2, "Name or service not known")])
    assert unconnected("mail.example", 10.0, error, "provider.baseUrl") == Refused(
        "no-connection", "the name mail.example cannot be resolved", reached=False
    )


@pytest.mark.parametrize(("setting", "begins_in_the_clear"), [("provider.host", True), ("provider.baseUrl", False)])
def test_tls_that_fails_on_a_mail_server_may_have_been_meant_to_begin_later(
    setting: str, *, begins_in_the_clear: bool
) -> None:
    error = ssl.SSLError(ssl.SSL_ERROR_SSL, "wrong version number")
    closed = unconnected("mail.example:587", 10.0, error, setting)
    assert isinstance(closed, Closed)
    assert closed.code == "no-tls"
    assert f"`{setting}`" in closed.hint
    assert ("`security: starttls`" in closed.hint) is begins_in_the_clear


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "ftp://127.0.0.1", "127.0.0.1", "http://\0"])
def test_an_impossible_address_stops_the_run(url: str, outbox: Outbox, mail_api: type[Api]) -> None:
    [outcome] = asyncio.run(outbox.send(mail_api(url)))
    assert isinstance(outcome, Closed)
    assert (outcome.code, outcome.hint) == ("bad-address", "Check `provider.baseUrl`.")


def test_a_mail_that_was_not_taken_can_be_handed_over_again(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    taking = answering(202)

    async def reset_once(visit: Visit) -> None:
        if broken:
            await taking(visit)
        broken.append(True)
        await reset_within_the_body(visit)

    broken: list[bool] = []

    async def scenario() -> None:
        async with server(reset_once) as there, outbox.sender(mail_api(there.url, LARGE)) as sender:
            transmission = sender.prepare(outbox.message)
            assert isinstance(await transmission(), Refused)
            assert await transmission() == Sent()
        assert len(taking.requests) == 1

    asyncio.run(scenario())


def test_cancelling_ends_the_transmission_and_nothing_is_sent_again(
    server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()

        async def note_and_wait(visit: Visit) -> None:
            await visit.request()
            arrived.set()
            await visit.stay_silent()

        async with server(note_and_wait) as there, outbox.sender(mail_api(there.url)) as sender:
            task = asyncio.ensure_future(sender.prepare(outbox.message)())
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert there.connections == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("later", [False, True], ids=["at once", "while idle"])
def test_an_answer_too_many_is_not_believed_for_the_next_mail(
    server: type[Server], outbox: Outbox, mail_api: type[Api], *, later: bool
) -> None:
    answers = [f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode() for status in (202, 500)]
    idle = asyncio.Event()

    async def answer_twice(visit: Visit) -> None:
        await visit.request()
        await visit.say(answers[0] if later else b"".join(answers))
        if later:
            await idle.wait()
            await visit.say(answers[1])
        await visit.stay_silent()

    async def scenario() -> None:
        async with server(answer_twice) as faulty:
            told = mail_api(faulty.url)
            async with outbox.sender(told) as sender:
                assert await sender.prepare(outbox.message)() == Sent()
                idle.set()
                for _ in range(20):  # turns of the loop, for what was said to arrive
                    await asyncio.sleep(0)
                assert await sender.prepare(outbox.message)() == Sent()
            assert faulty.connections == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("outcome", "status", "judged"),
    [
        (Sent(), 202, InDoubt("the server answered 202 Accepted before it had the whole mail")),
        (Divided({}), 200, InDoubt("the server answered 200 OK before it had the whole mail")),
        (InDoubt("?"), 200, InDoubt("the server answered 200 OK before it had the whole mail")),
        (InDoubt("?"), 502, Refused("HTTP 502", "the server answered 502 Bad Gateway before it had the whole mail")),
        (Rejected("TOO_LARGE", "20 MB"), 413, Rejected("TOO_LARGE", "20 MB")),
        (Closed("UNAUTHORIZED", "expired", "log in"), 401, Closed("UNAUTHORIZED", "expired", "log in")),
    ],
)
def test_an_answer_to_half_a_mail_proves_that_it_was_not_taken(outcome: Outcome, status: int, judged: Outcome) -> None:
    assert _answered_early(outcome, status) == judged
