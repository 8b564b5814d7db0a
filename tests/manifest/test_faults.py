"""Every fault of a manifest is told in one pass, at its place, with what is accepted there."""

import pytest

from batchmail.finding import Severity
from tests.manifest.desk import MINIMAL, Desk

BAD, UNKNOWN, MISSING = "manifest-bad-value", "manifest-unknown-key", "manifest-missing-key"
LATER, TWICE, LIMITS = "manifest-not-yet-available", "manifest-duplicate-key", "manifest-limits"
SYNTAX, SECRET, GONE = "manifest-syntax", "manifest-literal-secret", "file-missing"

PLANTED = """\
version: "1"
name: my invoices
editon: 2026-10
edition: ""
provider:
  kind: post
  accessToken: s3cr3t
  plan: payed
  prot: 25
  port: "25"
  baseUrl: ftp://example.com
recipients:
  file: peopel.csv
  key:
  duplicates: frist
  encoding: utf8mb4
  fields:
    email: {type: emial, required: yes}
    amount: decimal
  file: other.csv
message:
  to: {{ email }}
  cc: &a x@example.com
  bcc: *a
  body: {fle: x}
  text: [a, b]
  contentType: HTML
  isSendSeparately: "true"
  securityLevel: [General]
  attachments: a.pdf
send:
  concurrency: many
  rate: [200/min, 5/minute]
  attempts: 1_0
  timeout: 120
  combine: 0
  canary: 0
report: [results.xls, results.html]
extra: 1
"""


def test_one_pass_tells_all_faults(desk: Desk) -> None:
    assert desk.load(PLANTED).faults == [
        f"1:10 {BAD}",
        f"2:7 {BAD}",
        f"3:1 {UNKNOWN}",
        f"4:10 {BAD}",
        f"7:16 {SECRET}",
        f"8:9 {BAD}",
        f"9:3 {UNKNOWN}",
        f"10:9 {BAD}",
        f"11:12 {BAD}",
        f"13:9 {GONE}",
        f"14:3 {BAD}",
        f"15:15 {BAD}",
        f"16:13 {BAD}",
        f"18:19 {BAD}",
        f"18:36 {BAD}",
        f"19:13 {BAD}",
        f"20:3 {TWICE}",
        f"21:1 {MISSING}",
        f"22:7 {SYNTAX}",
        f"23:7 {LIMITS}",
        f"24:8 {LIMITS}",
        f"25:3 {MISSING}",
        f"25:10 {UNKNOWN}",
        f"26:9 {BAD}",
        f"27:16 {BAD}",
        f"28:21 {BAD}",
        f"29:18 {BAD}",
        f"30:16 {BAD}",
        f"32:16 {BAD}",
        f"33:19 {BAD}",
        f"34:13 {BAD}",
        f"35:12 {BAD}",
        f"36:12 {BAD}",
        f"37:11 {BAD}",
        f"38:10 {BAD}",
        f"38:23 {LATER}",
        f"39:1 {UNKNOWN}",
    ]


#: Where (a part of the least manifest), what is written there, and the finding at its place and with its words.
#: The part's own lines begin at line 4 (provider), 6 (recipients), 8 (message), 11 (send) and 10 (top level).
FAULTS = {
    "a misspelt key": ("send", "concurency: 3", f"11:3 {UNKNOWN}", "Did you mean `concurrency`?"),
    "a key in another case": ("message", "Subject: x", f"8:3 {UNKNOWN}", "Did you mean `subject`?"),
    "a key that is nowhere near": ("send", "foo: 3", f"11:3 {UNKNOWN}", "The keys here are: `concurrency`"),
    "a word for a number": (
        "send",
        "concurrency: many",
        f"11:16 {BAD}",
        '`send.concurrency` takes a whole number from 1 to 256, and here stands "many"',
    ),
    "a number in quotes": ("send", 'attempts: "3"', f"11:13 {BAD}", "Take the quotes away"),
    "a number above the range": ("send", "concurrency: 257", f"11:16 {BAD}", "from 1 to 256"),
    "a number below the range": ("send", "attempts: 0", f"11:13 {BAD}", "from 1 to 20"),
    "a canary of nothing": ("send", "canary: 0", f"11:11 {BAD}", "a whole number from 1 up"),
    "a bound of nothing": ("send", "stopAfter: {rejected: 0}", f"11:25 {BAD}", "a whole number from 1 up"),
    "no bound": ("send", "stopAfter: {}", f"11:3 {MISSING}", "`send.stopAfter.rejected` is missing"),
    "bounds that are a number": ("send", "stopAfter: 5", f"11:14 {BAD}", "the keys `rejected`, `inDoubt`"),
    "more than combine takes": ("send", "combine: 1001", f"11:12 {BAD}", "from 1 to 1000"),
    "an octal number": ("send", "attempts: 012", f"11:13 {BAD}", "digits alone"),
    "a hexadecimal number": ("send", "attempts: 0x3", f"11:13 {BAD}", "digits alone"),
    "a number with underscores": ("send", "attempts: 1_0", f"11:13 {BAD}", "digits alone"),
    "a number with a fraction": ("send", "attempts: 3.0", f"11:13 {BAD}", "digits alone"),
    "true for a number": ("send", "attempts: true", f"11:13 {BAD}", "digits alone"),
    "a list for a number": ("send", "attempts: [3]", f"11:13 {BAD}", "here stands a list"),
    "keys for a number": ("send", "attempts: {a: 3}", f"11:3 {BAD}", "here stands a group of keys"),
    "yes for true": ("message", "isSendSeparately: yes", f"8:21 {BAD}", "Write true or false."),
    "True for true": ("message", "isSendSeparately: True", f"8:21 {BAD}", "Write true or false."),
    "true in quotes": ("message", "isSendSeparately: 'true'", f"8:21 {BAD}", "Take the quotes away"),
    "an unknown word": (
        "message",
        "contentType: htm",
        f"8:16 {BAD}",
        "Did you mean `html`? Write one of `html`, `text`.",
    ),
    "an unknown security level": ("message", "securityLevel: secret", f"8:18 {BAD}", "`Non-business`"),
    "a key without a value": ("message", "cc:", f"8:3 {BAD}", "`message.cc` has no value; it takes an address"),
    "a key with null": ("recipients", "sheet: null", f"6:10 {BAD}", 'put it in quotes: "null"'),
    "an item without a value": ("message", "cc: [a@example.com, ~]", f"8:23 {BAD}", "`message.cc[1]` has no value"),
    "a blank address": ("message", "bcc: ' '", f"8:8 {BAD}", "takes an address"),
    "a body of a list": ("message", "body: [a]", f"8:9 {BAD}", "takes a text"),
    "a body without a file": ("message", "body: {}", f"8:3 {MISSING}", "`message.body.file` is missing"),
    "an attachment without a path": ("message", "attachments: [{cid: a}]", f"8:17 {MISSING}", "attachments[0].path"),
    "an attachment that is a text": ("message", "attachments: [a.pdf]", f"8:17 {BAD}", "the keys `path`"),
    "attachments that are a text": ("message", "attachments: a.pdf", f"8:16 {BAD}", "- path: offer.pdf"),
    "a media type that is none": (
        "message",
        "attachments: [{path: a, fileType: pdf}]",
        f"8:37 {BAD}",
        "application/pdf",
    ),
    "a content id with spaces": ("message", "attachments: [{path: a, cid: my logo}]", f"8:32 {BAD}", "without spaces"),
    "a content id in Korean": ("message", "attachments: [{path: a, cid: 로고}]", f"8:32 {BAD}", "a word of ASCII"),
    "a column's type misspelt": ("recipients", "fields: {a: {type: emial}}", f"6:22 {BAD}", "Did you mean `email`?"),
    "a column's type alone": ("recipients", "fields: {a: email}", f"6:15 {BAD}", "the keys `type`, `format`"),
    "a column with nothing": ("recipients", "fields: {a: }", f"6:12 {BAD}", "`recipients.fields.a` has no value"),
    "a column with a space": (
        "recipients",
        "fields: {First name: }",
        f"6:12 {BAD}",
        '`recipients.fields["First name"]`',
    ),
    "fields that are a list": ("recipients", "fields: [email]", f"6:11 {BAD}", "takes the columns"),
    "no key column": ("recipients", "key: []", f"6:8 {BAD}", "The list is empty"),
    "a blank key column": ("recipients", 'key: [a, ""]', f"6:12 {BAD}", "the name of a column"),
    "an unknown encoding": ("recipients", "encoding: cp-932", f"6:13 {BAD}", "Did you mean `cp932`?"),
    "an encoding of no text": ("recipients", "encoding: base64", f"6:13 {BAD}", "the name of an encoding"),
    "an encoding with odd characters": ("recipients", 'encoding: "a\\0b"', f"6:13 {BAD}", "the name of an encoding"),
    "a rate without a unit": ("send", "rate: 200", f"11:9 {BAD}", "200/min"),
    "a rate of nothing": ("send", "rate: 0/s", f"11:9 {BAD}", "a rate such as"),
    "no rate": ("send", "rate: []", f"11:9 {BAD}", "The list is empty"),
    "a time without a unit": ("send", "timeout: 120", f"11:12 {BAD}", "120s"),
    "a time of nothing": ("send", "timeout: 0s", f"11:12 {BAD}", "a time such as"),
    "a time before now": ("send", "timeout: -1s", f"11:12 {BAD}", "a time such as"),
    "a report of unknown kind": ("", "report: a.pdf", f"10:9 {BAD}", "`.csv`, `.xlsx`, `.jsonl`"),
    "a report without a suffix": ("", "report: [results]", f"10:10 {BAD}", "told by its suffix"),
    "a report on two lines": ("", 'report: "a\\n.csv"', f"10:9 {BAD}", "the path of"),
    "an edition with a line break": ("", 'edition: "a\\nb"', f"10:10 {BAD}", "on one line"),
    "an edition with a space behind": ("", 'edition: "2026-10 "', f"10:10 {BAD}", "without spaces at its ends"),
    "an edition that is too long": ("", f"edition: {'x' * 101}", f"10:10 {BAD}", "1 to 100 characters"),
    "a template as a media type": (
        "message",
        'attachments: [{path: a, fileType: "{{ t }}/x"}]',
        f"8:37 {BAD}",
        "application/pdf",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_at_its_place_with_what_is_accepted(desk: Desk, fault: str) -> None:
    part, line, expected, words = FAULTS[fault]
    loaded = desk.with_lines(part, line)
    assert loaded.faults == [expected]
    assert words in loaded.said


@pytest.mark.parametrize(
    ("line", "expected", "words"),
    [
        ("version: 1", f"1:1 {MISSING}", "`version` is missing"),
        ("name: invoices", f"1:1 {MISSING}", "`name` is missing"),
        ("provider:\n  kind: post", f"1:1 {MISSING}", "`provider` is missing"),
        ("  kind: post", f"3:1 {BAD}", "`provider` has no value"),
        ("recipients:\n  file: people.csv", f"1:1 {MISSING}", "`recipients` is missing"),
        ('  to: "{{ email }}"', f"7:1 {MISSING}", "`message.to` is missing"),
        ("  subject: Hello", f"7:1 {MISSING}", "`message.subject` is missing"),
    ],
)
def test_a_key_that_must_be_there_is_missed_where_it_should_be(
    desk: Desk, line: str, expected: str, words: str
) -> None:
    loaded = desk.load(MINIMAL.replace(f"{line}\n", ""))
    assert loaded.faults == [expected]
    assert words in loaded.said
    assert loaded.job is None


def test_a_provider_without_its_kind_and_recipients_without_a_file_are_missed(desk: Desk) -> None:
    text = MINIMAL.replace("  kind: post", "  userId: me").replace("  file: people.csv", "  sheet: October")
    assert desk.load(text).faults == [f"3:1 {MISSING}", f"5:1 {MISSING}"]


@pytest.mark.parametrize("text", ["2", "0", '"1"', "1.0", "one", "[1]"])
def test_the_version_is_1(desk: Desk, text: str) -> None:
    loaded = desk.load(MINIMAL.replace("version: 1", f"version: {text}"))
    assert loaded.faults == [f"1:10 {BAD}"]
    assert "takes the number 1" in loaded.said


@pytest.mark.parametrize("name", ["my invoices", "請求書", "a/b", '""', "x" * 101, '"a\\n"', "a.b"])
def test_a_name_is_letters_digits_hyphen_and_underline(desk: Desk, name: str) -> None:
    assert desk.load(MINIMAL.replace("invoices", name)).faults == [f"2:7 {BAD}"]


@pytest.mark.parametrize(
    ("part", "line", "expected"),
    [
        ("message", 'attachments: [{path: a, cid: "{{number}}"}]', f"8:32 {LATER}"),
        ("", "report: results.html", f"10:9 {LATER}"),
    ],
)
def test_what_this_version_cannot_do_is_told_and_never_ignored(desk: Desk, part: str, line: str, expected: str) -> None:
    loaded = desk.with_lines(part, line)
    assert loaded.faults == [expected]
    assert "not yet available" in loaded.said


@pytest.mark.parametrize("suffix", [".ods", ".xls", ".txt", ".json", ""])
def test_sheets_of_other_kinds_are_told_to_be_saved_as_a_workbook(desk: Desk, suffix: str) -> None:
    desk.write(f"list{suffix}", "x")
    loaded = desk.load(MINIMAL.replace("people.csv", f"list{suffix}"))
    assert loaded.faults == [f"6:9 {BAD}"]
    assert "Save a sheet of another kind (.ods, .xls) as .xlsx." in loaded.said


def test_every_sheet_of_a_list_is_looked_for(desk: Desk) -> None:
    loaded = desk.load(MINIMAL.replace("file: people.csv", "file: [people.csv, gone.csv, gone.xlsx]"))
    assert loaded.faults == [f"6:22 {GONE}", f"6:32 {GONE}"]


def test_a_file_and_rows_at_once_are_told(desk: Desk) -> None:
    loaded = desk.with_lines("recipients", "rows: [{email: kim@example.com}]")
    assert loaded.faults == [f"6:3 {BAD}"]
    assert loaded.job is None


@pytest.mark.parametrize(
    ("rows", "place"),
    [("[]", "6:9"), ("kim@example.com", "6:9"), ("[kim@example.com]", "6:10"), ("[{email: ~}]", "6:18")],
)
def test_rows_are_a_list_of_columns_with_their_texts(desk: Desk, rows: str, place: str) -> None:
    assert desk.load(MINIMAL.replace("file: people.csv", f"rows: {rows}")).faults == [f"{place} {BAD}"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("list.xls", f"6:13 {BAD}"),
        ("[people.csv, list.xls]", f"6:26 {BAD}"),
        ("{a: b}", f"6:3 {BAD}"),
        ("gone.csv", f"6:13 {GONE}"),
        ("[people.csv, gone.txt]", f"6:26 {GONE}"),
    ],
)
def test_suppression_lists_are_files_that_are_there(desk: Desk, written: str, expected: str) -> None:
    desk.write("list.xls", "x")
    assert desk.with_lines("recipients", f"suppress: {written}").faults == [expected]


@pytest.mark.parametrize("line", ["many", "0", '"3"', "1048577"])
def test_a_header_is_the_number_of_a_line(desk: Desk, line: str) -> None:
    assert desk.with_lines("recipients", f"header: {line}").faults == [f"6:11 {BAD}"]


def test_bounds_of_a_run_are_numbers_under_their_names(desk: Desk) -> None:
    loaded = desk.with_lines("send", "canary: many", "stopAfter: {rejected: x, indoubt: 5}")
    assert loaded.faults == [f"11:11 {BAD}", f"12:25 {BAD}", f"12:28 {UNKNOWN}"]


def test_a_key_that_stands_twice_names_the_line_of_the_first(desk: Desk) -> None:
    loaded = desk.load(f"{MINIMAL}  subject: Other\n")
    assert loaded.faults == [f"10:3 {TWICE}"]
    assert "It stands first in line 9." in loaded.said


def test_a_sheet_that_is_not_there_is_told_with_the_nearest_name(desk: Desk) -> None:
    loaded = desk.load(MINIMAL.replace("people.csv", "peple.csv"))
    assert loaded.faults == [f"6:9 {GONE}"]
    assert "`peple.csv` is not there" in loaded.said
    assert "Did you mean `people.csv`?" in loaded.said
    assert loaded.job is None


def test_a_sheet_in_a_folder_that_is_not_there_is_told(desk: Desk) -> None:
    loaded = desk.load(MINIMAL.replace("people.csv", "lists/people.csv"))
    assert loaded.faults == [f"6:9 {GONE}"]
    assert "lists is not there" in loaded.said


def test_a_folder_and_a_name_too_long_for_any_file_are_no_sheet(desk: Desk) -> None:
    (desk.folder / "lists.csv").mkdir()
    folder = desk.load(MINIMAL.replace("people.csv", "lists.csv"))
    assert folder.faults == ["6:9 file-unreadable"]
    long = desk.load(MINIMAL.replace("people.csv", f"{'x' * 5000}.csv"))
    assert [fault.split()[0] for fault in long.faults] == ["6:9"]
    assert long.job is None


def test_what_is_shown_of_a_value_is_short_and_harmless(desk: Desk) -> None:
    loaded = desk.with_lines("send", f'concurrency: "\\e[31m{"x" * 500}"', "attempts: |\n    a\n    b")
    assert "\x1b" not in loaded.said
    assert max(map(len, loaded.said.splitlines())) < 200
    assert "a…" in loaded.said


def test_a_fault_in_what_may_be_left_out_leaves_the_rest_of_the_job_to_be_checked(desk: Desk) -> None:
    loaded = desk.load(
        MINIMAL.replace("  kind: post", "  kind: post\n  attachmentLimit: huge\n  foo: 1")
        + "  contentType: htm\n  cc: [a@example.com, ~]\nsend: {attempts: x, combine: 7}\nreport: [a.html]\n"
    )
    assert loaded.findings.severity(Severity.ERROR) == 6
    assert loaded.job is not None
    assert loaded.job.send.combine == 7
    assert loaded.job.message.cc == ()


@pytest.mark.parametrize("line", ["where: {{ active }}", "duplicates: none", "suppress: [gone.csv]"])
def test_a_fault_in_which_rows_are_left_out_leaves_all_of_them_to_be_checked(desk: Desk, line: str) -> None:
    loaded = desk.with_lines("recipients", line)
    assert loaded.findings.blocking
    assert loaded.job is not None
    assert loaded.job.recipients.condition is None


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("", "editon: 2026-10"),
        ("", 'edition: ""'),
        ("", "<<: {edition: a}"),
        ("", "edition: a\nedition: b"),
        ("recipients", "wher: active"),
        ("recipients", "key: {a: b}"),
        ("recipients", "key: a\n  key: b"),
        ("recipients", "fields: {a: {type: txt}}"),
        ("provider", "consent: {clientId: x}\n  kind: pots"),
    ],
)
def test_there_is_no_job_where_it_is_open_which_mailing_it_is_or_who_gets_it(desk: Desk, part: str, line: str) -> None:
    loaded = desk.with_lines(part, line)
    assert loaded.findings.blocking
    assert loaded.job is None
