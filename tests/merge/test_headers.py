"""Further header fields, and the way off the list: one line each, and no button that does nothing."""

import pytest

from batchmail.job import UnsubscribeSpec
from batchmail.merge.addresses import CONTROL
from batchmail.message import Unsubscribe
from tests.merge.bench import Bench, template


def unsubscribe(url: str | None = None, mailto: str | None = None, *, one_click: bool = True) -> UnsubscribeSpec:
    return UnsubscribeSpec(template(url) if url else None, template(mailto) if mailto else None, one_click)


def test_header_fields_are_templates_over_the_row(bench: Bench) -> None:
    bench.message(headers={"X-Campaign": template("October for {{ name }}"), "X-Fixed": template("yes")})
    assert bench.message_of(name="김민수").headers == (("X-Campaign", "October for 김민수"), ("X-Fixed", "yes"))


def test_a_header_field_that_would_be_blank_is_left_out(bench: Bench) -> None:
    bench.message(headers={"X-Campaign": template("{{ name or '' }}")}, subject="Hello", body="Good day")
    assert bench.message_of(name="").headers == ()


def test_a_cell_cannot_add_a_header_field(bench: Bench) -> None:
    bench.message(headers={"X-Campaign": template("{{ name }}")})
    bench.message(subject="Hello")
    assert bench.merge(name="October\r\nBcc: boss@example.com") is None
    assert bench.found == [("row-control-character", "people.xlsx › People!A7")]


def test_a_line_break_in_the_manifest_is_looked_for_there(bench: Bench) -> None:
    bench.message(headers={"X-Campaign": template("October\nBcc: boss@example.com")})
    assert bench.merge() is None
    (finding,) = bench.findings
    assert "out of the manifest" in finding.hint


def test_a_list_is_left_by_a_web_address_an_address_or_both(bench: Bench) -> None:
    bench.message(unsubscribe=unsubscribe("https://example.com/u?n={{ number }}", "leave@example.com"))
    found = bench.message_of(number="42").unsubscribe
    assert found == Unsubscribe("https://example.com/u?n=42", "mailto:leave@example.com", one_click=True)


def test_one_click_needs_a_web_address(bench: Bench) -> None:
    bench.message(unsubscribe=unsubscribe(mailto="mailto:leave@example.com?subject=leave"))
    assert bench.message_of().unsubscribe == Unsubscribe("", "mailto:leave@example.com?subject=leave")


@pytest.mark.parametrize("cell", ["a b", "a>b", "김", '"', "a\tb"])
def test_a_cell_cannot_break_a_web_address(bench: Bench, cell: str) -> None:
    bench.message(unsubscribe=unsubscribe("https://example.com/{{ name }}"))
    assert bench.merge(name=cell) is None
    assert {rule for rule, _ in bench.found} <= {"row-bad-unsubscribe", "row-control-character"}


def test_a_cell_that_is_quoted_may_hold_anything(bench: Bench) -> None:
    bench.message(unsubscribe=unsubscribe("https://example.com/{{ name | urlencode }}"))
    found = bench.message_of(name="김 민수").unsubscribe
    assert found is not None
    assert found.url == "https://example.com/%EA%B9%80%20%EB%AF%BC%EC%88%98"


@pytest.mark.parametrize("url", ["http://example.com/u", "ftp://example.com", "example.com/u", "https://"])
def test_one_click_goes_over_https_alone(bench: Bench, url: str) -> None:
    bench.message(unsubscribe=unsubscribe(url))
    assert bench.merge() is None
    assert [rule for rule, _ in bench.found] == ["row-bad-unsubscribe"]


def test_without_one_click_a_page_may_be_plain_http(bench: Bench) -> None:
    bench.message(unsubscribe=unsubscribe("http://intranet.example.com/u", one_click=False))
    assert bench.message_of().unsubscribe == Unsubscribe("http://intranet.example.com/u")


def test_mails_with_other_header_fields_are_other_mails(bench: Bench) -> None:
    bench.message(headers={"X-Campaign": template("{{ number }}")})
    assert bench.message_of(number="1").content_digest() != bench.message_of(number="2").content_digest()


def test_what_is_printable_has_no_control_character() -> None:
    assert not any(CONTROL.search(letter) for letter in map(chr, range(0x110000)) if letter.isprintable())
