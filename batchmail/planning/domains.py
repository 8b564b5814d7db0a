"""The domains that mails go to: how many addresses each has, and which are hardly what is meant."""

from itertools import islice

from batchmail import rules
from batchmail.domain_name import both_forms, unicode_domain
from batchmail.finding import Finding, Findings, Rule
from batchmail.merge import Merger, is_old_mobile
from batchmail.message import Message
from batchmail.planning.confusables import mixes_scripts
from batchmail.planning.look_alikes import LookAlike, look_alikes
from batchmail.recipients.base import Sheet
from batchmail.row import Row

#: So many domains are counted; what comes after them is none that others could be taken for.
MOST_DOMAINS = 50_000


class Domains:
    """Takes in the recipients of every message: some 300 bytes for each domain, and nothing for each row."""

    def __init__(self, sheet: Sheet, merger: Merger, findings: Findings) -> None:
        self._sheet = sheet
        self._merger = merger
        self._findings = findings
        self._counts: dict[str, int] = {}
        #: The position of the first row with a domain, and whether it stands in `to`.
        self._firsts: dict[str, tuple[int, bool]] = {}

    def look(self, message: Message, row: Row, key: str) -> None:
        """Take a row in; what one address alone shows is told at once."""
        for number, address in enumerate(message.recipients):
            mailbox = address.mailbox
            local, _, domain = mailbox.rpartition("@")
            domain = domain.lower()
            if domain in self._counts:
                self._counts[domain] += 1
            elif len(self._counts) < MOST_DOMAINS:
                self._counts[domain] = 1
                self._firsts[domain] = row.position, number < len(message.to)
            if ".." in local or local.endswith(".") or not local.isascii():
                self._look_at_local(mailbox, row, key)

    def report(self) -> None:
        """Tell which domains look like others, each at the first of its rows."""
        found: dict[int, list[LookAlike]] = {}
        for each in look_alikes(self._counts):
            position, _ = self._firsts[each.domain]
            found.setdefault(position, []).append(each)
        rows = (row for row in self._sheet.rows() if row.position in found) if found else iter(())
        for row in islice(rows, len(found)):
            for each in found[row.position]:
                self._findings.add(self._look_alike(each, row))

    def _look_at_local(self, mailbox: str, row: Row, key: str) -> None:
        if is_old_mobile(mailbox):
            told = f"{mailbox} has dots where no standard allows them: systems on the way may refuse it"
            hint = f"Ask for another address. If it is the person's own, {_allow(rules.ADDRESS_OLD_MOBILE)}"
            self._tell(rules.ADDRESS_OLD_MOBILE, told, hint, (mailbox, row, key))
        elif mixes_scripts(mailbox.rpartition("@")[0]):
            told = f"{both_forms(mailbox)} mixes letters of alphabets that nobody writes together"
            hint = f"Type it anew. If it is right, {_allow(rules.ADDRESS_LOOK_ALIKE)}"
            self._tell(rules.ADDRESS_LOOK_ALIKE, told, hint, (mailbox, row, key))

    def _tell(self, rule: Rule, message: str, hint: str, about: tuple[str, Row, str]) -> None:
        mailbox, row, key = about
        where = self._merger.address_place(row) if self._findings.keeps(rule.id) else None
        self._findings.add(rule.finding(message, where, hint, text=mailbox, key=key))

    def _look_alike(self, found: LookAlike, row: Row) -> Finding:
        _, in_to = self._firsts[found.domain]
        where = self._merger.address_place(row) if in_to else self._sheet.place(row)
        return rules.ADDRESS_LOOK_ALIKE.finding(
            f"{self._named(found.domain)} {self._taken_for(found.other)}",
            where,
            f"Correct the address. If it is right, {_allow(rules.ADDRESS_LOOK_ALIKE)}",
            text=found.domain,
        )

    def _taken_for(self, other: str) -> str:
        return f"looks like {self._named(other)}" if other else "mixes letters of alphabets that nobody writes together"

    def _named(self, domain: str) -> str:
        """A domain in both of its forms, with how many of the list's addresses it has."""
        read = unicode_domain(domain)
        count = self._counts.get(domain, 0)
        number = [f"{count:,} address{'es' * (count > 1)}"] if count else []
        notes = ", ".join([read] * (read != domain) + number)
        return f"{domain} ({notes})" if notes else domain


def _allow(rule: Rule) -> str:
    return f"allow it with --allow {rule.id}"
