"""The suppression lists that a job names: read when it is opened, and again when a file changes before all is sent."""

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from batchmail import rules
from batchmail.errors import InputChanged
from batchmail.finding import Finding, Findings
from batchmail.job import SuppressionFile
from batchmail.location import TextLocation
from batchmail.merge.addresses import BadAddress, parse_address
from batchmail.planning.suppression import SuppressionList
from batchmail.recipients import SheetBroken

if TYPE_CHECKING:
    from batchmail.recipients.address_file import Entry

#: A file that is being written while it is read is read again, so often.
_TRIES = 3
_MOST_FILES = 256

#: What shows that a file was written again; None for one that is not there.
_State = tuple[int, int, int] | None


class SuppressionFiles:
    """The suppression lists of a job; see `Suppression`."""

    def __init__(self, files: Sequence[SuppressionFile], findings: Findings) -> None:
        """Reads all files, and tells what is wrong with them."""
        self._files = tuple(files)
        self._states = self._now()
        self.planned = _read(self._files, findings)
        self._current = self.planned
        self._lock = Lock()

    def current(self) -> SuppressionList:
        """The lists as they are. Raises InputChanged where one cannot be read any more, or has a broken line.

        It may be called from several threads: one of them reads what has changed, and the others wait for it.
        """
        with self._lock:
            return self._as_it_is()

    def _as_it_is(self) -> SuppressionList:
        findings = Findings()
        for _ in range(_TRIES):
            states = self._now()
            if states == self._states:
                return self._current
            findings = Findings(keep=1)
            listed = _read(self._files, findings)
            if not findings.blocking:
                self._states, self._current = states, listed
        if findings.blocking:
            first = next(iter(findings))
            raise InputChanged(f"{first.where} ({first.message})")
        return self._current

    def _now(self) -> tuple[_State, ...]:
        return tuple(map(_state, self._files))


def _state(named: SuppressionFile) -> _State:
    try:
        status = named.file.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _read(files: Sequence[SuppressionFile], findings: Findings) -> SuppressionList:
    listed = SuppressionList()
    if not files:
        return listed
    from batchmail.recipients.address_file import address_entries  # noqa: PLC0415  most jobs have none

    for named in files[:_MOST_FILES]:
        listed.begin(named.file.name)
        try:
            for entry in address_entries(named.file, named.where, lambda text: bool(entry_address(text))):
                address = entry_address(entry.text)
                if address and not entry.fault:
                    listed.add(address, entry.line)
                else:
                    findings.add(_bad(entry, named, keep=findings.keeps(rules.SUPPRESS_BAD_ENTRY.id)))
        except SheetBroken as broken:
            _add_once(broken.finding, findings)
    if len(files) > _MOST_FILES:
        message = f"more than {_MOST_FILES} suppression lists"
        findings.add(rules.MANIFEST_LIMITS.finding(message, files[_MOST_FILES].where, "Put them into fewer files."))
    return listed


def entry_address(text: str) -> str:
    """An address as it is compared, or `@example.com` for a domain; empty for a text that is neither.

    `*@example.com` is the domain too: nobody's own name is meant by it.
    """
    text = text.removeprefix("*") if text.startswith("*@") else text
    domain = text.startswith("@")
    match parse_address(f"a{text}" if domain else text):
        case BadAddress():
            return ""
        case address:
            return address.mailbox.removeprefix("a") if domain else address.mailbox


def _bad(entry: "Entry", named: SuppressionFile, *, keep: bool) -> Finding:
    where = entry.place(named.file) if keep else TextLocation(named.file)
    parsed = parse_address(entry.text)
    why = entry.fault or (parsed.reason if isinstance(parsed, BadAddress) else "")
    what = f"`{entry.text}` is no address: {why}" if entry.text else f"there is no address{f': {why}' * bool(why)}"
    hint = "Correct it, or take the line out: whoever is meant by it would be written to."
    return rules.SUPPRESS_BAD_ENTRY.finding(what, where, hint, text=entry.text)


def _add_once(finding: Finding, findings: Findings) -> None:
    """Add a finding, unless whoever read the manifest has told of the same file at the same place."""
    if not any((each.rule, each.where) == (finding.rule, finding.where) for each in findings):
        findings.add(finding)
