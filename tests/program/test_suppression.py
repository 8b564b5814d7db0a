"""Whoever is on a suppression list is never written to, whatever the sheet says and whenever they were put there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from batchmail.cli import ending
from batchmail.emulator import Fault, Faults
from batchmail.emulator.exchange import Incoming
from tests.program.office import Office

LIST = "  key: number\n"


@pytest.fixture
def listed(office: Office) -> Office:
    """An office whose job names a suppression list, with the second person on it."""
    office.edit(LIST, f"{LIST}  suppress: unsubscribed.csv\n")
    office.write("unsubscribed.csv", "name,email\nSomebody,else@example.com\nPerson 2,PERSON2@Example.COM\n")
    return office


def unsubscribing(office: Office, text: str) -> Callable[[Incoming], bool]:
    """Writes the list anew when the first request arrives; nothing goes wrong with any."""

    def look(incoming: Incoming) -> bool:
        if incoming.number == 1:
            office.write("unsubscribed.csv", text)
        return False

    return look


def to_several(office: Office, *, separately: bool) -> None:
    """Let the job write to two people a row."""
    office.edit('  to: "{{ email }}"', '  to: ["{{ email }}", "{{ second }}"]')
    if separately:
        office.edit('  subject: "Hello', '  isSendSeparately: true\n  subject: "Hello')
    office.write("people.csv", "number,name,email,second\n1,Kim,kim@example.com,lee@example.com\n")


def test_a_suppressed_row_is_skipped_counted_and_reported_with_the_place_that_names_it(listed: Office) -> None:
    planned = listed.plan().document
    assert (planned["counts"]["send"], planned["counts"]["skipped"], planned["counts"]["suppressed"]) == (2, 1, 1)
    assert "skipped 1 (suppressed 1)" in listed.run("plan", str(listed.job)).out
    assert listed.send().code == ending.DONE
    assert sorted(listed.accepted()) == ["person1@example.com", "person3@example.com"]
    line = next(line for line in listed.report("out.csv").splitlines() if "Person 2" in line)
    assert "skipped,suppressed by unsubscribed.csv:3" in line


def test_what_is_wrong_with_a_suppressed_row_is_nobodys_business(listed: Office) -> None:
    listed.write("people.csv", "number,name,email\n1,Kim,kim@example.com\n2,,person2@example.com\n")
    assert listed.plan().document["counts"] == {
        "send": 1, "already_sent": 0, "skipped": 1, "blocked": 0, "in_doubt": 0, "rejected": 0, "suppressed": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", "else@example.com\n\nperson2@example.com\n"),
        ("list.txt", "person2@example.com"),
        ("list.txt", "E-Mail\nperson2@example.com\n"),
        ("list.txt", "\ufeffPerson Two <person2@example.com>\r\n"),
        ("list.csv", "person2@example.com\n"),
        ("list.csv", "2026-01-01;person2@example.com\n2026-01-02;else@example.com\n"),
        ("list.csv", "Anschrift,Kontakt\nWeg 1,person2@example.com\n"),
        ("list.csv", "address,mail\nWeg 1,person2@example.com\n"),
        ("list.csv", "address\nperson2@example.com\n"),
        ("list.csv", "氏名,メールアドレス\n髙橋,person2@example.com\n"),
        ("list.csv", "이름,이메일\n김,person2@example.com\n"),
        ("list.tsv", "when\twho\n2026\tperson2@example.com\n"),
    ],
)
def test_a_list_is_one_address_a_line_or_a_column_with_or_without_a_header(
    listed: Office, name: str, text: str
) -> None:
    listed.edit("unsubscribed.csv", name)
    listed.write(name, text)
    assert listed.plan().document["counts"]["suppressed"] == 1


@pytest.mark.parametrize("codec", ["cp932", "utf-16", "utf-8-sig"])
def test_a_list_may_be_in_the_encodings_of_sheets(listed: Office, codec: str) -> None:
    names = ["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤"]
    rows = "".join(f"{name} 様,person{n}@example.com,退会しました\n" for n, name in enumerate(names, 2))
    (listed.folder / "unsubscribed.csv").write_text(f"氏名,メール,理由\n{rows}", encoding=codec)
    assert listed.plan().document["counts"]["suppressed"] == 2


def test_a_list_may_be_a_workbook_of_several_sheets(listed: Office) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.append(["Name", "E-mail"])
    first.append(["Two", "person2@example.com"])
    book.create_sheet("Spring").append(["person3@example.com"])
    book.save(listed.folder / "list.xlsx")
    listed.edit("unsubscribed.csv", "list.xlsx")
    assert listed.plan().document["counts"]["suppressed"] == 2


def test_domains_are_compared_in_one_form_and_whole_ones_can_be_listed(listed: Office) -> None:
    people = ["a@bücher.example", "b@xn--bcher-kva.example", "c@firm.example", "d@sub.firm.example"]
    rows = [f"{number},P,{address}" for number, address in enumerate(people, 1)]
    listed.write("people.csv", "\n".join(["number,name,email", *rows]) + "\n")
    listed.write("unsubscribed.csv", "A@XN--BCHER-KVA.example\nb@Bücher.example\n@FIRM.example\n")
    listed.send()
    assert listed.accepted() == ["d@sub.firm.example"]


def test_an_empty_list_suppresses_nobody(listed: Office) -> None:
    listed.write("unsubscribed.csv", "")
    assert listed.plan().document["counts"]["send"] == 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("email\nkim@example.com\nperson2@example,com\n", (3, "person2@example,com")),
        ("kim@example.com\nperson2.example.com\n", (2, "person2.example.com")),
        ("email\nkim@example.com;lee@example.com\n", (2, "kim@example.com;lee@example.com")),
        ("person2@exam ple.com\nkim@example.com\n", (1, "person2@exam ple.com")),
        ("name,email\nKim,\n", (2, None)),
        ("@\nkim@example.com\n", (1, "@")),
    ],
)
def test_a_line_that_is_no_address_is_told_and_nothing_is_sent(
    listed: Office, text: str, place: tuple[int, str | None]
) -> None:
    listed.edit("unsubscribed.csv", "list.txt" if "," not in text.partition("\n")[0] else "unsubscribed.csv")
    for name in ("list.txt", "unsubscribed.csv"):
        listed.write(name, text)
    ended = listed.send()
    assert ended.code == ending.BLOCKED
    (finding,) = ended.document["findings"]
    assert (finding["rule"], finding["line"], finding["text"]) == ("suppress-bad-entry", *place)
    assert listed.accepted() == []


@pytest.mark.parametrize("text", ["nobody\nnothing\n", "name,city\nKim,Seoul\nLee,Busan\n"])
def test_a_list_without_any_address_is_none(listed: Office, text: str) -> None:
    listed.write("unsubscribed.csv", text)
    assert listed.plan().document["findings"][0]["rule"] == "suppress-bad-entry"


def test_a_list_that_is_not_there_is_found_before_anything_is_sent(listed: Office) -> None:
    (listed.folder / "unsubscribed.csv").unlink()
    planned = listed.plan()
    assert planned.code == ending.BLOCKED
    assert [(each["rule"], each["line"]) for each in planned.document["findings"]] == [("file-missing", 10)]


def test_a_report_never_takes_the_place_of_a_list(listed: Office) -> None:
    listed.edit("report: [results.csv]", "report: [unsubscribed.csv]")
    assert "manifest-report-over-input" in [each["rule"] for each in listed.plan().document["findings"]]


def test_of_several_who_each_get_their_own_copy_only_the_suppressed_one_gets_none(listed: Office) -> None:
    to_several(listed, separately=True)
    listed.write("unsubscribed.csv", "lee@example.com\n")
    planned = listed.plan().document
    assert [each["rule"] for each in planned["findings"]] == ["suppressed-copy"]
    assert listed.send().code == ending.DONE
    assert listed.accepted() == ["kim@example.com"]
    assert "kim@example.com" in listed.report("out.csv").splitlines()[1].rpartition(",")[2]


def test_of_several_in_one_mail_a_suppressed_one_is_left_out_only_if_somebody_allows_it(listed: Office) -> None:
    to_several(listed, separately=False)
    listed.write("unsubscribed.csv", "lee@example.com\n")
    assert listed.send().code == ending.BLOCKED
    assert listed.accepted() == []
    assert listed.send("--allow", "suppressed-among-others").code == ending.DONE
    assert listed.accepted() == ["kim@example.com"]


def test_suppressed_copies_are_left_out_and_told_once(listed: Office) -> None:
    listed.edit('  subject: "Hello', '  cc: boss@example.com\n  bcc: archive@example.com\n  subject: "Hello')
    listed.write("unsubscribed.csv", "boss@example.com\narchive@example.com\n")
    (finding,) = listed.plan().document["findings"]
    assert finding["rule"] == "suppressed-copy"
    assert "3 mails" in finding["message"]
    listed.send()
    assert sorted(listed.accepted()) == [f"person{n}@example.com" for n in (1, 2, 3)]


def test_who_unsubscribes_while_the_job_is_being_sent_gets_nothing_any_more(listed: Office, faults: Faults) -> None:
    listed.people(40)
    listed.edit("send:", "send:\n  concurrency: 1")
    faults.when(Fault(), unsubscribing(listed, "".join(f"person{n}@example.com\n" for n in range(2, 41))))
    assert listed.send().code == ending.DONE
    assert "person40@example.com" not in listed.accepted()
    counts = listed.status().document["counts"]
    assert listed.accepted() == ["person1@example.com"]
    assert (counts["sent"], counts["skipped"]) == (1, 39)
    assert "suppressed by unsubscribed.csv:39, since the plan was made" in listed.report("out.csv")


def test_of_mails_that_travel_together_only_the_one_who_has_unsubscribed_is_left_out(
    listed: Office, faults: Faults
) -> None:
    listed.people(40)
    listed.edit('  subject: "Hello {{ name }}"', "  isSendSeparately: true\n  subject: Hello")
    listed.edit("<p>Dear {{ name }}, your number is {{ number }}.</p>", "<p>All the same.</p>")
    listed.edit("send:", "send:\n  concurrency: 1\n  combine: 2")
    faults.when(Fault(), unsubscribing(listed, "person2@example.com\nperson39@example.com\n"))
    assert listed.send().code == ending.DONE
    assert "person40@example.com" in listed.accepted()
    assert "person39@example.com" not in listed.accepted()
    assert len(listed.accepted()) == 38


def test_a_mail_to_several_of_whom_one_has_unsubscribed_meanwhile_waits_for_the_next_plan(
    listed: Office, faults: Faults
) -> None:
    to_several(listed, separately=True)
    rows = [f"{n},P{n},a{n}@example.com,b{n}@example.com" for n in range(1, 41)]
    listed.write("people.csv", "\n".join(["number,name,email,second", *rows]) + "\n")
    listed.edit("send:", "send:\n  concurrency: 1")
    faults.when(Fault(), unsubscribing(listed, "b40@example.com\n"))
    assert listed.send().code == ending.UNFINISHED
    assert listed.status().document["counts"]["queued"] == 1
    faults.clear()
    assert listed.send().code == ending.DONE
    assert "a40@example.com" in listed.accepted()
    assert "b40@example.com" not in listed.accepted()
    assert len(listed.accepted()) == 79


def test_a_list_that_is_broken_while_the_job_is_being_sent_stops_it(listed: Office, faults: Faults) -> None:
    listed.people(40)
    listed.edit("send:", "send:\n  concurrency: 1")
    faults.when(Fault(), unsubscribing(listed, "person40@@example.com\nkim@example.com\n"))
    ended = listed.send()
    assert ended.code == ending.STOPPED
    assert "unsubscribed.csv:1 (`person40@@example.com` is no address" in ended.document["stopped"]
    assert "person40@example.com" not in listed.accepted()


def test_a_saved_plan_is_sent_without_whoever_has_unsubscribed_since(listed: Office, tmp_path: Path) -> None:
    saved = tmp_path / "october.plan"
    assert listed.run("plan", str(listed.job), "--out", str(saved)).code == ending.DONE
    listed.write("unsubscribed.csv", "person2@example.com\nperson3@example.com\n")
    assert listed.run("send", str(saved), "--yes").code == ending.DONE
    assert listed.accepted() == ["person1@example.com"]
    assert "suppressed by unsubscribed.csv:2" in listed.report("out.csv")
