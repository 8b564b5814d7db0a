"""What every provider keeps to. A new one adds its case to the table below, and inherits all of it."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from batchmail.job import TemplateText, Url
from batchmail.location import TextLocation
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers import PROVIDERS
from batchmail.providers.base import Feature, Provider, Sender
from batchmail.providers.pleasanter import PleasanterSettings
from batchmail.providers.works import WorksSettings
from batchmail.providers.works_v1 import WorksV1Settings
from batchmail.secret import Secret
from tests.providers.form_parts import parse_form

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Behaviour, Contents, Server, Visit

TOKEN = "kHx-canary/7"


@dataclass(frozen=True)
class Received:
    """What a provider's server understood: the message without its attachments, and these by name."""

    message: Message
    files: Mapping[str, tuple[str, bytes, str | None]]


@dataclass(frozen=True)
class Case:
    """A provider under test.

    `success` is the status of a mail that was taken, `understand` what its server reads in a request's body.
    `verdicts` holds the statuses that its documentation gives another meaning than most do. `taken` makes the body of
    an answer of success; where that has to say who gets the mail, one that says nothing leaves it in doubt (`unsaid`).
    """

    settings: object
    success: int
    understand: Callable[[bytes], Received]
    verdicts: Mapping[int, type[Outcome]] = field(default_factory=dict)
    taken: Callable[[Message], bytes] = lambda _: b""
    unsaid: type[Outcome] = Sent


def _understood_by_works(body: bytes) -> Received:
    fields = json.loads(body)

    def addresses(name: str) -> tuple[Address, ...]:
        return tuple(Address(each.strip()) for each in fields.get(name, "").split(";") if each.strip())

    message = Message(
        to=addresses("to"),
        subject=fields["subject"],
        body=fields["body"],
        content_type=ContentType(fields["contentType"]),
        cc=addresses("cc"),
        bcc=addresses("bcc"),
        user_name=fields.get("userName"),
        save_sent=fields["isSaveSentMail"],
        save_tracking=fields["isSaveTracking"],
        send_separately=fields["isSendSeparately"],
        security_level=fields.get("securityLevel", "General"),
    )
    files = {
        each["filename"]: (each["fileType"], b64decode(each["data"], validate=True), each.get("cid"))
        for each in fields.get("attachments", [])
    }
    return Received(message, files)


def _understood_by_works_v1(body: bytes) -> Received:
    parts = parse_form(body)
    texts = {name: content.decode("utf-8") for name, filename, _, content in parts if filename is None}

    def addresses(name: str) -> tuple[Address, ...]:
        return tuple(Address(each) for each in texts.get(name, "").split(";") if each)

    message = Message(
        to=addresses("to"),
        subject=texts["subject"],
        body=texts["text"],
        content_type=ContentType(texts["contentType"]),
        cc=addresses("cc"),
        bcc=addresses("bcc"),
        user_name=texts.get("userName"),
        save_sent=texts["saveSentMail"] == "true",
        send_separately=texts["sendSeparately"] == "true",
    )
    files = {name: (media_type, content, None) for name, filename, media_type, content in parts if filename is not None}
    return Received(message, files)


def _taken_by_works_v1(message: Message) -> bytes:
    return json.dumps({"successList": [address.mailbox for address in message.recipients]}).encode()


def _understood_by_pleasanter(body: bytes) -> Received:
    fields = json.loads(body)

    def addresses(name: str) -> tuple[Address, ...]:
        found = re.findall(r'(?:"([^"]*)" <)?([^<>",\s]+@[^<>",\s]+)', fields.get(name, ""))
        return tuple(Address(mailbox, name) for name, mailbox in found)

    sender = addresses("From")
    message = Message(
        to=addresses("To"),
        subject=fields["Title"],
        body=fields["Body"],
        content_type=ContentType.TEXT,
        cc=addresses("Cc"),
        bcc=addresses("Bcc"),
        sender=sender[0] if sender else None,
    )
    files = {
        each["Name"]: (each["ContentType"], b64decode(each["Base64"], validate=True), None)
        for each in fields.get("Attachments", [])
    }
    return Received(message, files)


def _taken_by_pleasanter(_: Message) -> bytes:
    return b'{"Id":7,"StatusCode":200,"Message":"Email has been sent."}'


def _secret(name: str) -> Secret:
    return Secret("env", name, TextLocation(Path("job.yaml"), 5, 16))


CASES = {
    "works": Case(WorksSettings(), 202, _understood_by_works),
    "works-v1": Case(
        WorksV1Settings("kr1abc", _secret("WORKS_CONSUMER_KEY"), _secret("WORKS_ACCESS_TOKEN")),
        200,
        _understood_by_works_v1,
        taken=_taken_by_works_v1,
        unsaid=InDoubt,
    ),
    "pleasanter": Case(
        PleasanterSettings(
            Url("https://pleasanter.net/fs"),
            TemplateText("7", TextLocation(Path("job.yaml"), 6, 13)),
            _secret("PLEASANTER_API_KEY"),
        ),
        200,
        _understood_by_pleasanter,
        verdicts={302: InDoubt},
        taken=_taken_by_pleasanter,
        unsaid=InDoubt,
    ),
}

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


@pytest.fixture(params=CASES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(kind: str) -> Case:
    return CASES[kind]


@pytest.fixture
def provider(kind: str, case: Case) -> Provider:
    build = PROVIDERS[kind].build
    assert build is not None
    return build(case.settings)


@dataclass(frozen=True)
class Post:
    """A provider whose server answers as told."""

    provider: Provider
    server: type[Server]
    files: Contents
    timeout_seconds: float = 60.0

    def hand_over(self, message: Message, behaviour: Behaviour) -> Outcome:
        return asyncio.run(self._hand_over(message, behaviour))

    async def _hand_over(self, message: Message, behaviour: Behaviour) -> Outcome:
        async with self.server(behaviour) as there, self._sender(there.url) as sender:
            return await sender.prepare(message)()

    def _sender(self, url: str) -> Sender:
        return self.provider.at(url, TOKEN).open(self.files, self.timeout_seconds)


@pytest.fixture
def post(provider: Provider, server: type[Server], files: Contents) -> Post:
    return Post(provider, server, files)


#: A message without what a provider may have no field for; a plan finds that before anything is sent.
WITHOUT: Mapping[Feature, Callable[[Message], Message]] = {
    Feature.HTML: lambda message: replace(message, content_type=ContentType.TEXT),
    Feature.FROM: lambda message: replace(message, sender=None),
    Feature.REPLY_TO: lambda message: replace(message, reply_to=None),
    Feature.ALTERNATIVE: lambda message: replace(message, alternative=None),
    Feature.CC: lambda message: replace(message, cc=()),
    Feature.BCC: lambda message: replace(message, bcc=()),
    Feature.USER_NAME: lambda message: replace(message, user_name=None),
    Feature.SAVE_SENT: lambda message: replace(message, save_sent=True),
    Feature.SAVE_TRACKING: lambda message: replace(message, save_tracking=True),
    Feature.SEND_SEPARATELY: lambda message: replace(message, send_separately=False),
    Feature.SECURITY_LEVEL: lambda message: replace(message, security_level="General"),
    Feature.INLINE_IMAGES: lambda message: replace(
        message, attachments=tuple(each for each in message.attachments if each.cid is None)
    ),
    Feature.ATTACHMENTS: lambda message: replace(message, attachments=()),
    Feature.RECIPIENT_NAMES: lambda message: replace(
        message, to=tuple(Address(address.mailbox) for address in message.to)
    ),
}


def test_every_provider_that_can_send_is_tested_here() -> None:
    assert set(CASES) == {kind for kind, each in PROVIDERS.items() if each.build}


def test_a_message_arrives_as_it_was_meant(
    post: Post, case: Case, answering: Callable[..., Answering], files: Contents
) -> None:
    message = Message(
        to=(Address("kim@example.com", "Kim"), Address("sato@example.jp")),
        subject="請求書 7 — “October”; {{ not merged }}",
        body='<p>Dear "Kim" & 김,\r\n\t佐藤 😀 \\u0041 </script>\x7f</p>',
        cc=(Address("boss@example.com"),),
        bcc=(Address("archive@example.com"),),
        sender=Address("billing@example.com"),
        reply_to=Address("desk@example.com"),
        alternative="Dear Kim",
        user_name="経理部",
        save_sent=False,
        save_tracking=False,
        send_separately=True,
        security_level="Confidential",
        attachments=(
            files.attach("請求書 7.pdf", bytes(range(256)) * 2_000),
            replace(files.attach("logo.png", b"PNG", "image/png"), cid="logo"),
        ),
    )
    for feature in frozenset(Feature) - post.provider.capabilities.features:
        message = WITHOUT[feature](message)
    taking = answering(case.success, case.taken(message))
    assert isinstance(post.hand_over(message, taking), Sent)
    [(head, body)] = taking.requests
    received = case.understand(body)
    assert received.message == replace(message, attachments=())
    assert received.files == {
        each.filename: (each.media_type, files.content(each), each.cid) for each in message.attachments
    }
    assert f"Content-Length: {len(body)}\r\n" in head
    assert "Transfer-Encoding" not in head


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", USUAL)
def test_a_status_proves_what_it_proves_and_nothing_is_sent_twice(
    status: int, body: str, post: Post, case: Case, answering: Callable[..., Answering], message: Message
) -> None:
    refusing = answering(status, BODIES[body])
    outcome = post.hand_over(message, refusing)
    assert isinstance(outcome, {**USUAL, **case.verdicts}[status])
    assert len(refusing.requests) == 1
    _assert_showable(outcome)


@pytest.mark.parametrize("body", BODIES)
def test_a_mail_that_was_taken_is_never_sent_again_whatever_else_the_answer_says(
    body: str, post: Post, case: Case, answering: Callable[..., Answering], message: Message
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
    status: int, post: Post, case: Case, answering: Callable[..., Answering], message: Message
) -> None:
    redirecting = answering(status, Location="/elsewhere")
    outcome = post.hand_over(message, redirecting)
    assert isinstance(outcome, case.verdicts.get(status, Closed))
    assert len(redirecting.requests) == 1
    _assert_showable(outcome)


def test_the_token_is_in_the_request_and_nowhere_else(
    post: Post, case: Case, answering: Callable[..., Answering], message: Message, files: Contents
) -> None:
    taking = answering(case.success)

    async def scenario() -> None:
        async with post.server(taking) as there:
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
