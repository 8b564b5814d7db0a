"""Mail servers that say what no mail server should: nothing is sent twice, shown raw, or waited for for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.smtp import SmtpSettings, build
from tests.providers.mail_desk import MESSAGE, to

if TYPE_CHECKING:
    from batchmail.message import Message
    from tests.providers.conftest import Behaviour, Contents, Server, Visit

GOOD = {
    "connect": b"220 mail.example ESMTP\r\n",
    "EHLO": b"250-mail.example\r\n250 SIZE 1000000\r\n",
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"250 2.1.5 Ok\r\n",
    "DATA": b"354 Go on\r\n",
    ".": b"250 2.0.0 Ok: queued as 4Xyz\r\n",
    "RSET": b"250 Ok\r\n",
    "QUIT": b"221 Bye\r\n",
}


def script(said: list[str], **replies: bytes) -> Behaviour:
    """A server that gives these replies, for `dot` to the end of a mail; it keeps what it was told."""
    answers = GOOD | {("." if name == "dot" else name): reply for name, reply in replies.items()}

    async def behave(visit: Visit) -> None:
        await visit.say(answers["connect"])
        in_mail = False
        while line := await visit.line():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if in_mail and text != ".":
                continue
            word = text.split(" ")[0]
            said.append(text)
            in_mail = word == "DATA" and answers["DATA"].startswith(b"354")
            await visit.say(answers[word])

    return behave


@pytest.fixture
def send(server: type[Server], files: Contents) -> Callable[..., tuple[list[Outcome], int]]:
    """Hand messages to a server that behaves like this, with one sender: the outcomes, and how many connections."""

    def hand_over(behaviour: Behaviour, *messages: Message, seconds: float = 5.0) -> tuple[list[Outcome], int]:
        async def scenario() -> tuple[list[Outcome], int]:
            async with server(behaviour) as there:
                provider = build(SmtpSettings("127.0.0.1", there.port, "none"))
                async with provider.open(files, seconds) as sender:
                    outcomes = [await sender.prepare(each)() for each in messages or (MESSAGE,)]
                return outcomes, there.connections

        return asyncio.run(scenario())

    return hand_over


def test_a_mail_server_is_spoken_to_as_the_standard_says(send: Callable[..., tuple[list[Outcome], int]]) -> None:
    said: list[str] = []
    outcomes, connections = send(script(said), MESSAGE, MESSAGE)
    assert (outcomes, connections) == ([Sent("4Xyz"), Sent("4Xyz")], 1)
    assert said[0] == "EHLO [127.0.0.1]"
    mail = ["MAIL FROM:<billing@example.com> SIZE=", "RCPT TO:<kim@example.com>", "DATA", "."]
    assert [each.rstrip("0123456789") for each in said[1:]] == [*mail, *mail, "QUIT"]


@pytest.mark.parametrize(
    "greeting",
    [
        b"\x16\x03\x01 nonsense\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"999 What\r\n",
        b"x" * 100_000,
        b"\r\n",
        b"250 \xff\r\n",
    ],
)
def test_what_is_no_mail_server_stops_the_run(greeting: bytes, send: Callable[..., tuple[list[Outcome], int]]) -> None:
    said: list[str] = []
    [outcome], _ = send(script(said, connect=greeting, EHLO=b"<html>\r\n"))
    assert isinstance(outcome, Closed)
    assert (outcome.code + outcome.reason).isprintable()
    assert not [each for each in said if each.startswith("MAIL")]


@pytest.mark.parametrize(
    "reply",
    [
        b"garbage\r\n",
        b"2x0 Ok\r\n",
        b"\r\n",
        b"250-" + b"x" * 100_000 + b"\r\n",
        b"250-more\r\n" * 20_000,
        b"550-no\r\n250 ok\r\n",
        b"250ok\r\n",
    ],
)
def test_an_unreadable_end_leaves_the_mail_in_doubt(
    reply: bytes, send: Callable[..., tuple[list[Outcome], int]]
) -> None:
    [outcome], _ = send(script([], dot=reply), seconds=0.5)
    assert isinstance(outcome, InDoubt)
    assert len(outcome.reason) < 200


def test_a_farewell_is_no_answer_to_a_mail_and_ends_the_connection(
    send: Callable[..., tuple[list[Outcome], int]],
) -> None:
    outcomes, connections = send(script([], dot=b"221 2.0.0 Bye\r\n"), MESSAGE, MESSAGE)
    assert [type(each) for each in outcomes] == [InDoubt, InDoubt]
    assert connections == 2


def test_a_reply_is_shown_without_what_a_terminal_would_obey(send: Callable[..., tuple[list[Outcome], int]]) -> None:
    [outcome], _ = send(script([], dot=b"550-5.7.1 \x1b[31mNo\x07\r\n550 5.7.1 spam\xff\r\n"))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "SMTP 550 5.7.1"
    assert outcome.reason.isprintable()


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_says_more_than_it_is_asked_for_is_given_nothing(
    command: str, send: Callable[..., tuple[list[Outcome], int]]
) -> None:
    """The surplus would be taken for the answer to what is said next."""
    said: list[str] = []
    [outcome], _ = send(script(said, **{command: GOOD[command] + b"250 2.0.0 Ok: queued as 666\r\n"}))
    assert isinstance(outcome, Refused)
    assert "." not in said


def test_a_server_that_takes_a_mail_before_its_content_is_connected_to_again(
    send: Callable[..., tuple[list[Outcome], int]],
) -> None:
    said: list[str] = []
    outcomes, connections = send(script(said, DATA=b"250 2.0.0 Ok: queued as 4Xyz\r\n"), MESSAGE, MESSAGE)
    assert [getattr(each, "code", "") for each in outcomes] == ["no-sense"] * 2
    assert connections == 2
    assert not {".", "RSET"}.intersection(said)


def test_after_a_surplus_at_its_end_a_mail_is_sent_and_the_connection_given_up(
    send: Callable[..., tuple[list[Outcome], int]],
) -> None:
    outcomes, connections = send(script([], dot=GOOD["."] + b"421 4.4.2 Closing\r\n"), MESSAGE, MESSAGE)
    assert (outcomes, connections) == ([Sent("4Xyz"), Sent("4Xyz")], 2)


def test_offers_that_make_no_sense_are_left_aside(send: Callable[..., tuple[list[Outcome], int]]) -> None:
    offers = b"250-x\r\n250-SIZE many\r\n250-\r\n250-AUTH\r\n250 =\r\n"
    outcomes, _ = send(script([], EHLO=offers))
    assert outcomes == [Sent("4Xyz")]


def test_a_size_of_nought_is_no_limit(send: Callable[..., tuple[list[Outcome], int]]) -> None:
    outcomes, _ = send(script([], EHLO=b"250-x\r\n250 SIZE 0\r\n"), to("a@example.com"))
    assert outcomes == [Sent("4Xyz")]
