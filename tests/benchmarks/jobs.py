"""Jobs of batchmail: a folder with a manifest and templates, and a sheet that may be elsewhere."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import letter
from tests.benchmarks.servers.running import HOST, RunningServer

#: So high that no pacing plays a role.
RATE = "1000000/s"
TOKEN_NAME = "BENCHMARK_ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class Job:
    """A job in a folder of its own; the journal, the report and what the account remembers are there too."""

    folder: Path
    workers: int = 0

    @property
    def manifest(self) -> Path:
        """The file that a command names."""
        return self.folder / "job.yaml"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a command needs of its environment."""
        state = str(self.folder / "state")
        return {TOKEN_NAME: "none", "XDG_STATE_HOME": state, "LOCALAPPDATA": state}

    def plan(self) -> tuple[str | Path, ...]:
        """The command that plans it."""
        return (*BATCHMAIL, "plan", self.manifest)

    def send(self) -> tuple[str | Path, ...]:
        """The command that sends it."""
        workers = ("--workers", str(self.workers)) if self.workers else ()
        return (*BATCHMAIL, "send", self.manifest, "--yes", *workers)


BATCHMAIL = (sys.executable, "-m", "batchmail")


@dataclass(frozen=True, slots=True)
class Sending:
    """What a job says of its sending; `workers` is what its command says, 0 where mails leave from one process."""

    concurrency: int = 64
    workers: int = 0
    attachment: Path | None = None
    combined: bool = False


def works_job(folder: Path, sheet: Path, server: RunningServer, sending: Sending = Sending()) -> Job:
    """A job over WORKS API 2.0."""
    provider = f"kind: works\n  accessToken: {{env: {TOKEN_NAME}}}\n  baseUrl: {server.base_url}"
    more = ""
    if sending.attachment:
        more = f"\n  attachments: [{{path: {_quoted(sending.attachment)}}}]"
    if sending.combined:
        more = "\n  isSendSeparately: true"
    return _job(folder, sheet, provider, more, sending)


def smtp_job(folder: Path, sheet: Path, server: RunningServer, sending: Sending) -> Job:
    """A job over SMTP."""
    provider = f"kind: smtp\n  host: {HOST}\n  port: {server.smtp_port}\n  security: none"
    (folder / "body.txt").write_text(letter.PLAIN, encoding="utf-8")
    return _job(folder, sheet, provider, f"\n  from: {letter.SENDER}\n  text: {{file: body.txt}}", sending)


def _job(folder: Path, sheet: Path, provider: str, more: str, sending: Sending) -> Job:
    subject, body = ("Invoices", "<p>All invoices are out.</p>") if sending.combined else (letter.SUBJECT, letter.HTML)
    (folder / "body.html").write_text(body, encoding="utf-8")
    job = Job(folder, sending.workers)
    job.manifest.write_text(
        f"""\
version: 1
name: benchmark
provider:
  {provider}
recipients:
  file: {_quoted(sheet)}
  key: number
message:
  to: "{{{{ email }}}}"
  subject: "{subject}"
  body: {{file: body.html}}{more}
send:
  concurrency: {sending.concurrency}
  rate: {RATE}
report: [results.csv]
""",
        encoding="utf-8",
    )
    return job


def _quoted(path: Path) -> str:
    return json.dumps(path.as_posix(), ensure_ascii=False)
