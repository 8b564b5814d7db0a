"""Every fault on the way to a provider, in the clear and inside TLS. The table of all of them is `fault_matrix.py`."""

import ast
import asyncio
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from batchmail.delivery import DeliveryState
from batchmail.message import Address, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers import PROVIDERS
from batchmail.providers.contract_server import MemoryFiles, answer
from batchmail.providers.credential import Access, FixedCredential
from batchmail.providers.http import HttpSender, Timeouts
from tests.providers.cases import HTTP_CASES
from tests.providers.conftest import Api, Contents, Server, Visit
from tests.reliability import faults
from tests.reliability.fault_matrix import CONNECTION, STATUS, Cell
from tests.reliability.faults import (
    CERTIFICATE,
    LARGE,
    SCHEMES,
    SHORT,
    Faulty,
    Scheme,
    full_port,
    last_outcome,
    outbox,
    outcome_at,
    server_tls,
    silent_port,
    state_after_two_runs,
)

TESTS = Path(__file__).parents[1]
Fault = Callable[[Faulty, Visit], Awaitable[None]]

over = pytest.mark.parametrize("scheme", SCHEMES)


@pytest.mark.parametrize("cell", [*CONNECTION, *STATUS], ids=lambda cell: cell.fault)
def test_every_row_of_the_table_is_shown_by_tests_that_exist(cell: Cell) -> None:
    assert cell.tests
    for test in cell.tests:
        file, _, function = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test


@over
@pytest.mark.parametrize("fault", [faults.body_stalled, faults.reset_while_sending], ids=lambda each: each.__name__)
def test_a_mail_that_was_not_handed_over_completely_was_not_taken(fault: Fault, scheme: Scheme) -> None:
    faulty = Faulty(fault)
    outcome = last_outcome(faulty, scheme, LARGE)
    assert isinstance(outcome, Refused)
    assert (outcome.reached, outcome.attempt) == (True, True)
    assert faulty.bodies == 0


IN_DOUBT = (
    faults.closed_on_accept,
    faults.reset_after_body,
    faults.closed_after_body,
    faults.silence_after_body,
    faults.garbage,
    faults.half_a_header,
)


@over
@pytest.mark.parametrize("fault", IN_DOUBT, ids=lambda each: each.__name__)
def test_a_mail_without_an_answer_is_in_doubt_and_the_server_gets_it_once_at_most(fault: Fault, scheme: Scheme) -> None:
    faulty = Faulty(fault)
    assert state_after_two_runs(faulty, scheme) is DeliveryState.IN_DOUBT
    assert faulty.bodies <= 1


@over
def test_a_kept_connection_that_ends_as_the_next_mail_arrives_leaves_that_in_doubt(scheme: Scheme) -> None:
    faulty = Faulty(faults.closed_at_the_second)
    assert isinstance(last_outcome(faulty, scheme, mails=2), InDoubt)
    assert faulty.bodies == 1


@over
def test_a_status_that_was_seen_stands(scheme: Scheme) -> None:
    faulty = Faulty(faults.truncated_answer)
    assert state_after_two_runs(faulty, scheme) is DeliveryState.SENT
    assert faulty.bodies == 1


@over
def test_a_server_that_is_not_reached_has_nothing_and_costs_no_attempt(scheme: Scheme) -> None:
    hasty = Timeouts(connect=SHORT)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        outcomes = [outcome_at(f"{scheme}://127.0.0.1:{unused.getsockname()[1]}")]
    if sys.platform == "linux":  # elsewhere a full queue takes more, or refuses
        with full_port() as port:
            outcomes.append(outcome_at(f"{scheme}://127.0.0.1:{port}", hasty))
    if scheme == "https":
        with silent_port() as port:
            outcomes.append(outcome_at(f"{scheme}://127.0.0.1:{port}", hasty))
    assert [(type(each), getattr(each, "reached", None)) for each in outcomes] == [(Refused, False)] * len(outcomes)


def test_not_a_byte_of_a_mail_reaches_a_server_with_a_certificate_that_nobody_trusts() -> None:
    heard: list[bytes] = []

    async def listen(visit: Visit) -> None:
        heard.append(await visit.line())

    async def scenario() -> Outcome:
        async with Server(listen, server_tls("https")) as server:
            [outcome] = await outbox().send(Api(server.url), tls=ssl.create_default_context())
            return outcome

    outcome = asyncio.run(scenario())
    assert isinstance(outcome, Closed)
    assert outcome.code == "bad-certificate"
    assert not any(heard)


@over
@pytest.mark.parametrize("url", ["{}://127.0.0.1:port", "{}://\0", "ftp{}://127.0.0.1"])
def test_an_address_that_is_none_stops_the_run(url: str, scheme: Scheme) -> None:
    outcome = outcome_at(url.format(scheme))
    assert isinstance(outcome, Closed)
    assert outcome.code == "bad-address"


@over
def test_a_header_that_cannot_be_stops_the_run_before_a_byte_of_the_mail(scheme: Scheme) -> None:
    faulty = Faulty(faults.closed_after_body)
    injected = FixedCredential(Access({"Authorization": "Bearer a\r\nX-More: b"}, ()))

    async def scenario() -> Outcome:
        async with Server(faulty, server_tls(scheme)) as server:
            sender = HttpSender(Api(server.url), Contents({}), injected, faults.trusting(), faults.HASTY)
            async with sender:
                return await sender.prepare(outbox().message)()

    outcome = asyncio.run(scenario())
    assert isinstance(outcome, Closed)
    assert outcome.code == "bad-address"
    assert faulty.bodies == 0


@over
def test_every_worker_has_a_connection_of_its_own_and_waits_for_none(scheme: Scheme) -> None:
    """Sixteen at once, and all of them arrive before the first is answered: nobody waits in a pool."""

    async def scenario() -> list[list[Outcome]]:
        everybody = asyncio.Barrier(16)

        async def wait_for_all(visit: Visit) -> None:
            await visit.request()
            await everybody.wait()
            await visit.say(faults.OK)

        async with Server(wait_for_all, server_tls(scheme)) as server:
            return await asyncio.gather(*(outbox().send(Api(server.url)) for _ in range(16)))

    assert asyncio.run(scenario()) == [[Sent()]] * 16


@over
def test_cancelling_a_mail_never_sends_it_again(scheme: Scheme) -> None:
    faulty = Faulty(faults.silence_after_body)

    async def scenario() -> None:
        async with Server(faulty, server_tls(scheme)) as server:
            sending = asyncio.ensure_future(outbox().send(Api(server.url)))
            await faulty.arrived.wait()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

    asyncio.run(scenario())
    assert faulty.bodies == 1


USUAL: dict[int | str, type[Outcome]] = {
    200: Sent,
    **dict.fromkeys((301, 302, 307, 308), Closed),
    303: InDoubt,
    **dict.fromkeys((400, 405, 411, 413, 414, 415, 422, 409, 501, 505), Rejected),
    **dict.fromkeys((401, 403, 404), Closed),
    **dict.fromkeys((408, 500, 502, 503, 504), InDoubt),
    **dict.fromkeys((425, 429, "503 with Retry-After"), Refused),
}
#: Where a provider's own documentation says more.
NARROWED: dict[tuple[str, int | str], type[Outcome]] = {
    ("pleasanter", 302): InDoubt,  # where a crash in the midst of a mail leads to
    ("pleasanter", 405): Closed,  # what stands at an address that is not Pleasanter's
    **dict.fromkeys((("pleasanter", status) for status in (501, 505, "503 with Retry-After")), InDoubt),
}


@over
@pytest.mark.parametrize("kind", HTTP_CASES)
@pytest.mark.parametrize("status", USUAL)
def test_a_status_proves_what_it_proves(
    status: int | str, kind: str, scheme: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    match status:
        case 200:
            said = answer(HTTP_CASES[kind].success, HTTP_CASES[kind].taken(message_of(kind)))
        case int():
            said = answer(status, Location="https://127.0.0.1:1/elsewhere")
        case _:
            said = answer(503, Retry_After="7")
    expected = NARROWED.get((kind, status), USUAL[status])
    outcome = outcome_of(kind, scheme, said)
    assert isinstance(outcome, expected), outcome


@over
@pytest.mark.parametrize("status", [425, 429])
@pytest.mark.parametrize("kind", HTTP_CASES)
def test_a_rate_limit_says_how_long_to_wait_and_uses_up_no_attempt(
    kind: str, status: int, scheme: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    for said in (answer(status, Retry_After="17"), answer(status, rateLimit_reset="17")):
        outcome = outcome_of(kind, scheme, said)
        assert isinstance(outcome, Refused)
        assert (outcome.retry_after_seconds, outcome.attempt) == (17.0, False)


def message_of(kind: str) -> Message:
    """A message that asks for nothing special."""
    sender = Address("billing@example.com") if kind == "pleasanter" else None
    record = "7" if kind == "pleasanter" else ""
    return Message((Address("kim@example.com"),), "Invoice 7", "Dear Kim", sender=sender, record=record)


def outcome_of(kind: str, scheme: Scheme, said: bytes) -> Outcome:
    """What a provider makes of an answer; the server must have got one mail."""

    async def scenario() -> Outcome:
        served: list[str] = []

        async def serve(visit: Visit) -> None:
            served.append((await visit.request())[0])
            await visit.say(said)

        async with Server(serve, server_tls(scheme)) as server:
            provider = PROVIDERS[kind].build(HTTP_CASES[kind].settings).at(server.url, "token")
            async with provider.open(MemoryFiles(), 5.0) as sender:
                outcome = await sender.prepare(message_of(kind))()
        assert len(served) == 1
        return outcome

    return asyncio.run(scenario())
