"""Internationalised domains are shown as they travel and as they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.domain_name import both_forms, unicode_domain


@pytest.mark.parametrize(
    ("domain", "read"),
    [
        ("example.com", "example.com"),
        ("xn--bcher-kva.example", "bücher.example"),
        ("XN--BCHER-KVA.example", "BüCHER.example"),
        ("xn--wgv71a119e.jp", "日本語.jp"),
        ("xn--strae-oqa.de", "straße.de"),
        ("xn--99999999.com", "xn--99999999.com"),
        ("xn--.com", "xn--.com"),
    ],
)
def test_a_domain_is_read_as_far_as_its_labels_stand_for_something(domain: str, read: str) -> None:
    assert unicode_domain(domain) == read


def test_a_mailbox_is_shown_in_both_forms_where_they_differ() -> None:
    assert both_forms("kim@example.com") == "kim@example.com"
    assert both_forms("kim@xn--wgv71a119e.jp") == "kim@xn--wgv71a119e.jp (kim@日本語.jp)"


@given(st.text())
def test_any_text_has_a_form_to_be_shown_in(text: str) -> None:
    assert text in both_forms(text)
