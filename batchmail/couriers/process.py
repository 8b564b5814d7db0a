"""Starts the process of a courier, and gives it its end of the line."""

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import batchmail
from batchmail.errors import BatchmailError
from batchmail.providers.errand import Errand

#: `-P`: a file of the folder that the program was started in must not be taken for a module.
_COMMAND = (sys.executable, "-P", "-m", "batchmail.couriers")


class NoCourier(BatchmailError):
    """A provider cannot be sent through by other processes."""

    exit_code = 2

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(
            f"--workers: {title} cannot be handed to worker processes: {reason}",
            "Nothing was sent. Leave --workers out: then this process sends.",
        )


def start(errand: Errand) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process that waits for orders, and this end of the line to it. Raises NoCourier."""
    packed = _packed(errand)
    near, far = socket.socketpair()
    with far:
        process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, env=_environment(), **_apart(far))  # noqa: S603  our own
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as stdin:  # one that has ended at once, the line tells
            pickle.dump(_given(far, process.pid), stdin)
            stdin.write(packed)
    return process, near


def end(process: subprocess.Popen[bytes]) -> None:
    """End it: whatever it was to finish for the run, it has reported."""
    process.kill()
    process.wait()


def called() -> tuple[socket.socket, Errand]:
    """In the new process: its end of the line, and its errand."""
    given = pickle.load(sys.stdin.buffer)  # noqa: S301  it comes from the process that has started this one
    if sys.platform == "win32":
        line = socket.fromshare(given)
    else:
        line = socket.socket(fileno=given)
    return line, pickle.load(sys.stdin.buffer)  # noqa: S301  as above


def _packed(errand: Errand) -> bytes:
    try:
        return pickle.dumps(errand)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
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


def _environment() -> Mapping[str, str]:
    """The same, with the folder that this program is in: `-P` leaves out the one it may have been started from."""
    folders = [str(Path(batchmail.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}
