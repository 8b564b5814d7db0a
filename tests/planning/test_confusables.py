"""Alphabets are told apart, and what looks alike reads alike."""

import pytest

from batchmail.planning.confusables import disguised, mixes_scripts, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("examp1e", "example"),
        ("rnodern", "modern"),
        ("аррӏе", "apple"),
        ("ｇmail", "gmail"),
        ("gmaıl", "gmail"),
        ("é", "e"),
    ],
)
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("label", "read"), [("аррӏе", "apple"), ("сосо", "coco"), ("почта", ""), ("apple", ""), ("-", "")]
)
def test_a_word_of_another_alphabet_is_read_as_latin_only_where_all_of_it_is(label: str, read: str) -> None:
    assert disguised(label) == read


@pytest.mark.parametrize(
    ("word", "mixed"),
    [
        *((word, True) for word in ("pаypal", "gοogle", "почтаκ", "почта東京")),
        *((word, False) for word in ("kim", "müller", "東京タワー", "tokyo東京", "한국漢字", "почта1-2", "κόσμος")),
    ],
)
def test_alphabets_that_nobody_writes_together_are_told(word: str, mixed: bool) -> None:  # noqa: FBT001  expected
    assert mixes_scripts(word) is mixed
