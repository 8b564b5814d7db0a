"""A job of so many rows in a folder of its own, whose mails tell which row they are for."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.reliability.provider import Provider
from tests.reliability.sender import Nursery, Orders, Running, command, report_command

CONCURRENCY = 16
#: One provider sees the jobs of many tests.
_NUMBERS = count(1)

MANIFEST = """\
version: 1
name: NAME
provider:
  kind: works
  accessToken: {env: WORKS_ACCESS_TOKEN}
  baseUrl: BASE_URL
recipients:
  file: people.csv
  key: number
message:
  to: "{{ email }}"
  subject: "NAME {{ number }}"
  body: "<p>The mail of {{ number }}, who is {{ name }}.</p>"
send:
  concurrency: CONCURRENCY
  rate: 100000/s
  timeout: TIMEOUT
report: [results.csv]
"""
ATTACHMENTS = "  attachments: [{path: large.txt}]\nsend:"


@dataclass(frozen=True, slots=True)
class Job:
    """A job, and what its mails must be.

    `numbers` counts the processes that were started for it; `requests_before` is how many the provider had seen.
    """

    name: str
    folder: Path
    rows: int
    concurrency: int
    provider: Provider
    nursery: Nursery
    numbers: "count[int]"
    requests_before: int

    @property
    def manifest(self) -> Path:
        return self.folder / "job.yaml"

    @property
    def journal(self) -> Path:
        return self.folder / ".batchmail" / "journal.db"

    @property
    def report(self) -> Path:
        return self.folder / "results.csv"

    @property
    def keys(self) -> list[str]:
        return [key_of(number) for number in range(1, self.rows + 1)]

    def address(self, key: str) -> str:
        return f"p{key}@{self.name}.example"

    def subject(self, key: str) -> str:
        return f"{self.name} {key}"

    def body(self, key: str) -> str:
        return f"<p>The mail of {key}, who is Person {int(key)}.</p>"

    def accepted(self) -> dict[str, int]:
        """How often the provider has taken each row's mail, by its key."""
        log = self.provider.log
        log.refresh()
        return {key: log.times[self.address(key)] for key in self.keys}

    def requests(self) -> int:
        """How many requests have begun for this job, as long as no other is under way."""
        return self.provider.requests() - self.requests_before

    def accepted_in_all(self) -> int:
        """How many mails of this job the provider has taken."""
        self.provider.log.refresh()
        return self.provider.log.by_domain[f"{self.name}.example"]

    def start(self, *options: str, before: Callable[[], None] | None = None) -> Running:
        """Start `batchmail send`."""
        return self.run(*command(self.manifest, *options), before=before)

    def regenerate(self, out: Path) -> Running:
        """Start `batchmail report`."""
        return self.run(*report_command(self.manifest, out))

    def run(self, *arguments: str, before: Callable[[], None] | None = None) -> Running:
        """Start the program with any arguments."""
        environment = {"WORKS_ACCESS_TOKEN": self.provider.access_token, "BATCHMAIL_JOURNAL": ""}
        environment |= dict.fromkeys(("XDG_STATE_HOME", "LOCALAPPDATA"), str(self.folder / "state"))
        output = self.folder / f"output-{next(self.numbers)}.txt"
        return self.nursery.start(Orders(arguments, environment, output, before))

    def finish(self) -> dict[str, Any]:
        """Send the rest; what `--format json` told."""
        running = self.start()
        code = running.code()
        assert code in {0, 3}, running.text
        return told(running)


def told(running: Running) -> dict[str, Any]:
    """What a child printed as JSON, after notes that are for people."""
    text = running.text
    return dict(json.loads(text[text.index("\n{") + 1 if not text.startswith("{") else 0 :]))


def key_of(number: int) -> str:
    return f"{number:05d}"


@dataclass(slots=True)
class Jobs:
    """Makes jobs that differ in name and folder."""

    folder: Path
    provider: Provider
    nursery: Nursery

    def make(self, rows: int, concurrency: int = CONCURRENCY, attachment: int = 0, timeout: str = "30s") -> Job:
        """A job of so many rows, each with the same file of so many bytes where there is to be one."""
        name = f"job{next(_NUMBERS):04d}"
        folder = self.folder / name
        folder.mkdir()
        text = MANIFEST.replace("NAME", name).replace("BASE_URL", self.provider.base_url)
        text = text.replace("CONCURRENCY", str(concurrency)).replace("TIMEOUT", timeout)
        if attachment:
            text = text.replace("send:", ATTACHMENTS)
            (folder / "large.txt").write_text("x" * attachment, encoding="utf-8")
        (folder / "job.yaml").write_text(text, encoding="utf-8")
        job = Job(name, folder, rows, concurrency, self.provider, self.nursery, count(1), self.provider.requests())
        lines = [f"{key},Person {int(key)},{job.address(key)}\n" for key in job.keys]
        (folder / "people.csv").write_text("number,name,email\n" + "".join(lines), encoding="utf-8")
        return job
