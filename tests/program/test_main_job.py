"""Plan, send, report: everybody gets their mail, once."""

import csv

from batchmail.emulator import Answer, Fault, Faults
from tests.program.office import Office


def test_what_is_planned_is_sent_and_then_there_is_nothing_left(office: Office) -> None:
    before = office.plan()
    assert before.code == 0, before.err
    assert before.document["counts"]["send"] == 3
    assert before.document["requests"] == 3
    assert before.document["findings"] == []

    sent = office.send()
    assert sent.code == 0, sent.err
    assert sent.document["counts"]["sent"] == 3
    assert sent.document["requests"] == 3
    assert sent.document["exit"] == 0
    assert sorted(office.accepted()) == ["person1@example.com", "person2@example.com", "person3@example.com"]

    after = office.plan()
    assert after.code == 0
    assert (after.document["counts"]["send"], after.document["counts"]["already_sent"]) == (0, 3)
    assert after.document["requests"] == 0

    again = office.send()
    assert again.code == 0
    assert again.document["requests"] == 0
    assert office.works.inbox.requests == 3


def test_the_report_is_the_sheet_with_the_results(office: Office) -> None:
    office.send()
    with (office.folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["Person 1", "Person 2", "Person 3"]
    assert [row["number"] for row in rows] == ["00001", "00002", "00003"]
    assert {row["mail_status"] for row in rows} == {"sent"}
    assert [row["mail_to"] for row in rows] == ["person1@example.com", "person2@example.com", "person3@example.com"]


def test_new_rows_get_their_mail_and_old_ones_no_other(office: Office) -> None:
    office.send()
    office.people(5)
    assert office.send().document["requests"] == 2
    assert sorted(office.accepted()) == [f"person{n}@example.com" for n in range(1, 6)]


def test_a_new_edition_is_a_new_mailing(office: Office) -> None:
    office.send()
    assert office.send("--edition", "2").document["counts"]["sent"] == 3
    assert len(office.accepted()) == 6


def test_identity_is_the_key_whatever_the_order_of_the_rows(office: Office) -> None:
    office.send()
    lines = (office.folder / "people.csv").read_text(encoding="utf-8").splitlines()
    office.write("people.csv", "\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert office.send().document["requests"] == 0


def test_changed_rows_that_have_their_mail_are_told_and_left_alone(office: Office) -> None:
    office.send()
    office.edit("Dear", "Hello")
    planned = office.plan()
    assert [finding["rule"] for finding in planned.document["findings"]] == ["changed-since-sent"]
    assert office.send().document["requests"] == 0


def test_one_changed_row_that_has_its_mail_is_told_as_one(office: Office) -> None:
    office.people(1)
    office.send()
    office.edit("Dear", "Hello")
    (finding,) = office.plan().document["findings"]
    assert finding["message"] == "1 row has got its mail and would read otherwise now"


def test_a_run_of_no_time_has_no_time(office: Office) -> None:
    assert "0.0 s" not in office.run("plan", str(office.job)).out


def test_only_and_limit_narrow_a_send(office: Office) -> None:
    assert office.send("--only", "00002").document["counts"]["sent"] == 1
    assert office.accepted() == ["person2@example.com"]
    office.send("--limit", "1")
    assert office.accepted() == ["person2@example.com", "person1@example.com"]
    office.send()
    assert sorted(office.accepted()) == ["person1@example.com", "person2@example.com", "person3@example.com"]


def test_a_key_that_no_row_has_is_a_usage_error(office: Office) -> None:
    ended = office.send("--only", "99999")
    assert ended.code == 2
    assert "`99999`" in ended.err
    assert office.accepted() == []


def test_status_counts_what_the_journal_knows(office: Office) -> None:
    assert office.status().document["counts"]["sent"] == 0
    office.send()
    ended = office.status()
    assert (ended.code, ended.document["counts"]["sent"], ended.document["in_doubt"]) == (0, 3, [])


def test_where_and_a_report_in_every_format(office: Office) -> None:
    office.edit("  key: number", "  key: number\n  where: \"number != '00002'\"")
    assert office.plan().document["counts"] == {
        "send": 2,
        "already_sent": 0,
        "skipped": 1,
        "blocked": 0,
        "in_doubt": 0,
        "rejected": 0,
        "suppressed": 0,
    }
    office.send()
    assert sorted(office.accepted()) == ["person1@example.com", "person3@example.com"]
    for suffix in ("csv", "xlsx", "jsonl"):
        ended = office.run("report", str(office.job), "--out", str(office.folder / f"out.{suffix}"))
        assert ended.code == 0, ended.err
        assert (office.folder / f"out.{suffix}").stat().st_size > 0


def test_a_rehearsal_sends_nothing_to_the_provider_and_leaves_the_real_journal_alone(office: Office) -> None:
    ended = office.run("rehearse", str(office.job), "--format", "json")
    assert ended.code == 0, ended.err
    assert ended.document["counts"]["sent"] == 3
    assert office.works.inbox.requests == 0
    assert len(list((office.folder / ".batchmail/rehearsal/test/mails").glob("*.eml"))) == 3
    assert not (office.folder / "results.csv").exists()
    assert office.status().document["counts"]["sent"] == 0


def test_nobody_is_asked_where_there_is_no_terminal(office: Office) -> None:
    ended = office.run("send", str(office.job))
    assert ended.code == 2
    assert "--yes" in ended.err
    assert office.works.inbox.requests == 0


def test_the_rows_to_redo_are_a_sheet_again(office: Office, faults: Faults) -> None:
    refusal = Answer(400, b'{"code": "INVALID_PARAMETER", "description": "no such person"}')
    faults.at(Fault(refusal), 1)
    office.edit("send:", "send:\n  concurrency: 1")
    office.write(
        "people.csv", "number,name,email,phone\n1,Kim,kim@example.com,+82 10-1234\n2,Lee,lee@example.com,=1+1\n"
    )
    ended = office.send()
    assert (ended.code, ended.document["counts"]["rejected"]) == (3, 1)
    assert office.send().document["requests"] == 0

    redo = office.folder / "redo.csv"
    assert office.run("report", str(office.job), "--failed", "--out", str(redo)).code == 0
    text = redo.read_text(encoding="utf-8-sig")
    assert "Lee" not in text
    assert "'+82 10-1234" in text
    redo.write_text(text.replace("kim@example.com,", "minsu@example.com,", 1), encoding="utf-8")
    office.edit("people.csv", "redo.csv")
    again = office.send()
    assert (again.code, again.document["requests"]) == (0, 1)
    assert office.accepted() == ["lee@example.com", "minsu@example.com"]
    assert '"phone": "+82 10-1234"' in office.report("out.jsonl")
