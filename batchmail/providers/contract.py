"""What every provider with an HTTP API keeps to, as tests that a provider's own tests inherit.

    class TestPigeon(HttpContract): ...

pytest finds the methods; it is not needed to import this.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import ClassVar

from batchmail.errors import InputChanged
from batchmail.message import Address, ContentType, Message, Unsubscribe
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Capabilities, Feature, Files, Provider, Sender
from batchmail.providers.contract_server import AnsweringServer, ChangedFiles, MemoryFiles, answer
from batchmail.providers.kind import ProviderKind

#: The token that the tests use; it has a character that JSON may escape.
TOKEN = "kHx-canary/7"  # noqa: S105  no secret
#: How long an answer is waited for, in seconds, where none comes.
_HASTY = 0.2
_LONGEST_SHOWN = 400

#: What a status proves where a provider's documentation says nothing else.
USUAL: Mapping[int, type[Outcome]] = {
    301: Closed,
    302: Closed,
    307: Closed,
    308: Closed,
    400: Rejected,
    401: Closed,
    403: Closed,
    429: Refused,
    500: InDoubt,
    502: InDoubt,
    503: InDoubt,
}

#: Bodies that no documentation promises, and that every client meets.
BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "garbage": bytes(range(256)) * 40,
    "a page": b"<html><body><h1>Sorry</h1></body></html>",
    "half a JSON": b'{"code": "INVAL',
    "other JSON": b'[{"error": {"code": 7}}]',
    "the token": f"Authorization: Bearer {TOKEN}".encode(),
    "the token in JSON": json.dumps({"code": TOKEN, "message": f"token {TOKEN} expired"}).encode(),
}

#: A message without what a provider may have no field for; a plan finds that before anything is sent.
_WITHOUT: Mapping[Feature, Callable[[Message], Message]] = {
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
    Feature.RECIPIENT_NAMES: lambda message: message.addressed(tuple(Address(each.mailbox) for each in message.to)),
    Feature.HEADERS: lambda message: replace(message, headers=()),
    Feature.UNSUBSCRIBE: lambda message: replace(message, unsubscribe=None),
}


@dataclass(frozen=True, slots=True)
class Received:
    """What a server understood: the message without its attachments; of these, by name, media type, content and cid."""

    message: Message
    files: Mapping[str, tuple[str, bytes, str | None]] = field(default_factory=dict)


def rich_message(capabilities: Capabilities, files: MemoryFiles, record: str = "") -> Message:
    """A message that asks for everything that a provider can express, and for nothing else."""
    size = 400_000 if capabilities.attachment_bytes is None else min(400_000, capabilities.attachment_bytes // 2)
    message = Message(
        to=(Address("kim@example.com", "Kim"), Address("sato@example.jp")),
        subject="請求書 7 — “October”; {{ not merged }}",
        body='<p>Dear "Kim" & 김,\r\n\t佐藤 😀 \\u0041 </script></p>',
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
            files.attach("請求書 7.pdf", (bytes(range(256)) * 2_000)[:size], "application/pdf"),
            files.attach("logo.png", b"PNG", "image/png", "logo"),
        ),
        record=record,
        headers=(("X-Batch", "7"),),
        unsubscribe=Unsubscribe("https://example.com/leave", "leave@example.com", one_click=True),
    )
    if (capabilities.recipients_per_request or len(message.recipients)) < len(message.recipients):
        message = replace(message, to=message.to[:1], cc=(), bcc=())
    return expressible(message, capabilities)


def expressible(message: Message, capabilities: Capabilities) -> Message:
    """The message without what a provider has no field for."""
    for feature in frozenset(Feature) - capabilities.features:
        message = _WITHOUT[feature](message)
    return message


class HttpContract:
    """The promises. A provider's tests inherit them and say the rest: the kind, settings, and what its server reads.

    `success` is the status of a mail that was taken, and `taken` makes the body that goes with it. Where that body has
    to say who gets the mail, one that says nothing leaves it in doubt (`unsaid`). `verdicts` has the statuses that the
    provider's documentation gives another meaning than most do.
    """

    kind: ClassVar[ProviderKind]
    settings: ClassVar[object]
    success: ClassVar[int] = 200
    unsaid: ClassVar[type[Outcome]] = Sent
    verdicts: ClassVar[Mapping[int, type[Outcome]]] = {}

    def understand(self, body: bytes) -> Received:
        """What the provider's server reads in a request's body."""
        raise NotImplementedError

    def taken(self, message: Message) -> bytes:
        """The body of the answer to a mail that was taken."""
        del message  # most have none that matters
        return b""

    @property
    def provider(self) -> Provider:
        """The provider under test."""
        return self.kind.build(self.settings)

    def test_a_message_arrives_as_it_was_meant(self) -> None:
        files = MemoryFiles()
        message = rich_message(self.provider.capabilities, files, "7" if self.provider.record else "")

        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            server.answer = answer(self.success, self.taken(message))
            outcome = await sender.prepare(message)()
            assert isinstance(outcome, Sent), f"{outcome!r}"
            [request] = server.requests
            received = self.understand(request.body)
            # A record stands in the address rather than in the body.
            expected = replace(message, attachments=(), record=received.message.record)
            assert received.message == expected, f"{received.message!r}"
            sent = {each.filename: (each.media_type, files.content(each), each.cid) for each in message.attachments}
            assert received.files == sent, "the attachments differ"

        self._with_server(scenario, files)

    def test_nothing_leaves_before_it_is_handed_over(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            sender.prepare(self._simple())
            assert not server.requests

        self._with_server(scenario)

    def test_a_status_proves_what_it_proves_and_nothing_is_sent_twice(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            for status, expected in {**USUAL, **self.verdicts}.items():
                for name, body in BODIES.items():
                    server.requests.clear()
                    server.answer = answer(status, body, Location="/elsewhere")
                    outcome = await sender.prepare(self._simple())()
                    assert isinstance(outcome, expected), f"{status} with {name}: {outcome!r}"
                    assert len(server.requests) == 1, f"{status} with {name}: {len(server.requests)} requests"
                    _assert_showable(outcome)

        self._with_server(scenario)

    def test_a_mail_that_was_taken_is_never_sent_again_whatever_else_the_answer_says(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            for name, body in BODIES.items():
                server.answer = answer(self.success, body)
                outcome = await sender.prepare(self._simple())()
                assert isinstance(outcome, self.unsaid), f"{name}: {outcome!r}"
                _assert_showable(outcome)

        self._with_server(scenario)

    def test_a_rate_limit_takes_no_attempt_and_says_how_long_to_wait(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            server.answer = answer(429, Retry_After="30")
            outcome = await sender.prepare(self._simple())()
            assert isinstance(outcome, Refused), f"{outcome!r}"
            assert (outcome.retry_after_seconds, outcome.attempt) == (30.0, False), f"{outcome!r}"

        self._with_server(scenario)

    def test_a_mail_without_an_answer_is_in_doubt(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            server.answer = b""
            outcome = await sender.prepare(self._simple())()
            assert isinstance(outcome, InDoubt), f"{outcome!r}"
            _assert_showable(outcome)

        self._with_server(scenario)

    def test_an_answer_is_waited_for_as_long_as_the_job_says(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            server.answer = None
            outcome = await sender.prepare(self._simple())()
            assert isinstance(outcome, InDoubt), f"{outcome!r}"

        self._with_server(scenario, timeout_seconds=_HASTY)

    def test_the_token_is_in_the_request_and_nowhere_else(self) -> None:
        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            server.answer = answer(self.success, self.taken(self._simple()))
            transmission = sender.prepare(self._simple())
            shown = [repr(sender), repr(transmission), repr(await transmission())]
            assert not [text for text in shown if TOKEN in text], "the token is shown"
            [request] = server.requests
            assert TOKEN.encode() in request.head.encode() + request.body, "the token is not sent"

        self._with_server(scenario)

    def test_a_file_that_changed_is_found_before_a_byte_leaves(self) -> None:
        message = rich_message(self.provider.capabilities, MemoryFiles())

        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            try:
                sender.prepare(message)
            except InputChanged:
                assert not server.requests
            else:
                raise AssertionError("nothing was found")

        if message.attachments:
            self._with_server(scenario, ChangedFiles())

    def test_what_it_has_a_field_for_is_never_adapted(self) -> None:
        message = rich_message(self.provider.capabilities, MemoryFiles())
        assert self.provider.adapt(message) == message

    def test_it_needs_nothing_that_it_cannot_express(self) -> None:
        assert self.provider.capabilities.required <= self.provider.capabilities.features

    def test_what_it_can_do_is_known_before_it_is_built(self) -> None:
        assert isinstance(self.settings, self.kind.settings)
        assert self.provider.title == self.kind.title
        assert not frozenset(Feature) & self.provider.capabilities.converted - frozenset(self.kind.converts)

    def _simple(self) -> Message:
        """A message that asks for nothing special."""
        can = self.provider.capabilities
        return replace(
            Message((Address("kim@example.com"),), "Invoice 7", "Dear Kim"),
            content_type=ContentType.HTML if Feature.HTML in can.features else ContentType.TEXT,
            sender=Address("billing@example.com") if Feature.FROM in can.required else None,
            record="7" if self.provider.record else "",
        )

    def _opened(self, turned: Provider, files: Files, timeout_seconds: float) -> AbstractAsyncContextManager[Sender]:
        """A connection of the provider, turned to the server of a test."""
        return turned.open(files, timeout_seconds)

    def _with_server(
        self,
        scenario: Callable[[AnsweringServer, Sender], Awaitable[None]],
        files: Files | None = None,
        timeout_seconds: float = 60.0,
    ) -> None:
        async def run() -> None:
            async with AnsweringServer() as server:
                turned = self.provider.at(server.url, TOKEN)
                assert TOKEN not in repr(turned), "the token is shown"
                async with self._opened(turned, files or MemoryFiles(), timeout_seconds) as sender:
                    await scenario(server, sender)

        asyncio.run(run())


def _assert_showable(outcome: Outcome) -> None:
    """No token, no line break, no escape sequence, nothing long."""
    assert TOKEN not in repr(outcome), "the token is shown"
    match outcome:
        case Rejected(code, reason) | Refused(code, reason) | Closed(code, reason):
            shown = f"{code}: {reason}"
            assert code, f"{outcome!r} has no code"
            assert reason, f"{outcome!r} has no reason"
        case InDoubt(reason):
            shown = reason
            assert reason, f"{outcome!r} has no reason"
        case Sent(provider_id):
            shown = provider_id
        case Divided():
            return
    assert not shown or shown.isprintable(), f"{outcome!r} has characters that steer a terminal"
    assert len(shown) < _LONGEST_SHOWN, f"{outcome!r} is long"
