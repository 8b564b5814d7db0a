"""What a roster knows of its rows: which are the same mail twice, and what stands for all of them."""

from itertools import combinations, islice

import pytest

from batchmail.delivery import Candidate
from batchmail.journal.base import Clash, SamePeople, Standing
from tests.journal.desk import (
    AT,
    QUEUED,
    SENDING,
    SENT,
    Desk,
    row,
)

NOTHING = Standing(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def kims(position: int, key: str, skip: str = "") -> Candidate:
    """A row with Kim's mail."""
    return row(position, key, to=["kim@example.com"], content="Kim's", skip=skip)


def test_a_new_roster_is_empty_and_replaces_the_one_before(desk: Desk) -> None:
    desk.plan(row(1))
    roster = desk.journal.roster()
    assert roster.standing(1) == NOTHING
    roster.add([row(1, "other")])
    assert [each.key for each in roster.rows()] == ["other"]


def test_rows_may_come_in_many_pieces_and_from_a_generator(desk: Desk) -> None:
    roster = desk.journal.roster()
    roster.add(row(position) for position in range(1, 2_501))
    roster.add(row(position) for position in range(2_600, 2_610))
    assert roster.standing(1).send == 2_510
    assert roster.sendable([1, 2_500, 2_550, 2_609]) == [1, 2_500, 2_609]


@pytest.mark.parametrize("positions", [(2, 1), (1, 1), (0,)])
def test_positions_that_do_not_rise_from_1_are_a_bug(desk: Desk, positions: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="positions rise from 1"):
        desk.plan(*map(row, positions))


def test_rows_with_one_key_clash_with_the_first_of_them(desk: Desk) -> None:
    roster = desk.plan(row(1, "b"), row(2, "a"), row(3, "b"), row(4, "a"), row(5, "b"), row(6, "c"))
    assert list(roster.same_keys()) == [Clash("b", 1, 3), Clash("a", 2, 4), Clash("b", 1, 5)]


def test_skipped_rows_do_not_clash(desk: Desk) -> None:
    roster = desk.plan(kims(1, "a", skip="unsubscribed"), kims(2, "a"), kims(3, "a", skip="x"))
    assert list(roster.same_keys()) == []
    assert list(roster.same_mails()) == []


def test_rows_with_the_same_mail_clash_under_the_later_ones_key(desk: Desk) -> None:
    kim, lee = ["kim@example.com"], ["lee@example.com"]
    roster = desk.plan(
        row(1, to=kim, content="x"),
        row(2, to=lee, content="x"),
        row(3, to=kim, content="y"),
        row(4, to=kim, content="x"),
        row(5, to=[*kim, *lee], content="x"),
        row(6, to=kim, content="x"),
        row(7, to=lee, content="x"),
    )
    assert list(roster.same_mails()) == [Clash("4", 1, 4), Clash("6", 1, 6), Clash("7", 2, 7)]


def test_the_same_mail_under_the_same_key_is_one_clash_and_not_two(desk: Desk) -> None:
    roster = desk.plan(kims(1, "a"), kims(2, "a"), kims(3, "b"))
    assert list(roster.same_keys()) == [Clash("a", 1, 2)]
    assert list(roster.same_mails()) == [Clash("b", 1, 3)]


def test_rows_may_be_renamed_and_skipped_while_clashes_are_read(desk: Desk) -> None:
    roster = desk.plan(*(row(position, "one key") for position in range(1, 2_203)))
    for clash in roster.same_keys():
        if clash.second % 2:
            roster.skip([clash.second], "odd")
        else:
            roster.rename(clash.second, f"key {clash.second}")
    assert list(roster.same_keys()) == []
    assert roster.standing(1).send == 1_102
    assert [each.key for each in islice(roster.rows(), 3)] == ["one key", "key 2", "one key"]


def test_a_row_is_not_left_out_without_a_reason(desk: Desk) -> None:
    with pytest.raises(ValueError, match="reason"):
        desk.plan(row(1)).skip([1], "")


def test_results_are_those_of_the_keys_as_renamed_and_only_of_rows_that_are_there(desk: Desk) -> None:
    roster = desk.plan(row(1), row(2, skip="unsubscribed"), row(4))
    roster.rename(4, "four")
    roster.rename(5, "five")
    assert roster.results(2, 5) == {}
    roster.enrol(AT)
    desk.go("four", SENDING, SENT, provider_id="sent-4")
    assert roster.results(2, 5) == {4: desk.record("four"), 2: desk.record("2")}
    assert roster.results(2, 3) == {2: desk.record("2")}
    roster.rename(4, "1")
    assert roster.results(1, 4) == {1: desk.record("1"), 2: desk.record("2")}


def test_a_result_is_that_of_the_row_that_is_sent(desk: Desk) -> None:
    roster = desk.plan(row(1, "a", skip="left out"), row(2, "a"), row(3, "b", skip="x"), row(4, "b", skip="x"))
    roster.enrol(AT)
    assert {position: each.key for position, each in roster.results(1, 4).items()} == {2: "a", 3: "b"}


def test_the_same_address_in_other_letters_is_the_same(desk: Desk) -> None:
    roster = desk.plan(
        row(1, "a", to=["Kim@Example.com"], content="x"), row(2, "b", to=["kim@example.com"], content="x")
    )
    assert [(clash.first, clash.second) for clash in roster.same_mails()] == [(1, 2)]


def test_the_same_mail_to_one_address_under_another_name_is_the_same(desk: Desk) -> None:
    kim = row(1, "a", to=["kim@example.com"], content="to Kim")
    roster = desk.plan(*(kim._replace(position=n, key=str(n), content=str(n).encode(), nameless=b"x") for n in (1, 2)))
    assert [(clash.first, clash.second) for clash in roster.same_mails()] == [(1, 2)]
    assert [candidate.nameless for candidate in roster.rows()] == [b"x", b"x"]


def test_addresses_that_get_different_mails_are_counted_and_the_first_is_named(desk: Desk) -> None:
    roster = desk.plan(
        row(1, "a", to=["x@example.com"], content="1"),
        row(2, "b", to=["Kim@example.com"], content="1"),
        row(3, "c", to=["kim@example.com"], content="1"),
        row(4, "d", to=["kim@example.com"], content="2", skip="left out"),
        row(5, "e", to=["x@example.com", "kim@example.com"], content="2"),
    )
    assert roster.same_people() is None
    roster = desk.plan(
        row(1, "a", to=["lee@example.com"], content="1"),
        row(2, "b", to=["Kim@example.com"], content="1"),
        row(3, "c", to=["kim@example.com"], content="1"),
        row(4, "d", to=["kim@example.com"], content="2"),
        row(5, "e", to=["lee@example.com"], content="3"),
        row(6, "f", to=["lee@example.com"], content="4"),
    )
    assert roster.same_people() == SamePeople(2, 1, 5)
    roster.leave_out([1, 5])
    assert roster.same_people() == SamePeople(1, 2, 4)


def test_what_has_left_the_sheet_is_told_by_its_old_position(desk: Desk) -> None:
    desk.enrol(*(row(position) for position in range(1, 6)))
    desk.go("4", SENDING, SENT)
    desk.later()
    roster = desk.plan(row(1, "2"), row(2, "5", skip="unsubscribed"))
    assert [(record.key, record.state) for record in roster.gone()] == [("1", QUEUED), ("3", QUEUED), ("4", SENT)]
    roster.rename(1, "3")
    assert [record.key for record in roster.gone()] == ["1", "2", "4"]


def test_the_digest_differs_when_any_row_does(desk: Desk) -> None:
    plans: list[list[Candidate]] = [
        [],
        [row(1)],
        [row(1), row(2)],
        [row(1, "other")],
        [row(1, to=["other@example.com"])],
        [row(1, to=[])],
        [row(1, to=["person1@example.com", "other@example.com"])],
        [row(1, content="other")],
        [row(1, skip="unsubscribed")],
        [row(1, "2"), row(2, "1")],
    ]
    digests = [desk.plan(*rows).digest() for rows in plans]
    assert all(len(digest) == 32 for digest in digests)
    assert all(one != other for one, other in combinations(digests, 2))


def test_the_digest_is_that_of_the_rows_and_of_nothing_else(desk: Desk) -> None:
    digest = desk.plan(row(1), row(2)).digest()
    desk.enrol(row(1), row(2))
    desk.go("1", SENDING, SENT)
    desk.later()
    roster = desk.plan(row(1), row(4, "2", to=["person2@example.com"], content="content 2", batch="other"))
    roster.limit(1)
    assert roster.digest() == digest


def test_the_digest_sees_renamed_and_skipped_rows(desk: Desk) -> None:
    renamed, skipped = desk.plan(row(1, "other")).digest(), desk.plan(row(1, skip="unsubscribed")).digest()
    roster = desk.plan(row(1))
    roster.rename(1, "other")
    assert roster.digest() == renamed
    roster = desk.plan(row(1))
    roster.skip([1], "unsubscribed")
    assert roster.digest() == skipped


def test_requests_and_recipients_are_those_of_the_rows_to_be_sent(desk: Desk) -> None:
    desk.reach(SENT, row(1, batch="a", content="a"))
    together = [
        row(position, batch="a", content="a", to=["x@example.com", f"{position}@y.jp"]) for position in (2, 3, 4)
    ]
    roster = desk.plan(row(1, batch="a", content="a"), *together, row(5), row(6, batch="a", content="a", skip="x"))
    assert (roster.standing(1).requests, roster.standing(2).requests, roster.standing(3).requests) == (4, 3, 2)
    assert roster.standing(100).recipients == 7
    roster.separate([3])
    assert roster.standing(3).requests == 3
