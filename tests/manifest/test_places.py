"""Every value of the manifest has its place, and every character of a template too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchmail.job import BodyFile, TemplateText
from tests.manifest.desk import Desk, Loaded, place, spot, with_lines


def body(loaded: Loaded) -> TemplateText:
    found = loaded.whole.message.body
    assert isinstance(found, TemplateText)
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("body: Dear {{ name }}", (8, 9)),
        ("body:    Dear {{ name }}   # a comment", (8, 12)),
        ("body: 'Dear {{ name }}'", (8, 10)),
        ('body: "Dear {{ name }}"', (8, 10)),
        ("body:\n    Dear {{ name }}", (9, 5)),
        ("body: |\n    Dear {{ name }}", (9, 5)),
        ("body: |-\n       Dear {{ name }}", (9, 8)),
        ("body: |2  # two columns\n    Dear {{ name }}", (9, 5)),
        ("body: >\n      Dear {{ name }}", (9, 7)),
        ("body: 'Dear\n    {{ name }}'", (8, 10)),
    ],
)
def test_a_template_begins_at_its_first_character(desk: Desk, written: str, expected: tuple[int, int]) -> None:
    template = body(desk.with_lines("message", written))
    assert spot(template.where) == expected
    assert template.text.startswith("Dear")


def test_later_lines_of_a_block_are_those_of_the_file(desk: Desk) -> None:
    manifest = with_lines("message", "body: |", "", "  Dear {{ name }},", "    {{ text }}", "", "  {{ end }}")
    template = body(desk.load(manifest))
    lines = manifest.splitlines()
    for number, line in enumerate(template.text.splitlines(), start=1):
        if line:
            row, at = spot(template.place(number, len(line)))
            assert row is not None
            assert at is not None
            assert lines[row - 1][at - 1] == line[-1]


@settings(deadline=None)
@given(
    indentation=st.integers(1, 8),
    texts=st.lists(st.text("ab {}", min_size=0, max_size=6), min_size=1, max_size=6),
)
def test_every_character_of_a_literal_block_is_found_in_the_file(
    lasting_desk: Desk, indentation: int, texts: list[str]
) -> None:
    texts = [f"x{texts[0]}", *texts[1:]]
    margin = " " * (2 + indentation)
    manifest = with_lines("message", "body: |", *(f"{margin[2:]}{text}" for text in texts))
    template = body(lasting_desk.load(manifest))
    lines = manifest.splitlines()
    for number, text in enumerate(template.text.split("\n"), start=1):
        for column, character in enumerate(text, start=1):
            row, at = spot(template.place(number, column))
            assert row is not None
            assert at is not None
            assert lines[row - 1][at - 1] == character


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_template_on_one_line_is_where_it_stands_in_the_line(desk: Desk, quote: str) -> None:
    manifest = with_lines("message", f"userName: {quote}Office of {{{{ city }}}}{quote}")
    template = desk.load(manifest).whole.message.user_name
    assert template is not None
    row, at = spot(template.place(1, template.text.index("city") + 1))
    assert row is not None
    assert at is not None
    assert manifest.splitlines()[row - 1][at - 1 :].startswith("city")


def test_every_value_has_its_place_by_its_keys(desk: Desk) -> None:
    job = desk.load(
        "version: 1\n"
        "name: invoices\n"
        "provider: {kind: post}\n"
        "recipients:\n"
        "  file: people.csv\n"
        "  fields:\n"
        "    First name: {type: text}\n"
        "message:\n"
        "  to:\n"
        '    - "{{ email }}"\n'
        "  subject: Hello\n"
        "  isSendSeparately: true\n"
        "  body: {file: body.html}\n"
        "  attachments:\n"
        "    - path: a.pdf\n"
        "    - {path: b.pdf, optional: true}\n"
        "report: [results.csv]\n"
    ).whole
    expected = {
        ("version",): "1:10",
        ("provider",): "3:1",
        ("provider", "kind"): "3:18",
        ("recipients",): "4:1",
        ("recipients", "file"): "5:9",
        ("recipients", "fields", "First name"): "7:5",
        ("recipients", "fields", "First name", "type"): "7:24",
        ("message", "to"): "10:5",
        ("message", "to", 0): "10:7",
        ("message", "isSendSeparately"): "12:21",
        ("message", "body"): "13:3",
        ("message", "body", "file"): "13:16",
        ("message", "attachments"): "15:5",
        ("message", "attachments", 0): "15:7",
        ("message", "attachments", 1): "16:7",
        ("message", "attachments", 1, "optional"): "16:31",
        ("report",): "17:9",
        ("report", 0): "17:10",
    }
    assert {route: place(job.place(*route)) for route in expected} == expected
    assert place(job.place("message", "cc")) == place(job.place("message"))
    assert isinstance(job.message.body, BodyFile)
    assert place(job.message.body.name.where) == "13:16"
