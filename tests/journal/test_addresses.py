"""Addresses as one text in the journal's file: short cuts give what the long way gives."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from batchmail.journal.digest import addresses_text
from batchmail.journal.sqlite_roster import folded
from batchmail.journal.sqlite_rows import addresses_of

MAILBOXES = st.lists(st.text() | st.from_regex(r"[A-Za-z.+]{1,9}@[A-Z]x\.jp", fullmatch=True), max_size=3).map(tuple)


@given(to=MAILBOXES)
@example(to=("Kim@Example.com",))
@example(to=("김민수@Example.co.kr", "STRASSE@straße.de"))
@example(to=('A"B', "A\\B", "A\x7fB", 'x", "y', ""))
def test_addresses_are_a_json_list_and_come_back(to: tuple[str, ...]) -> None:
    text = addresses_text(to)
    assert text == json.dumps(to)
    assert addresses_of(text) == to
    assert folded(text, to) == json.dumps([mailbox.casefold() for mailbox in to])


@given(text=st.text() | st.text(alphabet='["]\\, a').map(lambda inner: f'["{inner}"]'))
@example(text='["a"]')
@example(text='["a", "b"]')
@example(text='["\\u0041"]')
@example(text='["a\x00b"]')
@example(text='["')
@example(text='"]')
def test_no_text_is_taken_for_other_addresses_than_json_has_in_it(text: str) -> None:
    try:
        expected = tuple(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        expected = None
    try:
        found = addresses_of(text)
    except (ValueError, TypeError, RecursionError):
        found = None
    assert found == expected
