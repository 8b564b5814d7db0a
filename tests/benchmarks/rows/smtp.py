"""Rows that send over SMTP: against mailmerge and nodemailer."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import which
from statistics import median
from typing import Self

from jinja2 import Environment

from tests.benchmarks import letter, mailmerge
from tests.benchmarks.figures import Measured
from tests.benchmarks.jobs import Sending, smtp_job
from tests.benchmarks.measure import ROOT, ChildFailed, run
from tests.benchmarks.people import HEADER, people
from tests.benchmarks.rows.contest import Sent, phases, send, series_of, watched
from tests.benchmarks.servers.running import RunningServer, running_server
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Unavailable, Workbench, in_turns, needs

CONNECTIONS = 16
#: mailmerge sends one mail after the other, each over a connection of its own: what it takes is linear.
MAILMERGE_SHARE = 4

_SCRIPT = ROOT / "tests" / "benchmarks" / "peers" / "nodemailer_pool.cjs"


def over_mailmerge(bench: Workbench, row: Row) -> Measured:
    """`send` over mailmerge's own command."""
    needs("mailmerge")
    mails = bench.rows(row)
    fewer = bench.scaled(row.rows // MAILMERGE_SHARE)
    with running_server(smtp=True) as server:
        ours, theirs = in_turns(
            bench.runs_of(row),
            partial(_send_anew, bench, server, mails),
            partial(_mailmerge, bench, server, fewer),
        )
    figure = median(each.rate for each in ours) / median(each.rate for each in theirs)
    note = f"mailmerge was measured on {fewer:,} rows: it takes as long for each"
    return Measured((figure,), (*series_of("batchmail", ours), *series_of("mailmerge", theirs)), (phases(ours), note))


def _send_anew(bench: Workbench, server: RunningServer, mails: int) -> Sent:
    sheet = bench.csv(mails)
    with bench.job_folder() as folder:
        return send(smtp_job(folder, sheet, server, Sending(CONNECTIONS, bench.workers)), server, mails)


def _mailmerge(bench: Workbench, server: RunningServer, mails: int) -> Sent:
    with bench.job_folder() as folder:
        mailmerge.configure(folder, mails, port=server.smtp_port, plain_too=True)
        return watched([*mailmerge.COMMAND, "--no-dry-run"], server, mails, cwd=folder)


def over_nodemailer(bench: Workbench, row: Row) -> Measured:
    """`send` over nodemailer's pool."""
    peer = Nodemailer.got(bench)
    mails = bench.rows(row)
    with running_server(smtp=True) as server:
        ours, theirs = in_turns(
            bench.runs_of(row),
            partial(_send_anew, bench, server, mails),
            partial(peer.send, server, mails),
        )
    figure = median(each.rate for each in ours) / median(each.rate for each in theirs)
    notes = (phases(ours), f"nodemailer {peer.version}; its mails are ready-made, it reads them from a file")
    return Measured((figure,), (*series_of("batchmail", ours), *series_of("nodemailer", theirs)), notes)


@dataclass(frozen=True, slots=True)
class Nodemailer:
    """nodemailer in the folder that npm has put it into."""

    folder: Path
    bench: Workbench

    @classmethod
    def got(cls, bench: Workbench) -> Self:
        """Let npm get it. Raises Unavailable."""
        npm = which("npm")  # a .cmd on Windows
        if npm is None or which("node") is None:
            raise Unavailable("node or npm is not installed")
        folder = bench.folder / "npm"
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            run([npm, "install", "--prefix", folder, "--cache", folder / "cache", *quiet, "nodemailer"])
        except ChildFailed as why:
            raise Unavailable(f"npm cannot get nodemailer: {why}") from why
        return cls(folder / "node_modules" / "nodemailer", bench)

    @property
    def version(self) -> str:
        """Which one npm has got."""
        described = json.loads((self.folder / "package.json").read_text(encoding="utf-8"))
        return str(described["version"])

    def send(self, server: RunningServer, mails: int) -> Sent:
        """Let its pool send so many mails. Raises ChildFailed."""
        file = self.bench.folder / f"mails-{mails}.jsonl"
        if not file.exists():
            _write_mails(file, mails)
        return watched(["node", _SCRIPT, self.folder, file, str(server.smtp_port), str(CONNECTIONS)], server, mails)


def _write_mails(path: Path, mails: int) -> None:
    """The mails that batchmail makes, a line each."""
    escaping, plain = Environment(autoescape=True), Environment(autoescape=False)  # noqa: S701  plain text, as it is
    html, text = escaping.from_string(letter.HTML), plain.from_string(letter.PLAIN)
    subject = plain.from_string(letter.SUBJECT)
    with path.open("w", encoding="utf-8") as file:
        for each in people(mails):
            cells = dict(zip(HEADER, each.texts(), strict=True))
            parts = {"subject": subject.render(cells), "text": text.render(cells), "html": html.render(cells)}
            file.write(json.dumps({"from": letter.SENDER, "to": each.email, **parts}, ensure_ascii=False) + "\n")
