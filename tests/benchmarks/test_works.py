import json

import pytest

from tests.benchmarks.conftest import Talk
from tests.benchmarks.peers.payload import payload
from tests.benchmarks.servers.tally import Tally
from tests.benchmarks.servers.works import ACCEPTED, KEPT_BYTES, Desk, WorksConnection

END = b"GET /end HTTP/1.1\r\n\r\n"


def post(body: bytes) -> bytes:
    return b"POST /users/me/mail HTTP/1.1\r\nHost: a\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def heard(talk: Talk, desk: Desk, *pieces: bytes) -> bytes:
    """What a server answers to pieces of requests; its counts come last, as JSON."""
    return talk(lambda: WorksConnection(desk), [*pieces, END], b"}")


def counted(answer: bytes) -> Tally:
    return Tally.from_json(answer[answer.rindex(b"{") :])


def test_a_post_is_accepted_and_counted(talk: Talk) -> None:
    answer = heard(talk, Desk(), post(b'{"to":"a@example.com"}'))
    assert answer.startswith(ACCEPTED + b"HTTP/1.1 200 OK")
    tally = counted(answer)
    assert (tally.mails, tally.connections, tally.size) == (1, 1, 22)
    assert 0 < tally.first <= tally.last


def test_several_requests_that_come_at_once_are_answered_each(talk: Talk) -> None:
    answer = heard(talk, Desk(), post(b"{}") * 3)
    assert answer.count(ACCEPTED) == counted(answer).mails == 3


@pytest.mark.parametrize("size", [1, 7, 40])
def test_a_request_that_comes_in_pieces_is_one(talk: Talk, size: int) -> None:
    whole = post(b"x" * 100) + post(b"y" * 50)
    answer = heard(talk, Desk(), *(whole[start : start + size] for start in range(0, len(whole), size)))
    tally = counted(answer)
    assert (answer.count(ACCEPTED), tally.mails, tally.size) == (2, 2, 150)


def test_a_large_body_is_counted_and_not_kept(talk: Talk) -> None:
    desk = Desk()
    tally = counted(heard(talk, desk, post(b"x" * (KEPT_BYTES + 1)), post(b"small")))
    assert tally.size == KEPT_BYTES + 6
    assert desk.last_mail == b"small"


def test_a_post_that_does_not_say_its_length_is_refused(talk: Talk) -> None:
    answer = talk(lambda: WorksConnection(Desk()), [b"POST / HTTP/1.1\r\nHost: a\r\n\r\n"], b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 411 ")


def test_recipients_are_counted_where_that_is_asked_for(talk: Talk) -> None:
    body = post(b'{"to":"a@example.com;b@example.com"}')
    assert counted(heard(talk, Desk(count_recipients=True), body, body)).recipients == 4
    assert counted(heard(talk, Desk(), body)).recipients == 0


def test_counts_begin_anew_when_they_have_been_told(talk: Talk) -> None:
    desk = Desk()
    heard(talk, desk, post(b"{}"))
    assert counted(heard(talk, desk)).mails == 0


def test_the_last_mail_can_be_looked_at(talk: Talk) -> None:
    mail = json.dumps(payload(7)).encode("utf-8")
    answer = talk(lambda: WorksConnection(Desk()), [post(mail), b"GET /last HTTP/1.1\r\n\r\n"], b"}")
    assert answer.endswith(mail)


def test_an_answer_may_take_its_time(talk: Talk) -> None:
    desk = Desk(delay_seconds=0.001)
    assert talk(lambda: WorksConnection(desk), [post(b"{}")], b"\r\n\r\n") == ACCEPTED
    assert desk.tally.delays == desk.tally.last - desk.tally.first


def test_a_rate_is_that_of_the_sending_phase() -> None:
    assert Tally(mails=100, first=10.0, last=12.0).rate == 50
    assert Tally().rate == 0
