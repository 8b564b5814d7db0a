"""Whatever a server answers can be read and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.providers.answer import LONGEST_REASON, excerpt, json_object, one_line, status_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The request body\r\n cannot be\tparsed.", "The request body cannot be parsed."),
        ("\x1b[31mred\x1b[0m \u202egnp.exe", "[31mred [0m gnp.exe"),
        ("one\u2028two\u200bthree", "one two three"),
        ("메일 \0 제목", "메일 제목"),
        ("", ""),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_text_is_shown_on_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text())
def test_what_is_shown_is_short_and_harmless(text: str) -> None:
    shown = one_line(text)
    assert len(shown) <= LONGEST_REASON
    assert shown.isprintable()
    assert one_line(shown) == shown


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'"text"', b"{", b"\xff\xfe\x00", b"[" * 60_000, b"9" * 60_000, b'{"a":' * 20_000]
)
def test_what_is_no_json_object_is_an_empty_one(body: bytes) -> None:
    assert json_object(body) == {}


def test_a_json_object_is_read_with_or_without_a_mark() -> None:
    assert json_object('{"code": "메일"}'.encode()) == {"code": "메일"}
    assert json_object('\ufeff{"code": "메일"}'.encode()) == {"code": "메일"}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"no healthy upstream", "no healthy upstream"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><title>502</title>", "a web page instead of an answer"),
        (b"\xff\xfe garbage \x00", "�� garbage"),
        (b"", ""),
    ],
)
def test_a_page_for_browsers_is_only_named(body: bytes, shown: str) -> None:
    assert excerpt(body) == shown


def test_a_status_has_its_name_where_it_has_one() -> None:
    assert [status_name(status) for status in (202, 502, 520)] == ["202 Accepted", "502 Bad Gateway", "520"]
