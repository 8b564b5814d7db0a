"""What every provider keeps to. A new one adds its case to the table in `cases`, and inherits all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from batchmail.errors import InputChanged
from batchmail.message import Address, Attachment, Message, Unsubscribe
from batchmail.outcome import Sent
from batchmail.providers import PROVIDERS
from batchmail.providers.base import Provider
from batchmail.providers.contract import expressible
from tests.providers.cases import CASES, Bench, Case

if TYPE_CHECKING:
    from pathlib import Path

    from tests.providers.conftest import Answering, Contents, Server


@pytest.fixture(params=CASES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(kind: str) -> Case:
    return CASES[kind]


@pytest.fixture
def provider(kind: str, case: Case) -> Provider:
    return PROVIDERS[kind].build(case.settings)


@pytest.fixture
def bench(server: type[Server], answering: Callable[..., Answering], files: Contents, tmp_path: Path) -> Bench:
    return Bench(server, answering, files, tmp_path)


@pytest.fixture
def message(provider: Provider, files: Contents) -> Message:
    """A message with all that the provider has a field for."""
    whole = Message(
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
        headers=(("X-Campaign", "十月 “October” 7"),),
        unsubscribe=Unsubscribe("https://example.com/off?k=7", "mailto:off@example.com?subject=off", one_click=True),
        attachments=(
            files.attach("請求書 7.pdf", bytes(range(256)) * 2_000),
            replace(files.attach("logo.png", b"PNG", "image/png"), cid="logo"),
        ),
    )
    return expressible(whole, provider.capabilities)


def test_every_provider_that_can_send_is_tested_here() -> None:
    assert set(CASES) == set(PROVIDERS)


def test_a_message_arrives_as_it_was_meant(case: Case, provider: Provider, message: Message, bench: Bench) -> None:
    outcome, received = case.accept(provider, message, bench)
    assert isinstance(outcome, Sent)
    assert received.message == replace(message, attachments=())
    assert received.files == {
        each.filename: (each.media_type, bench.files.content(each), each.cid) for each in message.attachments
    }


def test_what_a_provider_has_a_field_for_is_never_adapted(provider: Provider, message: Message) -> None:
    assert provider.adapt(message) == message


def test_it_needs_nothing_that_it_cannot_express(provider: Provider) -> None:
    assert provider.capabilities.required <= provider.capabilities.features


def test_a_file_that_changed_is_found_before_a_byte_leaves(provider: Provider, message: Message) -> None:
    with pytest.raises(InputChanged, match="offer"):
        provider.at("http://127.0.0.1:9", "kHx").open(ChangedFiles(), 60.0).prepare(message)


class ChangedFiles:
    """Attachments that are no longer what was planned."""

    def content(self, attachment: Attachment) -> bytes:
        raise InputChanged(f"offer {attachment.filename}")

    base64 = base64_lines = content
