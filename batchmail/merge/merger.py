"""Rows and a job's templates make messages; whatever is wrong with a row becomes findings."""

from collections.abc import Callable, Sequence
from pathlib import Path

from batchmail.errors import BatchmailError, LibraryMissing
from batchmail.finding import Findings
from batchmail.job import Job
from batchmail.location import Location
from batchmail.merge.attachments import AttachmentFinder
from batchmail.merge.row_merge import Ground, Place, RowMerge
from batchmail.merge.template import Compiler
from batchmail.merge.templates import JobTemplates, TemplateLoader
from batchmail.message import Address, Message
from batchmail.row import ReadRow, Row

#: What a provider makes of a message before anything is done with it. Raises BatchmailError where it cannot.
Adapt = Callable[[Message], Message]


class Merger:
    """Merges the rows of one sheet into messages of one job."""

    def __init__(self, ground: Ground, templates: JobTemplates, findings: Findings, adapt: Adapt | None = None) -> None:
        self._ground = ground
        self._templates = templates
        self._findings = findings
        self._adapt = adapt
        self._used = templates.columns
        self._address_columns = {column for template in templates.to for column in template.columns}

    @property
    def columns(self) -> frozenset[int]:
        """The positions of the columns that the templates use."""
        return self._used

    @property
    def template_files(self) -> frozenset[Path]:
        """The files of all templates that were read so far."""
        return self._ground.loader.paths

    def wanted(self, read: ReadRow) -> bool | None:
        """Whether `where` keeps a row; None where it fails, which is then a finding.

        A row whose cells it cannot read is kept: merging it gives the finding.
        """
        condition = self._templates.condition
        if condition is None or condition.broken or any(column in read.faults for column in condition.columns):
            return True
        merge = RowMerge(self._ground, read, condition.columns, self._findings)
        kept = merge.text(condition) != ""
        return None if merge.failed else kept

    def addresses(self, read: ReadRow) -> tuple[Address, ...]:
        """The row's `to`, without any finding; empty where it cannot be told."""
        merge = RowMerge(self._ground, read, self._address_columns, Findings())
        found = merge.addresses(self._templates.to)
        return () if merge.failed else found

    def merge(self, read: ReadRow) -> Message | None:
        """The row's message as the provider gets it, or None where it has findings. Raises LibraryMissing."""
        merge = RowMerge(self._ground, read, self._used, self._findings)
        message = merge.message(self._templates)
        if merge.failed:
            return None
        try:
            return self._adapt(message) if self._adapt else message
        except LibraryMissing:
            raise  # that is no matter of a row
        except BatchmailError as error:
            merge.report_unfit(self._templates, error)
            return None

    def subject_place(self, row: Row) -> Location:
        """Where a row's subject comes from: its cell where it takes just one, else the row or the template."""
        return self._ground.blame(self._templates.subject, row)

    def attachment_place(self, row: Row, number: int = -1) -> Location:
        """Where a row's attachments come from; `number` is that of one in the manifest, from 0."""
        attachments = self._templates.attachments
        return self._ground.blame(attachments[number].path, row) if attachments else self._ground.place(row, None)

    def address_place(self, row: Row) -> Location:
        """Where a row's `to` comes from."""
        return self._ground.blame(self._templates.to[0], row)


def make_merger(
    job: Job, columns: Sequence[str], place: Place, findings: Findings, adapt: Adapt | None = None
) -> Merger:
    """The merger of a job over the columns of its sheet. Templates with findings are left out of the merge."""
    declared = {*job.recipients.key, *job.recipients.fields}
    types = {name: field.type for name, field in job.recipients.fields.items()}
    loader = TemplateLoader(job, Compiler(columns, findings, declared, types), findings)
    watched = frozenset(position for position, name in enumerate(columns) if name in declared)
    ground = Ground(job, tuple(columns), place, AttachmentFinder(job.folder), loader, watched)
    return Merger(ground, loader.load(), findings, adapt)
