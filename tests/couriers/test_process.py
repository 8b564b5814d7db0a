"""The processes of couriers: they start, keep to themselves, and none is left."""

import asyncio
import importlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest

from batchmail.couriers import Crew, hired
from batchmail.couriers.process import CourierNotStarted, NoCourier, end, start
from batchmail.couriers.sender import CourierLost
from batchmail.errors import BatchmailError
from batchmail.outcome import Outcome, Sent
from batchmail.providers.base import Provider, Sender
from batchmail.providers.contract import TOKEN
from batchmail.providers.contract_server import AnsweringServer, answer
from batchmail.providers.errand import Errand
from batchmail.providers.outbox import build as outbox
from batchmail.providers.works import WorksProvider, WorksSettings
from tests.couriers.desk import mail, played
from tests.couriers.pigeons import OnlyHere, Pigeons
from tests.providers.cases import CASES

ROOT = Path(__file__).parents[2]
posix_only = pytest.mark.skipif(os.name != "posix", reason="sessions, signals and their numbers are POSIX's own")


def errand(provider: Provider | None = None) -> Errand:
    return Errand(provider or Pigeons(), 60.0)


def used(provider: Provider | None = None, *subjects: str, number: int = 1) -> list[Outcome]:
    """What becomes of mails that so many couriers carry."""

    async def scenario(crew: Crew) -> list[Outcome]:
        async with crew, AsyncExitStack() as stack:
            senders = [await stack.enter_async_context(crew.open_sender()) for _ in range(number)]
            return [await sender.prepare(mail(subject))() for subject in subjects or ("",) for sender in senders]

    with hired(errand(provider), number) as crew:
        return played(scenario(crew))


def process_of(outcome: Outcome) -> int:
    assert isinstance(outcome, Sent)
    return int(outcome.provider_id)


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_couriers_carry_mails_to_a_server() -> None:
    async def scenario() -> None:
        async with AnsweringServer() as server:
            server.answer = answer(202)
            provider = WorksProvider(WorksSettings()).at(server.url, TOKEN)
            with hired(errand(provider), 2) as crew:
                async with crew, crew.open_sender() as one, crew.open_sender() as two:
                    outcomes = await asyncio.gather(one.prepare(mail("1"))(), two.prepare(mail("2"))())
            assert list(outcomes) == [Sent(), Sent()]
            assert sorted(b'"subject":"1"' in request.body for request in server.requests) == [False, True]

    played(scenario())


def test_every_courier_is_a_process_of_its_own() -> None:
    processes = {process_of(outcome) for outcome in used(number=2)}
    assert len(processes) == 2
    assert os.getpid() not in processes


@posix_only
def test_no_process_is_left() -> None:
    assert not any(map(is_there, map(process_of, used(number=2))))


@posix_only
@pytest.mark.parametrize("error", [BatchmailError("no", ""), KeyboardInterrupt()], ids=repr)
def test_no_process_is_left_after_a_failure(error: BaseException) -> None:
    processes = []

    async def scenario(crew: Crew) -> None:
        async with crew, crew.open_sender() as sender:
            processes.append(process_of(await sender.prepare(mail())()))
            raise error

    with pytest.raises(type(error)), hired(errand(), 1) as crew, asyncio.Runner() as runner:
        runner.run(scenario(crew))
    assert not is_there(processes[0])


def test_couriers_that_are_not_needed_after_all_are_let_go() -> None:
    with hired(errand(), 2):
        pass


@pytest.fixture
def courier() -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    process, near = start(errand())
    with near:
        yield process, near
    end(process)


Courier = tuple[subprocess.Popen[bytes], socket.socket]


def test_a_courier_that_is_killed_leaves_what_it_was_sending_in_doubt(courier: Courier) -> None:
    process, near = courier

    async def scenario() -> None:
        async with Crew([near]) as crew, crew.open_sender() as sender, crew.open_sender() as other:
            waiting = asyncio.ensure_future(sender.prepare(mail("wait"))())
            # The courier does all in its order, so it has begun with the first by now.
            assert process_of(await other.prepare(mail())()) == process.pid
            process.kill()
            with pytest.raises(CourierLost, match="ended unexpectedly"):
                await waiting

    played(scenario())


def test_a_courier_that_was_killed_before_it_was_reached_opens_nothing(courier: Courier) -> None:
    process, near = courier
    process.kill()
    process.wait()

    async def scenario() -> None:
        async with Crew([near]) as crew:
            with pytest.raises(CourierLost):
                await crew.open_sender().__aenter__()

    played(scenario())


@posix_only
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_courier_finishes_what_it_has_begun_whoever_wants_the_run_to_end(courier: Courier, name: str) -> None:
    process, near = courier

    async def scenario() -> None:
        async with Crew([near]) as crew, crew.open_sender() as sender:
            await sender.prepare(mail())()
            os.kill(process.pid, signal.Signals[name])
            assert process_of(await sender.prepare(mail())()) == process.pid
        assert os.getsid(process.pid) != os.getsid(0)

    played(scenario())


RUN = """
import asyncio
import sys

from batchmail.couriers import hired
from batchmail.message import Address, Message
from batchmail.providers.errand import Errand
from tests.couriers.pigeons import Pigeons


async def run(crew):
    async with crew, crew.open_sender() as sender, crew.open_sender() as other:
        await sender.prepare(Message((Address("kim@example.com"),), "", ""))()
        waiting = asyncio.ensure_future(other.prepare(Message((Address("kim@example.com"),), "wait", ""))())
        print("begun", flush=True)
        await waiting


with hired(Errand(Pigeons(), 60.0), 2) as crew:
    if sys.argv[1] == "early":
        print("begun", flush=True)
        sys.stdin.read()
    asyncio.run(run(crew))
"""


@pytest.mark.parametrize("when", ["early", "while a mail is on its way"])
def test_a_courier_whose_run_is_killed_ends_by_itself(when: str) -> None:
    command = [sys.executable, "-c", RUN, when]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline().strip() == b"begun"
        run.kill()
        # Couriers write to the same place, so that the end of it is theirs too. They say nothing at their end.
        assert run.communicate(timeout=60)[0] == b""


def test_a_courier_whose_run_has_ended_before_it_was_told_anything_ends_in_silence() -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "batchmail.couriers"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == (b"", b"")


def test_what_a_courier_is_just_renewing_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "token"

    async def scenario(crew: Crew, port: int, begun: Coroutine[Any, Any, object]) -> None:
        async with crew, crew.open_sender() as sender:
            waiting = asyncio.ensure_future(sender.prepare(mail(f"keep {port} {kept}"))())
            await begun
            waiting.cancel()
            await asyncio.wait([waiting])

    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        with hired(errand(), 1) as crew:
            accepted = asyncio.to_thread(server.accept)
            played(scenario(crew, server.getsockname()[1], _of(accepted, stack)))
            assert not kept.exists()
            stack.close()  # the line has ended; now there is an answer
        assert kept.read_text("utf-8") == "kept"


async def _of(accepted: Coroutine[Any, Any, tuple[socket.socket, object]], stack: ExitStack) -> None:
    connection, _ = await accepted
    stack.enter_context(connection)


@pytest.mark.parametrize("provider", [Pigeons(lambda: None), outbox(CASES["outbox"].settings)], ids=["local", "outbox"])
def test_a_provider_that_cannot_be_packed_is_told_before_anything_is_started(provider: Provider) -> None:
    with pytest.raises(NoCourier, match=f"{provider.title} cannot be handed to worker processes") as told:
        start(errand(provider))
    assert "Leave --workers out" in told.value.hint


def test_a_provider_that_cannot_be_unpacked_is_told_by_the_first_connection() -> None:
    with pytest.raises(BatchmailError, match="Pigeon Post cannot be handed to worker processes: pigeons fly once"):
        used(Pigeons(OnlyHere()))


@posix_only
def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHMAIL_LONG", "x" * 4_000_000)  # more than any system hands to a process
    with pytest.raises(CourierNotStarted, match="--workers: a worker process cannot be started: ") as told:
        start(errand())
    assert "leave --workers out" in told.value.hint


@pytest.fixture
def traps(tmp_path: Path) -> Path:
    """A folder whose files have the names of modules."""
    for name in ("json", "asyncio", "batchmail", "socket", "uvloop"):
        tmp_path.joinpath(f"{name}.py").write_text("raise SystemExit('the wrong module')\n", encoding="utf-8")
    return tmp_path


def test_files_in_the_folder_that_a_run_is_started_in_are_no_modules(
    traps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(traps)
    assert used()


def test_a_run_finds_its_own_program_for_a_courier_wherever_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder and Path(folder) != ROOT])
    with hired(errand(WorksProvider(WorksSettings())), 1) as crew:

        async def scenario() -> None:
            async with crew:
                with pytest.raises(BatchmailError, match="neither `accessToken` nor `oauth`"):
                    await crew.open_sender().__aenter__()

        played(scenario())


def test_modules_are_found_where_the_run_finds_them_and_nowhere_else(
    traps: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("packages")
    code = "from tests.couriers.pigeons import Pigeons\n\nclass Doves(Pigeons): ...\n"
    folder.joinpath("loft_doves.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(traps))  # the run was started without it
    monkeypatch.syspath_prepend(folder)
    try:
        doves: Provider = importlib.import_module("loft_doves").Doves()
        assert used(doves)
    finally:
        sys.modules.pop("loft_doves", None)


def test_connections_are_those_of_the_errand() -> None:
    copies = Errand(Pigeons(), 60.0, in_copies=True)

    async def scenario(crew: Crew) -> Outcome:
        async with crew, crew.open_sender() as sender:
            return await carried(sender)

    async def carried(sender: Sender) -> Outcome:
        return await sender.prepare(mail())()

    with hired(copies, 1) as crew:
        assert isinstance(played(scenario(crew)), Sent)
