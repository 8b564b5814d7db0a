"""All templates of a job, compiled: what the merger needs, and which columns it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import AttachmentSpec, Body, BodyFile, Job, TemplateText
from batchmail.location import Location, TextLocation
from batchmail.merge.environment import (
    MergeEnvironment,
    address_environment,
    html_environment,
    text_environment,
)
from batchmail.merge.template import Compiler, MergeTemplate
from batchmail.message import ContentType


@dataclass(frozen=True, slots=True)
class AttachmentTemplates:
    """The templates of one attachment, beside what the manifest says of it."""

    spec: AttachmentSpec
    path: MergeTemplate
    filename: MergeTemplate | None


@dataclass(frozen=True, slots=True)
class BodyTemplate:
    """A body: one template for all rows, or the name of a file that differs from row to row."""

    inline: MergeTemplate | None
    file_name: MergeTemplate | None
    environment: MergeEnvironment


@dataclass(frozen=True, slots=True)
class JobTemplates:
    """Every template of a message."""

    to: tuple[MergeTemplate, ...]
    cc: tuple[MergeTemplate, ...]
    bcc: tuple[MergeTemplate, ...]
    sender: MergeTemplate | None
    reply_to: MergeTemplate | None
    subject: MergeTemplate
    user_name: MergeTemplate | None
    body: BodyTemplate | None
    alternative: BodyTemplate | None
    attachments: tuple[AttachmentTemplates, ...]
    condition: MergeTemplate | None

    @property
    def columns(self) -> frozenset[int]:
        """The positions of the columns that any of them uses."""
        return frozenset(position for template in self._all() for position in template.columns)

    def _all(self) -> Iterator[MergeTemplate]:
        single = [self.sender, self.reply_to, self.subject, self.user_name, self.condition]
        bodies = [body for body in (self.body, self.alternative) if body]
        single += [body.inline for body in bodies] + [body.file_name for body in bodies]
        yield from (template for template in single if template)
        yield from (*self.to, *self.cc, *self.bcc)
        for attachment in self.attachments:
            yield attachment.path
            if attachment.filename:
                yield attachment.filename


class TemplateLoader:
    """Compiles a job's templates; every problem becomes a finding."""

    def __init__(self, job: Job, compiler: Compiler, findings: Findings) -> None:
        self._job = job
        self._compiler = compiler
        self._findings = findings
        self._text = text_environment()
        self._address = address_environment()
        self._html = html_environment()
        self._files: dict[Path, MergeTemplate | None] = {}

    def load(self) -> JobTemplates | None:
        """The job's templates, or None where one of them has findings."""
        message = self._job.message
        before = len(self._findings)
        to, cc, bcc = (self._each(field) for field in (message.to, message.cc, message.bcc))
        sender, reply_to = (self._optional(field, self._address) for field in (message.sender, message.reply_to))
        subject, user_name = (self._optional(field, self._text) for field in (message.subject, message.user_name))
        body_environment = self._html if message.content_type is ContentType.HTML else self._text
        body = self._body(message.body, body_environment)
        alternative = self._body(message.alternative, self._text)
        attachments = tuple(self._attachments())
        condition = self._condition(self._job.recipients.condition)
        if len(self._findings) > before or subject is None:
            return None
        return JobTemplates(
            to, cc, bcc, sender, reply_to, subject, user_name, body, alternative, attachments, condition
        )

    def body_file(self, name: str, where: Location, environment: MergeEnvironment) -> MergeTemplate | None:
        """The template in a file of the manifest's folder; each file is read once. None where it has findings."""
        path = self._job.folder / name
        if path not in self._files:
            self._files[path] = self._read(name, path, where, environment)
        return self._files[path]

    def _read(self, name: str, path: Path, where: Location, environment: MergeEnvironment) -> MergeTemplate | None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self._findings.add(
                rules.FILE_MISSING.finding(f"`{name}` is not there", where, f"Looked for {path.as_posix()}.", text=name)
            )
        except UnicodeDecodeError as error:
            self._findings.add(
                rules.FILE_UNREADABLE.finding(
                    f"`{name}` is not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}",
                    where,
                    "Save it as UTF-8.",
                    text=name,
                )
            )
        except (OSError, ValueError) as error:
            self._findings.add(
                rules.FILE_UNREADABLE.finding(
                    f"`{name}` cannot be read: {error}", where, "Check the name and the file's rights.", text=name
                )
            )
        else:
            return self._compiler.compile(TemplateText(text, TextLocation(path, 1, 1)), environment)
        return None

    def _each(self, sources: tuple[TemplateText, ...]) -> tuple[MergeTemplate, ...]:
        compiled = (self._compiler.compile(source, self._address) for source in sources)
        return tuple(template for template in compiled if template)

    def _optional(self, source: TemplateText | None, environment: MergeEnvironment) -> MergeTemplate | None:
        return self._compiler.compile(source, environment) if source else None

    def _body(self, body: Body | None, environment: MergeEnvironment) -> BodyTemplate | None:
        match body:
            case None:
                return None
            case TemplateText():
                return BodyTemplate(self._compiler.compile(body, environment), None, environment)
            case BodyFile(name):
                return self._file_body(name, environment)
            case _:
                assert_never(body)

    def _file_body(self, name: TemplateText, environment: MergeEnvironment) -> BodyTemplate | None:
        file_name = self._compiler.compile(name, self._text)
        if file_name is None or file_name.constant is None:
            return BodyTemplate(None, file_name, environment)
        return BodyTemplate(self.body_file(file_name.constant, name.where, environment), None, environment)

    def _attachments(self) -> Iterator[AttachmentTemplates]:
        for spec in self._job.message.attachments:
            path = self._compiler.compile(spec.path, self._text)
            filename = self._optional(spec.filename, self._text)
            if path:
                yield AttachmentTemplates(spec, path, filename)

    def _condition(self, source: TemplateText | None) -> MergeTemplate | None:
        if source is None:
            return None
        return self._compiler.compile(source, self._text, f"{{% if {source.text} %}}yes{{% endif %}}")
