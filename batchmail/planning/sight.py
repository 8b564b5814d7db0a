"""Who sees whom: mails in which several people read each other's addresses."""

from batchmail import rules
from batchmail.domain_name import both_forms
from batchmail.finding import Finding
from batchmail.message import Message
from batchmail.recipients.base import Sheet
from batchmail.row import Row

#: So many of the people of one mail are named.
_NAMED = 5


class Sight:
    """Counts the mails with several people in `to` and `cc`, and remembers the widest."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._mails = 0
        self._widest: tuple[Row, Message] | None = None
        self._width = 1

    def look(self, message: Message, row: Row) -> None:
        """Take a message in."""
        width = len(message.to) + len(message.cc)
        if width < 2 or message.send_separately:  # noqa: PLR2004  who is alone sees nobody
            return
        self._mails += 1
        if width > self._width:
            self._width = width
            self._widest = row, message

    def finding(self) -> Finding | None:
        """The finding for all of them, at the widest; None where nobody sees anybody."""
        if self._widest is None:
            return None
        row, message = self._widest
        people = [both_forms(address.mailbox) for address in message.to + message.cc]
        named = ", ".join(people[:_NAMED]) + (f" and {len(people) - _NAMED} more" if len(people) > _NAMED else "")
        mails = "a mail" if self._mails == 1 else f"{self._mails:,} mails"
        widest = "" if self._mails == 1 else f"; the widest has {len(people)}"
        return rules.RECIPIENTS_SEE_EACH_OTHER.finding(
            f"the recipients of {mails} see each other{widest}: {named}",
            self._sheet.place(row),
            "Set `isSendSeparately: true` if everybody should get a copy of their own.",
        )
