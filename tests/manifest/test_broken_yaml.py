"""Broken and hostile YAML ends in a finding at its place, in words for people, soon."""

import pytest

from batchmail.finding import Findings
from batchmail.manifest import load
from tests.manifest.desk import MINIMAL, SHAPES, Desk

SYNTAX, LIMITS, BAD = "manifest-syntax", "manifest-limits", "manifest-bad-value"

#: What stands at line 10, below the message's subject; the finding; some of its words.
BROKEN = {
    "a colon within a text": ("  userName: Office: main", f"10:19 {SYNTAX}", "put the value in quotes"),
    "a line without a colon": ("  userName Office", f"10:3 {SYNTAX}", "followed by a colon and a space"),
    "a bracket left open": ("  cc: [a@example.com", f"10:7 {SYNTAX}", "Every [ wants its ]"),
    "a brace left open": ("  body: {file: a.html", f"10:9 {SYNTAX}", "every { its }"),
    "a bracket too many": ("  cc: [a@example.com]]", f"10:22 {SYNTAX}", "does not belong"),
    "a double quote left open": ('  userName: "Office', f"10:13 {SYNTAX}", "a quote that is never closed"),
    "a single quote left open": ("  userName: 'Office", f"10:13 {SYNTAX}", "a quote that is never closed"),
    "text behind a quote": ("  userName: 'Kim's office'", f"10:18 {SYNTAX}", "behind a closing quote"),
    "an unknown escape": (r'  userName: "C:\people"', f"10:16 {SYNTAX}", "write the backslash twice"),
    "an escape cut short": (r'  userName: "\u12"', f"10:14 {SYNTAX}", "write the backslash twice"),
    "an escape beyond Unicode": (r'  userName: "\UFFFFFFFF"', f"10:14 {SYNTAX}", "write the backslash twice"),
    "half a character": (r'  userName: "\ud83d"', f"10:13 {SYNTAX}", "half a character"),
    "half a character in a key": (r'  "\ud83d": a', f"10:3 {SYNTAX}", "a key that is no text"),
    "a tab before a key": ("\tuserName: Office", f"10:1 {SYNTAX}", "Indent with spaces"),
    "a tab after spaces": ("  body:\n   \tfile: a", f"11:4 {SYNTAX}", "Indent with spaces"),
    "an at sign at the beginning": ("  userName: @office", f"10:13 {SYNTAX}", "Put the value in quotes"),
    "a backtick at the beginning": ("  userName: `office`", f"10:13 {SYNTAX}", "Put the value in quotes"),
    "a percent sign at the beginning": ("  userName: %office", f"10:13 {SYNTAX}", "Put the value in quotes"),
    "text behind a bar": ("  body: |Dear", f"10:10 {SYNTAX}", "begins on the next line"),
    "a list beside its key": ("  cc: - a@example.com", f"10:7 {SYNTAX}", "on the line below its key"),
    "a line too far to the right": ("     userName: Office", f"10:14 {SYNTAX}", "check the indentation"),
    "a line too far to the left": (" userName: Office", f"10:2 {SYNTAX}", "Check the indentation"),
    "a list for a key": ("  [a]: b", f"10:3 {SYNTAX}", "a key that is no text"),
    "a control character": ("  userName: a\x07b", f"10:14 {SYNTAX}", "U+0007"),
    "a second document": ("---\nversion: 1", f"10:1 {SYNTAX}", "a second document"),
    "a question mark for a key": ("  userName: ? x", f"10:13 {SYNTAX}", "not YAML"),
    "an unknown tag": ("  userName: !e!x y", f"10:13 {SYNTAX}", "Put the value in quotes"),
    "a template as a value": ("  userName: {{ office }}", f"10:13 {SYNTAX}", 'in quotes: to: "{{ email }}"'),
    "a template and more": ("  userName: {{ office }} Ltd", f"10:13 {SYNTAX}", 'in quotes: to: "{{ email }}"'),
    "a template with brackets": ('  userName: {{ row["a"] }}', f"10:13 {SYNTAX}", 'in quotes: to: "{{ email }}"'),
    "a template with a filter": ("  userName: {{ a | default('b') }}", f"10:13 {SYNTAX}", "in quotes"),
    "a condition as a value": ("  userName: {% if a %}b{% endif %}", f"10:13 {SYNTAX}", "begins with {%"),
    "a template in a list": ("  cc:\n    - {{ boss }}", f"11:7 {SYNTAX}", "begins with {{"),
    "a template in brackets": ("  cc: [{{ boss }}, {{ office }}]", f"10:8 {SYNTAX}", "begins with {{"),
    "an anchor": ("  userName: &office Office", f"10:13 {LIMITS}", "an anchor"),
    "an alias": ("  userName: *office", f"10:13 {LIMITS}", "an alias"),
    "an alias for a key": ("  *office : x", f"10:3 {LIMITS}", "an alias"),
    "a tag": ("  userName: !!str Office", f"10:13 {LIMITS}", "a tag"),
    "a tag that runs code": ("  body: !!python/object/apply:os.system ['true']", f"10:9 {LIMITS}", "a tag"),
    "a merge key": ("  <<: {cc: a@example.com}", f"10:3 {LIMITS}", "a merge key"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_yaml_is_told_at_its_place(desk: Desk, case: str) -> None:
    lines, expected, words = BROKEN[case]
    loaded = desk.load(f"{MINIMAL}{lines}\n")
    assert expected in loaded.faults
    assert words in loaded.said


def test_two_templates_without_quotes_are_two_findings(desk: Desk) -> None:
    loaded = desk.load(f"{MINIMAL}  cc: [{{{{ boss }}}}, {{{{ office }}}}]\n  userName: {{{{ x }}}}\n")
    assert loaded.faults == [f"10:8 {SYNTAX}", f"10:20 {SYNTAX}", f"11:13 {SYNTAX}"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "---\n...\n", "null\n", "\n\n", b"\xef\xbb\xbf"])
def test_an_empty_manifest_says_so(desk: Desk, text: str | bytes) -> None:
    loaded = desk.load(text)
    assert loaded.faults == ["1:1 manifest-missing-key"]
    assert "the manifest is empty" in loaded.said


@pytest.mark.parametrize("text", ["version\n", "- version: 1\n", '"version"\n', "[1]\n", "version:1\nname:invoices\n"])
def test_a_manifest_is_keys_and_values(desk: Desk, text: str) -> None:
    loaded = desk.load(text)
    assert loaded.faults == [f"1:1 {BAD}"]
    assert "the manifest takes the keys `version`" in loaded.said


@pytest.mark.parametrize("text", ["{{ email }}", "*a", "!x"])
def test_a_manifest_that_is_only_one_odd_value_is_told_and_no_job(desk: Desk, text: str) -> None:
    loaded = desk.load(text)
    assert loaded.findings.blocking
    assert loaded.job is None


def test_a_file_that_is_not_there_is_told_with_the_nearest_name(desk: Desk) -> None:
    desk.write("job.yaml", MINIMAL)
    findings = Findings()
    assert load(desk.folder / "jop.yaml", SHAPES, findings) is None
    (finding,) = findings
    assert finding.rule == "file-missing"
    assert str(finding.where) == (desk.folder / "jop.yaml").as_posix()
    assert "Did you mean `job.yaml`?" in finding.hint


@pytest.mark.parametrize("name", [".", "x" * 3000, "a\0b"])
def test_a_path_that_is_no_file_is_told(desk: Desk, name: str) -> None:
    findings = Findings()
    assert load(desk.folder / name, SHAPES, findings) is None
    assert [finding.rule.split("-")[0] for finding in findings] == ["file"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (MINIMAL.replace("Hello", "안녕").encode("cp949"), "9:12 file-unreadable"),
        (MINIMAL.replace("Hello", "請求").encode("cp932"), "9:12 file-unreadable"),
        (MINIMAL.encode("utf-16"), "1:1 file-unreadable"),
        (b"\xff", "1:1 file-unreadable"),
        (MINIMAL.encode("utf-16-be"), f"1:1 {SYNTAX}"),
    ],
)
def test_a_file_in_another_encoding_is_told_with_the_first_odd_character(
    desk: Desk, content: bytes, expected: str
) -> None:
    loaded = desk.load(content)
    assert loaded.faults == [expected]


def bomb() -> str:
    return "a: &a [x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )


HOSTILE = {
    "nested brackets": "[" * 5_000,
    "nested braces": "{" * 5_000,
    "nested braces with keys": "{a: " * 5_000,
    "nested lists": "- " * 100_000,
    "nested keys": "".join(f"{' ' * n}a:\n" for n in range(1_000)),
    "nested complex keys": "? " * 100_000,
    "an alias bomb": bomb(),
    "a loop": "&a [*a]",
    "very many values": "recipients:\n  rows:\n" + "    - {a: b}\n" * 60_000,
    "very many keys": "".join(f"key{n}: 1\n" for n in range(40_000)),
    "the same key very often": "name: x\n" * 40_000,
    "a long line": f"name: {'x' * 900_000}",
    "a long address": f"provider: {{kind: post, baseUrl: 'https://{'x' * 900_000}'}}",
    "a long path": f"recipients: {{file: {'x' * 900_000}.csv}}",
    "a long space": f"name: '{' ' * 900_000}'",
    "a long number": f"version: {'1' * 900_000}",
    "a directive with a long number": f"%YAML {'1' * 900_000}.1\n---\na: b",
    "too many bytes": "#" * 1_000_001,
}

#: Where the limits are passed: the first bracket, list item or value that is too many.
LIMITED = {"nested brackets": "1:51", "nested lists": "1:101", "very many values": "33334:11"}


@pytest.mark.parametrize("case", [case for case in HOSTILE if case not in LIMITED])
def test_a_hostile_manifest_ends_in_findings(desk: Desk, case: str) -> None:
    loaded = desk.load(HOSTILE[case])
    assert loaded.findings.blocking
    assert loaded.job is None


@pytest.mark.parametrize("case", LIMITED)
def test_a_limit_is_told_where_it_is_passed(desk: Desk, case: str) -> None:
    assert desk.load(HOSTILE[case]).faults == [f"{LIMITED[case]} {LIMITS}"]


def test_a_manifest_of_fifty_levels_is_read(desk: Desk) -> None:
    deep = "[" * 48 + "]" * 48
    assert desk.load(f"{MINIMAL}  cc: {deep}\n").faults == [f"10:8 {BAD}"]
    assert LIMITS in desk.load(f"{MINIMAL}  cc: [{deep}]\n").faults[0]
