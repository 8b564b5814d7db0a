"""A message reads the same in a mail program as it was merged, whatever is in it."""

from __future__ import annotations

import email
import re
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage, MIMEPart
from email.policy import default
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address, ContentType, Message, Unsubscribe
from batchmail.providers.contract_server import MemoryFiles
from batchmail.providers.mime import Mail, mail
from tests.providers.golden_mails import ACCOUNT as ACCOUNT_KEPT
from tests.providers.golden_mails import FILES, MAILS, content, path
from tests.providers.mail_parts import parse_mail, people

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

ACCOUNT = Address("desk@example.com")
MESSAGE = Message(to=(Address("kim@example.com"),), subject="Invoice 7", body="<p>Dear Kim</p>\n")
#: All of Unicode that a line of a text may have; the plan refuses control characters.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=100)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
SCRIPTS = [
    "테스트 메일",
    "請求書のご案内 髙橋様",
    "Grüße 😀 👩‍👩‍👧",
    "שלום עולם",
    '"Kim", <a@b> \\; (x)',
    "=?utf-8?b?aGk=?=",
    "a. b.",
    "x" * 300,
]


def read(made: Mail) -> EmailMessage:
    """The mail as Python's own parser reads it, once its form is looked at."""
    data = b"".join(made.pieces())
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert made.utf8 or data.isascii()
    assert b"\nFrom " not in data
    assert data.endswith(b"\r\n")
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


def text_of(part: MIMEPart | None) -> str:
    assert part is not None
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def lines_of(text: str) -> str:
    """A text as it travels: CRLF at the end of every line."""
    lines = re.sub("\r\n?", "\n", text)
    return (lines if not lines or lines.endswith("\n") else lines + "\n").replace("\n", "\r\n")


def test_a_mail_has_its_people_its_date_and_its_number(files: Contents) -> None:
    message = replace(
        MESSAGE,
        to=(Address("kim@example.com", "Kim"), Address("lee@example.com")),
        cc=(Address("boss@example.com"),),
        bcc=(Address("secret@example.com"),),
        sender=Address("billing@example.org"),
        reply_to=Address("answers@example.org", "Answers"),
        user_name="Billing",
        identity="0123abcd",
        date=datetime(2026, 10, 1, 9, 30, 15, 999, tzinfo=timezone(timedelta(hours=9))),
    )
    made = mail(message, ACCOUNT, files)
    assert made.head.split(b"\r\n")[:7] == [
        b"Date: Thu, 01 Oct 2026 09:30:15 +0900",
        b"From: Billing <billing@example.org>",
        b"Reply-To: Answers <answers@example.org>",
        b"To: Kim <kim@example.com>, lee@example.com",
        b"Cc: boss@example.com",
        b"Subject: Invoice 7",
        b"Message-ID: <0123abcd@example.org>",
    ]
    assert b"secret" not in b"".join(made.pieces())
    assert read(made)["Date"].datetime == message.date.replace(microsecond=0) if message.date else False


def test_the_senders_own_name_comes_before_that_of_the_account(files: Contents) -> None:
    named = replace(MESSAGE, sender=Address("a@example.org", "Kim"), user_name="Billing")
    assert read(mail(named, ACCOUNT, files))["From"] == "Kim <a@example.org>"
    assert read(mail(replace(MESSAGE, user_name="Billing"), ACCOUNT, files))["From"] == "Billing <desk@example.com>"
    assert read(mail(MESSAGE, Address("desk@example.com", "Desk"), files))["From"] == "Desk <desk@example.com>"


@pytest.mark.parametrize("text", SCRIPTS)
def test_any_script_survives_everywhere(text: str, files: Contents) -> None:
    person = Address("kim@example.com", text)
    message = replace(
        MESSAGE, to=(person, person), cc=(person,), sender=person, reply_to=person, subject=text, body=text,
        alternative=text, headers=(("X-Campaign", text),), attachments=(files.attach(text, b"%PDF"),),
    )  # fmt: skip
    made = mail(message, ACCOUNT, files)
    found = read(made)
    assert found["Subject"] == found["X-Campaign"] == text
    for name, times in (("From", 1), ("Reply-To", 1), ("To", 2), ("Cc", 1)):
        assert people(made.head, name) == (Address("kim@example.com", text),) * times
    assert text_of(found.get_body(("plain",))) == text_of(found.get_body(("html",))) == lines_of(text)
    assert [each.get_filename() for each in found.iter_attachments()] == [text]


@given(subject=LINES, name=LINES, header=LINES, filename=LINES.map(str.strip))
def test_headers_read_back_as_they_were_written(
    subject: str, name: str, header: str, filename: str, make_files: type[Contents]
) -> None:
    files = make_files({})
    message = replace(
        MESSAGE,
        to=(Address("a@example.com", name), Address("b@example.com")),
        subject=subject,
        headers=(("X-Campaign", header),),
        attachments=(files.attach(filename or "-", b"x"),),
    )
    made = mail(message, ACCOUNT, files)
    found = read(made)
    assert found["Subject"] == subject
    assert found["X-Campaign"] == header
    assert people(made.head, "To") == (Address("a@example.com", name.strip()), Address("b@example.com"))
    assert [each.get_filename() for each in found.iter_attachments()] == [filename or "-"]


@given(body=TEXTS, alternative=st.none() | TEXTS, content_type=st.sampled_from(ContentType))
def test_texts_read_back_as_they_were_written(
    body: str, alternative: str | None, content_type: ContentType, make_files: type[Contents]
) -> None:
    message = replace(MESSAGE, body=body, alternative=alternative, content_type=content_type)
    found = read(mail(message, ACCOUNT, make_files({})))
    if content_type is ContentType.TEXT:
        assert found.get_content_type() == "text/plain"
        assert text_of(found) == lines_of(body)
    else:
        assert text_of(found.get_body(("html",))) == lines_of(body)
        plain = found.get_body(("plain",))
        assert (None if plain is None else text_of(plain)) == (None if alternative is None else lines_of(alternative))


def shape(part: MIMEPart) -> object:
    """The media types of a mail, as a tree."""
    if not part.is_multipart():
        return part.get_content_type()
    return part.get_content_type(), [shape(each) for each in part.iter_parts()]


@pytest.mark.parametrize("alternative", [None, "Dear Kim"])
@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("attached", [False, True])
def test_attachments_are_outside_and_images_beside_the_html(
    alternative: str | None, files: Contents, *, inline: bool, attached: bool
) -> None:
    logo = replace(files.attach("로고.png", b"\x89PNG\x00", "image/png"), cid="logo")
    invoice = files.attach("請求書.pdf", b"%PDF-1.7\r\n\x00\xff" * 50)
    message = replace(
        MESSAGE, alternative=alternative, attachments=((invoice,) if attached else ()) + ((logo,) if inline else ())
    )
    expected: object = "text/html"
    expected = ("multipart/related", [expected, "image/png"]) if inline else expected
    expected = ("multipart/alternative", ["text/plain", expected]) if alternative else expected
    expected = ("multipart/mixed", [expected, "application/pdf"]) if attached else expected
    found = read(mail(message, ACCOUNT, files))
    assert shape(found) == expected
    for part in found.walk():
        if part.get_content_disposition() == "inline":
            assert (part["Content-ID"], part.get_payload(decode=True)) == ("<logo>", b"\x89PNG\x00")
        elif part.get_content_disposition() == "attachment":
            assert part.get_payload(decode=True) == files.content(invoice)


def test_a_text_shows_no_images_so_they_are_attached(files: Contents) -> None:
    logo = replace(files.attach("logo.png", b"PNG", "image/png"), cid="logo")
    message = replace(MESSAGE, content_type=ContentType.TEXT, alternative="unused", attachments=(logo,))
    found = read(mail(message, ACCOUNT, files))
    assert shape(found) == ("multipart/mixed", ["text/plain", "image/png"])
    assert [part.get_content_disposition() for part in found.iter_parts()] == [None, "attachment"]


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("Dear Kim\n", "7bit"),
        ("x" * 78, "7bit"),
        ("x" * 79, "quoted-printable"),
        ("Dear Kim, 5 € more\n", "quoted-printable"),
        ("김철수님 안녕하세요", "base64"),
        ("--=_mixed\n", "quoted-printable"),
        ("\x00", "base64"),
        ("Dear Kim\nFrom here on", "base64"),
        ("From here on: é", "base64"),
        ("x" * 75 + "From here on", "base64"),
        ("", "7bit"),
    ],
)
def test_a_text_travels_in_the_plainest_form_that_keeps_it(body: str, encoding: str, files: Contents) -> None:
    found = read(mail(replace(MESSAGE, body=body), ACCOUNT, files))
    assert found["Content-Transfer-Encoding"] == encoding
    assert text_of(found) == lines_of(body)


WORDS = st.sampled_from(["a", "é", "請", " ", "=", ".", "\t", "\n", "\r", "\r\n", "From ", "Dear Kim,\n", "x" * 90])


@given(words=st.lists(WORDS, max_size=60), longest=LINES)
def test_of_two_encodings_a_text_has_the_shorter_one(words: list[str], longest: str) -> None:
    """As the standard library writes them whole, though it is done line by line, and one of them is mostly not made."""
    body = f"=_{''.join(words)}\n{longest * 12}"
    sent = mail(replace(MESSAGE, body=body), ACCOUNT, MemoryFiles())
    content = lines_of(body).encode()
    quoted = b2a_qp(content, istext=True)
    based = encodebytes(content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    fit = len(quoted) <= len(based) and b"\nFrom " not in b"\n" + quoted
    assert b"".join(sent.body) == (quoted if fit else based + b"\r\n")


def test_a_body_cannot_end_a_part(files: Contents) -> None:
    ending = "\n--=_mixed--\n--=_alternative\nContent-Type: text/html\n\n<p>Other</p>\n"
    message = replace(MESSAGE, body=ending, alternative=ending, attachments=(files.attach("a.pdf", b"%PDF"),))
    found = read(mail(message, ACCOUNT, files))
    assert shape(found) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html"]), "application/pdf"],
    )
    assert text_of(found.get_body(("html",))) == lines_of(ending)


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x0b"])
def test_line_breaks_cannot_add_a_line_to_the_head(break_: str, files: Contents) -> None:
    evil = f"Kim{break_}Bcc: evil@example.com"
    attachment = replace(files.attach("x", b"x", f"text/plain{break_}Bcc: e@example.com"), filename=evil, cid=evil)
    message = replace(
        MESSAGE,
        to=(Address("kim@example.com", evil),),
        subject=evil,
        user_name=evil,
        identity=evil,
        headers=(("X-Campaign", evil),),
        unsubscribe=Unsubscribe(f"https://example.com/{evil}"),
        attachments=(attachment,),
    )
    found = read(mail(message, ACCOUNT, files))
    assert [part["Bcc"] for part in found.walk()] == [None] * 3
    assert found["Subject"] == "Kim Bcc: evil@example.com"


@pytest.mark.parametrize("mailbox", ["a@x.jp\r\nBcc: b@x.jp", "a@x.jp>, <b@x.jp", "a b@x.jp", "", "a@x.jp\u2028"])
def test_what_is_no_mailbox_is_never_written_as_one(mailbox: str, files: Contents) -> None:
    with pytest.raises(ValueError, match="no mailbox"):
        mail(replace(MESSAGE, to=(Address(mailbox),)), ACCOUNT, files)


@pytest.mark.parametrize("name", ["X Campaign", "X-Campaign:", "X\r\nBcc", "", "X-캠페인"])
def test_what_is_no_name_of_a_header_is_never_written_as_one(name: str, files: Contents) -> None:
    with pytest.raises(ValueError, match="no name of a header field"):
        mail(replace(MESSAGE, headers=((name, "x"),)), ACCOUNT, files)


def test_readers_find_the_way_off_the_list(files: Contents) -> None:
    both = Unsubscribe("https://example.com/off?k=1", "mailto:off@example.com?subject=off", one_click=True)
    found = read(mail(replace(MESSAGE, unsubscribe=both), ACCOUNT, files))
    assert found["List-Unsubscribe"] == "<https://example.com/off?k=1>, <mailto:off@example.com?subject=off>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    by_mail = replace(MESSAGE, unsubscribe=Unsubscribe(mailto="mailto:off@example.com", one_click=True))
    found = read(mail(by_mail, ACCOUNT, files))
    assert (found["List-Unsubscribe"], found["List-Unsubscribe-Post"]) == ("<mailto:off@example.com>", None)


def test_a_long_way_off_the_list_is_whole_once_its_blanks_are_left_out(files: Contents) -> None:
    url = "https://example.com/" + "k" * 3_000
    found = read(mail(replace(MESSAGE, unsubscribe=Unsubscribe(url)), ACCOUNT, files))
    assert found["List-Unsubscribe"].replace(" ", "") == f"<{url}>"


def test_structured_fields_keep_what_programs_read(files: Contents) -> None:
    headers = (("List-Id", "회원 소식 <news.example.com>"), ("Auto-Submitted", "auto-generated"))
    made = mail(replace(MESSAGE, headers=headers), ACCOUNT, files)
    assert re.search(rb"List-Id: =\?utf-8\?b\?[^? ]+\?= <news\.example\.com>\r\n", made.head)
    assert read(made)["List-Id"] == headers[0][1]


def test_only_a_local_part_outside_of_ascii_needs_more_than_7_bits(files: Contents) -> None:
    plain = mail(replace(MESSAGE, to=(Address("kim@xn--bcher-kva.example", "Büro"),)), ACCOUNT, files)
    assert (plain.utf8, plain.head.isascii()) == (False, True)
    made = mail(replace(MESSAGE, to=(Address("김@example.com", "김"),)), ACCOUNT, files)
    assert made.utf8
    assert "\r\nTo: =?utf-8?b?6rmA?= <김@example.com>\r\n".encode() in made.head


def test_lines_of_the_head_are_short_where_words_allow_it(files: Contents) -> None:
    people = tuple(Address(f"person.number.{number}@example.com", "김철수 " * 9) for number in range(20))
    long = "김철수 words " * 40
    attachment = replace(files.attach("x", b"x"), filename=f"{long}.pdf")
    message = replace(MESSAGE, to=people, subject=long, headers=(("X-Long", "ascii " * 60),), attachments=(attachment,))
    data = b"".join(mail(message, ACCOUNT, files).pieces())
    assert max(map(len, data.split(b"\r\n"))) <= 76


def test_an_encoded_file_is_shared_by_all_mails(files: Contents) -> None:
    message = replace(MESSAGE, attachments=(files.attach("a.pdf", bytes(range(256)) * 100),))
    first, second = (mail(replace(message, subject=subject), ACCOUNT, files).body for subject in "ab")
    shared = files.base64_lines(message.attachments[0])
    assert any(piece is shared for piece in first)
    assert any(piece is shared for piece in second)
    assert max(map(len, shared.split(b"\r\n"))) == 76


@given(body=TEXTS | st.text("\n\r.a", max_size=40), alternative=TEXTS | st.text("\n\r.a", max_size=40))
def test_a_piece_begins_with_a_dot_only_where_a_line_does(
    body: str, alternative: str, make_files: type[Contents]
) -> None:
    files = make_files({})
    message = replace(MESSAGE, body=body, alternative=alternative, attachments=(files.attach("a", b"x"),))
    before = b"\r\n"
    for piece in mail(message, ACCOUNT, files).pieces():
        assert before.endswith(b"\r\n") or not piece.startswith(b".")
        assert not (before.endswith(b"\r") and piece.startswith(b"\n"))
        before = piece or before


def test_the_same_message_gives_the_same_bytes(files: Contents) -> None:
    message = replace(MESSAGE, identity="7", date=datetime(2026, 1, 1, tzinfo=UTC), alternative="Dear Kim")
    assert mail(message, ACCOUNT, files) == mail(replace(message), ACCOUNT, files)


@pytest.mark.parametrize("media_type", ["text/plain\r\nX: y", "x", "", "message/rfc822", "te\u017ft/plain", "a/b; c=d"])
def test_what_is_no_media_type_of_a_file_is_never_written_as_one(media_type: str, files: Contents) -> None:
    message = replace(MESSAGE, attachments=(files.attach("a.bin", b"x", media_type),))
    [part] = read(mail(message, ACCOUNT, files)).iter_attachments()
    assert part.get_content_type() == "application/octet-stream"


def test_a_mail_within_a_mail_travels_as_a_file(files: Contents) -> None:
    message = replace(MESSAGE, attachments=(files.attach("old.eml", b"Subject: x\r\n\r\n", "message/rfc822"),))
    [part] = read(mail(message, ACCOUNT, files)).iter_attachments()
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_payload(decode=True) == b"Subject: x\r\n\r\n"


@pytest.mark.parametrize("name", MAILS)
def test_mails_are_byte_by_byte_what_they_were(name: str) -> None:
    assert content(name) == path(name).read_bytes()


@pytest.mark.parametrize("name", MAILS)
def test_the_kept_mails_say_what_their_messages_say(name: str) -> None:
    parsed = parse_mail(path(name).read_bytes())
    message = MAILS[name]
    sender, user_name = message.sender or Address(ACCOUNT_KEPT.mailbox), message.user_name or ACCOUNT_KEPT.name
    body = message.body.replace("\n", "\r\n").removesuffix("\r\n")
    alternative = message.alternative and message.alternative.replace("\n", "\r\n").removesuffix("\r\n")
    headers = tuple(each for each in message.headers if each[0].startswith("X-"))
    assert parsed.message == replace(
        message,
        body=body,
        alternative=alternative,
        sender=sender,
        user_name=user_name,
        headers=headers,
        bcc=(),
        attachments=(),
    )
    assert parsed.files == {
        each.filename: (each.media_type, FILES.content(each), each.cid) for each in message.attachments
    }
