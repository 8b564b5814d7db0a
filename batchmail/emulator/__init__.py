"""The providers' APIs as a local server: faithful checks, faults on demand, and an inbox.

The emulator shares nothing with the code that sends: it is a second reading of the vendors' documents.
"""

from batchmail.emulator.archive import InboxUnwritable
from batchmail.emulator.exchange import Answer, Incoming
from batchmail.emulator.faults import Cut, Fault, Faults, HalfAnswer, Silence
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import AcceptedMail, Copy, ReceivedFile
from batchmail.emulator.rehearsals import REHEARSALS, Running
from batchmail.emulator.running import RunningWorks, works_emulator
from batchmail.emulator.works import WorksTenant, WorksUser
from batchmail.emulator.works_rules import Refusal, WorksRules

__all__ = [
    "REHEARSALS",
    "AcceptedMail",
    "Answer",
    "Copy",
    "Cut",
    "Fault",
    "Faults",
    "HalfAnswer",
    "Inbox",
    "InboxUnwritable",
    "Incoming",
    "ReceivedFile",
    "Refusal",
    "Running",
    "RunningWorks",
    "Silence",
    "WorksRules",
    "WorksTenant",
    "WorksUser",
    "works_emulator",
]
