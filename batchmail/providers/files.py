"""The attachments' files: read, checked against the plan and encoded once for many messages."""

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum, auto
from hashlib import sha256

from batchmail.errors import InputChanged
from batchmail.message import Attachment

#: How much is kept at hand, in bytes.
DEFAULT_BUDGET = 64_000_000
#: What a line of Base64 has at most, in characters (RFC 2045, section 6.8).
_LINE = 76


class _Form(Enum):
    PLAIN = auto()
    BASE64 = auto()
    BASE64_LINES = auto()


class FileStore:
    """Keeps the most recently used contents, up to `budget` bytes; the last one stays even where it alone is larger.

    What it gives out is what was planned: a file is checked by size and SHA-256 when it is read, and two files with the
    same content are one. For one thread.
    """

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self._budget = budget
        self._kept: OrderedDict[tuple[str, _Form], bytes] = OrderedDict()
        self._size = 0

    def content(self, attachment: Attachment) -> bytes:
        """The file's bytes. Raises InputChanged where they are no longer what was planned."""
        return self._get(attachment, _Form.PLAIN, _read)

    def base64(self, attachment: Attachment) -> bytes:
        """The file's bytes in Base64, without line breaks. Raises InputChanged like `content`."""
        return self._get(attachment, _Form.BASE64, lambda asked: b64encode(_read(asked)))

    def base64_lines(self, attachment: Attachment) -> bytes:
        """The file's bytes in lines of Base64, with CRLF between them. Raises InputChanged like `content`."""
        return self._get(attachment, _Form.BASE64_LINES, lambda asked: base64_lines(_read(asked)))

    def _get(self, attachment: Attachment, form: _Form, make: Callable[[Attachment], bytes]) -> bytes:
        key = (attachment.digest, form)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._kept[key] = make(attachment)
        self._size += len(made)
        while self._size > self._budget and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)
        return made


def base64_lines(content: bytes) -> bytes:
    """Base64 in lines of 76 characters with CRLF between them, none after the last (RFC 2045, section 6.8)."""
    encoded = b64encode(content)
    return b"\r\n".join([encoded[start : start + _LINE] for start in range(0, len(encoded), _LINE)])


def _read(attachment: Attachment) -> bytes:
    try:
        with attachment.path.open("rb") as file:
            # One byte more than planned shows that it grew, however large it has become.
            content = file.read(attachment.size + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputChanged(f"{attachment.path.as_posix()} (it cannot be read now: {reason})") from error
    if sha256(content).hexdigest() != attachment.digest:
        raise InputChanged(attachment.path.as_posix())
    return content
