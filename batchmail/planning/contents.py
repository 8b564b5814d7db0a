"""What is in a message, in few bytes: the same for all who get the same."""

from dataclasses import dataclass

from batchmail.lookup import subject_mark
from batchmail.message import Message


@dataclass(frozen=True, slots=True)
class Content:
    """The digest of a message's content, and the mark of its subject, empty where no copy of the mail is kept."""

    digest: bytes
    subject: bytes


class Contents:
    """Reckons them for each message; for one that says what the message before has said, they are known."""

    def __init__(self, characters: int | None) -> None:
        """`characters` is how much of a subject the provider keeps."""
        self._characters = characters
        self._last: tuple[Message, Content] | None = None

    def of(self, message: Message) -> Content:
        """The content of a message."""
        if self._last is not None and message.says_the_same_as(self._last[0]):
            return self._last[1]
        mark = subject_mark(message.subject, self._characters) if message.save_sent else b""
        content = Content(message.content_digest(), mark)
        self._last = message, content
        return content
