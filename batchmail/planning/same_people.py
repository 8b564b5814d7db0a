"""People who get several mails of one job, each with another content: rightly so, or because a list has them twice."""

from batchmail import rules
from batchmail.domain_name import both_forms
from batchmail.finding import Finding
from batchmail.journal.base import Roster
from batchmail.merge import Merger
from batchmail.recipients.base import Sheet


def same_people(roster: Roster, sheet: Sheet, merger: Merger) -> Finding | None:
    """The finding for all of them, at the second row of the first one; None where everybody gets one mail."""
    found = roster.same_people()
    if found is None:
        return None
    wanted = {found.first, found.second}
    rows = {row.position: row for row in sheet.rows() if row.position in wanted}
    to, _ = roster.mails([found.first])[found.first]
    people = ", ".join(map(both_forms, to))
    who = "one address gets" if found.number == 1 else f"{found.number:,} addresses get"
    example = "" if found.number == 1 else "for example "
    return rules.SAME_ADDRESS_TWICE.finding(
        f"{who} several mails, each another one: {example}{people}, also at {merger.address_place(rows[found.first])}",
        merger.address_place(rows[found.second]),
        "If one mail a person is meant, leave the address as the key (no `recipients.key`) and choose by "
        "`recipients.duplicates` which row counts.",
        text=people,
    )
