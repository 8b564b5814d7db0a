"""The mails of an inbox as files, and the log of what was accepted."""

import json
from pathlib import Path

from batchmail.emulator.eml import eml_content, eml_head
from batchmail.emulator.exchange import Json
from batchmail.emulator.mail import AcceptedMail
from batchmail.emulator.mail_json import mail_content, mail_facts
from batchmail.errors import BatchmailError

LOG_NAME = "index.jsonl"

#: At most so many recipients of one separately sent mail get an `.eml` each; its `.json` always names everybody.
COPIES_WRITTEN = 500

_json = json.JSONEncoder(ensure_ascii=False).encode


class InboxUnwritable(BatchmailError):
    """An accepted mail cannot be kept on the disk."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder.as_posix()}: the emulator cannot keep its mails here: {reason}",
            "Nothing has left this machine. Check the disk and the folder's rights, or use another folder.",
        )


class Archive:
    """A folder of accepted mails. The line in its log is what makes a mail accepted, so that is written last.

    Nothing is put off to a thread or a buffer: what has been answered is on the disk, whatever happens next.
    `known` is how many mails the folder has from before. Raises InboxUnwritable.
    """

    def __init__(self, folder: Path) -> None:
        self.log = folder / LOG_NAME
        self._folder = folder
        self._torn = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.log.open("a+b", buffering=0)
            self.known = self._mend()
        except OSError as error:
            raise InboxUnwritable(folder, str(error)) from None

    def close(self) -> None:
        """Let the log go."""
        self._file.close()

    def write(self, mail: AcceptedMail) -> None:
        """Put a mail on the disk. Raises InboxUnwritable."""
        try:
            facts = mail_facts(mail)
            everything = facts | mail_content(mail) | {"files": self._write_copies(mail)}
            self._write_file(f"{mail.number:05d}.json", _json(everything).encode())
            self._log_line(_json(facts).encode() + b"\n")
        except OSError as error:
            raise InboxUnwritable(self._folder, str(error)) from None

    def _log_line(self, line: bytes) -> None:
        self._torn = self._torn or self._file.write(line) != len(line)
        if self._torn:
            raise OSError("a line of the log could be written in part only")

    def _mend(self) -> int:
        """The number of lines; a last one that a killed process left half written is ended."""
        ends = 0
        last = b"\n"
        self._file.seek(0)
        while piece := self._file.read(2**20):
            ends += piece.count(b"\n")
            last = piece[-1:]
        if last == b"\n":
            return ends
        self._file.write(b"\n")
        return ends + 1

    def _write_copies(self, mail: AcceptedMail) -> list[Json]:
        content = eml_content(mail)
        files: list[Json] = []
        for index, copy in enumerate(mail.copies[:COPIES_WRITTEN], start=1):
            name = f"{mail.number:05d}-{index:04d}.eml" if mail.send_separately else f"{mail.number:05d}.eml"
            self._write_file(name, eml_head(mail, copy, index) + content)
            files.append(name)
        return files

    def _write_file(self, name: str, content: bytes) -> None:
        with (self._folder / name).open("wb", buffering=0) as file:
            if file.write(content) != len(content):
                raise OSError(f"{name} could be written in part only")
