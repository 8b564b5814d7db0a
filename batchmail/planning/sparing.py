"""Who is not written to because of a suppression list: whole rows, and some of the recipients of others."""

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.location import Location
from batchmail.merge import Merger
from batchmail.message import Message
from batchmail.planning.suppression import SuppressionList, spare, suppressed_by
from batchmail.row import ReadRow


class Sparing:
    """Takes the addresses of a list out of the rows; `rows` counts those that are left out as a whole."""

    def __init__(self, listed: SuppressionList, merger: Merger, findings: Findings) -> None:
        self.rows = 0
        self._listed = listed
        self._merger = merger
        self._findings = findings
        self._mails = 0
        self._first = ("", "")

    def reason(self, read: ReadRow) -> str:
        """Why nobody of a row's `to` may be written to; empty where somebody may. Such a row need not be merged."""
        if not self._listed:
            return ""
        to = self._merger.addresses(read)
        places = tuple(self._listed.named_at(address.mailbox) for address in to)
        if not places or not all(places):
            return ""
        self.rows += 1
        return suppressed_by(places)

    def rest(self, message: Message, read: ReadRow, key: str) -> Message:
        """A row's message to those who may be written to."""
        if not self._listed:
            return message
        spared = spare(message, self._listed)
        if spared.to and not message.send_separately:
            self._findings.add(self._among_others(spared.to[0], read, key))
        elif spared.to or spared.copies:
            self._mails += 1
            self._first = self._first if self._mails > 1 else (*spared.to, *spared.copies)[0]
        return spared.message

    def finding(self, where: Location) -> Finding | None:
        """What is told once of all copies that are left out; None where there are none. `where` names the lists."""
        if not self._mails:
            return None
        mailbox, place = self._first
        mails = "one mail" if self._mails == 1 else f"{self._mails:,} mails"
        message = f"suppressed recipients are left out of {mails} to others, for example {mailbox} ({place})"
        return rules.SUPPRESSED_COPY.finding(message, where, "Nothing is to be done.", text=mailbox)

    def _among_others(self, first: tuple[str, str], read: ReadRow, key: str) -> Finding:
        mailbox, place = first
        kept = self._findings.keeps(rules.SUPPRESSED_AMONG_OTHERS.id)
        return rules.SUPPRESSED_AMONG_OTHERS.finding(
            f"{mailbox} is suppressed ({place}) and is left out of a mail to several people",
            self._merger.address_place(read.row) if kept else None,
            "Leave the row out, or give everybody a mail of their own (`isSendSeparately: true`). If the others are to "
            f"get it without them, allow it with --allow {rules.SUPPRESSED_AMONG_OTHERS.id}",
            text=mailbox,
            key=key,
        )
