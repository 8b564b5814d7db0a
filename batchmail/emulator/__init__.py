"""The providers' APIs as a local server: faithful checks, faults on demand, and an inbox.

The emulator shares nothing with the code that sends: it is a second reading of the vendors' documents.
"""

from batchmail.emulator.archive import InboxUnwritable
from batchmail.emulator.exchange import Answer, Incoming
from batchmail.emulator.faults import Cut, Fault, Faults, HalfAnswer, Silence
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import AcceptedMail, Copy, ReceivedFile
from batchmail.emulator.pleasanter import PleasanterServer, PleasanterUser
from batchmail.emulator.pleasanter_rules import PleasanterRules
from batchmail.emulator.pleasanter_running import RunningPleasanter, pleasanter_emulator
from batchmail.emulator.rehearsals import REHEARSALS, Running
from batchmail.emulator.running import RunningWorks, works_emulator
from batchmail.emulator.smtp import MailSystem
from batchmail.emulator.smtp_connection import Tls
from batchmail.emulator.smtp_rules import SmtpRules
from batchmail.emulator.smtp_running import RunningSmtp, smtp_emulator
from batchmail.emulator.works import WorksTenant, WorksUser
from batchmail.emulator.works_auth import WorksAuth
from batchmail.emulator.works_auth_rules import WorksAuthRules
from batchmail.emulator.works_rules import Refusal, WorksRules
from batchmail.emulator.works_v1 import WorksV1Tenant
from batchmail.emulator.works_v1_rules import GatewayRefusal, WorksV1Rules
from batchmail.emulator.works_v1_running import RunningWorksV1, works_v1_emulator

__all__ = [
    "REHEARSALS",
    "AcceptedMail",
    "Answer",
    "Copy",
    "Cut",
    "Fault",
    "Faults",
    "GatewayRefusal",
    "HalfAnswer",
    "Inbox",
    "InboxUnwritable",
    "Incoming",
    "MailSystem",
    "PleasanterRules",
    "PleasanterServer",
    "PleasanterUser",
    "ReceivedFile",
    "Refusal",
    "Running",
    "RunningPleasanter",
    "RunningSmtp",
    "RunningWorks",
    "RunningWorksV1",
    "Silence",
    "SmtpRules",
    "Tls",
    "WorksAuth",
    "WorksAuthRules",
    "WorksRules",
    "WorksTenant",
    "WorksUser",
    "WorksV1Rules",
    "WorksV1Tenant",
    "pleasanter_emulator",
    "smtp_emulator",
    "works_emulator",
    "works_v1_emulator",
]
