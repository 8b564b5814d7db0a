"""The job: what the manifest declares, decoded and checked, with the place of everything in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NewType, assert_never

from batchmail.delivery import Mailing
from batchmail.finding import Severity
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.message import ContentType
from batchmail.rate import Rate

#: The way to a value of the manifest: ("message", "attachments", 0, "path").
Route = tuple[str | int, ...]

#: A size in bytes; written with a unit in the manifest (`20MB`, powers of ten).
Bytes = NewType("Bytes", int)
#: An address of a server: https, or http on a loopback host.
Url = NewType("Url", str)
#: The path of a folder. A relative one, also a default, begins at the manifest's folder; a job has it in full.
Folder = NewType("Folder", str)

FieldType = Literal["text", "email", "emails", "integer", "decimal", "date", "datetime", "boolean", "choice", "url"]
DuplicatePolicy = Literal["error", "first", "last", "allow"]


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A Jinja2 template and where it was written; lines after the first begin at column `margin`."""

    text: str
    where: Location
    margin: int = 1

    def place(self, line: int, column: int = 1) -> Location:
        """Where a line and column of the template (from 1) stand in the file it was written in.

        In a workbook that is the cell, with the line where it has several.
        """
        match self.where:
            case TextLocation(path, first, start):
                begin = (start or 1) if line == 1 else self.margin
                return TextLocation(path, (first or 1) + line - 1, begin + column - 1)
            case CellLocation():
                return replace(self.where, line=line if "\n" in self.text else None)
            case _:
                assert_never(self.where)


@dataclass(frozen=True, slots=True)
class BodyFile:
    """A body kept in a file of its own; the file's name is a template over the row."""

    name: TemplateText


Body = TemplateText | BodyFile


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How the cells of one column are read: their type, how they are shown, and what they must satisfy.

    `min` and `max` are written as cells of the type are; `choices` is empty where all values are allowed.
    """

    column: str
    where: Location
    type: FieldType = "text"
    format: str | None = None
    required: bool = True
    unique: bool = False
    pattern: str | None = None
    min: str | None = None
    max: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FurtherFile:
    """A file that goes on with the list of another, and where it was named."""

    file: Path
    where: Location


@dataclass(frozen=True, slots=True)
class SuppressionFile:
    """A file of addresses that are never written to, and where it was named."""

    file: Path
    where: Location


@dataclass(frozen=True, slots=True)
class RecipientsSpec:
    """Where the rows come from: a file, and others that go on with its list.

    An empty `key` stands for the address. `header` is the line, or row, with the names of the columns; None for the
    first that is not blank. With `rows`, which stand in the manifest, `file` is the manifest itself.
    """

    file: Path
    sheet: str | None = None
    encoding: str = "auto"
    key: tuple[str, ...] = ()
    condition: TemplateText | None = None
    duplicates: DuplicatePolicy = "error"
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    header: int | None = None
    others: tuple[FurtherFile, ...] = ()
    rows: tuple[Mapping[str, TemplateText], ...] = ()
    suppress: tuple[SuppressionFile, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, in the order of the list."""
        return (self.file, *(other.file for other in self.others))


@dataclass(frozen=True, slots=True)
class AttachmentSpec:
    """An attachment to be merged: templates for its path and name.

    The path may be a pattern with `*` and `?`; one file must fit it, or any number where `several`. A file that cells
    choose is one person's alone, unless it is `shared`.
    """

    path: TemplateText
    filename: TemplateText | None = None
    file_type: str | None = None
    cid: str | None = None
    optional: bool = False
    several: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class UnsubscribeSpec:
    """How a reader leaves the list, to be merged; at least one of the two templates."""

    url: TemplateText | None = None
    mailto: TemplateText | None = None
    one_click: bool = True


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """The message to be merged for every row.

    Where `text_from_html`, the plain alternative is made of the body; where `inline_css`, the rules in its <style> are
    written into its elements. `record` is what the mail is attached to: the provider's own setting, where it has one.
    """

    to: tuple[TemplateText, ...]
    subject: TemplateText
    body: Body | None = None
    cc: tuple[TemplateText, ...] = ()
    bcc: tuple[TemplateText, ...] = ()
    sender: TemplateText | None = None
    reply_to: TemplateText | None = None
    alternative: Body | None = None
    text_from_html: bool = False
    inline_css: bool = False
    content_type: ContentType = ContentType.HTML
    user_name: TemplateText | None = None
    save_sent: bool = True
    save_tracking: bool = True
    send_separately: bool = False
    security_level: str = "General"
    attachments: tuple[AttachmentSpec, ...] = ()
    headers: Mapping[str, TemplateText] = field(default_factory=dict)
    unsubscribe: UnsubscribeSpec | None = None
    record: TemplateText | None = None


@dataclass(frozen=True, slots=True)
class StopAfterSpec:
    """How many bad results of one run stop it; None for any number."""

    rejected: int | None = None
    in_doubt: int | None = None


@dataclass(frozen=True, slots=True)
class SendSpec:
    """How the mails are sent; `rates` None stands for the provider's own limits.

    So many mails as `canary` says are sent first, and the others only if all of those were sent.
    """

    concurrency: int = 16
    rates: tuple[Rate, ...] | None = None
    attempts: int = 5
    timeout_seconds: float = 120.0
    combine: int = 100
    canary: int | None = None
    stop_after: StopAfterSpec = StopAfterSpec()


@dataclass(frozen=True, slots=True)
class ProviderShape:
    """A kind of provider as the manifest may name it.

    `settings` is a frozen dataclass; its fields are the manifest's keys in snake_case, of the types str, bool,
    int, Bytes, Url, Folder, Secret, TemplateText (a template over the row, with its place), a Literal of strings,
    another such dataclass, or one of these or None. A str whose metadata has `pattern` must match that regular
    expression as a whole; `takes` then says in words what it accepts. An int is from 0 up, or as the metadata's `low`
    and `high` say. A field whose metadata has `later` set is read and checked, and then a finding: not yet available.
    """

    kind: str
    settings: type


@dataclass(frozen=True, slots=True)
class UnusableProvider:
    """A kind of provider that an installed package registers and that cannot be used: why, and what to do."""

    kind: str
    distribution: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"the provider `{self.kind}` of the package {self.distribution} cannot be used: {self.reason}"


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """Which provider is meant, with its settings as that provider declares them."""

    kind: str
    settings: object


@dataclass(frozen=True, slots=True)
class Job:
    """A whole manifest. Paths are resolved against its folder; `places` has the place of every value.

    `severities` has the rules whose findings weigh otherwise in this job.
    """

    path: Path
    mailing: Mailing
    provider: ProviderSpec
    recipients: RecipientsSpec
    message: MessageSpec
    send: SendSpec = SendSpec()
    reports: tuple[Path, ...] = ()
    digest: bytes = b""
    places: Mapping[Route, Location] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The manifest's folder: nothing outside it is read unless the manifest names it literally."""
        return self.path.parent

    def place(self, *route: str | int) -> Location:
        """Where a value was written; that of the nearest enclosing value where it was left to its default."""
        while route:
            if route in self.places:
                return self.places[route]
            route = route[:-1]
        return TextLocation(self.path)
