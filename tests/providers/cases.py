"""The providers under test, each with what its server reads in a mail: a new one adds its case to the table."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from batchmail.emulator import smtp_emulator
from batchmail.job import Folder, TemplateText, Url
from batchmail.location import TextLocation
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import InDoubt, Outcome, Sent
from batchmail.providers.base import Provider, Sender
from batchmail.providers.contract import TOKEN, Received
from batchmail.providers.outbox import OutboxSettings
from batchmail.providers.pleasanter import PleasanterSettings
from batchmail.providers.smtp import SmtpSettings
from batchmail.providers.works import WorksSettings
from batchmail.providers.works_v1 import WorksV1Settings
from batchmail.secret import Secret
from tests.providers.form_parts import parse_form
from tests.providers.mail_parts import parse_mail

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Behaviour, Contents, Server


@dataclass(frozen=True)
class Bench:
    """What a case needs: a server that answers as told, the attachments' files, and an empty folder."""

    server: type[Server]
    answering: Callable[..., Answering]
    files: Contents
    folder: Path


class Case(Protocol):
    """A provider under test."""

    @property
    def settings(self) -> object:
        """The settings that it is built from."""
        ...

    def accept(self, provider: Provider, message: Message, bench: Bench) -> tuple[Outcome, Received]:
        """Hand a message to a server that takes it: what became of it, and what the server understood."""
        ...


@dataclass(frozen=True)
class HttpCase:
    """A provider with an HTTP API.

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

    def accept(self, provider: Provider, message: Message, bench: Bench) -> tuple[Outcome, Received]:
        taking = bench.answering(self.success, self.taken(message))
        outcome = Post(provider, bench).hand_over(message, taking)
        [(head, body)] = taking.requests
        assert f"Content-Length: {len(body)}\r\n" in head
        assert "Transfer-Encoding" not in head
        return outcome, self.understand(body)


@dataclass(frozen=True)
class Post:
    """A provider whose HTTP server answers as told."""

    provider: Provider
    bench: Bench
    timeout_seconds: float = 60.0

    def hand_over(self, message: Message, behaviour: Behaviour) -> Outcome:
        return asyncio.run(self._hand_over(message, behaviour))

    async def _hand_over(self, message: Message, behaviour: Behaviour) -> Outcome:
        async with self.bench.server(behaviour) as there, self._sender(there.url) as sender:
            return await sender.prepare(message)()

    def _sender(self, url: str) -> Sender:
        return self.provider.at(url, TOKEN).open(self.bench.files, self.timeout_seconds)


@dataclass(frozen=True)
class OutboxCase:
    """A folder: a file in it is what arrived."""

    settings: OutboxSettings

    def accept(self, provider: Provider, message: Message, bench: Bench) -> tuple[Outcome, Received]:
        outcome = asyncio.run(self._hand_over(provider.at(str(bench.folder), ""), message, bench))
        [path] = bench.folder.glob("*.eml")
        parsed = parse_mail(path.read_bytes())
        return outcome, Received(parsed.message, parsed.files)

    async def _hand_over(self, provider: Provider, message: Message, bench: Bench) -> Outcome:
        async with provider.open(bench.files, 60.0) as sender:
            return await sender.prepare(message)()


@dataclass(frozen=True)
class SmtpCase:
    """A mail server: the emulator's, which is not of this package, keeps the mail and its envelope."""

    settings: SmtpSettings

    def accept(self, provider: Provider, message: Message, bench: Bench) -> tuple[Outcome, Received]:
        with smtp_emulator() as emulator:
            emulated = provider.at(emulator.base_url, emulator.access_token)
            outcome = asyncio.run(self._hand_over(emulated, message, bench))
            [mail] = emulator.inbox.mails
        parsed = parse_mail(mail.request)
        return outcome, Received(replace(parsed.message, bcc=tuple(map(Address, mail.bcc))), parsed.files)

    async def _hand_over(self, provider: Provider, message: Message, bench: Bench) -> Outcome:
        async with provider.open(bench.files, 60.0) as sender:
            return await sender.prepare(message)()


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


HTTP_CASES = {
    "works": HttpCase(WorksSettings(), 202, _understood_by_works),
    "works-v1": HttpCase(
        WorksV1Settings("kr1abc", _secret("WORKS_CONSUMER_KEY"), _secret("WORKS_ACCESS_TOKEN")),
        200,
        _understood_by_works_v1,
        taken=_taken_by_works_v1,
        unsaid=InDoubt,
    ),
    "pleasanter": HttpCase(
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

CASES: Mapping[str, Case] = {
    **HTTP_CASES,
    "smtp": SmtpCase(
        SmtpSettings("mail.example.com", username="billing@example.com", password=_secret("SMTP_PASSWORD"))
    ),
    "outbox": OutboxCase(OutboxSettings(Folder("outbox"))),
}
