"""An office in a temporary folder: a job, a sheet, an emulated provider, and the program to run on them."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from batchmail.cli import batchmail
from batchmail.cli.ending import run
from batchmail.emulator import RunningWorks

ROOT = Path(__file__).parents[2]

JOB = """\
version: 1
name: test
provider:
  kind: works
  accessToken: {env: WORKS_ACCESS_TOKEN}
  baseUrl: BASE_URL
recipients:
  file: people.csv
  key: number
message:
  to: "{{ email }}"
  subject: "Hello {{ name }}"
  body: "<p>Dear {{ name }}, your number is {{ number }}.</p>"
send:
  rate: 100000/s
report: [results.csv]
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--format json` printed."""
        return dict(json.loads(self.out))


def captured(*arguments: str) -> Ended:
    """Run the program to its end, within this process: starting Python for each command would take long."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(batchmail, arguments)
    return Ended(code, out.getvalue(), err.getvalue())


class Office:
    """A folder with a job that sends to an emulator."""

    def __init__(self, folder: Path, works: RunningWorks) -> None:
        self.folder = folder
        self.works = works
        self.job = folder / "job.yaml"
        self.manifest(JOB)
        self.people(3)

    def manifest(self, text: str) -> None:
        """Write job.yaml; BASE_URL stands for the emulator's address."""
        self.job.write_text(text.replace("BASE_URL", self.works.base_url), encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Change job.yaml."""
        text = self.job.read_text(encoding="utf-8")
        assert old in text
        self.job.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write another file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def sheet(self, name: str) -> str:
        """Let the job read another sheet; gives its name."""
        self.edit("people.csv", name)
        return name

    def turn_into_folder(self, path: Path) -> None:
        """Put a folder where a file was."""
        path.unlink()
        path.mkdir()

    def people(self, count: int) -> None:
        """Write people.csv with so many rows."""
        rows = (f"{n:05},Person {n},person{n}@example.com" for n in range(1, count + 1))
        self.write("people.csv", "\n".join(["number,name,email", *rows]) + "\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program in a process of its own."""
        command = [sys.executable, "-m", "batchmail", *arguments]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str) -> Ended:
        """Run the program to its end."""
        return captured(*arguments)

    def plan(self, *options: str) -> Ended:
        return self.run("plan", str(self.job), "--format", "json", *options)

    def send(self, *options: str) -> Ended:
        return self.run("send", str(self.job), "--yes", "--format", "json", *options)

    def status(self) -> Ended:
        return self.run("status", str(self.job), "--format", "json")

    def report(self, name: str) -> str:
        """The text of a report in a format of texts."""
        path = self.folder / name
        assert self.run("report", str(self.job), "--out", str(path)).code == 0
        return path.read_text(encoding="utf-8-sig")

    def accepted(self) -> list[str]:
        """Every address that the provider has accepted a mail for, as often as it has."""
        return [address for mail in self.works.inbox.mails for address in mail.recipients]
