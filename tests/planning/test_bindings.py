"""Which file goes to whom, remembered in little room."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address, Attachment, Message, Personal
from batchmail.planning.bindings import Bindings, ForTwo, holds


def mail(to: str, file: str, number: int = 0) -> Message:
    attachment = Attachment(Path("job") / file, file, "", 1, "", personal=Personal(number, file))
    return Message((Address(to),), "Hello", "", attachments=(attachment,))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("pdf/00042.pdf", "00042"),
        ("Invoice_00042.pdf", "00042"),
        ("Invoice00042kim.pdf", "00042"),
        ("110_10.pdf", "10"),
        ("KIM@example.com.pdf", "kim@EXAMPLE.com"),
        ("2026/김민수님.pdf", "김민수"),
        ("Mu\u0308ller.pdf", "M\u00fcller"),
    ],
)
def test_a_name_holds_a_key_that_stands_in_it_as_a_whole(name: str, part: str) -> None:
    assert holds(name, part)


@pytest.mark.parametrize(
    ("name", "part"), [("10.pdf", "1"), ("00042.pdf", "42"), ("kimchi.pdf", "kim"), ("a.pdf", "b")]
)
def test_a_name_does_not_hold_a_part_of_a_longer_number_or_word(name: str, part: str) -> None:
    assert not holds(name, part)


def test_a_file_of_two_people_is_told_with_the_first_of_them() -> None:
    bindings = Bindings()
    for position, (to, file) in enumerate([("a@x", "1"), ("b@x", "2"), ("c@x", "1"), ("B@x", "2"), ("d@x", "1")], 1):
        bindings.look(mail(to, file), position, (), "job/")
    assert list(bindings.for_two()) == [ForTwo(1, 3), ForTwo(1, 5)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("123")), max_size=20))
def test_a_file_is_for_two_exactly_where_different_people_have_it(rows: list[tuple[str, str]]) -> None:
    bindings = Bindings()
    for position, (to, file) in enumerate(rows, 1):
        bindings.look(mail(to, file), position, (), "job/")
    clashes = list(bindings.for_two())
    assert all(each.first < each.second for each in clashes)
    assert {rows[each.second - 1][1] for each in clashes} == {
        file for _, file in rows if len({to for to, other in rows if other == file}) > 1
    }
    assert all(rows[each.first - 1][0] != rows[each.second - 1][0] for each in clashes)


def test_a_row_takes_few_bytes() -> None:
    bindings = Bindings()
    for position in range(1, 10_001):
        bindings.look(mail("a@x", f"{position}.pdf"), position, (str(position),), "job/")
    (naming,) = bindings.by_attachment()[0]
    assert (naming.held, len(naming.lacking)) == (10_000, 0)
    assert sum(len(bucket) for bucket in bindings._records) == 160_000
