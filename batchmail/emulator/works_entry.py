"""A mail in a folder of a WORKS mailbox, and the JSON that the API shows of it.

Pages: developers.worksmobile.com, `mail-folder-list`, `mail-folder-mail-list`, `mail-get`, and `mail-update-patch` for
the bits of `status`. † Field names that those pages do not show follow what public clients read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag

from batchmail.emulator.exchange import Json
from batchmail.emulator.mail import ReceivedFile

#: The attachment id of every inline image.
INLINE_ATTACHMENT = -2


class Folder(IntEnum):
    """The folders of a mailbox. 0 and 1 are documented; † the others are numbered as in API 1.0."""

    INBOX = 0
    SENT = 1
    TRACKING = 2
    DRAFTS = 3
    TRASH = 4
    SPAM = 5


class Status(IntFlag):
    """The bits of a mail's `status` that the emulator sets or looks at."""

    READ = 0x4
    IMPORTANT = 0x20
    SENT = 0x100
    READ_BY_RECIPIENTS = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail in a folder; `sender` is a name and an address."""

    id: int
    folder: Folder
    status: Status
    sender: tuple[str, str]
    subject: str
    body: str
    time: datetime
    size: int
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    security_level: str = "General"
    files: tuple[ReceivedFile, ...] = ()

    @property
    def unread(self) -> bool:
        """Whether the owner of the mailbox has not opened it."""
        return Status.READ not in self.status

    def row(self) -> dict[str, Json]:
        """The mail as one line of a folder's list."""
        time = self.time.isoformat(timespec="seconds")
        return {
            "mailId": self.id,
            "folderId": int(self.folder),
            "status": int(self.status),
            "from": _person(self.sender[1], self.sender[0]),
            "to": [_person(address) for address in self.to],
            "subject": self.subject,
            "receivedTime": time,
            "sentTime": time,
            "size": self.size,
            "attachmentCount": len(self.files),
        }

    def whole(self) -> dict[str, Json]:
        """The mail opened."""
        return {
            "mail": self._opened(),
            "attachments": [_attachment(index, file) for index, file in enumerate(self.files)],
            "threads": [],
        }

    def _opened(self) -> dict[str, Json]:
        return self.row() | {
            "replyTo": None,
            "cc": [_person(address) for address in self.cc],
            "bcc": [_person(address) for address in self.bcc],
            "body": self.body,
            "securityLevel": self.security_level,
        }


def folder_row(folder: Folder, entries: Sequence[Entry]) -> dict[str, Json]:
    """A folder as one line of the list of folders; `usage` in bytes."""
    return {
        "folderId": int(folder),
        "folderType": "S",
        "folderName": folder.name.capitalize(),
        "unreadMailCount": sum(entry.unread for entry in entries),
        "mailCount": len(entries),
        "usage": sum(entry.size for entry in entries),
    }


def _person(address: str, name: str = "") -> dict[str, Json]:
    return {"name": name, "email": address}


def _attachment(index: int, file: ReceivedFile) -> dict[str, Json]:
    return {
        "attachmentId": INLINE_ATTACHMENT if file.inline else index,
        "filename": file.filename,
        "fileType": file.file_type,
        "size": len(file.content),
    }
