"""A provider in a process of its own: the emulator, and the log of what it accepted.

    python -m tests.reliability.provider FOLDER SECONDS

It accepts a mail when it has the whole of it, and answers so many seconds later. It ends when its input does.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from batchmail.emulator import Fault, Faults, WorksRules, works_emulator

ROOT = Path(__file__).parents[2]
LOG = "index.jsonl"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the provider took: its number in the log, whom it is for, and what it was."""

    number: int
    to: tuple[str, ...]
    subject: str
    request: str


@dataclass(slots=True)
class AcceptLog:
    """What the provider wrote down before it answered: nobody else has a hand in it. `refresh` reads on."""

    folder: Path
    mails: list[Accepted] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)
    by_domain: Counter[str] = field(default_factory=Counter)
    _read: int = 0

    def refresh(self) -> None:
        """Read what has come since."""
        path = self.folder / LOG
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            facts = json.loads(line)
            mail = Accepted(facts["number"], tuple(facts["to"]), facts["subject"], facts["requestSha256"])
            self.mails.append(mail)
            self.times.update(mail.to)
            self.by_domain[mail.to[0].rpartition("@")[2]] += 1

    def body(self, mail: Accepted) -> str:
        """The text of a mail."""
        text = (self.folder / f"{mail.number:05d}.json").read_text(encoding="utf-8")
        return str(json.loads(text)["body"])


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider, as the tests see it."""

    base_url: str
    access_token: str
    log: AcceptLog
    process: "subprocess.Popen[str]"

    def requests(self) -> int:
        """How many requests to send a mail have begun, whatever became of them."""
        return int(self._told("requests"))

    def answer_after(self, seconds: float) -> None:
        """From now on, answer so many seconds after a mail was accepted."""
        self._told(f"answer after {seconds}")

    def _told(self, order: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def provider_process(folder: Path, seconds: float = 0.0) -> Iterator[Provider]:
    """Run the provider for as long as the context lasts."""
    command = [sys.executable, "-m", "tests.reliability.provider", str(folder), str(seconds)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Provider(told["url"], told["token"], AcceptLog(folder), process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


def answering(seconds: float) -> Fault:
    """The mail is accepted at once, and the answer takes its time."""
    return Fault(handled=True, wait_seconds=seconds)


def serve(folder: Path, seconds: float) -> None:
    """Be the provider until the input ends."""
    faults = Faults().when(answering(seconds), lambda incoming: incoming.method == "POST")
    with works_emulator(folder, rules=WorksRules.rehearsal(), faults=faults) as works:
        print(json.dumps({"url": works.base_url, "token": works.access_token}), flush=True)  # noqa: T201  its parent reads
        for order in sys.stdin:
            if order.startswith("answer after "):
                faults.clear()
                faults.when(answering(float(order.split()[-1])), lambda incoming: incoming.method == "POST")
            print(works.inbox.requests, flush=True)  # noqa: T201  its parent reads


if __name__ == "__main__":
    serve(Path(sys.argv[1]), float(sys.argv[2]))
