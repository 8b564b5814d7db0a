"""All templates of a job, compiled: what the merger needs, and which columns it takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import AttachmentSpec, Body, BodyFile, Job, TemplateText, UnsubscribeSpec
from batchmail.location import Location, TextLocation
from batchmail.merge.environment import (
    MergeEnvironment,
    address_environment,
    html_environment,
    text_environment,
)
from batchmail.merge.folder_loader import FileUnusable, FolderLoader, read_template
from batchmail.merge.inline_css import available as css_available
from batchmail.merge.patterns import has_wildcards, pattern_environment
from batchmail.merge.template import Compiler, MergeTemplate
from batchmail.message import ContentType

#: So many body files are kept compiled; the oldest makes room.
REMEMBERED_BODIES = 200


@dataclass(frozen=True, slots=True)
class AttachmentTemplates:
    """The templates of one attachment, beside what the manifest says of it."""

    spec: AttachmentSpec
    path: MergeTemplate
    filename: MergeTemplate | None
    pattern: bool = False


@dataclass(frozen=True, slots=True)
class BodyTemplate:
    """A body: one template for all rows, or the name of a file that differs from row to row."""

    inline: MergeTemplate | None
    file_name: MergeTemplate | None
    environment: MergeEnvironment


@dataclass(frozen=True, slots=True)
class UnsubscribeTemplates:
    """The templates of how a reader leaves the list."""

    url: MergeTemplate | None
    mailto: MergeTemplate | None
    one_click: bool


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
    headers: tuple[tuple[str, MergeTemplate], ...]
    unsubscribe: UnsubscribeTemplates | None
    condition: MergeTemplate | None
    record: MergeTemplate | None

    @property
    def columns(self) -> frozenset[int]:
        """The positions of the columns that any of them uses."""
        return frozenset(position for template in self._all() for position in template.columns)

    def _all(self) -> Iterator[MergeTemplate]:
        single = [self.sender, self.reply_to, self.subject, self.user_name, self.condition, self.record]
        bodies = [body for body in (self.body, self.alternative) if body]
        single += [body.inline for body in bodies] + [body.file_name for body in bodies]
        single += [self.unsubscribe.url, self.unsubscribe.mailto] if self.unsubscribe else []
        yield from (template for template in single if template)
        yield from (*self.to, *self.cc, *self.bcc, *(template for _, template in self.headers))
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
        #: What every template finds besides the columns; the same in all environments.
        self.shared: Mapping[str, object] = self._text.globals
        for environment in (self._text, self._html):
            environment.loader = FolderLoader(job.folder)
        self._html.inlines_css = job.message.inline_css and self._can_inline()
        self._files: dict[tuple[Path, bool], MergeTemplate] = {}
        self._named: set[Path] = set()

    @property
    def paths(self) -> frozenset[Path]:
        """The files of all templates that were read so far."""
        loaders = (environment.loader for environment in (self._text, self._html))
        included = (path for loader in loaders if isinstance(loader, FolderLoader) for path in loader.known.values())
        return frozenset({*self._named, *included})

    def load(self) -> JobTemplates:
        """The job's templates; those with findings are broken."""
        message = self._job.message
        html = message.content_type is ContentType.HTML
        return JobTemplates(
            to=self._each(message.to),
            cc=self._each(message.cc),
            bcc=self._each(message.bcc),
            sender=self._optional(message.sender, self._address),
            reply_to=self._optional(message.reply_to, self._address),
            subject=self._compiler.compile(message.subject, self._text),
            user_name=self._optional(message.user_name, self._text),
            body=self._body(message.body, self._html if html else self._text),
            alternative=self._body(message.alternative, self._text),
            attachments=tuple(self._attachments()),
            headers=tuple((name, self._compiler.compile(text, self._text)) for name, text in message.headers.items()),
            unsubscribe=self._unsubscribe(message.unsubscribe),
            condition=self._condition(self._job.recipients.condition),
            record=self._optional(message.record, self._text),
        )

    def _can_inline(self) -> bool:
        if not css_available():
            hint = "Install it: pip install 'batchmail[html]'"
            where = self._job.place("message", "inlineCss")
            message = "`inlineCss` needs a library that is not installed"
            self._findings.add(rules.EXTRA_MISSING.finding(message, where, hint))
        return css_available()

    def body_file(self, name: str, where: Location, environment: MergeEnvironment) -> MergeTemplate:
        """The template in a file of the manifest's folder; each file is read once."""
        path = self._job.folder / name
        known = (path, environment.autoescape is True)
        if known not in self._files:
            self._named.add(path)
            if len(self._files) == REMEMBERED_BODIES:
                del self._files[next(iter(self._files))]
            self._files[known] = self._read(name, path, where, environment)
        return self._files[known]

    def _read(self, name: str, path: Path, where: Location, environment: MergeEnvironment) -> MergeTemplate:
        source = TemplateText("", TextLocation(path, 1, 1))
        try:
            return self._compiler.compile(replace(source, text=read_template(path, name)), environment)
        except FileUnusable as fault:
            self._findings.add(fault.rule.finding(fault.reason, where, fault.hint, text=name))
        return MergeTemplate(source, broken=True)

    def _each(self, sources: tuple[TemplateText, ...]) -> tuple[MergeTemplate, ...]:
        return tuple(self._compiler.compile(source, self._address) for source in sources)

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

    def _file_body(self, name: TemplateText, environment: MergeEnvironment) -> BodyTemplate:
        file_name = self._compiler.compile(name, self._text)
        if file_name.template or file_name.broken:
            return BodyTemplate(None, file_name, environment)
        return BodyTemplate(self.body_file(file_name.constant, name.where, environment), None, environment)

    def _unsubscribe(self, spec: UnsubscribeSpec | None) -> UnsubscribeTemplates | None:
        if spec is None:
            return None
        url, mailto = self._optional(spec.url, self._text), self._optional(spec.mailto, self._text)
        return UnsubscribeTemplates(url, mailto, spec.one_click)

    def _attachments(self) -> Iterator[AttachmentTemplates]:
        for spec in self._job.message.attachments:
            pattern = has_wildcards(spec.path.text, self._text)
            path = self._compiler.compile(spec.path, pattern_environment() if pattern else self._text)
            if spec.several and (spec.filename or spec.cid):
                self._report_one_name(spec)
            yield AttachmentTemplates(spec, path, self._optional(spec.filename, self._text), pattern)

    def _report_one_name(self, spec: AttachmentSpec) -> None:
        self._findings.add(
            rules.MANIFEST_BAD_VALUE.finding(
                "several files cannot have one `filename` or `cid`",
                spec.path.where,
                "Take it out: each file keeps its own name. Or take out `several`.",
            )
        )

    def _check_bare(self, source: TemplateText) -> None:
        """`where: active` keeps every row whose cell has any text in it, `FALSE` and `no` among them."""
        column = source.text.strip()
        field = self._job.recipients.fields.get(column)
        if column.isidentifier() and column in self._compiler.columns and (field is None or field.type == "text"):
            self._findings.add(
                rules.MANIFEST_BAD_VALUE.finding(
                    f"`where: {column}` keeps every row whose cell is not blank, also where it reads no or FALSE",
                    source.where,
                    f"Write {column} == 'yes', or {column} != '', or declare the column `type: boolean`.",
                    text=column,
                )
            )

    def _condition(self, source: TemplateText | None) -> MergeTemplate | None:
        if source is None:
            return None
        self._check_bare(source)
        return self._compiler.compile(source, self._text, f"{{% if {source.text} %}}yes{{% endif %}}")
