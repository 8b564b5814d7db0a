"""What readers will get is seen before anything is sent: every branch, no script, nothing loaded."""

import html
import re
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from tests.program.office import Office

BODY = """\
<p>Dear {{ name or "customer" }},</p>
{% if kind == "a" %}<p>first</p>
{% elif kind == "b" %}<p>second</p>
{% elif kind == "c" %}<p>third</p>
{% else %}<p>fourth</p>
{% endif %}
<p>{{ "fifth" if note else "sixth" }}</p>
"""
HEADER = "number,name,email,kind,note"


@pytest.fixture
def branched(office: Office) -> Office:
    """200 rows, of which few take the rare branches."""
    rows = [f"{n:05},Person {n},p{n}@example.com,d,x" for n in range(200)]
    for at, (kind, note) in {17: ("a", "x"), 80: ("b", ""), 140: ("c", "x"), 141: ("c", "x"), 190: ("d", "")}.items():
        rows[at] = f"{at:05},Person {at},p{at}@example.com,{kind},{note}"
    rows[150] = "00150,김민수,p150@example.com,d,x"
    rows[151] = "00151,,p151@example.com,d,x"
    office.write("people.csv", "\n".join([HEADER, *rows]) + "\n")
    office.write("body.html", BODY)
    office.edit('body: "<p>Dear {{ name }}, your number is {{ number }}.</p>"', "body: {file: body.html}")
    office.edit('subject: "Hello {{ name }}"', 'subject: "Hello"')
    return office


def preview(office: Office, *options: str) -> list[dict[str, Any]]:
    ended = office.run("preview", str(office.job), "--format", "json", *options)
    assert ended.code == 0, ended.err
    return list(ended.document["mails"])


def test_the_rows_that_are_shown_take_every_branch_of_the_templates(branched: Office) -> None:
    bodies = "".join(str(mail["body"]) for mail in preview(branched))
    assert [word for word in ("first", "second", "third", "fourth", "fifth", "sixth") if word not in bodies] == []
    assert "Dear customer" in bodies


def test_branches_of_included_files_are_shown_too(branched: Office) -> None:
    branched.write("kind.html", '\n{% if kind == "b" %}<p>rare</p>{% endif %}')
    branched.write("body.html", '<p>Dear {{ name or "customer" }}</p>{% include "kind.html" %}')
    (rare,) = [mail for mail in preview(branched) if "rare" in mail["body"]]
    assert "kind.html:2 if" in rare["why"]


def test_few_rows_show_it_all_and_each_says_why(branched: Office) -> None:
    mails = preview(branched)
    assert len(mails) <= 7
    assert all(mail["why"] for mail in mails)
    shown = {reason for mail in mails for reason in mail["why"]}
    assert {"body.html:3 elif", "body.html:4 elif", "longest", "most blank cells", "Hangul"} <= shown


def test_one_row_is_shown_by_its_number_in_the_sheet_or_by_its_key(branched: Office) -> None:
    (by_number,) = preview(branched, "--row", "19")
    (by_key,) = preview(branched, "--key", "00017")
    assert by_number == by_key
    assert (by_number["row"], by_number["to"]) == (19, ["p17@example.com"])


def test_a_row_that_is_not_there_is_a_matter_of_usage(branched: Office) -> None:
    for options in (["--row", "999"], ["--key", "nobody"]):
        ended = branched.run("preview", str(branched.job), *options)
        assert ended.code == 2
        assert "No row has the" in ended.err


def test_the_terminal_shows_a_mail_as_its_reader_gets_it(branched: Office) -> None:
    branched.edit('  to: "{{ email }}"', '  to: "{{ email }}"\n  cc: [boss@example.com]\n  bcc: [archive@example.com]')
    ended = branched.run("preview", str(branched.job), "--key", "00017")
    assert ended.code == 0
    for line in (
        "to         p17@example.com",
        "cc         boss@example.com",
        "subject    Hello",
        "    Dear Person 17,",
    ):
        assert line in ended.out
    assert "2 addresses seen by everybody; 1 blind copy seen by nobody" in ended.out
    assert "<p>" not in ended.out


def test_the_mails_are_written_as_files_that_read_back_equal(branched: Office) -> None:
    folder = branched.folder / "shown"
    mails = preview(branched, "--out", str(folder))
    for shown in mails:
        content = (folder / f"row-{shown['row']:05}.eml").read_bytes()
        mail = BytesParser(policy=policy.default).parsebytes(content)
        body = mail.get_body()
        assert body is not None
        assert [str(mail["To"])] == shown["to"]
        assert body.get_content().replace("\r\n", "\n") == str(shown["body"]).rstrip("\n") + "\n"
    assert len(list(folder.glob("*.eml"))) == len(mails)


def test_where_everybody_gets_a_copy_the_file_is_that_of_the_first(branched: Office) -> None:
    folder = branched.folder / "shown"
    branched.edit('  to: "{{ email }}"', '  to: "{{ email }}"\n  cc: [boss@example.com]\n  isSendSeparately: true')
    preview(branched, "--out", str(folder), "--key", "00017")
    mail = BytesParser(policy=policy.default).parsebytes((folder / "row-00019.eml").read_bytes())
    assert (mail["To"], mail["Cc"], mail["Bcc"]) == ("p17@example.com", None, None)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "the copy to p17@example.com; 1 more, to one address each" in page


def test_a_long_subject_is_wrapped_in_the_terminal(branched: Office) -> None:
    branched.edit('subject: "Hello"', 'subject: "' + "청구서 " * 40 + 'end"')
    ended = branched.run("preview", str(branched.job), "--key", "00017")
    lines = ended.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  subject"))
    assert all(sum(2 if ord(each) > 0x1100 else 1 for each in line) <= 80 for line in lines[at : at + 5])
    assert lines[at + 1].startswith(" " * 13 + "청구서")


def test_the_page_loads_nothing_and_lets_no_mail_run_anything(branched: Office) -> None:
    branched.write("logo.png", "not really a picture")
    branched.write("body.html", BODY + '<script>alert(1)</script><img src="cid:logo"><img src="https://example.com/x">')
    branched.edit("send:\n", "  attachments:\n    - {path: logo.png, cid: logo}\nsend:\n")
    preview(branched, "--out", str(branched.folder / "shown"))
    page = (branched.folder / "shown" / "index.html").read_text(encoding="utf-8")
    outside = re.sub(r'srcdoc="[^"]*"', "", page)
    assert {re.sub(r"\d+", "N", found) for found in re.findall(r'(?:src|href)="([^"]*)"', outside)} == {
        "#row-N",
        "row-N.eml",
    }
    assert "default-src 'none'" in outside
    documents = [html.unescape(found) for found in re.findall(r'srcdoc="([^"]*)"', page)]
    assert documents
    assert all(document.startswith('<!DOCTYPE html><meta charset="utf-8"><meta http-equiv') for document in documents)
    assert all("data:image/png;base64," in document for document in documents)
    assert page.count("<iframe sandbox ") == page.count("<iframe")


def test_a_folder_of_somebody_else_is_not_replaced(branched: Office) -> None:
    folder = branched.folder / "mine"
    branched.write("mine/thesis.txt", "years of work")
    ended = branched.run("preview", str(branched.job), "--out", str(folder))
    assert ended.code == 1
    assert "batchmail did not make this folder" in ended.err
    assert "Name another folder" in ended.err
    assert (folder / "thesis.txt").exists()


def test_an_earlier_preview_is_replaced(branched: Office) -> None:
    folder = branched.folder / "shown"
    preview(branched, "--out", str(folder))
    preview(branched, "--out", str(folder), "--key", "00017")
    assert [path.name for path in folder.glob("*.eml")] == ["row-00019.eml"]


def test_a_job_with_faults_shows_the_mails_that_can_be_merged(branched: Office) -> None:
    sheet = branched.folder / "people.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("p3@", "p3@@"), encoding="utf-8")
    ended = branched.run("preview", str(branched.job))
    assert ended.code == 1
    assert "first" in ended.out
    assert "1 row cannot be merged. Nothing can be sent." in ended.err


def test_a_job_that_cannot_be_opened_shows_its_findings(office: Office) -> None:
    office.edit("people.csv", "nobody.csv")
    ended = office.run("preview", str(office.job))
    assert (ended.code, ended.out) == (1, "")
    assert "file-missing" in ended.err


def test_who_is_suppressed_is_not_among_the_readers(branched: Office) -> None:
    branched.edit('  to: "{{ email }}"', '  to: "{{ email }}"\n  cc: [boss@example.com]\n  isSendSeparately: true')
    branched.edit("  key: number", "  key: number\n  suppress: [gone.csv]")
    branched.write("gone.csv", "email\nboss@example.com\np17@example.com\n")
    mails = preview(branched)
    assert all(mail["to"] != ["p17@example.com"] and mail["cc"] == [] for mail in mails)
    (asked,) = preview(branched, "--key", "00017")
    assert (asked["to"], asked["why"]) == ([], ["asked for", "suppressed, and not sent"])


def test_nothing_is_sent(branched: Office) -> None:
    preview(branched)
    assert branched.works.inbox.requests == 0
    assert not (branched.folder / ".batchmail").exists()


def test_the_script_of_the_page_is_small(branched: Office) -> None:
    script = Path(__file__).parents[2] / "batchmail" / "gallery" / "page.js"
    assert script.read_text(encoding="utf-8").count("\n") <= 80
    assert branched.job.exists()
