"""The emulated mail server, met with the standard library's client."""

import json
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from batchmail.emulator import Answer, Cut, Fault, Faults, HalfAnswer, Incoming, RunningSmtp, SmtpRules, smtp_emulator
from batchmail.emulator.smtp_mail import submission_of

TIMEOUT_SECONDS = 20
USER = "billing@example.com"


@contextmanager
def client(emulator: RunningSmtp, *, log_in: bool = True) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", emulator.server.port, timeout=TIMEOUT_SECONDS) as connection:
        connection.ehlo()
        if log_in:
            connection.login(USER, emulator.access_token)
        yield connection


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {"From": f"経理部 <{USER}>", "To": "kim@example.com", "Subject": "請求書 7", **headers}.items():
        message[name] = value
    message.set_content("Dear 김,\n.\n")
    return message


def rich() -> EmailMessage:
    message = mail(Cc="사장 <boss@example.com>")
    message.add_alternative("<p>Dear 김</p><img src='cid:logo'>", subtype="html")
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(b"PNG", "image", "png", cid="<logo>", disposition="inline", filename="로고.png")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="請求書 7 — 김.pdf")
    return message


def test_a_mail_is_taken_apart_and_kept_as_it_came(tmp_path: Path) -> None:
    with smtp_emulator(tmp_path) as emulator, client(emulator) as connection:
        people = ["kim@example.com", "boss@example.com", "archive@example.com"]
        assert connection.send_message(rich(), to_addrs=people) == {}
        [kept] = emulator.inbox.mails
    assert (kept.to, kept.cc, kept.bcc) == (("kim@example.com",), ("boss@example.com",), ("archive@example.com",))
    assert (kept.subject, kept.user_name, kept.account) == ("請求書 7", "経理部", USER)
    assert (kept.body.strip(), kept.content_type) == ("<p>Dear 김</p><img src='cid:logo'>", "html")
    assert [(each.filename, each.file_type, each.content, each.cid, each.inline) for each in kept.attachments] == [
        ("로고.png", "image/png", b"PNG", "logo", True),
        ("請求書 7 — 김.pdf", "application/pdf", b"%PDF", None, False),
    ]
    assert (tmp_path / "00001.eml").read_bytes() == kept.request
    log = json.loads((tmp_path / "index.jsonl").read_text(encoding="utf-8"))
    assert (log["subject"], log["bcc"]) == ("請求書 7", ["archive@example.com"])


def test_nobody_sends_without_a_login_unless_the_rules_say_so() -> None:
    with smtp_emulator() as emulator, client(emulator, log_in=False) as connection:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            connection.send_message(mail())
        assert refused.value.smtp_code == 530
    with smtp_emulator(rules=SmtpRules(login_required=False)) as emulator, client(emulator, log_in=False) as connection:
        assert connection.send_message(mail()) == {}


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_every_way_to_log_in_wants_the_password(way: str) -> None:
    with smtp_emulator(rules=SmtpRules(logins=frozenset({way}))) as emulator:
        with client(emulator, log_in=False) as connection:
            assert connection.esmtp_features["auth"].split() == [way]
            with pytest.raises(smtplib.SMTPAuthenticationError):
                connection.login(USER, "wrong")
        with client(emulator) as connection:
            assert connection.send_message(mail()) == {}


def test_addresses_are_refused_as_the_lists_say() -> None:
    rules = SmtpRules(recipients=4)
    with smtp_emulator(rules=rules) as emulator, client(emulator) as connection:
        emulator.system.unknown.add("a@example.com")
        emulator.system.full.add("b@example.com")
        emulator.system.greylisted.add("c@example.com")
        people = ["A@example.com", "b@example.com", "c@example.com", "d@example.com"]
        refused = connection.send_message(mail(), to_addrs=people)
        assert {address: code for address, (code, _) in refused.items()} == {
            "A@example.com": 550,
            "b@example.com": 452,
            "c@example.com": 451,
        }
        assert connection.send_message(mail(), to_addrs="c@example.com") == {}
        many = [f"{number}@example.com" for number in range(6)]
        assert set(connection.send_message(mail(), to_addrs=many)) == set(many[4:])


def test_limits_of_size_and_rate_are_kept_to() -> None:
    rules = SmtpRules(message_bytes=1_000, mails_per_minute=2)
    with smtp_emulator(rules=rules) as emulator, client(emulator) as connection:
        assert connection.esmtp_features["size"] == "1000"
        large = mail()
        large.set_content("x" * 2_000)
        with pytest.raises(smtplib.SMTPSenderRefused) as too_large:
            connection.send_message(large)
        assert too_large.value.smtp_code == 552
        connection.send_message(mail())
        connection.send_message(mail())
        with pytest.raises(smtplib.SMTPSenderRefused) as too_many:
            connection.send_message(mail())
        assert too_many.value.smtp_code == 451
        assert (emulator.inbox.accepted, emulator.inbox.requests) == (2, 4)


def test_letters_before_the_at_are_taken_where_they_are_offered() -> None:
    for offered in (True, False):
        with smtp_emulator(rules=SmtpRules(smtputf8=offered)) as emulator, client(emulator) as connection:
            assert connection.has_extn("smtputf8") is offered
            assert connection.has_extn("8bitmime")


@pytest.mark.parametrize("offered", [True, False])
def test_several_commands_may_come_at_once_where_that_is_offered(*, offered: bool) -> None:
    rules = SmtpRules(login_required=False, pipelining=offered)
    with smtp_emulator(rules=rules) as emulator, client(emulator) as connection:
        emulator.system.unknown.add("nobody@example.com")
        assert connection.has_extn("pipelining") is offered
        connection.send(b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n")
        connection.send(b"RCPT TO:<nobody@example.com>\r\nDATA\r\n")
        assert [connection.getreply()[0] // 100 for _ in range(4)] == [2, 2, 5, 3]
        connection.send(b"Subject: Hi\r\n\r\nHi\r\n.\r\nMAIL FROM:<c@example.com>\r\nRSET\r\n")
        assert [connection.getreply()[0] for _ in range(3)] == [250] * 3
        assert [mail.recipients for mail in emulator.inbox.mails] == [("b@example.com",)]


def test_faults_strike_what_they_name() -> None:
    asked: list[tuple[str, int]] = []

    def noted(incoming: Incoming) -> bool:
        asked.append((incoming.operation, incoming.number))
        return False

    faults = Faults().when(Fault(), noted)
    faults.at(Fault(Answer(451, b"4.3.0 Not now"), handled=True), 1).at(Fault(Cut()), 2)
    with smtp_emulator(faults=faults) as emulator:
        with client(emulator) as connection:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                connection.send_message(mail())
            assert (refused.value.smtp_code, refused.value.smtp_error) == (451, b"4.3.0 Not now")
            assert emulator.inbox.accepted == 1
            with pytest.raises(smtplib.SMTPServerDisconnected):
                connection.send_message(mail())
        assert emulator.inbox.accepted == 1
    assert [operation for operation, number in asked[:4]] == ["connect", "EHLO", "AUTH", "MAIL"]
    assert ("send", 2) in asked


def test_half_an_answer_is_half_an_answer() -> None:
    faults = Faults().when(Fault(HalfAnswer(Answer(220, b"emulator"), 4)), lambda each: each.operation == "connect")
    with (
        smtp_emulator(faults=faults) as emulator,
        socket.create_connection(("127.0.0.1", emulator.server.port), TIMEOUT_SECONDS) as connection,
        connection.makefile("rb") as said,
    ):
        assert said.read() == b"220 emul"


def test_what_a_predicate_raises_is_raised_at_the_end() -> None:
    def broken(incoming: Incoming) -> bool:
        if incoming.operation == "MAIL":
            raise ZeroDivisionError(incoming.operation)
        return False

    def scenario() -> None:
        with smtp_emulator(faults=Faults().when(Fault(), broken)) as emulator, client(emulator) as connection:
            assert connection.mail(USER)[0] == 451

    with pytest.raises(ZeroDivisionError, match="MAIL"):
        scenario()


def test_nothing_is_left_running_or_listening() -> None:
    before = set(threading.enumerate())
    with smtp_emulator() as emulator:
        port = emulator.server.port
        idle = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        idle.recv(10)
    idle.close()
    assert set(threading.enumerate()) == before
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"Subject: =?x?q?=ff?=\r\nTo: <<>>,;:\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Disposition: attachment; filename*=u'\r\n",
        b'Content-Type: text/plain; charset="no such"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!',
        b"Subject: \xea\xb9\x80\r\nFrom: \xea\xb9\x80 <a@b.example>\r\n\r\n",
    ],
)
def test_a_broken_mail_is_kept_all_the_same(content: bytes) -> None:
    assert submission_of(content, ["kim@example.com"]).recipients == ("kim@example.com",)
