"""What a command imports: what its job needs, for imports are most of what a small job takes."""

import subprocess
import sys
from pathlib import Path

import pytest

JOB = """\
version: 1
name: hello
provider: {kind: works, accessToken: {env: WORKS_ACCESS_TOKEN}}
recipients: {file: people.csv}
message: {to: "{{ email }}", subject: Hello, body: "Dear {{ name }}"}
"""
#: What only sends, or is needed by other jobs: those over other providers, of workbooks, with lists.
UNNEEDED = (
    "aiohttp",
    "asyncio",
    "email_validator",
    "httpx",
    "openpyxl",
    "rich",
    "starlette",
    "uvicorn",
    "batchmail.couriers",
    "batchmail.emulator",
    "batchmail.executor",
    "batchmail.journal.memory",
    "batchmail.providers.oauth",
    "batchmail.providers.outbox",
    "batchmail.providers.pleasanter",
    "batchmail.providers.smtp",
    "batchmail.providers.works_v1",
    "batchmail.recipients.address_file",
    "batchmail.recipients.xlsx_file",
    "batchmail.report.workbook",
    "batchmail.workbook_job",
)


@pytest.mark.parametrize("command", ["plan", "status", "report"])
def test_what_does_not_send_imports_nothing_that_sends_nor_what_other_jobs_need(command: str, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(JOB, encoding="utf-8")
    (tmp_path / "people.csv").write_text("email,name\nkim@example.com,Kim\n", encoding="utf-8")
    more = ["--out", str(tmp_path / "results.csv")] if command == "report" else []
    code = (
        "import sys\nfrom batchmail.cli import batchmail\nfrom batchmail.cli.ending import run\n"
        f"code = run(batchmail, [{command!r}, {str(tmp_path / 'job.yaml')!r}, *{more!r}])\n"
        f"print(code, [name for name in {UNNEEDED!r} if name in sys.modules])"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")

    assert ended.stdout.splitlines()[-1] == "0 []", ended.stdout + ended.stderr
