"""A mail server's settings: where it is, who logs in, and what must never be."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from batchmail.emulator import Tls, smtp_emulator
from batchmail.errors import BatchmailError
from batchmail.location import TextLocation
from batchmail.outcome import Sent
from batchmail.providers.base import Feature
from batchmail.providers.smtp import SmtpSettings, ascii_name, build, contradictions
from batchmail.secret import Secret, SecretMissing
from tests.providers.mail_desk import CERTIFICATE, MESSAGE, Security, server_tls

if TYPE_CHECKING:
    from batchmail.outcome import Outcome
    from tests.providers.conftest import Contents

PASSWORD = Secret("env", "SMTP_PASSWORD", TextLocation(Path("job.yaml"), 9, 5))


def send(settings: SmtpSettings, files: Contents) -> Outcome:
    async def scenario() -> Outcome:
        async with build(settings).open(files, 60.0) as sender:
            return await sender.prepare(MESSAGE)()

    return asyncio.run(scenario())


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("oauth", [False, True])
def test_a_server_whose_certificate_the_machine_trusts_gets_the_mail(
    *, oauth: bool, security: Security, files: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with smtp_emulator(tls=Tls(server_tls(), implicit=security == "tls")) as emulator:
        monkeypatch.setenv("SMTP_PASSWORD", emulator.access_token)
        settings = SmtpSettings(
            "127.0.0.1",
            emulator.server.port,
            security,
            username="billing@example.com",
            password=None if oauth else PASSWORD,
            access_token=PASSWORD if oauth else None,
        )
        assert isinstance(send(settings, files), Sent)


def test_the_secret_is_shown_by_nothing(files: Contents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "kHx-canary/7")
    provider = build(SmtpSettings("127.0.0.1", 9, "none", username="a@example.com", password=PASSWORD))
    sender = provider.open(files, 60.0)
    assert "canary" not in repr(provider) + repr(sender) + repr(vars(sender)) + repr(sender.prepare(MESSAGE))


@pytest.mark.parametrize(
    ("host", "known"),
    [("메일.example", "xn--h32bq4v.example"), ("bücher.example", "xn--bcher-kva.example"), ("[::1]", "::1")],
)
def test_a_server_may_have_a_name_in_any_script(host: str, known: str) -> None:
    assert ascii_name(host) == known


@pytest.mark.parametrize("host", ["\u3002", "a..메일", "-메-.example", "메" * 80])
def test_a_name_that_no_server_can_have_is_told(host: str, files: Contents) -> None:
    with pytest.raises(BatchmailError, match="cannot be the name of a server"):
        build(SmtpSettings(host)).open(files, 60.0)
    assert [each.key for each in contradictions(SmtpSettings(host))] == ["host"]


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".example"])
def test_an_odd_name_harms_nothing(host: str, files: Contents) -> None:
    assert not isinstance(send(SmtpSettings(host, 9, "none"), files), Sent)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "::1", "LocalHost", "127.8.8.8"])
def test_a_password_may_stay_on_this_machine_unencrypted(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "x")
    build(SmtpSettings(host, 25, "none", username="a", password=PASSWORD)).check_credentials()


@pytest.mark.parametrize("host", ["mail.example.com", "192.0.2.1", "localhost.example.com", "127.0.0.1.example.com"])
def test_a_password_never_leaves_this_machine_unencrypted(
    host: str, files: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "x")
    provider = build(SmtpSettings(host, 25, "none", username="a", password=PASSWORD))
    for attempt in (provider.check_credentials, lambda: provider.open(files, 60.0)):
        with pytest.raises(BatchmailError, match="the secret would travel in the clear"):
            attempt()


def test_a_relay_of_the_office_may_take_mail_in_the_clear_from_nobody_in_particular() -> None:
    build(SmtpSettings("relay.example.com", 25, "none")).check_credentials()


def test_a_password_that_is_not_there_is_told(files: Contents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    provider = build(SmtpSettings("mail.example.com", username="a", password=PASSWORD))
    with pytest.raises(SecretMissing):
        provider.check_credentials()
    with pytest.raises(SecretMissing):
        provider.open(files, 60.0)


def test_somebody_has_to_be_the_sender() -> None:
    assert build(SmtpSettings("mail.example.com")).capabilities.required == {Feature.FROM}
    named = build(SmtpSettings("mail.example.com", username="a@example.com", password=PASSWORD))
    assert not named.capabilities.required


def test_settings_of_another_kind_are_a_mistake() -> None:
    with pytest.raises(TypeError, match="SmtpSettings expected, not str"):
        build("smtp")
