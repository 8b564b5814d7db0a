"""The page: a list of rows on the left, the mail of one row on the right. It loads nothing from anywhere."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import quote

from batchmail.domain_name import person
from batchmail.gallery.frame import frame_document
from batchmail.message import Address, Attachment, ContentType, Message

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row's mail, and what is told of it; `images` are the media types and contents of inline images by content id.

    `file_name` is the mail's own file beside the page.
    """

    number: int
    key: str
    where: str
    why: tuple[str, ...]
    message: Message
    sender: Address
    file_name: str
    images: Mapping[str, tuple[str, bytes]]


def gallery_page(title: str, provider: str, leaves: Sequence[Leaf]) -> str:
    """The page as HTML. Only its own script runs, told by a hash; mails are in frames where nothing runs or loads."""
    script = _read("page.js")
    allowed = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{escape(title)}</title>\n<style>{_read('page.css')}</style>\n</head>\n<body>\n",
            f"<header><h1>{escape(title)}</h1><p>{escape(provider)} · a preview: nothing was sent</p></header>\n",
            *_list(leaves),
            "<main>\n",
            *(part for leaf in leaves for part in _article(leaf)),
            f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _list(leaves: Sequence[Leaf]) -> Iterator[str]:
    yield '<nav aria-label="Rows">\n<input type="search" placeholder="Search (press /)" aria-label="Search"><ol>\n'
    for leaf in leaves:
        to = ", ".join(map(str, leaf.message.to))
        yield (
            f'<li><a href="#row-{leaf.number}"><b>{leaf.number}</b> <span>{escape(to)}</span>'
            f"<small>{escape(leaf.message.subject)}</small><small>{escape(', '.join(leaf.why))}</small></a></li>\n"
        )
    yield '</ol>\n<p class="keys">j and k, or the arrows: next and previous</p>\n</nav>\n'


def _article(leaf: Leaf) -> Iterator[str]:
    message = leaf.message
    yield f'<article id="row-{leaf.number}">\n<h2>{escape(message.subject)}</h2>\n<dl>\n'
    for name, value in _heads(leaf):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>\n"
    link = f'<a href="{quote(leaf.file_name)}">{escape(leaf.file_name)}</a>'
    yield f"<dt>Mail</dt><dd>{link}{escape(_whose(message))}</dd>\n</dl>\n"
    yield _frame("The mail", frame_document(message.body, message.content_type, leaf.images))
    if message.alternative is not None and message.content_type is ContentType.HTML:
        shown = _frame("The plain text", frame_document(message.alternative, ContentType.TEXT, {}))
        yield f"<details><summary>Text, for readers who see no HTML</summary>\n{shown}</details>\n"
    yield "</article>\n"


def _frame(title: str, document: str) -> str:
    """A mail's own document: without scripts, forms, popups or a way out (HTML Standard, `sandbox`)."""
    return f'<iframe sandbox title="{title}" srcdoc="{escape(document)}"></iframe>\n'


def _heads(leaf: Leaf) -> Iterator[tuple[str, str]]:
    message = leaf.message
    yield "From", str(leaf.sender)
    for name, addresses in (("To", message.to), ("Cc", message.cc), ("Bcc", message.bcc)):
        if addresses:
            yield name, ", ".join(map(person, addresses))
    if message.reply_to:
        yield "Reply to", str(message.reply_to)
    yield from message.headers
    for attachment in message.attachments:
        yield ("Picture" if attachment.cid else "File"), _file(attachment)
    yield "Row", f"{leaf.where} · key {leaf.key}"
    yield "Shown for", ", ".join(leaf.why)


def _whose(message: Message) -> str:
    """Whose copy the file is, where everybody gets one of their own."""
    if not message.send_separately or len(message.recipients) < 2:  # noqa: PLR2004  one gets the mail itself
        return ""
    others = len(message.recipients) - 1
    return f" · the copy to {message.recipients[0].mailbox}; {others:,} more, to one address each"


def _file(attachment: Attachment) -> str:
    return f"{attachment.filename} · {attachment.media_type} · {attachment.size:,} bytes"
