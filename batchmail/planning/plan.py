"""The plan: what would be sent, what stands in the way, how long it takes."""

from dataclasses import dataclass

from batchmail.finding import Findings
from batchmail.journal.base import Roster, Standing
from batchmail.location import Location
from batchmail.message import Message
from batchmail.pace import Pace


@dataclass(frozen=True, slots=True)
class Sample:
    """One merged message, shown before anything is sent; `why` it was chosen."""

    why: str
    where: Location
    message: Message


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows the sheet has, how many `where` left out, how many are suppressed, and how many have findings."""

    rows: int = 0
    unwanted: int = 0
    blocked: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known before the first mail. `digest` differs when anything that goes into a mail differs.

    `roster` holds the rows, until the journal's next roster.
    """

    roster: Roster
    findings: Findings
    tally: Tally
    standing: Standing
    pace: Pace
    samples: tuple[Sample, ...]
    unused_columns: tuple[str, ...]
    digest: str
