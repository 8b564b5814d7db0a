"""A folder with a sheet, providers to choose from, and what becomes of a manifest there."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal

from batchmail.finding import Findings, Severity
from batchmail.job import Bytes, Folder, Job, ProviderShape, Url
from batchmail.location import TextLocation
from batchmail.manifest import load
from batchmail.secret import Secret

#: The least that a manifest must say.
MINIMAL = """\
version: 1
name: invoices
provider:
  kind: post
recipients:
  file: people.csv
message:
  to: "{{ email }}"
  subject: Hello
"""


BASE_URL = Url("https://api.example.com/v1")
DRAFTS = Folder("drafts")
ATTACHMENT_LIMIT = Bytes(20_000_000)


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """A person's consent."""

    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True)
class PostSettings:
    """A provider with settings of every type."""

    user_id: str = "me"
    access_token: Secret | None = None
    consent: ConsentSettings | None = None
    base_url: Url = BASE_URL
    plan: Literal["paid", "free"] = "paid"
    attachment_limit: Bytes = ATTACHMENT_LIMIT
    port: int = 443
    doors: int | None = field(default=None, metadata={"low": 1, "high": 65_535})
    drafts: Folder = DRAFTS
    archive: Folder | None = None
    check_certificates: bool = True
    downgrade: Literal["none", "text"] = "none"


@dataclass(frozen=True, slots=True)
class PigeonSettings:
    loft: str
    ring_number: int


SHAPES = {
    "post": ProviderShape("post", PostSettings),
    "pigeon": ProviderShape("pigeon", PigeonSettings),
}


@dataclass(frozen=True)
class Loaded:
    """What a manifest came to."""

    job: Job | None
    findings: Findings

    @property
    def faults(self) -> list[str]:
        """The findings as `line:column rule`, by place."""
        return [f"{place(found.where)} {found.rule}" for found in self.findings]

    @property
    def said(self) -> str:
        """Everything that the findings say to a person."""
        return "\n".join(f"{found.message}\n{found.text}\n{found.hint}" for found in self.findings)

    @property
    def whole(self) -> Job:
        """The job of a manifest without faults."""
        assert self.job is not None, self.said
        assert self.findings.severity(Severity.ERROR) == 0, self.said
        return self.job


def spot(where: object) -> tuple[int | None, int | None]:
    """The line and column of a place in a text."""
    assert isinstance(where, TextLocation)
    return where.line, where.column


def place(where: object) -> str:
    """A place without its path."""
    assert isinstance(where, TextLocation)
    return ":".join(str(number) for number in (where.line, where.column) if number is not None)


class Desk:
    """A folder in which manifests are tried; `people.csv` is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("people.csv", "email\nkim@example.com\n")
        self._numbers = count()

    def write(self, name: str, text: str) -> Path:
        """Put a file into the folder, as it stands."""
        path = self.folder / name
        path.write_bytes(text.encode("utf-8"))
        return path

    def load(self, manifest: str | bytes) -> Loaded:
        """What a manifest with this text comes to."""
        path = self.folder / f"job{next(self._numbers)}.yaml"
        path.write_bytes(manifest.encode("utf-8") if isinstance(manifest, str) else manifest)
        findings = Findings()
        try:
            return Loaded(load(path, SHAPES, findings), findings)
        finally:
            path.unlink()

    def with_lines(self, part: str, *lines: str) -> Loaded:
        """The least manifest, with more lines below the key of a part; `""` stands for the top level."""
        return self.load(with_lines(part, *lines))


def with_lines(part: str, *lines: str) -> str:
    """The least manifest, with more lines below the key of a part; `""` stands for the top level."""
    if not part:
        return MINIMAL + "".join(f"{line}\n" for line in lines)
    if f"{part}:\n" not in MINIMAL:
        return MINIMAL + f"{part}:\n" + "".join(f"  {line}\n" for line in lines)
    before, after = MINIMAL.split(f"{part}:\n")
    return f"{before}{part}:\n" + "".join(f"  {line}\n" for line in lines) + after
