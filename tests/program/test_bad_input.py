"""Bad input ends in a finding or one sentence, with its place; the right exit code; and nothing is sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.program.office import Office

Break = Callable[[Office], object]

CASES: dict[str, tuple[Break, str, str]] = {
    "the manifest is not there": (lambda o: o.job.unlink(), "file-missing", "job.yaml"),
    "the manifest is a folder": (lambda o: o.turn_into_folder(o.job), "file-unreadable", "job.yaml"),
    "the manifest is empty": (lambda o: o.job.write_bytes(b""), "", "job.yaml"),
    "the manifest is not UTF-8": (
        lambda o: o.job.write_bytes("name: 안녕".encode("cp949")),
        "file-unreadable",
        "job.yaml",
    ),
    "broken YAML": (lambda o: o.edit('subject: "', "subject: 'x"), "manifest-syntax", "job.yaml"),
    "an unquoted template": (lambda o: o.edit('"{{ email }}"', "{{ email }}"), "", "job.yaml:11"),
    "an unknown key": (lambda o: o.edit("  subject:", "  subjekt:"), "manifest-unknown-key", "job.yaml:12:3"),
    "a duplicate key": (
        lambda o: o.edit("  subject:", '  to: "x"\n  subject:'),
        "manifest-duplicate-key",
        "job.yaml:12:3",
    ),
    "a wrong type": (lambda o: o.edit("rate: 100000/s", "attempts: three"), "manifest-bad-value", "job.yaml:15:13"),
    "a literal secret": (
        lambda o: o.edit("{env: WORKS_ACCESS_TOKEN}", "kktoken-4711"),
        "manifest-literal-secret",
        "job.yaml:5:16",
    ),
    "the sheet is not there": (lambda o: (o.folder / "people.csv").unlink(), "file-missing", "job.yaml:8:9"),
    "the sheet is empty": (lambda o: o.write("people.csv", ""), "sheet-empty", "people.csv"),
    "the sheet has a header only": (
        lambda o: o.write("people.csv", "number,name,email\n"),
        "sheet-empty",
        "people.csv",
    ),
    "a column is missing": (
        lambda o: o.write("people.csv", "number,email\n1,a@example.com\n"),
        "template-unknown-name",
        "job.yaml:12:22",
    ),
    "the key's column is missing": (
        lambda o: o.write("people.csv", "nr,name,email\n1,Kim,a@example.com\n"),
        "sheet-missing-column",
        "job.yaml:9:8",
    ),
    "a header stands twice": (
        lambda o: o.write("people.csv", "number,name,email,name\n1,Kim,a@example.com,Kim\n"),
        "sheet-duplicate-column",
        "people.csv:1:19",
    ),
    "an address that is none": (
        lambda o: o.write("people.csv", "number,name,email\n1,Kim,a@example.com\n2,Lee,lee\n"),
        "row-bad-address",
        "people.csv:3:7",
    ),
    "a key that stands twice": (
        lambda o: o.write("people.csv", "number,name,email\n1,Kim,a@example.com\n1,Lee,b@example.com\n"),
        "row-duplicate-key",
        "people.csv:3:1",
    ),
    "an attachment that is not there": (
        lambda o: o.edit("send:", '  attachments:\n    - path: "{{ number }}.pdf"\nsend:'),
        "attachment-missing",
        "people.csv:2:1",
    ),
    "a sheet in another encoding": (
        lambda o: (o.folder / "people.csv").write_bytes("number,name,email\n1,김민수,a@example.com\n".encode("cp949")),
        "sheet-encoding",
        "people.csv",
    ),
    "a workbook that is none": (
        lambda o: (o.folder / o.sheet("people.xlsx")).write_bytes(b"no zip"),
        "sheet-broken",
        "people.xlsx",
    ),
    "plain http to another host": (
        lambda o: o.edit(o.works.base_url, "http://mail.example.com/v1.0"),
        "manifest-bad-value",
        "job.yaml:6:12",
    ),
    "the settings of another provider": (
        lambda o: o.edit("kind: works", "kind: smtp"),
        "manifest-missing-key",
        "job.yaml:3:1",
    ),
    "a provider that nobody knows": (
        lambda o: o.edit("kind: works", "kind: work"),
        "manifest-bad-value",
        "job.yaml:4:9",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("command", ["plan", "send", "rehearse"])
def test_bad_input_is_told_with_its_place_and_nothing_is_sent(office: Office, case: str, command: str) -> None:
    spoil, rule, where = CASES[case]
    spoil(office)
    ended = office.run(command, str(office.job), *(["--yes"] if command == "send" else []))
    said = ended.out + ended.err
    assert ended.code == 1, said
    assert rule in said
    assert where in said.replace(f"{office.folder.as_posix()}/", "").replace(str(office.folder) + "\\", "")
    assert "Traceback" not in said
    assert "kktoken-4711" not in said
    assert office.works.inbox.requests == 0


def test_a_missing_secret_is_told_before_anything_is_sent(office: Office) -> None:
    office.edit("WORKS_ACCESS_TOKEN", "BATCHMAIL_NO_SUCH_TOKEN")
    ended = office.send()
    assert ended.code == 1
    assert "BATCHMAIL_NO_SUCH_TOKEN" in ended.err
    assert office.works.inbox.requests == 0
    assert office.plan().code == 0


def test_a_wrong_token_stops_the_run_at_once_and_leaves_the_rest_untouched(office: Office) -> None:
    office.people(200)
    office.edit("{env: WORKS_ACCESS_TOKEN}", "{file: token.txt}")
    office.write("token.txt", "wrong")
    ended = office.send()
    assert ended.code == 4
    assert ended.document["counts"]["queued"] == 200
    assert office.works.inbox.requests <= 16
    assert "401" in str(ended.document["stopped"]) or "UNAUTHORIZED" in str(ended.document["stopped"])
    office.write("token.txt", office.works.access_token)
    assert office.send().document["counts"]["sent"] == 200
    assert len(set(office.accepted())) == len(office.accepted()) == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["plan", "job.yaml", "--nonsense"],
        ["plan", "job.yaml", "--format", "xml"],
        ["send", "job.yaml", "--limit", "0"],
        ["plan", "job.yaml", "--allow", "no-such-rule"],
        ["report", "job.yaml"],
        ["nonsense"],
        ["explain", "row-bad-adress"],
    ],
)
def test_wrong_usage_ends_with_2(office: Office, arguments: list[str]) -> None:
    ended = office.run(*arguments)
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_a_report_in_a_format_that_is_none_says_which_there_are(office: Office) -> None:
    ended = office.run("report", str(office.job), "--out", str(office.folder / "out.pdf"))
    assert ended.code == 1
    assert ".xlsx" in ended.err


def test_a_subject_that_would_be_cut_is_sent_only_when_it_is_allowed(office: Office) -> None:
    office.edit("Hello {{ name }}", "x" * 181)
    planned = office.plan()
    assert planned.code == 0
    assert {finding["severity"] for finding in planned.document["findings"]} == {"warning"}
    refused = office.send()
    assert refused.code == 1
    assert office.works.inbox.requests == 0
    assert "--allow subject-would-be-cut" in str(refused.document["stopped"])
    assert office.send("--allow", "subject-would-be-cut").code == 0


def test_the_journal_may_be_kept_elsewhere(office: Office, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "journal.db"
    assert office.send("--journal", str(elsewhere)).code == 0
    assert elsewhere.exists()
    assert not (office.folder / ".batchmail" / "journal.db").exists()


def test_a_reader_that_goes_away_is_no_error(office: Office) -> None:
    office.people(2000)
    office.write("people.csv", (office.folder / "people.csv").read_text(encoding="utf-8").replace("@", "@@"))
    with office.start("plan", str(office.job), "--all") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        assert process.wait() in {0, 1}
