"""Twenty faults over manifest, sheet and template, all of them told by one plan, each at its own place."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.program.office import Office

MANIFEST = """\
version: 1
name: invoices
edition: "2026-10"
provider:
  kind: works
  accessToken: {env: WORKS_ACCESS_TOKEN}
  baseUrl: BASE_URL
  plann: paid
recipients:
  file: people.xlsx
  sheet: October
  key: number
  fields:
    amount: {type: decimal, format: "{:,.2f}"}
    due: {type: date}
    region: {type: text}
message:
  to: "{{ email }}"
  cc: ["boss@@example.com"]
  subject: "Invoice {{ nummber }}"
  body: {file: body.html}
  contentType: htm
  replyTo: "billing@example.com"
  isSaveSentMail: yes
  attachments:
    - path: "pdf/{{ number }}.pdf"
    - path: terms.pdf
send:
  concurrency: many
  canary: 0
report: [results.xlsx]
"""

BODY = """\
<h1>Invoice</h1>
<p>Dear {{ nmae }},</p>
<p>{{ name }}: {{ amount }} until {{ due }}.</p>
{% if region %}{{ regoin }}{% endif %}
"""

ROWS: list[tuple[str | float | None, ...]] = [
    ("number", "name", "email", "amount", "due"),
    ("00001", "Kim", "kim@example.com", 1200.5, "2026-10-31"),
    ("00002", "Lee", "lee@@example.com", 300, "2026-10-31"),
    ("00003", None, "park@example.com", 12, "2026-10-31"),
    ("00004", "Choi", "choi@example.com", "a lot", "2026-10-31"),
    ("00005", "Jung", "jung@example.com", 5, "03/04/2026"),
    ("00006", "Kang", "kang@example.com;boss@example.com", 5, "2026-10-31"),
    ("00001", "Yoon", "yoon@example.com", 7, "2026-10-31"),
    (None, "Jang", "jang@example.com", 7, "2026-10-31"),
    ("00009", "Han", "han@example.com", "=1+1", "2026-10-31"),
    ("00010", "Oh", "oh@example.com", 7, "2026-10-31"),
]

EXPECTED = {
    ("manifest-unknown-key", "job.yaml:8:3"),
    ("sheet-missing-column", "job.yaml:16:5"),
    ("row-bad-address", "job.yaml:19:9"),
    ("template-unknown-name", "job.yaml:20:24"),
    ("manifest-bad-value", "job.yaml:22:16"),
    ("provider-cannot-express", "job.yaml:23:12"),
    ("manifest-bad-value", "job.yaml:24:19"),
    ("attachment-missing", "job.yaml:27:13"),
    ("manifest-bad-value", "job.yaml:29:16"),
    ("manifest-bad-value", "job.yaml:30:11"),
    ("template-unknown-name", "body.html:2:12"),
    ("template-unknown-name", "body.html:4:19"),
    ("row-bad-address", "people.xlsx!C3"),
    ("row-blank-value", "people.xlsx!B4"),
    ("cell-bad-value", "people.xlsx!D5"),
    ("cell-bad-value", "people.xlsx!E6"),
    ("row-several-addresses", "people.xlsx!C7"),
    ("row-duplicate-key", "people.xlsx!A8"),
    ("row-blank-key", "people.xlsx!A9"),
    ("cell-not-calculated", "people.xlsx!D10"),
    ("attachment-missing", "people.xlsx!A11"),
}


@pytest.fixture
def faulty(office: Office) -> Office:
    office.manifest(MANIFEST)
    office.write("body.html", BODY)
    for number in range(1, 10):
        office.write(f"pdf/{number:05}.pdf", f"%PDF {number}")
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "October"
    for row in ROWS:
        sheet.append(row)
    workbook.save(office.folder / "people.xlsx")
    return office


def test_one_plan_tells_all_planted_faults_at_their_places(faulty: Office) -> None:
    ended = faulty.plan()
    assert ended.code == 1
    found = {
        (finding["rule"], f"{Path(finding['path']).name}{place(finding)}") for finding in ended.document["findings"]
    }
    assert found == EXPECTED
    assert len(EXPECTED) > 20


def place(finding: dict[str, object]) -> str:
    return f"!{finding['cell']}" if finding["cell"] else f":{finding['line']}:{finding['column']}"


def test_nothing_is_sent_while_there_is_a_fault(faulty: Office) -> None:
    ended = faulty.send()
    assert (ended.code, ended.document["exit"]) == (1, 1)
    assert faulty.works.inbox.requests == 0
    assert not (faulty.folder / ".batchmail/journal.db").exists() or faulty.status().document["counts"]["queued"] == 0


def test_the_text_of_a_plan_shows_20_findings_and_counts_the_rest(faulty: Office) -> None:
    ended = faulty.run("plan", str(faulty.job))
    assert ended.code == 1
    assert ended.out.count("→") >= 20
    assert "… and 1 more of" in ended.out
    assert "Traceback" not in ended.out + ended.err
    everything = faulty.run("plan", str(faulty.job), "--all")
    assert "more of" not in everything.out


def test_many_faults_of_one_kind_are_counted(office: Office) -> None:
    office.write("people.csv", "number,name,email\n" + "".join(f"{n},Kim,kim{n}@@example.com\n" for n in range(1224)))
    ended = office.run("plan", str(office.job))
    assert "… and 1,204 more of row-bad-address" in ended.out
    assert "1,224 faults: nothing can be sent." in ended.out


def test_faults_with_one_cause_are_told_once_with_their_places(office: Office) -> None:
    office.write("people.csv", "number,name,email\n" + "".join(f"{n},,kim{n}@example.com\n" for n in range(1224)))
    ended = office.run("plan", str(office.job))
    assert ended.out.count("row-blank-value") == 2  # the finding, and the command that explains it
    assert "people.csv:2:3  error  row-blank-value  1,224 places\n    and at 3:3, 4:3, 5:3, 6:3 and 1,219 more" in (
        ended.out
    )
    everything = office.run("plan", str(office.job), "--all")
    assert "1224:6, 1225:6\n" in everything.out
