"""A do-nothing server in a process of its own, as the benchmark holds it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from tests.benchmarks.measure import ROOT, ChildFailed
from tests.benchmarks.servers.tally import Tally

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server listens; `smtp_port` is zero where it takes mails over HTTP alone."""

    port: int
    smtp_port: int = 0

    @property
    def base_url(self) -> str:
        """What `provider.baseUrl` says."""
        return f"http://{HOST}:{self.port}"

    def counted(self) -> Tally:
        """What has come since the last question."""
        return Tally.from_json(self._get("/counted"))

    def last_mail(self) -> bytes:
        """The JSON that came last."""
        return self._get("/last")

    def _get(self, path: str) -> bytes:
        connection = HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def running_server(
    *, delay_seconds: float = 0.0, recipients: bool = False, smtp: bool = False
) -> Iterator[RunningServer]:
    """A server that is ended with the block. Raises ChildFailed."""
    command = [sys.executable, "-m", "tests.benchmarks.servers", "--delay", str(delay_seconds)]
    command += ["--recipients"] * recipients + ["--smtp"] * smtp
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="ascii") as process:
        assert process.stdout is not None
        try:
            ports = process.stdout.readline().split()
            if not ports:
                raise ChildFailed("the do-nothing server has not started")
            yield RunningServer(*map(int, ports))
        finally:
            process.terminate()
