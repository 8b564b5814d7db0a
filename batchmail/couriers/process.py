"""Starts the process of a courier, and gives it its end of the line."""

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import batchmail
from batchmail.errors import BatchmailError
from batchmail.providers.base import Sender
from batchmail.providers.errand import Errand

#: `-P`: a file of the folder that the program was started in must not be taken for a module.
_ARGUMENTS = ("-P", "-m", "batchmail.couriers")

#: A courier may take so long to end after its line has: half a minute for an answer to the renewal of a token.
PATIENCE_SECONDS = 35.0


class NoCourier(BatchmailError):
    """A provider cannot be sent through by other processes."""

    exit_code = 2

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(
            f"--workers: {title} cannot be handed to worker processes: {reason}",
            "Nothing was sent. Leave --workers out: then this process sends.",
        )


class CourierNotStarted(BatchmailError):
    """The system starts no more processes, or not this one."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"--workers: a worker process cannot be started: {reason}",
            "Nothing was sent. Ask for fewer, or leave --workers out: then this process sends.",
        )


def start(errand: Errand) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process that waits for orders, and this end of the line to it. Raises NoCourier, CourierNotStarted."""
    packed = _packed(errand)
    try:
        return _started(errand.provider.title, packed)
    except OSError as error:
        raise CourierNotStarted(error.strerror or str(error)) from None


def _started(title: str, packed: bytes) -> tuple[subprocess.Popen[bytes], socket.socket]:
    with ExitStack() as undoing:
        near, far = socket.socketpair()
        undoing.enter_context(near)
        with far:
            command = (_python(), *_ARGUMENTS)
            process = subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment(), **_apart(far))  # noqa: S603  our own
            undoing.callback(end, process)
            assert process.stdin is not None
            with suppress(OSError), process.stdin as stdin:  # one that has ended at once, the line tells
                pickle.dump((_given(far, process.pid), title), stdin)
                stdin.write(packed)
        undoing.pop_all()
    return process, near


def end(process: subprocess.Popen[bytes], patience_seconds: float = 0.0) -> None:
    """End it. One whose line has ended may be waited for: a token that it just renews is not to be lost."""
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_seconds)
    finally:
        process.kill()
        process.wait()


def called() -> tuple[socket.socket, Callable[[], Sender]]:
    """In the new process: its end of the line, and what opens connections. Raises EOFError where the run has ended."""
    given, title = pickle.load(sys.stdin.buffer)  # noqa: S301  it comes from the process that has started this one
    if sys.platform == "win32":
        line = socket.fromshare(given)
    else:
        line = socket.socket(fileno=given)
    try:
        errand = pickle.load(sys.stdin.buffer)  # noqa: S301  as above
    except Exception as error:  # noqa: BLE001  whatever a plug-in cannot do here, whoever opens a connection is told
        return line, partial(_refuse, NoCourier(title, str(error)))
    return line, errand.opener()


def _refuse(why: NoCourier) -> NoReturn:
    raise why


def _packed(errand: Errand) -> bytes:
    try:
        return pickle.dumps(errand)
    except Exception as error:  # noqa: BLE001  a plug-in's own way of being packed may raise anything
        raise NoCourier(errand.provider.title, str(error)) from None


def _given(far: socket.socket, process_id: int) -> object:
    """How the other process gets at its end of the line."""
    if sys.platform == "win32":
        return far.share(process_id)
    return far.fileno()


def _apart(far: socket.socket) -> dict[str, Any]:
    """Ctrl-C is the run's to hear: it lets couriers finish what they have begun."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"pass_fds": (far.fileno(),), "start_new_session": True}


def _python() -> str:
    """The program that is this Python itself: the line is given to the process that it starts.

    In a virtual environment on Windows, `sys.executable` only starts another (as multiprocessing knows, bpo-35797).
    """
    if sys.platform == "win32":
        return str(getattr(sys, "_base_executable", sys.executable))
    return sys.executable


def _environment() -> Mapping[str, str]:
    """The same, but modules are found where this process finds them: the same plug-ins, and no others."""
    folders = [*sys.path, Path(batchmail.__file__).parents[1]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, map(str, folders)))}
    if sys.platform == "win32" and _python() != sys.executable:
        environment["__PYVENV_LAUNCHER__"] = sys.executable
    return environment
