"""The read side of a tenant: what a look-up after a crash sees."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import timedelta

from batchmail.clock import Clock
from batchmail.emulator.exchange import Answer, Incoming, json_answer
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import AcceptedMail
from batchmail.emulator.works_entry import Entry, Folder, Status, folder_row
from batchmail.emulator.works_request import Refused
from batchmail.emulator.works_rules import Refusal, WorksRules

_INVALID = Refusal(400, "INVALID_PARAMETER")
_OUT_OF_RANGE = Refusal(400, "OUT_OF_RANGE")

#: A mail's id is its number times this; then come its copies in Sent, and then its bounces.
_IDS_OF_A_MAIL = 1_000_000
_FIRST_BOUNCE = 500_000


class WorksMailbox:
    """The mailboxes of a tenant, seen through the emulator's inbox: a mail that it has let go of is gone here too."""

    def __init__(self, inbox: Inbox, rules: WorksRules, clock: Clock) -> None:
        #: Numbers of the accepted mails that their recipients have read.
        self.read_by_recipients: set[int] = set()
        self.rules = rules
        self._inbox = inbox
        self._clock = clock
        self._bounces: list[tuple[str, Entry]] = []

    def bounce(self, mail: AcceptedMail, addresses: Sequence[str]) -> None:
        """Tell the sender that a mail did not reach these addresses (API page, "Note")."""
        for index, address in enumerate(addresses):
            entry = Entry(
                id=mail.number * _IDS_OF_A_MAIL + _FIRST_BOUNCE + index,
                folder=Folder.INBOX,
                status=Status(0),
                sender=("Mail Delivery System", f"mailer-daemon@{mail.account.rpartition('@')[2]}"),
                subject=f"[Message delivery failed] {mail.subject}",
                body=f"Your message could not be delivered to {address}.",
                time=self._clock.now(),
                size=0,
                to=(mail.account,),
            )
            self._bounces.append((mail.account, entry))

    def folders(self, account: str) -> Answer:
        """`GET /users/{userId}/mail/mailfolders`."""
        return json_answer(200, {"mailFolders": [folder_row(each, self._entries(account, each)) for each in Folder]})

    def listing(self, account: str, incoming: Incoming) -> Answer:
        """`GET …/mailfolders/{folderId}/children`: a page of a folder, newest first."""
        folder = self._folder(incoming.parameters["folder"])
        size = _number(incoming, "count", default=30, least=5, most=200)
        wanted = _filtered(self._entries(account, folder), account, incoming)
        older = _after(wanted, incoming.query.get("cursor"))
        page = older[:size]
        return json_answer(
            200,
            {
                "mails": [entry.row() for entry in page],
                "unreadCount": sum(entry.unread for entry in wanted),
                "folderName": folder.name.capitalize(),
                "listCount": len(page),
                "totalCount": len(wanted),
                "responseMetaData": {"nextCursor": _cursor(page[-1]) if len(older) > size else None},
            },
        )

    def reading(self, account: str, incoming: Incoming) -> Answer:
        """`GET /users/{userId}/mail/{mailId}`."""
        asked = incoming.parameters["mail"]
        if not (asked.isascii() and asked.isdecimal()):
            raise Refused(_INVALID, f"mailId {asked} is not a number")
        _switch(incoming, "hasThreads")
        _number(incoming, "threadCount", default=0, least=0, most=400)
        for folder in Folder:
            for entry in self._entries(account, folder):
                if str(entry.id) == asked:
                    return json_answer(200, entry.whole())
        raise Refused(self.rules.not_found, f"mail {asked} does not exist")

    def _folder(self, asked: str) -> Folder:
        folder = next((each for each in Folder if str(each.value) == asked), None)
        if folder is None:
            raise Refused(self.rules.not_found, f"folder {asked} does not exist")
        if folder is Folder.TRACKING:
            raise Refused(self.rules.tracking_list, "The mails of the Tracking folder cannot be listed")
        return folder

    def _entries(self, account: str, folder: Folder) -> list[Entry]:
        own = [mail for mail in self._inbox.mails if mail.account == account]
        match folder:
            case Folder.INBOX:
                entries = [entry for owner, entry in self._bounces if owner == account]
            case Folder.SENT:
                entries = [entry for mail in own for entry in self._sent(mail)]
            case Folder.DRAFTS:
                entries = [_entry(mail, folder, Status.READ) for mail in own if mail.drafted]
            case _:
                entries = []
        return sorted(entries, key=lambda entry: entry.id, reverse=True)

    def _sent(self, mail: AcceptedMail) -> Iterator[Entry]:
        delay = timedelta(seconds=self.rules.sent_delay_seconds)
        if mail.drafted or not mail.save_sent or self._clock.now() - mail.time < delay:
            return
        status = Status.READ | Status.SENT
        if mail.save_tracking and mail.content_type == "html" and mail.number in self.read_by_recipients:
            status |= Status.READ_BY_RECIPIENTS
        if not mail.send_separately or self.rules.separate_in_sent == "once":
            yield _entry(mail, Folder.SENT, status)
            return
        for index, recipient in enumerate(mail.recipients, start=1):
            yield _entry(mail, Folder.SENT, status, index, recipient)


def _entry(mail: AcceptedMail, folder: Folder, status: Status, index: int = 0, recipient: str | None = None) -> Entry:
    return Entry(
        id=mail.number * _IDS_OF_A_MAIL + index,
        folder=folder,
        status=status,
        sender=(mail.user_name or "", mail.account),
        subject=mail.subject,
        body=mail.body,
        time=mail.time,
        size=len(mail.request),
        to=(recipient,) if recipient else mail.to,
        cc=() if recipient else mail.cc,
        bcc=() if recipient else mail.bcc,
        security_level=mail.security_level,
        files=mail.attachments,
    )


def _filtered(entries: list[Entry], account: str, incoming: Incoming) -> list[Entry]:
    if _switch(incoming, "isUnread"):
        entries = [entry for entry in entries if entry.unread]
    match incoming.query.get("searchFilterType", "all"):
        case "all":
            return entries
        case "mark":
            return [entry for entry in entries if Status.IMPORTANT in entry.status]
        case "attach":
            return [entry for entry in entries if entry.files]
        case "tome":
            return [entry for entry in entries if account in entry.to]
        case other:
            raise Refused(_INVALID, f"searchFilterType {other} is not all, mark, attach or tome")


def _after(entries: list[Entry], cursor: str | None) -> list[Entry]:
    if cursor is None:
        return entries
    try:
        last = int(urlsafe_b64decode(cursor.encode("ascii")))
    except ValueError:
        raise Refused(_INVALID, f"cursor {cursor} is not one that this list has given") from None
    return [entry for entry in entries if entry.id < last]


def _cursor(entry: Entry) -> str:
    return urlsafe_b64encode(str(entry.id).encode()).decode("ascii")


def _number(incoming: Incoming, name: str, *, default: int, least: int, most: int) -> int:
    asked = incoming.query.get(name, str(default))
    if not (asked.isascii() and asked.isdecimal()):
        raise Refused(_INVALID, f"{name} {asked} is not a number")
    digits = asked.lstrip("0") or "0"
    if len(digits) > len(str(most)) or not least <= int(digits) <= most:
        raise Refused(_OUT_OF_RANGE, f"{name} {asked} is not between {least} and {most}")
    return int(digits)


def _switch(incoming: Incoming, name: str) -> bool:
    asked = incoming.query.get(name, "false")
    if asked not in ("true", "false"):
        raise Refused(_INVALID, f"{name} {asked} is not true or false")
    return asked == "true"
