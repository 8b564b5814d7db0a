"""Identical mails travel together, and nobody sees the others."""

import csv
from pathlib import Path

from tests.program.office import ROOT, Office


def test_the_outage_notice_takes_20_requests_for_2000_people(office: Office) -> None:
    example = ROOT / "manifests" / "outage-notice"
    for name in ("notice.txt", "recipients.csv"):
        (office.folder / name).write_bytes((example / name).read_bytes())
    manifest = (example / "job.yaml").read_text(encoding="utf-8")
    office.manifest(manifest.replace("  kind: works\n", "  kind: works\n  baseUrl: BASE_URL\n"))
    office.edit("  combine: 100", "  combine: 100\n  rate: 1000/s")
    ended = office.send()
    assert ended.code == 0, ended.err
    assert ended.document["counts"]["sent"] == 2000
    assert ended.document["requests"] == 20
    mails = office.works.inbox.mails
    assert len(mails) == 20
    assert all(mail.send_separately and len(set(mail.to)) == len(mail.to) == 100 for mail in mails)
    assert len(set(office.accepted())) == 2000
    report = next(Path(name) for name in ended.document["reports"] if name.endswith(".csv"))
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert [row["mail_status"] for row in csv.DictReader(file)] == ["sent"] * 2000


def separately(office: Office, body: str) -> None:
    office.edit(
        'body: "<p>Dear {{ name }}, your number is {{ number }}.</p>"', f'body: "{body}"\n  isSendSeparately: true'
    )
    office.edit("Hello {{ name }}", "Hello")


def test_rows_of_two_texts_are_combined_by_their_text(office: Office) -> None:
    separately(office, "{{ 'odd' if number[-1] in '13579' else 'even' }}")
    office.people(10)
    assert office.send().document["requests"] == 2
    assert sorted((mail.body, len(mail.to)) for mail in office.works.inbox.mails) == [("even", 5), ("odd", 5)]


def test_at_most_combine_people_travel_together(office: Office) -> None:
    separately(office, "{{ 'odd' if number[-1] in '13579' else 'even' }}")
    office.edit("  rate:", "  combine: 2\n  concurrency: 1\n  rate:")
    office.people(10)
    assert office.send().document["requests"] == 6
    assert len(set(office.accepted())) == len(office.accepted()) == 10


def test_mails_with_a_copy_address_are_never_combined(office: Office) -> None:
    separately(office, "Hi")
    office.edit("  isSendSeparately", '  cc: ["boss@example.com"]\n  isSendSeparately')
    assert office.send().document["requests"] == 3


def test_personal_mails_are_never_combined(office: Office) -> None:
    office.edit('  subject: "Hello', '  isSendSeparately: true\n  subject: "Hello')
    assert office.send().document["requests"] == 3


def test_the_same_address_twice_never_travels_in_one_request(office: Office) -> None:
    separately(office, "Hi")
    office.edit("  key: number", "  key: number\n  duplicates: allow")
    office.write("people.csv", "number,name,email\n1,A,a@example.com\n2,B,b@example.com\n3,A,a@example.com\n")
    assert office.send().document["requests"] == 2
    assert all(len(set(mail.to)) == len(mail.to) for mail in office.works.inbox.mails)
    assert sorted(office.accepted()) == ["a@example.com", "a@example.com", "b@example.com"]
