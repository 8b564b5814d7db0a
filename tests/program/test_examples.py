"""Every example does what its README says."""

import json
import re
from collections.abc import Sequence
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from batchmail.cli import ending
from tests.program.office import ROOT, Ended, captured

JOBS = {path.parent.name: path for path in sorted((ROOT / "manifests").glob("*/job.*"))}
EXAMPLES = list(JOBS)


def rehearse(name: str, folder: Path) -> Ended:
    """Rehearse an example, its traces kept elsewhere."""
    job = str(JOBS[name])
    return captured("rehearse", job, "--format", "json", "--journal", str(folder / "journal.db"))


def shown(row: Sequence[Any]) -> list[tuple[str, object, str]]:
    """What the filled cells of a worksheet's row hold, and in which format."""
    return [(cell.coordinate, cell.value, cell.number_format) for cell in row if cell.value is not None]


def stated() -> dict[str, tuple[int, int]]:
    """Mails and requests of each example, by manifests/README.md."""
    text = (ROOT / "manifests" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`([\w-]+)/`\].*\| ([\d,]+) \| ([\d,]+) \|$", text, re.MULTILINE)
    return {name: (int(mails.replace(",", "")), int(requests.replace(",", ""))) for name, mails, requests in rows}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_rehearsed_without_a_fault(name: str, tmp_path: Path) -> None:
    ended = rehearse(name, tmp_path)
    assert ended.code == ending.DONE, ended.err
    assert (ended.document["counts"]["sent"], ended.document["requests"]) == stated()[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_plans_without_a_finding(name: str, tmp_path: Path) -> None:
    job = str(JOBS[name])
    ended = captured("plan", job, "--format", "json", "--journal", str(tmp_path / "journal.db"))
    assert (ended.code, json.loads(ended.out)["findings"]) == (0, [])


def test_the_captured_invoices_carry_their_own_pdf_and_the_report_keeps_the_sheet(tmp_path: Path) -> None:
    document = rehearse("invoices", tmp_path).document
    mails = sorted(Path(document["mails"]).glob("*.eml"))
    assert len(mails) == 112
    for path in mails:
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        (attachment,) = mail.iter_attachments()
        number = re.search(r"Invoice (\d{5}) for", str(mail["subject"]))
        assert number is not None
        assert attachment.get_filename() == f"Invoice-{number[1]}.pdf"
        pdf = ROOT / "manifests" / "invoices" / "pdf" / f"{number[1]}.pdf"
        assert attachment.get_content() == pdf.read_bytes()

    (report,) = document["reports"]
    before = load_workbook(ROOT / "manifests/invoices/recipients.xlsx")["October"]
    after = load_workbook(report)["October"]
    width = before.max_column
    for old, new in zip(before.iter_rows(), after.iter_rows(max_col=width), strict=True):
        assert shown(old) == shown(new)
    assert {cell.value for cell in after[2][width:]} >= {"sent"}


def test_the_welcome_mails_show_the_logo_within(tmp_path: Path) -> None:
    document = rehearse("welcome", tmp_path).document
    path = min(Path(document["mails"]).glob("*.eml"))
    mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    html = mail.get_body(("html",))
    assert html is not None
    assert "cid:logo" in html.get_content()
    images = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert [(image["content-id"], image.get_content_disposition()) for image in images] == [("<logo>", "inline")]


def test_the_seminar_mails_are_plain_text_beside_a_file_with_a_japanese_name(tmp_path: Path) -> None:
    document = rehearse("seminar", tmp_path).document
    for path in Path(document["mails"]).glob("*.eml"):
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        text = mail.get_body(("plain",))
        assert text is not None
        assert "2026-12-" in text.get_content()
        (attachment,) = mail.iter_attachments()
        assert attachment.get_filename() == "会場案内.txt"
        assert attachment.get_payload(decode=True) == (ROOT / "manifests" / "seminar" / "venue.txt").read_bytes()


def test_the_mails_about_cases_belong_each_to_its_record(tmp_path: Path) -> None:
    document = rehearse("support-cases", tmp_path).document
    lines = (Path(document["mails"]) / "index.jsonl").read_text(encoding="utf-8").splitlines()
    mails = [json.loads(line) for line in lines]
    assert {(mail["record"], mail["subject"].partition("]")[0]) for mail in mails} == {
        (record, f"[{record}") for record in ("10412", "10415", "10421", "10422", "10430", "10433")
    }
    assert all(len(mail["to"]) == 1 for mail in mails)


def test_there_is_an_example_for_everything_that_the_readme_names() -> None:
    assert set(EXAMPLES) == set(stated())
