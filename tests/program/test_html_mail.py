"""HTML mails of whole jobs: the text beside the HTML, CSS in the elements, and what is said where one is missing."""

import json
import sys
from contextlib import redirect_stdout
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from batchmail.cli import batchmail, ending

JOB = """version: 1
name: letters
provider: {kind: outbox}
recipients: {file: people.csv}
message:
  to: "{{ email }}"
  from: office@example.com
  subject: Hello
  body: {file: body.html}
"""
BODY = "<style>p{color:red}</style><p>Dear {{ name }},</p>{% for x in [1, 2] %}<p>{{ x }}</p>{% endfor %}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    (tmp_path / "people.csv").write_text("email,name\nkim@example.com,<김민수>\n", encoding="utf-8")
    (tmp_path / "body.html").write_text(BODY, encoding="utf-8")
    return tmp_path


def run(folder: Path, job: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    (folder / "job.yaml").write_text(job, encoding="utf-8")
    command, *options = arguments
    out = StringIO()
    with redirect_stdout(out):
        code = ending.run(batchmail, [command, "job.yaml", *options, "--format", "json"])
    return code, json.loads(out.getvalue())


def rules(document: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in document["findings"]]


def test_the_text_is_made_of_the_html_and_the_css_is_in_its_elements(folder: Path) -> None:
    job = JOB + "  textFromHtml: true\n  inlineCss: true\n"
    code, document = run(folder, job, "plan")
    assert (code, rules(document)) == (0, [])
    code, _ = run(folder, job, "send", "--yes")
    assert code == 0
    (mail,) = (folder / "outbox").rglob("*.eml")
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert html
    assert plain.get_content().split() == ["Dear", "<김민수>,", "1", "2"]
    assert html.get_content().count('style="color: red;"') == 3


def test_html_without_a_text_is_told(folder: Path) -> None:
    code, document = run(folder, JOB, "plan")
    assert (code, rules(document)) == (0, ["html-style", "html-without-text"])


@pytest.mark.parametrize("more", ["  contentType: text\n  inlineCss: true\n", "  textFromHtml: true\n  text: Hello\n"])
def test_what_contradicts_itself_is_told(folder: Path, more: str) -> None:
    code, document = run(folder, JOB + more, "plan")
    assert code == 1
    assert "manifest-bad-value" in rules(document)


def test_a_provider_that_takes_no_text_beside_html_is_told(folder: Path) -> None:
    job = JOB.replace("{kind: outbox}", "{kind: works, accessToken: {env: T}}").replace(
        "  from: office@example.com\n", ""
    )
    code, document = run(folder, job + "  textFromHtml: true\n", "plan")
    assert (code, "provider-cannot-express" in rules(document)) == (1, True)


def test_warnings_about_html_must_be_allowed_by_name(folder: Path) -> None:
    (folder / "body.html").write_text('<p>{{ name }}<img src="logo.png" alt=""></p>', encoding="utf-8")
    code, document = run(folder, JOB, "plan")
    assert (code, rules(document)) == (0, ["html-dead-address", "html-without-text"])
    (where,) = [(each["line"], each["column"]) for each in document["findings"] if each["rule"] == "html-dead-address"]
    assert where == (1, 19)


@pytest.mark.parametrize(
    ("provider", "more", "where"),
    [
        ("{kind: outbox}", "  textFromHtml: true\n", (10, 17)),
        (
            "{kind: pleasanter, baseUrl: 'https://p.example.com', recordId: 7, apiKey: {env: K}, downgrade: text}",
            "",
            (3, 106),
        ),
    ],
)
def test_a_text_that_no_library_is_there_to_make_is_a_finding(
    folder: Path, provider: str, more: str, where: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "inscriptis", None)
    code, document = run(folder, JOB.replace("{kind: outbox}", provider) + more, "plan")
    missing = [each for each in document["findings"] if each["rule"] == "extra-missing"]
    assert code == ending.BLOCKED
    assert [(each["line"], each["column"]) for each in missing] == [where]
    assert "pip install 'batchmail[html]'" in missing[0]["hint"]
