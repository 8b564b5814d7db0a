"""The bytes of a mail server as replies (RFC 5321, section 4.2)."""

from collections import deque

from batchmail.providers.credential import Access
from batchmail.providers.smtp_answer import SmtpReply

#: What stands in a reply's place that is none.
NO_CODE = 0
#: What a reply may have, in bytes. RFC 5321 (section 4.5.3.1.5) has lines of 512; few replies have more than ten.
LONGEST = 32_768

#: What may follow a code: the text, another line, or nothing.
_AFTER_CODE = frozenset({b" ", b"-", b""})


class Replies:
    """What a server has said, first things first; `secrets` are taken out.

    What nobody can read, contradicts itself, or has no end, is a reply with the code NO_CODE. Nobody can tell where the
    next one begins then: what follows it is kept from nobody, and means nothing.
    """

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._access = Access({}, secrets)
        self._whole: deque[SmtpReply] = deque()
        self._code = b""
        self._lines: list[bytes] = []
        self._piece = b""
        self._size = 0

    def __len__(self) -> int:
        """How many whole replies are there."""
        return len(self._whole)

    @property
    def begun(self) -> bool:
        """Whether anything is there, be it the beginning of a reply."""
        return bool(self._whole or self._lines or self._piece)

    def take(self) -> SmtpReply:
        """The first one. Raises IndexError where there is none."""
        return self._whole.popleft()

    def add(self, data: bytes) -> None:
        """Bytes as they come, divided anywhere."""
        *lines, self._piece = (self._piece + data).split(b"\n")
        for line in lines:
            self._add_line(line)
        if self._size + len(self._piece) > LONGEST:
            self._end(NO_CODE)
            self._piece = b""

    def _add_line(self, line: bytes) -> None:
        line = line.removesuffix(b"\r")
        code, after = line[:3], line[3:4]
        if not self._lines:
            self._code = code
        self._lines.append(line[4:].strip(b" \t\r"))
        self._size += len(line)
        if not code.isdigit() or code != self._code or after not in _AFTER_CODE or self._size > LONGEST:
            self._end(NO_CODE)
        elif after != b"-":
            self._end(int(code))

    def _end(self, code: int) -> None:
        text = b"\n".join(self._lines) if len(self._lines) != 1 else self._lines[0]
        self._whole.append(SmtpReply(code, shown(text[:LONGEST], self._access)))
        self._lines.clear()
        self._size = 0


def shown(text: bytes, access: Access) -> str:
    """What a server has said, without the secrets."""
    return access.conceal(text).decode("utf-8", "replace")
