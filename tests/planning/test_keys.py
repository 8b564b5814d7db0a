"""A row's identity: its key, whatever its place in the sheet."""

from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address
from batchmail.planning.keys import Keys, address_key, row_key
from batchmail.row import ReadRow, Row


def row(*texts: str) -> ReadRow:
    return ReadRow(Row(1, 2, texts), texts, {})


def test_a_key_is_the_text_of_its_column() -> None:
    assert row_key(row("a", " 00042 "), [1]) == "00042"


def test_a_blank_part_leaves_no_key() -> None:
    assert row_key(row("a", " "), [0, 1]) == ""


@given(st.tuples(*[st.text(min_size=1)] * 4).filter(lambda texts: all(text.strip() for text in texts)))
def test_keys_of_several_columns_are_equal_only_for_equal_cells(texts: tuple[str, str, str, str]) -> None:
    one, other = row(*texts[:2]), row(*texts[2:])
    same = [a.strip() == b.strip() for a, b in zip(texts[:2], texts[2:], strict=True)]
    assert (row_key(one, [0, 1]) == row_key(other, [0, 1])) == all(same)


def test_without_key_columns_the_address_is_the_key_in_any_case_of_its_letters() -> None:
    keys = Keys((), ("email",), lambda _read: (Address("Kim@Example.com"),))
    assert keys.of(row("Kim@Example.com")) == "kim@example.com"
    assert address_key((Address("a@x.jp"), Address("B@x.jp"))) == "a@x.jp;b@x.jp"


def test_a_key_column_that_the_sheet_lacks_gives_no_keys() -> None:
    keys = Keys(("number",), ("email",), lambda _read: ())
    assert not keys.known
    assert keys.of(row("kim@example.com")) == ""
