"""The command as a whole, on jobs so small that the figures mean nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.jobs import Sending, works_job
from tests.benchmarks.measure import ROOT
from tests.benchmarks.peers.payload import payload
from tests.benchmarks.people import write_csv
from tests.benchmarks.rows.contest import send, send_anew
from tests.benchmarks.servers.running import running_server
from tests.benchmarks.workbench import Workbench
from tests.benchmarks.workbook import write_xlsx


def benchmarks(*options: str | Path) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "tests.benchmarks", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout


def test_the_command_measures_and_says_how_little_that_means(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    rows = ("--only", "send-64", "--only", "plan-jinja")
    out = benchmarks(*rows, "--scale", "0.0001", "--runs", "1", "--json", file, "--folder", tmp_path)
    assert out.count("SCALED DOWN") == 2
    figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert list(figures["rows"]) == ["send-64", "plan-jinja"]
    for row in figures["rows"].values():
        assert row["goals"][0]["figure"] > 0
        assert row["goals"][0]["judgement"] == "not judged"
    assert figures["machine"]["packages"]["httpx"]
    assert list(tmp_path.iterdir()) == [file]


def test_the_workbook_and_the_csv_are_the_same_mails(tmp_path: Path) -> None:
    sheets = tmp_path / "people.csv", tmp_path / "people.xlsx"
    write_csv(sheets[0], 5)
    write_xlsx(sheets[1], 5)
    with running_server() as server:
        bench = Workbench(tmp_path)
        mails = [(send_anew(bench, sheet, server, Sending(1), 5), server.last_mail())[1] for sheet in sheets]
    assert mails[0] == mails[1]


def test_what_batchmail_posts_is_what_its_peers_post(tmp_path: Path) -> None:
    sheet = tmp_path / "people.csv"
    write_csv(sheet, 20)
    with running_server() as server:
        sent = send(works_job(tmp_path, sheet, server), server, 20)
        last = json.loads(server.last_mail())
    assert sent.tally.mails == 20
    number = int(str(last["to"]).partition("@")[0].removeprefix("person"))
    assert last == payload(number)
