"""What a mail server says is read alike, however it is divided on its way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.providers.smtp_answer import SmtpReply
from batchmail.providers.smtp_replies import LONGEST, NO_CODE, Replies

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20).map(str.strip)


def heard(*pieces: bytes, secrets: tuple[str, ...] = ()) -> list[SmtpReply]:
    """All replies in the bytes that came."""
    replies = Replies(secrets)
    for piece in pieces:
        replies.add(piece)
    whole = []
    while replies:
        whole.append(replies.take())
    return whole


def written(code: int, lines: list[str]) -> bytes:
    """A reply as RFC 5321 has it."""
    *first, last = lines
    return "".join([*(f"{code}-{line}\r\n" for line in first), f"{code} {last}\r\n"]).encode()


@given(
    said=st.lists(st.tuples(st.integers(200, 599), st.lists(TEXTS, min_size=1, max_size=4)), max_size=5),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_replies_are_whole_and_in_order_wherever_they_are_divided(
    said: list[tuple[int, list[str]]], cuts: list[int]
) -> None:
    data = b"".join(written(code, lines) for code, lines in said)
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(ends)]
    expected = [SmtpReply(code, "\n".join(line.strip(" \t") for line in lines)) for code, lines in said]
    assert heard(*pieces) == expected


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_whatever_comes_is_read_without_a_failure(pieces: list[bytes]) -> None:
    assert all(reply.code == NO_CODE or 0 <= reply.code <= 999 for reply in heard(*pieces))


@pytest.mark.parametrize("line", [b"garbage\r\n", b"2x0 Ok\r\n", b"\r\n", b"-20 Ok\r\n", "２５０ Ok\r\n".encode()])
def test_what_has_no_code_is_no_reply(line: bytes) -> None:
    assert [reply.code for reply in heard(line)] == [NO_CODE]


@pytest.mark.parametrize("data", [b"550-no\r\n250 ok\r\n", b"250-ok\r\n550 no\r\n", b"250-a\r\n250-b\r\n251 c\r\n"])
def test_lines_that_contradict_each_other_are_no_reply(data: bytes) -> None:
    assert [reply.code for reply in heard(data)] == [NO_CODE]


@pytest.mark.parametrize("line", [b"250ok\r\n", b"2500\r\n", b"250.\r\n", b"250\tok\r\n", b"250\rok\r\n"])
def test_a_code_that_runs_into_its_text_is_none(line: bytes) -> None:
    assert [reply.code for reply in heard(line)] == [NO_CODE]


@pytest.mark.parametrize("line", [b"250\r\n", b"250\n", b"250 \r\n"])
def test_a_code_may_stand_alone(line: bytes) -> None:
    assert heard(line) == [SmtpReply(250, "")]


def test_a_reply_has_nothing_to_do_with_the_one_before_it() -> None:
    assert [reply.code for reply in heard(b"250-a\r\n250 b\r\n550-c\r\n550 d\r\n")] == [250, 550]


def test_a_reply_that_never_ends_is_not_kept() -> None:
    replies = Replies()
    for _ in range(100):
        replies.add(b"x" * 10_000)
    assert replies.take().code == NO_CODE
    assert heard(b"250-more\r\n" * LONGEST)[0].code == NO_CODE


def test_a_beginning_is_no_reply_and_is_known_of() -> None:
    replies = Replies()
    told = [(bool(replies), replies.begun)]
    for piece in (b"25", b"0-a\r\n", b"250 b\r", b"\n"):
        replies.add(piece)
        told.append((bool(replies), replies.begun))
    assert replies.take() == SmtpReply(250, "a\nb")
    told.append((bool(replies), replies.begun))
    assert told == [(False, False), *[(False, True)] * 3, (True, True), (False, False)]


def test_secrets_are_in_no_reply() -> None:
    assert heard(b"535 no hunter2 here\r\n", secrets=("hunter2",)) == [SmtpReply(535, "no *** here")]
