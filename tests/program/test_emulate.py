"""`batchmail emulate`: a server that a script starts, reads, steers and ends, and that a real job is sent to."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from batchmail.cli import ending
from batchmail.emulator.standalone import Standing
from tests.emulator.steering import Steering
from tests.program.office import JOB, ROOT, captured
from tests.program.workbook_office import WorkbookOffice

TIMEOUT_SECONDS = 30
BASH = shutil.which("bash")


@contextmanager
def emulating(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[dict[str, Any]]]]:
    """The command in a process of its own, serving; and what it printed. It is ended at the latest with the context."""
    command = [sys.executable, "-m", "batchmail", "emulate", *arguments, "--port", "0", "--format", "json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.communicate(timeout=TIMEOUT_SECONDS)
            document = json.loads(line)
            assert document["schema"] == 1
            yield process, document["emulators"]
        finally:
            process.kill()
            process.communicate(timeout=TIMEOUT_SECONDS)


def steering(emulator: dict[str, Any]) -> Steering:
    return Steering(Standing(emulator["kind"], emulator["control"], emulator["provider"], emulator["environment"]))


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Environment variables, as somebody pastes them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BATCHMAIL_JOURNAL", raising=False)
        for name, value in values.items():
            patch.setenv(name, value)
        yield


def test_a_mail_is_sent_read_back_and_refused_as_the_script_wants() -> None:
    with emulating("works") as (process, (emulator,)):
        works = steering(emulator)
        assert works.send(subject="안녕하세요").status == 202
        assert [mail["subject"] for mail in works.mails()] == ["안녕하세요"]
        assert works.get("/mails/1").json["body"] == "Text"
        assert b"kim@example.com" in works.get("/mails/1.eml").body
        fault = works.change("POST", "/faults", {"status": 503}).json["id"]
        assert works.outcome() == 503
        works.change("DELETE", f"/faults/{fault}")
        assert works.outcome() == 202
        process.terminate()
        process.communicate(timeout=TIMEOUT_SECONDS)
        with pytest.raises(ConnectionRefusedError):
            works.get("")


@pytest.mark.skipif(sys.platform == "win32", reason="a child there shares the console's Ctrl-C")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_is_the_normal_end(number: signal.Signals) -> None:
    with emulating() as (process, emulators):
        assert [each["kind"] for each in emulators][:3] == ["works", "works-v1", "pleasanter"]
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)
    assert (process.returncode, out) == (0, "")
    assert err.splitlines() == ["Serving. Press Ctrl-C to end.", "Ended."]


def test_a_job_is_sent_to_it_and_goes_on_after_a_fault(tmp_path: Path) -> None:
    job = tmp_path / "job.yaml"
    (tmp_path / "people.csv").write_text("number,name,email\n1,Kim,kim@example.com\n2,Lee,lee@example.com\n", "utf-8")
    with emulating("works") as (_, (emulator,)), variables(emulator["environment"]):
        job.write_text(JOB.replace("BASE_URL", emulator["provider"]["baseUrl"]), encoding="utf-8")
        works = steering(emulator)
        works.change("POST", "/faults", {"to": "lee@", "handled": True, "cut": True})
        first = captured("send", str(job), "--yes", "--format", "json")
        assert (first.code, first.document["in_doubt"]) == (ending.UNFINISHED, ["2"])
        assert sorted(mail["to"] for mail in works.mails()) == [["kim@example.com"], ["lee@example.com"]]
        again = captured("send", str(job), "--yes", "--format", "json")
        assert (again.document["requests"], len(works.mails())) == (0, 2)


def test_the_lines_that_are_printed_make_a_job_of_each_kind(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("number,name,email\n1,Kim,kim@example.com\n", "utf-8")
    with emulating("--folder", str(tmp_path / "mails")) as (_, emulators):
        for emulator in emulators:
            for number, settings in enumerate([emulator["provider"], *emulator["alternatives"]]):
                job = tmp_path / f"{emulator['kind']}-{number}.yaml"
                more = {"recordId": "{{ number }}"} if emulator["kind"] == "pleasanter" else {}
                job.write_text(manifest({**settings, **more}, f"{emulator['kind']}-{number}"), encoding="utf-8")
                with variables(emulator["environment"]):
                    sent = captured("send", str(job), "--yes", "--format", "json", "--journal", f"{job}.db")
                assert sent.code == ending.DONE, sent
            assert steering(emulator).mails()[0]["to"] == ["kim@example.com"]
            assert (tmp_path / "mails" / emulator["kind"] / "00001.eml").exists()


def test_the_rows_that_are_printed_make_a_workbook_that_is_sent(tmp_path: Path) -> None:
    desk = WorkbookOffice(tmp_path)
    desk.without("provider.kind", "provider.accessToken.env", "provider.baseUrl", "send.rate")
    command = [sys.executable, "-m", "batchmail", "emulate", "works", "--port", "0", "--no-limits"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        lines = process.stdout
        told = next(line for line in lines if "in a workbook, rows:" in line).partition(":")[2]
        rows = dict(row.split(" | ") for row in told.strip().split("   "))
        secret = next(line for line in lines if "WORKS_ACCESS_TOKEN" in line and "{" not in line)
        desk.make({key: (value,) for key, value in rows.items()})
        with variables({"WORKS_ACCESS_TOKEN": secret.strip().rpartition("=")[2].strip(' "')}):
            assert desk.run("send", "--yes").code == ending.DONE
        process.kill()
    assert rows.keys() == {"provider.kind", "provider.baseUrl", "provider.accessToken.env"}


def manifest(provider: dict[str, Any], name: str) -> str:
    """A job with settings as they were printed; JSON is YAML too."""
    sender = {"from": "Office <office@example.com>"} if provider["kind"] == "smtp" else {}
    document = {
        "version": 1,
        "name": name,
        "provider": provider,
        "recipients": {"file": "people.csv", "key": "number"},
        "message": {"to": "{{ email }}", "subject": "Hello", "body": "Text", "contentType": "text", **sender},
        "send": {"rate": "100000/s"},
    }
    return json.dumps(document)


@pytest.mark.skipif(BASH is None or shutil.which("curl") is None, reason="a script for bash and curl")
@pytest.mark.skipif(sys.platform == "win32", reason="the bash there may be that of another system")
def test_the_script_that_the_page_shows_runs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    (tmp_path / "people.csv").write_text("number,name,email\n1,Kim,kim@example.com\n", "utf-8")
    (tmp_path / "job.yaml").write_text(JOB.replace("BASE_URL", f"http://127.0.0.1:{port}/v1.0"), encoding="utf-8")
    page = (ROOT / "batchmail" / "emulator" / "README.md").read_text(encoding="utf-8")
    script = page.partition("```bash\n")[2].partition("```")[0].replace("8025", port)
    ended = run_script(script.replace("--format json", f"--port {port} --format json"), tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert '"to":["kim@example.com"]' in ended.stdout


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that starts an emulator, with this very program as `batchmail`."""
    programs = folder / "bin"
    programs.mkdir()
    for name, module in (("batchmail", "-m batchmail "), ("python3", "")):
        (programs / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' {module}\"$@\"\n", encoding="utf-8")
        (programs / name).chmod(0o700)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [BASH or "", "-e", "-c", f"trap 'kill $emulator 2>&- || true' EXIT\n{script}"],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "BATCHMAIL_JOURNAL": ""},
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        encoding="utf-8",
        check=False,
    )


def test_a_port_in_use_ends_it_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = captured("emulate", "works", "--port", str(port))
    assert ended.code == ending.BLOCKED
    assert f"127.0.0.1:{port}: the emulator cannot listen here" in ended.err
    assert "--port" in ended.err
    assert ended.out == ""


def test_ports_end_at_65535() -> None:
    ended = captured("emulate", "works", "pleasanter", "--port", "65535")
    assert ended.code == ending.BLOCKED
    assert "65536" in ended.err or "65535" in ended.err


@pytest.mark.parametrize("arguments", [["outlook"], ["--port", "-1"], ["--port", "65536"], ["--port", "http"]])
def test_what_cannot_be_started_is_a_wrong_use(arguments: list[str]) -> None:
    assert captured("emulate", *arguments).code == ending.USAGE
