"""Dotted keys go the way that they say, and what is none is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.manifest.dotted import Step, dotted, steps_of


@pytest.mark.parametrize(
    ("key", "steps"),
    [
        ("name", ("name",)),
        ("message.subject", ("message", "subject")),
        (" message . subject ", ("message", "subject")),
        ("message.attachments.1.path", ("message", "attachments", 1, "path")),
        ("message.attachments.01.path", ("message", "attachments", 1, "path")),
        ("recipients.fields.First name.type", ("recipients", "fields", "First name", "type")),
        ('recipients.fields."Nr. 1".type', ("recipients", "fields", "Nr. 1", "type")),
        ('recipients.fields."2026".type', ("recipients", "fields", "2026", "type")),
        ("recipients.fields.氏名.type", ("recipients", "fields", "氏名", "type")),
        ("1234567", ("1234567",)),
    ],
)
def test_a_key_is_words_with_dots_between_them(key: str, steps: tuple[Step, ...]) -> None:
    assert steps_of(key) == steps


@pytest.mark.parametrize(
    "key", ["", ".", "name.", ".name", "a..b", 'a."b', 'a.b"', 'a."b"c', 'a."".b', "a. .b", "a" * 1_001]
)
def test_what_is_no_way_is_no_key(key: str) -> None:
    assert steps_of(key) is None


_NAMES = st.text(st.characters(exclude_characters='"', codec="utf-8"), min_size=1, max_size=12).filter(
    lambda name: name == name.strip() and "\n" not in name
)


@given(steps=st.lists(st.one_of(_NAMES, st.integers(0, 999_999)), min_size=1, max_size=6).map(tuple))
def test_the_key_of_a_way_goes_that_way(steps: tuple[Step, ...]) -> None:
    assert steps_of(dotted(steps)) == steps


@given(key=st.text(max_size=60))
def test_any_text_is_a_key_or_none(key: str) -> None:
    steps = steps_of(key)
    assert steps is None or steps_of(dotted(steps)) == steps
