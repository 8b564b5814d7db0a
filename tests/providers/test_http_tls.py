"""TLS: nothing is said to a server that does not prove who it is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from batchmail.outcome import Closed, Refused, Sent
from batchmail.providers.http import Timeouts
from batchmail.providers.tls import tls_context, tls_for

if TYPE_CHECKING:
    from tests.providers.conftest import Answering, Api, Behaviour, Outbox, Server, Visit

#: How long the tests wait for what never comes; all other waits are the real ones.
SHORT = 0.2
PATIENT = Timeouts()


def test_a_certificate_that_nobody_trusts_stops_the_run_before_anything_is_said(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        untrusted = answering(202)
        async with server(untrusted, _server_tls(certificate)) as faulty:
            [outcome] = await outbox.send(mail_api(faulty.url))
            assert isinstance(outcome, Closed)
            assert outcome.code == "bad-certificate"
            assert outcome.reason.startswith(f"127.0.0.1:{faulty.port} does not prove who it is: self-signed")
            assert not untrusted.requests

    asyncio.run(scenario())


def test_the_certificate_of_another_host_stops_the_run_too(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        impostor = answering(202)
        async with server(impostor, _server_tls(certificate)) as faulty:
            url = f"https://localhost:{faulty.port}"
            [outcome] = await outbox.send(mail_api(url), tls=ssl.create_default_context(cafile=certificate))
            assert isinstance(outcome, Closed)
            assert outcome.code == "bad-certificate"
            assert "not valid for 'localhost'" in outcome.reason
            assert not impostor.requests

    asyncio.run(scenario())


def test_mail_goes_over_tls_where_the_certificate_is_trusted(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(answering(202), _server_tls(certificate)) as trusted:
            trusting = ssl.create_default_context(cafile=certificate)
            assert await outbox.send(mail_api(trusted.url), tls=trusting) == [Sent()]

    asyncio.run(scenario())


async def close_at_once(visit: Visit) -> None:
    pass


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
    behaviour: Behaviour, timeouts: Timeouts, expected: str, server: type[Server], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        async with server(behaviour) as faulty:
            place = f"127.0.0.1:{faulty.port}"
            [outcome] = await outbox.send(mail_api(f"https://{place}"), timeouts)
            assert isinstance(outcome, Closed | Refused)
            said = f"{type(outcome).__name__} {outcome.code}: {outcome.reason}"
            assert said.replace(place, "S") == expected

    asyncio.run(scenario())


def test_a_server_must_prove_who_it_is() -> None:
    context = tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.get_ca_certs()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1.0", "HTTP://localhost"])
def test_what_servers_are_checked_with_is_not_made_for_plain_http(url: str) -> None:
    assert tls_for(url) is None


@pytest.mark.parametrize(
    "url", ["https://www.worksapis.com/v1.0", "HTTPS://127.0.0.1", "httpx://127.0.0.1", "http:", ""]
)
def test_for_every_other_address_it_is_made(url: str) -> None:
    assert isinstance(tls_for(url), ssl.SSLContext)


def test_without_it_a_server_has_to_prove_itself_all_the_same(
    certificate: Path, server: type[Server], answering: Callable[..., Answering], outbox: Outbox, mail_api: type[Api]
) -> None:
    async def scenario() -> None:
        untrusted = answering(202)
        async with server(untrusted, _server_tls(certificate)) as faulty:
            [outcome] = await replace(outbox, tls=None).send(mail_api(faulty.url))
            assert isinstance(outcome, Closed)
            assert outcome.code == "bad-certificate"
            assert not untrusted.requests

    asyncio.run(scenario())


def test_a_certificate_that_the_machine_trusts_is_trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert "batchmail test server" in repr(tls_context().get_ca_certs())


def _server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
