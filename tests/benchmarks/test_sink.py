import smtplib
from email.message import EmailMessage

import pytest

from tests.benchmarks.conftest import Talk
from tests.benchmarks.servers.running import HOST, running_server
from tests.benchmarks.servers.sink import EXTENSIONS, GO_ON, GOODBYE, GREETING, OK, UNKNOWN, SinkConnection
from tests.benchmarks.servers.tally import Tally

ENVELOPE = b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
MAIL = b"Subject: Hello\r\n\r\nHow are you?\r\n..and one more dot\r\n.\r\n"
QUIT = b"QUIT\r\n"


def said(talk: Talk, tally: Tally, *pieces: bytes) -> bytes:
    return talk(lambda: SinkConnection(tally), [*pieces, QUIT], GOODBYE)


def test_a_mail_is_taken_and_counted(talk: Talk) -> None:
    tally = Tally()
    assert said(talk, tally, b"EHLO me\r\n", ENVELOPE, MAIL) == GREETING + EXTENSIONS + OK + OK + GO_ON + OK + GOODBYE
    assert (tally.mails, tally.recipients, tally.connections) == (1, 1, 1)


def test_commands_that_come_at_once_are_answered_in_their_order(talk: Talk) -> None:
    tally = Tally()
    answer = said(talk, tally, b"EHLO me\r\n" + (ENVELOPE + MAIL) * 3)
    assert answer == GREETING + EXTENSIONS + (OK + OK + GO_ON + OK) * 3 + GOODBYE
    assert tally.mails == 3


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_end_of_a_mail_is_seen_however_it_is_cut(talk: Talk, size: int) -> None:
    whole = ENVELOPE + MAIL
    tally = Tally()
    said(talk, tally, *(whole[start : start + size] for start in range(0, len(whole), size)))
    assert tally.mails == 1


def test_a_mail_without_a_line_has_an_end_too(talk: Talk) -> None:
    tally = Tally()
    said(talk, tally, ENVELOPE, b".\r\n")
    assert tally.mails == 1


def test_other_commands_are_unknown(talk: Talk) -> None:
    assert said(talk, Tally(), b"VRFY you\r\n", b"NOOP\r\n") == GREETING + UNKNOWN + OK + GOODBYE


def test_the_process_takes_what_the_standard_library_sends() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "Hello"
    mail.set_content("How are you?\n.\n")
    with running_server(smtp=True) as server:
        with smtplib.SMTP(HOST, server.smtp_port, local_hostname="localhost") as client:
            client.send_message(mail)
            client.send_message(mail)
        tally = server.counted()
    assert (tally.mails, tally.recipients, tally.connections) == (2, 2, 2)
