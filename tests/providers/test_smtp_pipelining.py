"""Several commands at once (RFC 2920): where the server takes it, and with the same outcomes as one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from batchmail.outcome import Closed, Divided, Outcome, Refused, Rejected, Sent
from batchmail.providers.smtp import SmtpSettings, build
from tests.providers.mail_desk import MESSAGE, to

if TYPE_CHECKING:
    from batchmail.message import Message
    from tests.providers.conftest import Behaviour, Contents, Server, Visit

EHLO = b"250-mail.example\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n"
OK, GO_ON, TAKEN = b"250 Ok\r\n", b"354 Go on\r\n", b"250 2.0.0 Ok: queued as 4Xyz\r\n"
UNKNOWN, BUSY, FIRST_MAIL = b"550 5.1.1 User unknown\r\n", b"451 4.7.1 Greylisted\r\n", b"503 5.5.1 Bad sequence\r\n"
CLOSING = b"421 4.3.2 Closing\r\n"
#: What is read, and what is said to all of it: a list of names, and the replies; None ends the connection.
Turn = tuple[list[str], bytes | None]

ALONE = ["MAIL", "RCPT", "DATA"]


def turn_by_turn(said: list[str], *connections: list[Turn]) -> Behaviour:
    """A server that hears all commands of a turn before it answers any; `said` is what it heard after EHLO."""
    turns = iter(connections)

    async def behave(visit: Visit) -> None:
        mine = next(turns)
        await visit.say(b"220 mail.example ESMTP\r\n")
        await visit.line()
        await visit.say(EHLO)
        for names, replies in mine:
            for name in names:
                await _hear(visit, name, said)
            if replies is None:
                return
            await visit.say(replies)
        while line := await visit.line():
            said.append(line.decode().split(" ")[0].strip())
            if said[-1] == "QUIT":
                await visit.say(b"221 Bye\r\n")

    return behave


async def _hear(visit: Visit, name: str, said: list[str]) -> None:
    """One command, or a mail's content up to its final dot, which is called `.`; `.` alone is an empty one."""
    line = await visit.line()
    if name == "content":
        assert line not in (b".\r\n", b"")
        while line not in (b".\r\n", b""):
            line = await visit.line()
        said.append("content")
        return
    said.append(line.decode().split(" ")[0].strip())
    assert said[-1] == name


@pytest.fixture
def send(server: type[Server], files: Contents) -> Callable[..., tuple[list[Outcome], int]]:
    """Hand messages to a server, with one sender: the outcomes, and how many connections that took."""

    def hand_over(behaviour: Behaviour, *messages: Message) -> tuple[list[Outcome], int]:
        async def scenario() -> tuple[list[Outcome], int]:
            async with server(behaviour) as there:
                provider = build(SmtpSettings("127.0.0.1", there.port, "none"))
                async with provider.open(files, 5.0) as sender:
                    outcomes = [await sender.prepare(each)() for each in messages or (MESSAGE,)]
                return outcomes, there.connections

        return asyncio.run(scenario())

    return hand_over


Send = Callable[..., tuple[list[Outcome], int]]
WHOLE: list[Turn] = [(ALONE, OK + OK + GO_ON), (["content"], TAKEN)]


def test_a_mail_takes_two_turns(send: Send) -> None:
    """The server says nothing before it has heard all three commands: whoever waits for a reply waits for ever."""
    said: list[str] = []
    outcomes, connections = send(turn_by_turn(said, WHOLE + WHOLE), MESSAGE, MESSAGE)
    assert (outcomes, connections) == ([Sent("4Xyz"), Sent("4Xyz")], 1)
    assert said == [*ALONE, "content", *ALONE, "content", "QUIT"]


def test_replies_may_come_one_by_one(send: Send) -> None:
    slowly: list[Turn] = [(ALONE, b"250-O"), ([], b"k\r\n250 Ok\r\n2"), ([], b"50 Ok\r\n"), ([], GO_ON)]
    outcomes, _ = send(turn_by_turn([], [*slowly, (["content"], TAKEN)]))
    assert outcomes == [Sent("4Xyz")]


def test_of_several_recipients_all_are_heard_before_the_content_is_offered(send: Send) -> None:
    """Once a server waits for the content, giving the mail up would cost the connection."""
    said: list[str] = []
    grey: list[Turn] = [(["MAIL", "RCPT", "RCPT", "RCPT"], OK + OK + BUSY + OK)]
    good: list[Turn] = [(["RSET", "MAIL", "RCPT", "RCPT", "RCPT"], OK * 3 + UNKNOWN + OK), (["DATA"], GO_ON)]
    everybody = to("kim@example.com", "lee@example.com", "sato@example.jp")
    outcomes, connections = send(turn_by_turn(said, [*grey, *good, (["content"], TAKEN)]), everybody, everybody)
    assert [type(each) for each in outcomes] == [Refused, Divided]
    assert connections == 1
    assert said[-3:] == ["DATA", "content", "QUIT"]


@pytest.mark.parametrize(
    ("replies", "kind", "code"),
    [
        (OK + UNKNOWN, Rejected, "SMTP 550 5.1.1"),
        (OK + BUSY, Refused, "SMTP 451 4.7.1"),
        (b"550 5.7.1 Not your address\r\n" + FIRST_MAIL, Closed, "SMTP 550 5.7.1"),
        (b"451 4.3.0 Try again\r\n" + FIRST_MAIL, Refused, "SMTP 451 4.3.0"),
    ],
)
@pytest.mark.parametrize("refused", [FIRST_MAIL, b"554 5.5.1 No valid recipients\r\n", b"451 4.3.0 Later\r\n"])
def test_what_follows_a_refusal_changes_nothing_about_it(
    replies: bytes, kind: type[Outcome], code: str, refused: bytes, send: Send
) -> None:
    said: list[str] = []
    again: list[str] = ["RSET"] if replies.startswith(OK) else []
    turns = [(ALONE, replies + refused), ([*again, *ALONE], OK * (2 + len(again)) + GO_ON), WHOLE[1]]
    (first, second), connections = send(turn_by_turn(said, turns), MESSAGE, MESSAGE)
    assert (type(first), getattr(first, "code", "")) == (kind, code)
    assert (second, connections) == (Sent("4Xyz"), 1)


@pytest.mark.parametrize("end", [b"554 5.5.1 No valid recipients\r\n", OK, b"451 4.3.0 Later\r\n"])
@pytest.mark.parametrize("refused", [UNKNOWN, BUSY])
def test_a_server_that_wants_a_mail_for_nobody_gets_an_empty_one(refused: bytes, end: bytes, send: Send) -> None:
    said: list[str] = []
    turns = [(ALONE, OK + refused + GO_ON), (["."], end), (["RSET", *ALONE], OK * 3 + GO_ON), WHOLE[1]]
    (first, second), connections = send(turn_by_turn(said, turns), MESSAGE, MESSAGE)
    assert isinstance(first, Rejected if refused == UNKNOWN else Refused)
    assert (second, connections) == (Sent("4Xyz"), 1)
    assert said == [*ALONE, ".", "RSET", *ALONE, "content", "QUIT"]


@pytest.mark.parametrize("end", [CLOSING, b"221 2.0.0 Bye\r\n", b"what\r\n", None])
def test_a_server_that_takes_the_empty_mail_amiss_is_connected_to_again(end: bytes | None, send: Send) -> None:
    said: list[str] = []
    turns: list[Turn] = [(ALONE, OK + UNKNOWN + GO_ON), (["."], end)]
    (first, second), connections = send(turn_by_turn(said, turns, WHOLE), MESSAGE, MESSAGE)
    assert isinstance(first, Rejected)
    assert (second, connections) == (Sent("4Xyz"), 2)
    assert said == [*ALONE, ".", *ALONE, "content", "QUIT"]


def test_an_empty_mail_reaches_nobody_even_where_a_server_makes_no_sense(send: Send) -> None:
    """It refuses the sender and takes the recipient: not a dot follows, the connection ends."""
    said: list[str] = []
    turns: list[Turn] = [(ALONE, b"451 4.3.0 Try again\r\n" + OK + GO_ON)]
    (first, second), connections = send(turn_by_turn(said, turns, WHOLE), MESSAGE, MESSAGE)
    assert isinstance(first, Refused)
    assert (second, connections) == (Sent("4Xyz"), 2)
    assert said == [*ALONE, *ALONE, "content", "QUIT"]


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        (OK + OK + OK, "no-sense"),
        (OK + UNKNOWN + OK, "SMTP 550 5.1.1"),
        (OK + BUSY + OK, "SMTP 451 4.7.1"),
        (b"552 5.3.4 Too big\r\n" + FIRST_MAIL + OK, "SMTP 552 5.3.4"),
        (b"552 5.3.4 Too big\r\n" + GO_ON + FIRST_MAIL, "SMTP 552 5.3.4"),
    ],
)
def test_a_server_that_may_or_may_not_wait_for_content_is_told_nothing_more(
    replies: bytes, code: str, send: Send
) -> None:
    """Where it waits, the next mail's commands would become the content of this one."""
    said: list[str] = []
    (first, second), connections = send(turn_by_turn(said, [(ALONE, replies)], WHOLE), MESSAGE, MESSAGE)
    assert isinstance(first, Refused | Rejected)
    assert first.code == code
    assert (second, connections) == (Sent("4Xyz"), 2)
    assert said == [*ALONE, *ALONE, "content", "QUIT"]


def endings() -> Iterator[tuple[bytes, str]]:
    """Where a connection may end among the replies, and what that means for a connection's first mail."""
    for before in (b"", OK, OK + OK):
        yield before + CLOSING, "SMTP 421 4.3.2"
        yield before, "connection-broken"
        yield before + b"250-half", "connection-broken"
        yield before + b"what\r\n", "no-sense"
    yield OK + UNKNOWN + CLOSING, "SMTP 550 5.1.1"
    yield OK + UNKNOWN, "SMTP 550 5.1.1"
    yield b"552 5.3.4 Too big\r\n", "SMTP 552 5.3.4"


@pytest.mark.parametrize(("replies", "code"), [*endings()])
def test_a_connection_that_ends_among_the_replies_leaves_nothing_in_doubt(
    replies: bytes, code: str, send: Send
) -> None:
    turns: list[Turn] = [(ALONE, replies), ([], None)]
    (first, second), connections = send(turn_by_turn([], turns, WHOLE), MESSAGE, MESSAGE)
    assert isinstance(first, Refused | Rejected)
    assert first.code == code
    assert (second, connections) == (Sent("4Xyz"), 2)


@pytest.mark.parametrize("replies", [b"", CLOSING, b"250-half"])
def test_a_used_connection_that_ends_is_made_anew_unnoticed(replies: bytes, send: Send) -> None:
    turns: list[Turn] = [*WHOLE, (ALONE, replies), ([], None)]
    outcomes, connections = send(turn_by_turn([], turns, WHOLE), MESSAGE, MESSAGE)
    assert (outcomes, connections) == ([Sent("4Xyz")] * 2, 2)


@pytest.mark.parametrize("surplus", range(3))
def test_after_a_reply_too_many_nothing_is_handed_over(surplus: int, send: Send) -> None:
    replies = [OK, OK, GO_ON]
    replies[surplus] += TAKEN
    said: list[str] = []
    outcomes, _ = send(turn_by_turn(said, [(ALONE, b"".join(replies))]))
    assert isinstance(outcomes[0], Refused)
    assert said[:3] == ALONE
    assert not {".", "content"}.intersection(said)
