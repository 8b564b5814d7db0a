"""Mails as text: the heads that the reader sees, the body, the files, and who sees whom."""

from collections.abc import Iterator

from batchmail.cli.documents import Document
from batchmail.cli.html_text import html_text
from batchmail.cli.words import count, printable, size, wrapped
from batchmail.domain_name import person
from batchmail.message import ContentType, Message
from batchmail.pipeline import OpenedJob
from batchmail.preview import Page, Preview, sender_of

_LABEL = 10
_WIDTH = 80
_BELOW = " " * (_LABEL + 3)


def preview_text(opened: OpenedJob, preview: Preview) -> str:
    """All mails that are shown."""
    return "\n\n".join("\n".join(_page(opened, page)) for page in preview.pages)


def _page(opened: OpenedJob, page: Page) -> Iterator[str]:
    yield f"── row {page.number} · {printable(page.key)} · {page.where}"
    for name, value in _heads(opened, page):
        first, *rest = wrapped(printable(value), _WIDTH - len(_BELOW))
        yield f"  {name:<{_LABEL}} {first}".rstrip()
        yield from (f"{_BELOW}{line}" for line in rest)
    yield ""
    yield from (f"    {line}".rstrip() for line in printable(body_text(page.message)).splitlines())


def body_text(message: Message) -> str:
    """A mail's body to be read in a terminal."""
    return html_text(message.body) if message.content_type is ContentType.HTML else message.body.strip("\n")


def _heads(opened: OpenedJob, page: Page) -> Iterator[tuple[str, str]]:
    message = page.message
    yield "from", str(sender_of(opened, message))
    for name, addresses in (("to", message.to), ("cc", message.cc), ("bcc", message.bcc)):
        if addresses:
            yield name, ", ".join(map(person, addresses))
    if message.reply_to:
        yield "reply to", str(message.reply_to)
    yield "subject", message.subject
    yield from message.headers
    for attachment in message.attachments:
        yield ("picture" if attachment.cid else "file"), f"{attachment.filename}  {size(attachment.size)}"
    if sight := sight_text(message):
        yield "sight", sight
    yield "shown for", ", ".join(page.why)


def sight_text(message: Message) -> str:
    """Who sees whom, where a mail has several recipients; empty where it has one."""
    if len(message.recipients) < 2:  # noqa: PLR2004  one recipient sees nobody
        return ""
    if message.send_separately:
        return f"{count(len(message.recipients), 'copy', 'copies')}, one each: nobody sees another address"
    seen = len(message.to + message.cc)
    told = f"{count(seen, 'address', 'addresses')} seen by everybody" if seen > 1 else "nobody sees another address"
    if message.bcc:
        told += f"; {count(len(message.bcc), 'blind copy', 'blind copies')} seen by nobody"
    return told


def page_document(opened: OpenedJob, page: Page) -> Document:
    """One mail for `--format json`."""
    message = page.message
    return {
        "row": page.number,
        "key": page.key,
        "where": str(page.where),
        "why": list(page.why),
        "from": str(sender_of(opened, message)),
        "to": list(map(str, message.to)),
        "cc": list(map(str, message.cc)),
        "bcc": list(map(str, message.bcc)),
        "subject": message.subject,
        "content_type": str(message.content_type),
        "body": message.body,
        "text": message.alternative,
        "attachments": [
            {"filename": each.filename, "type": each.media_type, "size": each.size, "cid": each.cid}
            for each in message.attachments
        ],
    }
