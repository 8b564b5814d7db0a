"""Which emulator a kind of provider is rehearsed with, and how: without anything that makes a sender wait."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from batchmail.emulation import Rehearse, Running
from batchmail.emulator.pleasanter_rules import PleasanterRules
from batchmail.emulator.pleasanter_running import pleasanter_emulator
from batchmail.emulator.running import works_emulator
from batchmail.emulator.smtp_rules import SmtpRules
from batchmail.emulator.smtp_running import smtp_emulator
from batchmail.emulator.works_rules import WorksRules
from batchmail.emulator.works_v1_rules import WorksV1Rules
from batchmail.emulator.works_v1_running import works_v1_emulator

__all__ = ["REHEARSALS", "Rehearse", "Running"]


def _works(folder: Path, account: str) -> AbstractContextManager[Running]:
    return works_emulator(folder, rules=WorksRules.rehearsal(), account=account)


def _works_v1(folder: Path, account: str) -> AbstractContextManager[Running]:
    return works_v1_emulator(folder, rules=WorksV1Rules.rehearsal(), account=account)


def _pleasanter(folder: Path, account: str) -> AbstractContextManager[Running]:
    del account  # a user of the real server, whose address is not known here
    return pleasanter_emulator(folder, rules=PleasanterRules.rehearsal())


def _smtp(folder: Path, account: str) -> AbstractContextManager[Running]:
    del account  # whoever the mails are from
    return smtp_emulator(folder, rules=SmtpRules.rehearsal())


@dataclass(frozen=True, slots=True)
class _Folder:
    """What stands in for a folder: another one, where the rehearsal keeps its mails."""

    base_url: str
    access_token: str = ""


def _outbox(folder: Path, account: str) -> AbstractContextManager[Running]:
    del account  # whoever the mails are from
    folder.mkdir(mode=0o700, exist_ok=True)
    return nullcontext(_Folder(str(folder)))


#: By the provider's kind in the manifest.
REHEARSALS: Mapping[str, Rehearse] = MappingProxyType(
    {"works": _works, "works-v1": _works_v1, "pleasanter": _pleasanter, "smtp": _smtp, "outbox": _outbox}
)
