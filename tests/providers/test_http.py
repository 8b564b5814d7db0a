"""What a failing connection proves, fault by fault, and what leaves the machine when all is well."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from batchmail.errors import InputChanged
from batchmail.message import Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Call, Files, Reply
from batchmail.providers.credential import Access
from batchmail.providers.http import (
    CHUNK,
    LARGEST_ANSWER,
    HttpSender,
    Timeouts,
    _answered_early,
    _unconnected,
    tls_context,
)

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Behaviour, Contents, Server, Visit

TOKEN = "kHx-canary/7"
SMALL = (b'{"to":"kim@example.com"}',)
#: Far more than the systems on both sides keep for a connection.
LARGE = (b'{"data":"', bytes(48_000_000), b'"}')
#: How long the tests wait for what never comes; all other waits are the real ones.
SHORT = 0.2
PATIENT = Timeouts()


@dataclass
class Api:
    """A mail API as simple as can be; it remembers the answers it was shown."""

    url: str
    body: tuple[bytes, ...] = SMALL
    replies: list[Reply] = field(default_factory=list)

    def call(self, message: Message, files: Files) -> Call:
        del message, files  # this API always sends the same
        return Call("POST", f"{self.url}/mail", {"Content-Type": "application/json"}, self.body)

    def outcome(self, reply: Reply) -> Outcome:
        self.replies.append(reply)
        match reply.status // 100:
            case 2:
                return Sent()
            case 5:
                return InDoubt(str(reply.status))
            case _:
                return Rejected(str(reply.status), reply.body.decode())


@dataclass(frozen=True)
class Outbox:
    """Hands messages to an API, each with one call."""

    message: Message
    files: Files
    tls: ssl.SSLContext

    def sender(self, api: Api, timeouts: Timeouts = PATIENT, tls: ssl.SSLContext | None = None) -> HttpSender:
        access = Access({"Authorization": f"Bearer {TOKEN}"}, (TOKEN,))
        return HttpSender(api, self.files, access, tls or self.tls, timeouts)

    async def send(
        self, api: Api, timeouts: Timeouts = PATIENT, *, times: int = 1, tls: ssl.SSLContext | None = None
    ) -> list[Outcome]:
        async with self.sender(api, timeouts, tls) as sender:
            return [await sender.prepare(self.message)() for _ in range(times)]


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture
def outbox(message: Message, files: Contents, tls: ssl.SSLContext) -> Outbox:
    return Outbox(message, files, tls)


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
    ("behaviour", "timeouts", "code", "reason"),
    [
        (reset_within_the_body, PATIENT, "connection-broken", "S broke the connection before it had the whole mail"),
        (close_within_the_body, PATIENT, "connection-broken", "S broke the connection before it had the whole mail"),
        (stop_reading, Timeouts(write=SHORT), "connection-stalled", "S took no more of the mail for 0.2 s"),
    ],
)
def test_a_mail_whose_last_piece_never_left_was_not_taken(
    behaviour: Behaviour, timeouts: Timeouts, code: str, reason: str, server: type[Server], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            [outcome] = await outbox.send(Api(faulty.url, LARGE), timeouts)
            assert outcome == Refused(code, reason.replace("S", f"127.0.0.1:{faulty.port}"))
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
    behaviour: Behaviour, timeouts: Timeouts, reasons: set[str], server: type[Server], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            [outcome] = await outbox.send(Api(faulty.url), timeouts)
            assert isinstance(outcome, InDoubt)
            assert outcome.reason.removesuffix(" after the mail was handed over") in reasons
            assert faulty.connections == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("behaviour", [truncated_answer, unfinished_answer])
def test_a_status_stands_though_the_rest_of_the_answer_is_missing(
    behaviour: Behaviour, server: type[Server], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            api = Api(faulty.url)
            assert await outbox.send(api, Timeouts(rest=SHORT)) == [Sent()]
            assert [(reply.status, reply.body, reply.complete) for reply in api.replies] == [(202, b"half", False)]
            assert faulty.connections == 1

    asyncio.run(scenario())


def test_of_an_endless_answer_only_the_beginning_is_read(server: type[Server], outbox: Outbox) -> None:
    async def scenario() -> None:
        async with server(endless_answer) as faulty:
            api = Api(faulty.url)
            assert await outbox.send(api, Timeouts(rest=3_600)) == [Sent()]
            assert [(len(reply.body), reply.complete) for reply in api.replies] == [(LARGEST_ANSWER, False)]

    asyncio.run(scenario())


def test_where_nobody_listens_the_mail_may_be_tried_again(outbox: Outbox) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
        outcomes = asyncio.run(outbox.send(Api(f"http://{place}")))
    assert outcomes == [Refused("no-connection", f"{place} refused the connection")]


def test_a_name_that_cannot_be_resolved_is_named() -> None:
    error = OSError("all attempts failed")
    error.__cause__ = ExceptionGroup("one an address", [socket.gaierror(-2, "Name or service not known")])
    assert _unconnected("mail.example", PATIENT, error) == Refused(
        "no-connection", "the name mail.example cannot be resolved"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "ftp://127.0.0.1", "127.0.0.1", "http://\0"])
def test_an_impossible_address_stops_the_run(url: str, outbox: Outbox) -> None:
    [outcome] = asyncio.run(outbox.send(Api(url)))
    assert isinstance(outcome, Closed)
    assert (outcome.code, outcome.hint) == ("bad-address", "Check `provider.baseUrl`.")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    status: int, server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        elsewhere = answering(202)
        async with server(elsewhere) as second:
            redirecting = answering(status, Location=f"{second.url}/mail")
            async with server(redirecting) as first:
                assert await outbox.send(Api(first.url)) == [Rejected(str(status), "")]
            assert len(redirecting.requests) == 1
            assert second.connections == 0

    asyncio.run(scenario())


def test_a_certificate_that_nobody_trusts_stops_the_run_before_anything_is_said(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        untrusted = answering(202)
        async with server(untrusted, _server_tls(certificate)) as faulty:
            [outcome] = await outbox.send(Api(faulty.url))
            assert isinstance(outcome, Closed)
            assert outcome.code == "bad-certificate"
            assert outcome.reason.startswith(f"127.0.0.1:{faulty.port} does not prove who it is: self-signed")
            assert not untrusted.requests

    asyncio.run(scenario())


def test_the_certificate_of_another_host_stops_the_run_too(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        impostor = answering(202)
        async with server(impostor, _server_tls(certificate)) as faulty:
            url = f"https://localhost:{faulty.port}"
            [outcome] = await outbox.send(Api(url), tls=ssl.create_default_context(cafile=certificate))
            assert isinstance(outcome, Closed)
            assert outcome.code == "bad-certificate"
            assert "not valid for 'localhost'" in outcome.reason
            assert not impostor.requests

    asyncio.run(scenario())


def test_mail_goes_over_tls_where_the_certificate_is_trusted(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(answering(202), _server_tls(certificate)) as trusted:
            trusting = ssl.create_default_context(cafile=certificate)
            assert await outbox.send(Api(trusted.url), tls=trusting) == [Sent()]

    asyncio.run(scenario())


async def answer_in_the_clear(visit: Visit) -> None:
    await visit.say(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
    await visit.stay_silent()


async def say_nothing(visit: Visit) -> None:
    await visit.stay_silent()


@pytest.mark.parametrize(
    ("behaviour", "timeouts", "expected"),
    [
        (answer_in_the_clear, PATIENT, "Closed no-tls: S does not speak TLS as expected"),
        (say_nothing, Timeouts(connect=SHORT), "Refused no-connection: no connection to S within 0.2 s"),
        (close_at_once, PATIENT, "Refused no-connection: no connection to S"),
    ],
)
def test_where_tls_fails_nothing_was_taken(
    behaviour: Behaviour, timeouts: Timeouts, expected: str, server: type[Server], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            place = f"127.0.0.1:{faulty.port}"
            [outcome] = await outbox.send(Api(f"https://{place}"), timeouts)
            assert isinstance(outcome, Closed | Refused)
            said = f"{type(outcome).__name__} {outcome.code}: {outcome.reason}"
            assert said.replace(place, "S") == expected

    asyncio.run(scenario())


def test_a_server_must_prove_who_it_is() -> None:
    context = tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs()


def test_a_certificate_that_the_machine_trusts_is_trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert "batchmail test server" in repr(tls_context().get_ca_certs())


def _server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_mail_arrives_byte_for_byte_with_its_length_said(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    pieces = (b"head", bytes(range(256)) * 1_000, b"", b"x" * CHUNK, b"tail")

    async def scenario() -> None:
        taking = answering(202)
        async with server(taking) as there:
            api = Api(there.url, pieces)
            assert await outbox.send(api) == [Sent()]
        assert [(reply.status, reply.body, reply.complete) for reply in api.replies] == [(202, b"", True)]
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
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        taking = answering(202, Set_Cookie="session=1")
        async with server(taking) as there:
            assert await outbox.send(Api(there.url), times=3) == [Sent()] * 3
            assert there.connections == 1
        assert len(taking.requests) == 3
        assert not any("cookie" in head.lower() for head, _ in taking.requests)

    asyncio.run(scenario())


def test_a_connection_that_the_server_ends_is_replaced(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        taking = answering(202, Connection="close")
        async with server(taking) as there:
            assert await outbox.send(Api(there.url), times=2) == [Sent()] * 2
            assert there.connections == 2
        assert len(taking.requests) == 2

    asyncio.run(scenario())


def test_a_mail_that_was_not_taken_can_be_handed_over_again(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    taking = answering(202)

    async def reset_once(visit: Visit) -> None:
        if broken:
            await taking(visit)
        broken.append(True)
        await reset_within_the_body(visit)

    broken: list[bool] = []

    async def scenario() -> None:
        async with server(reset_once) as there, outbox.sender(Api(there.url, LARGE)) as sender:
            transmission = sender.prepare(outbox.message)
            assert isinstance(await transmission(), Refused)
            assert await transmission() == Sent()
        assert len(taking.requests) == 1

    asyncio.run(scenario())


def test_cancelling_ends_the_transmission_and_nothing_is_sent_again(server: type[Server], outbox: Outbox) -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()

        async def note_and_wait(visit: Visit) -> None:
            await visit.request()
            arrived.set()
            await visit.stay_silent()

        async with server(note_and_wait) as there, outbox.sender(Api(there.url)) as sender:
            task = asyncio.ensure_future(sender.prepare(outbox.message)())
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert there.connections == 1

    asyncio.run(scenario())


def test_a_file_that_changed_stops_a_message_before_any_connection(
    server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    class Changed(Api):
        def call(self, message: Message, files: Files) -> Call:
            super().call(message, files)
            raise InputChanged("offer.pdf")

    async def scenario() -> None:
        async with server(answering(202)) as there, outbox.sender(Changed(there.url)) as sender:
            with pytest.raises(InputChanged, match="offer"):
                sender.prepare(outbox.message)
            assert there.connections == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("spelt", [TOKEN, TOKEN.replace("/", "\\/")])
def test_a_server_that_repeats_the_token_does_not_make_it_known(
    spelt: str, server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(answering(400, f"you said Bearer {spelt}.".encode())) as there:
            assert await outbox.send(Api(there.url)) == [Rejected("400", "you said Bearer ***.")]

    asyncio.run(scenario())


def test_not_even_a_log_of_everything_holds_the_token(
    caplog: pytest.LogCaptureFixture, server: type[Server], answering: Callable[..., Answering], outbox: Outbox
) -> None:
    async def scenario() -> None:
        async with server(answering(202)) as there:
            await outbox.send(Api(there.url))
        async with server(reset_after_the_body) as faulty:
            await outbox.send(Api(faulty.url))

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
    assert "send_request_body" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("surplus", "expected"),
    [
        (202, InDoubt("the server answered 202 Accepted before it had the whole mail")),
        (500, Refused("HTTP 500", "the server answered 500 Internal Server Error before it had the whole mail")),
    ],
)
def test_an_answer_too_many_is_not_believed_for_the_next_mail(
    surplus: int, expected: Outcome, server: type[Server], outbox: Outbox
) -> None:
    """The one answer to half a mail that reaches us: asyncio reads no more once a write has failed."""

    async def answer_twice(visit: Visit) -> None:
        await visit.request()
        answers = [f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n" for status in (202, surplus)]
        await visit.say("".join(answers).encode())
        await reset_within_the_body(visit)

    async def scenario() -> None:
        async with server(answer_twice) as faulty:
            api = Api(faulty.url)
            async with outbox.sender(api) as sender:
                assert await sender.prepare(outbox.message)() == Sent()
                api.body = LARGE
                assert await sender.prepare(outbox.message)() == expected
            assert faulty.connections == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("outcome", "judged"),
    [
        (Sent(), InDoubt("the server answered 202 Accepted before it had the whole mail")),
        (InDoubt("?"), Refused("HTTP 202", "the server answered 202 Accepted before it had the whole mail")),
        (Rejected("TOO_LARGE", "20 MB"), Rejected("TOO_LARGE", "20 MB")),
        (Closed("UNAUTHORIZED", "expired", "log in"), Closed("UNAUTHORIZED", "expired", "log in")),
    ],
)
def test_an_answer_to_half_a_mail_proves_that_it_was_not_taken(outcome: Outcome, judged: Outcome) -> None:
    assert _answered_early(outcome, 202) == judged
