"""An accepted mail reads the same in a mail program as it was asked for."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator.eml import eml_content, eml_head
from batchmail.emulator.mail import AcceptedMail, Copy, Receipt, ReceivedFile, Submission
from tests.emulator.bench import UNHURRIED

TIME = datetime(2026, 10, 1, 9, 30, 15, tzinfo=UTC)
#: All of Unicode that a line of text may have; control characters become spaces in a header.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def mail(submission: Submission) -> AcceptedMail:
    receipt = Receipt(TIME, "sender@works.example", submission.subject, b"{}")
    return AcceptedMail.of(7, submission, receipt)


def read(submission: Submission, index: int = 0) -> EmailMessage:
    """The copy as Python's own parser reads it."""
    accepted = mail(submission)
    data = eml_head(accepted, accepted.copies[index], index + 1) + eml_content(accepted)
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("related", "html", "plain"))
    assert body is not None
    if body.get_content_type() == "multipart/related":
        body = next(body.iter_parts())
    content = body.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def files_of(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.walk() if part.get_content_disposition() is not None]


def test_a_mail_has_its_people_its_time_and_its_number() -> None:
    message = read(
        Submission(to=("a@x.example", "b@x.example"), cc=("c@x.example",), subject="Hello", user_name="Billing")
    )
    assert message["To"] == "a@x.example, b@x.example"
    assert message["Cc"] == "c@x.example"
    assert message["From"] == "Billing <sender@works.example>"
    assert message["Date"].datetime == TIME
    assert message["Message-ID"] == "<7.1@emulator.invalid>"


def test_nobody_is_named_who_got_a_blind_copy() -> None:
    submission = Submission(to=("a@x.example",), bcc=("secret@x.example",), subject="Hello", body="Text")
    assert "secret" not in str(read(submission))


def test_each_separate_copy_names_its_own_recipient_alone() -> None:
    submission = Submission(
        to=("a@x.example", "b@x.example"), cc=("c@x.example",), subject="Hello", send_separately=True
    )
    copies = [read(submission, index) for index in range(3)]
    assert [copy["To"] for copy in copies] == ["a@x.example", "b@x.example", "c@x.example"]
    assert all(copy["Cc"] is None for copy in copies)
    assert len({copy["Message-ID"] for copy in copies}) == 3


@pytest.mark.parametrize(
    "text", ["테스트 메일", "請求書のご案内 髙橋様", "Grüße 😀", "=?utf-8?b?aGk=?=", '"Kim", <a@b> \\']
)
def test_any_script_survives_in_headers_and_body(text: str) -> None:
    message = read(Submission(to=("a@x.example",), subject=text, user_name=text, body=f"<p>{text}</p>\n"))
    assert message["Subject"] == text
    assert message["From"].addresses[0].display_name == text
    assert text_of(message) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(("content_type", "media_type"), [("html", "text/html"), ("text", "text/plain")])
def test_the_body_has_its_type(content_type: str, media_type: str) -> None:
    kind: dict[str, object] = {"content_type": content_type}
    message = read(Submission(to=("a@x.example",), subject="x", body="줄\n", **kind))  # type: ignore[arg-type]  # a literal
    assert message.get_content_type() == media_type
    assert message.get_content_charset() == "utf-8"


def test_line_breaks_cannot_add_a_header() -> None:
    submission = Submission(
        to=("a@x.example",),
        subject="Hello\r\nBcc: evil@x.example",
        user_name="Kim\nX-Evil: 1",
        attachments=(
            ReceivedFile("a\r\nX-Evil: 1.txt", "text/plain\r\nX-Evil: 1", b"x", "c\r\nX-Evil: 1", inline=True),
        ),
    )
    message = read(submission)
    assert message["Subject"] == "Hello Bcc: evil@x.example"
    assert [part["X-Evil"] for part in message.walk()] == [None] * 3
    assert message["Bcc"] is None


def test_inline_images_stand_beside_the_html_and_attachments_outside() -> None:
    logo = ReceivedFile("로고.png", "image/png", b"\x89PNG\x00", "logo", inline=True)
    invoice = ReceivedFile("請求書.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff")
    message = read(
        Submission(to=("a@x.example",), subject="x", body='<img src="cid:logo">', attachments=(invoice, logo))
    )
    assert message.get_content_type() == "multipart/mixed"
    related, attached = message.iter_parts()
    assert related.get_content_type() == "multipart/related"
    html, image = related.iter_parts()
    assert html.get_payload(decode=True) == b'<img src="cid:logo">'
    assert (image["Content-ID"], image.get_content_disposition()) == ("<logo>", "inline")
    assert (image.get_content_type(), image.get_filename()) == ("image/png", "로고.png")
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "請求書.pdf")
    assert attached.get_content_disposition() == "attachment"
    assert [part.get_payload(decode=True) for part in (image, attached)] == [logo.content, invoice.content]


@pytest.mark.parametrize(
    "file_type", ["message/rfc822", "multipart/mixed", "pdf", "text/plain; charset=x", "", "a/b/c"]
)
def test_a_type_that_would_mislead_a_mail_program_is_not_used(file_type: str) -> None:
    file = ReceivedFile("a.bin", file_type, b"From: x\r\n\r\ny")
    (part,) = files_of(read(Submission(to=("a@x.example",), subject="x", attachments=(file,))))
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_payload(decode=True) == file.content


def test_many_recipients_stand_on_lines_of_their_own() -> None:
    everybody = tuple(f"person{number}@example.com" for number in range(500))
    message = read(Submission(to=everybody, subject="x"))
    assert tuple(str(address) for address in message["To"].addresses) == everybody


@UNHURRIED
@given(subject=LINES.filter(str.strip), name=LINES.filter(str.strip), body=TEXTS)
def test_every_text_is_read_back(subject: str, name: str, body: str) -> None:
    message = read(Submission(to=("a@x.example",), subject=subject, user_name=name, body=body))
    assert message["Subject"] == subject
    # Python's parser takes names apart at every kind of space, and puts them together with others.
    assert "".join(message["From"].addresses[0].display_name.split()) == "".join(name.split())
    assert message["From"].addresses[0].addr_spec == "sender@works.example"
    assert text_of(message) == body


@UNHURRIED
@given(
    filename=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=250),
    content=st.binary(min_size=1),
    inline=st.booleans(),
)
def test_every_file_is_read_back(filename: str, content: bytes, *, inline: bool) -> None:
    file = ReceivedFile(filename, "application/pdf", content, "cid" if inline else None, inline)
    (part,) = files_of(read(Submission(to=("a@x.example",), subject="x", attachments=(file,))))
    assert part.get_filename() == filename.strip()  # the parser strips every name
    assert part.get_payload(decode=True) == content


def test_a_head_is_all_that_differs_between_copies() -> None:
    accepted = mail(Submission(to=("a@x.example",), subject="x"))
    head = eml_head(accepted, Copy(("z@x.example",), ("z@x.example",)), 2)
    assert head == b"Message-ID: <7.2@emulator.invalid>\r\nTo: z@x.example\r\n"
