"""What goes wrong in offices: each of these once sent a wrong mail, sent one twice, lost one, or hid what was sent."""

import csv
from pathlib import Path

import pytest

from batchmail.emulator import Answer, Fault, Faults, Incoming
from tests.program.office import Office

REFUSED = Fault(Answer(400, b'{"code": "INVALID_PARAMETER", "description": "bad address"}'))


def rows(office: Office, name: str = "results.csv") -> list[dict[str, str]]:
    with (office.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rules(office: Office) -> list[str]:
    return [finding["rule"] for finding in office.plan().document["findings"]]


@pytest.mark.parametrize(
    "cell",
    [
        "a@x.example <b@y.example>",
        "Kim <kim@a.com> <lee@b.com>",
        "Group: a@x.com <b@y.com>",
        "K <a@x .com>",
        "<a@x.com",
        "a@x.com (b@y.com)",
    ],
)
def test_an_address_is_never_guessed(office: Office, cell: str) -> None:
    office.write("people.csv", f'number,name,email\n1,Kim,"{cell}"\n')
    assert set(rules(office)) <= {"row-bad-address", "row-several-addresses"}
    assert office.send().code == 1
    assert office.accepted() == []


def test_a_rehearsal_removes_no_folder_that_it_has_not_made(office: Office) -> None:
    photo = office.folder / "journal.db.rehearsal" / "test" / "wedding.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"jpg")
    ended = office.run("rehearse", str(office.job), "--journal", str(office.folder / "journal.db"))
    assert ended.code == 1
    assert photo.exists()


def test_a_report_never_shows_the_result_of_another_row(office: Office) -> None:
    office.edit("  key: number", "  key: number\n  where: \"name != 'old'\"\n  duplicates: first")
    office.write(
        "people.csv", "number,name,email\n1,old,old@example.com\n1,new,new@example.com\n1,third,third@example.com\n"
    )
    office.send()
    assert office.accepted() == ["new@example.com"]
    assert [(row["name"], row["mail_status"], row["mail_to"]) for row in rows(office)] == [
        ("old", "", ""),
        ("new", "sent", "new@example.com"),
        ("third", "skipped", "third@example.com"),
    ]


def test_who_leaves_the_sheet_leaves_the_queue(office: Office) -> None:
    office.edit("{env: WORKS_ACCESS_TOKEN}", "{file: token.txt}")
    office.write("token.txt", "wrong")
    assert office.send().document["counts"]["queued"] == 3
    assert office.status().code == 3
    office.write("token.txt", office.works.access_token)
    office.people(2)
    ended = office.send()
    assert (ended.code, ended.document["counts"]["sent"], ended.document["counts"]["queued"]) == (0, 2, 0)
    assert office.status().code == 0


def test_a_key_that_looks_like_a_numbered_one_is_told(office: Office) -> None:
    office.edit("  key: number", "  key: number\n  duplicates: allow")
    office.write("people.csv", "number,name,email\nA,a,a@example.com\nA,b,b@example.com\nA#2,c,c@example.com\n")
    assert rules(office) == ["row-duplicate-key"]
    assert office.send().code == 1


def test_the_same_mail_to_the_same_address_in_other_letters_is_told(office: Office) -> None:
    office.write("people.csv", "number,name,email\n1,Kim,kim@example.com\n2,Kim,Kim@Example.com\n")
    office.edit("your number is {{ number }}", "hello")
    assert rules(office) == ["row-duplicate-mail"]


@pytest.mark.parametrize("edition", [" ", "2026-10 ", "a\nb", ""])
def test_an_edition_on_the_command_line_is_held_to_the_rule_of_the_manifest(office: Office, edition: str) -> None:
    assert office.send("--edition", edition).code == 2
    assert office.accepted() == []


def test_one_bad_address_does_not_cost_the_others_their_mail(office: Office, faults: Faults) -> None:
    office.people(20)
    office.edit("Hello {{ name }}", "Hello")
    office.edit('<p>Dear {{ name }}, your number is {{ number }}.</p>"', 'Hi"\n  isSendSeparately: true')
    faults.when(REFUSED, lambda incoming: b"person7@" in incoming.body)
    ended = office.send()
    assert (ended.code, ended.document["counts"]["sent"], ended.document["counts"]["rejected"]) == (3, 19, 1)
    assert len(set(office.accepted())) == len(office.accepted()) == 19
    faults.clear()
    sheet = (office.folder / "people.csv").read_text(encoding="utf-8")
    office.write("people.csv", sheet.replace("person7@", "person-7@"))
    assert office.send().document["requests"] == 1


def test_no_more_people_travel_together_than_the_provider_takes(office: Office) -> None:
    office.people(800)
    office.edit("Hello {{ name }}", "Hello")
    office.edit('<p>Dear {{ name }}, your number is {{ number }}.</p>"', 'Hi"\n  isSendSeparately: true')
    office.edit("  rate:", "  combine: 1000\n  rate:")
    assert office.plan().document["requests"] == 2
    assert office.send().document["counts"]["sent"] == 800
    assert max(len(mail.to) for mail in office.works.inbox.mails) == 500


def test_a_sheet_that_is_saved_during_a_send_stops_it(office: Office, faults: Faults) -> None:
    office.people(2000)
    sheet = office.folder / "people.csv"

    def saved(incoming: Incoming) -> bool:
        if incoming.number == 5:
            sheet.write_text(
                sheet.read_text(encoding="utf-8").replace("Person 1999", "Somebody else"), encoding="utf-8"
            )
        return False

    faults.when(REFUSED, saved)
    ended = office.send()
    assert ended.code == 4
    assert "changed" in str(ended.document["stopped"])
    accepted = len(office.accepted())
    assert accepted == ended.document["counts"]["sent"] < 2000
    assert office.send().code == 0
    assert len(set(office.accepted())) == len(office.accepted()) == 2000


def test_a_report_that_cannot_be_written_does_not_hide_what_was_sent(office: Office) -> None:
    office.edit("report: [results.csv]", "report: [nowhere/results.csv, results.jsonl]")
    ended = office.send()
    assert ended.code == 3
    assert ended.document["counts"]["sent"] == 3
    assert [Path(name).name for name in ended.document["reports"]] == ["results.jsonl"]
    assert len(ended.document["unwritten"]) == 1


def test_a_report_never_replaces_a_file_that_the_job_reads(office: Office) -> None:
    office.write("list.csv", "a,b\n")
    office.edit("send:", "  attachments:\n    - path: list.csv\nsend:")
    office.edit("report: [results.csv]", "report: [list.csv]")
    assert rules(office) == ["manifest-report-over-input"]
    for name in ("list.csv", "people.csv"):
        assert office.run("report", str(office.job), "--out", str(office.folder / name)).code == 2


def test_a_reader_that_goes_away_does_not_stop_a_send(office: Office) -> None:
    office.people(40)
    with office.start("send", str(office.job), "--yes") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stderr.close()
        process.stdout.close()
        assert process.wait() == 0
    assert len(office.accepted()) == 40


def test_a_template_with_a_fault_is_told_also_where_keys_are_named(office: Office) -> None:
    office.edit("{{ email }}", "{{ emial }}")
    ended = office.send("--only", "00001")
    assert ended.code == 1
    assert [finding["rule"] for finding in ended.document["findings"]] == ["template-unknown-name"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("{{ name }}", "{{ [name, number] | random }}", "template-unknown-filter"),
        ("{{ name }}", "{{ self }}", "template-syntax"),
        ("  key: number", "  key: number\n  where: name", "manifest-bad-value"),
    ],
)
def test_what_could_not_be_meant_is_told(office: Office, old: str, new: str, rule: str) -> None:
    office.edit(old, new)
    assert set(rules(office)) == {rule}


def test_a_column_called_row_hides_no_other(office: Office) -> None:
    office.write("people.csv", "number,First name,email,row,name\n1,Min,kim@example.com,seven,Kim\n")
    office.edit("Hello {{ name }}", "{{ row['First name'] }} in {{ row['row'] }}")
    assert office.send().code == 0
    assert office.works.inbox.mails[0].subject == "Min in seven"


def test_people_whose_keys_have_changed_are_not_written_to_again_unasked(office: Office) -> None:
    office.send()
    office.write("people.csv", (office.folder / "people.csv").read_text(encoding="utf-8").replace("0000", ""))
    assert rules(office) == ["sent-under-another-key"]
    refused = office.send()
    assert refused.code == 1
    assert "--allow sent-under-another-key" in str(refused.document["stopped"])
    assert len(office.accepted()) == 3
    assert office.send("--allow", "sent-under-another-key").document["counts"]["sent"] == 6


def test_an_attachment_whose_name_comes_out_blank_has_its_files_name(office: Office) -> None:
    office.write("terms.pdf", "%PDF")
    office.edit("send:", "  attachments:\n    - {path: terms.pdf, filename: \"{{ '' }}\"}\nsend:")
    office.send("--limit", "1")
    assert [file.filename for file in office.works.inbox.mails[0].attachments] == ["terms.pdf"]
