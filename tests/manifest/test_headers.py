"""Further header fields are the job's own, but for those that batchmail writes itself."""

import pytest

from tests.manifest.desk import MINIMAL, Desk


def test_header_fields_keep_their_names_and_places(desk: Desk) -> None:
    loaded = desk.load(f"{MINIMAL}  headers: {{X-Campaign: 'Hi {{{{ name }}}}', Precedence: bulk}}\n")
    assert loaded.faults == []
    assert {name: each.text for name, each in loaded.whole.message.headers.items()} == {
        "X-Campaign": "Hi {{ name }}",
        "Precedence": "bulk",
    }


@pytest.mark.parametrize(
    ("name", "why", "hint"),
    [
        ("Bcc", "is written from `message.bcc`", "Take it out, and write `message.bcc` instead."),
        ("Subject", "is written from `message.subject`", "Take it out, and write `message.subject` instead."),
        ("reply-to", "is written from `message.replyTo`", "Take it out, and write `message.replyTo` instead."),
        ("List-Unsubscribe-Post", "is written from `message.listUnsubscribe`", "Take it out, and"),
        ("Message-ID", "is written by batchmail or by the mail servers", "Take it out."),
        ("Content-Type", "is written by batchmail or by the mail servers", "Take it out."),
        ("X Campaign", "is no name of a header field", "Names are letters, digits and -"),
        ('"X:Y"', "is no name of a header field", "Names are letters, digits and -"),
        ("캠페인", "is no name of a header field", "Names are letters, digits and -"),
    ],
)
def test_names_that_cannot_be_set_are_told_with_what_to_do(desk: Desk, name: str, why: str, hint: str) -> None:
    loaded = desk.load(f"{MINIMAL}  headers: {{{name}: x}}\n")
    assert [finding.rule for finding in loaded.findings] == ["manifest-bad-value"]
    assert why in loaded.said
    assert [finding.hint[: len(hint)] for finding in loaded.findings] == [hint]


def test_a_name_in_capitals_and_in_small_letters_is_one(desk: Desk) -> None:
    loaded = desk.load(f"{MINIMAL}  headers: {{X-A: x, x-a: y}}\n")
    assert "stands twice" in loaded.said


def test_a_list_is_left_by_a_web_address_or_an_address(desk: Desk) -> None:
    loaded = desk.load(f"{MINIMAL}  listUnsubscribe: {{oneClick: true}}\n")
    assert "`message.listUnsubscribe.url` is missing" in loaded.said
    assert desk.load(f"{MINIMAL}  listUnsubscribe: {{mailto: leave@example.com}}\n").faults == []
