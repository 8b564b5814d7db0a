"""The merge of one row: every part of the message rendered and checked, every problem with its cell."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from batchmail import rules
from batchmail.errors import BatchmailError
from batchmail.finding import Finding, Findings, Rule
from batchmail.job import Job
from batchmail.location import Location
from batchmail.merge.addresses import CONTROL, BadAddress, parse_address
from batchmail.merge.attachments import AttachmentFinder, FileFault, FoundFile, media_type
from batchmail.merge.context import RowContext
from batchmail.merge.environment import ADDRESS_SEPARATOR
from batchmail.merge.html_lint import unsafe_link
from batchmail.merge.names import braced_column
from batchmail.merge.patterns import plain
from batchmail.merge.template import MergeTemplate, failed_place
from batchmail.merge.templates import (
    AttachmentTemplates,
    BodyTemplate,
    JobTemplates,
    TemplateLoader,
    UnsubscribeTemplates,
)
from batchmail.merge.unsubscribe import mail_address_fault, mailto, web_address_fault
from batchmail.message import Address, Attachment, Message, Personal, Unsubscribe
from batchmail.row import ReadRow, Row

#: Gives the place of a row's cell (column from 0), or of the row.
Place = Callable[[Row, int | None], Location]

_NO_ADDRESS = "Fill the cell, or leave the row out with `where`."
_NO_OTHER_ADDRESS = "Fill the cell, or declare the column `required: false`."

#: A whole number of 64 bits, from 1.
_RECORD = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the merges of all rows share.

    `watched` are the columns whose cells must be readable even where no template uses them: those of the key, and those
    with a declared type. `reported` has the findings about templates, which are made once.
    """

    job: Job
    columns: tuple[str, ...]
    place: Place
    files: AttachmentFinder
    loader: TemplateLoader
    watched: frozenset[int] = frozenset()
    reported: set[tuple[str, Location]] = field(default_factory=set)

    def blame(self, template: MergeTemplate, row: Row) -> Location:
        """Where a template's text comes from: its cell where it takes just one, else the row or the template."""
        match template.columns:
            case ():
                return template.source.where
            case (column,):
                return self.place(row, column)
            case _:
                return self.place(row, None)


class RowMerge:
    """Merges one row; `failed` is set by the first finding."""

    __slots__ = ("_blank_hints", "_context", "_findings", "_ground", "_read", "failed")

    def __init__(self, ground: Ground, read: ReadRow, used: Iterable[int], findings: Findings) -> None:
        self.failed = False
        self._ground = ground
        self._read = read
        self._findings = findings
        self._context = RowContext(ground.loader.shared, ground.columns, read.values, used)
        self._blank_hints: dict[str, str] = {}

    def message(self, templates: JobTemplates) -> Message:
        """The row's message; not to be used where the merge failed."""
        spec = self._ground.job.message
        message = Message(
            self.addresses(templates.to, required=True),
            self._subject(templates.subject),
            self._body(templates.body) or "",
            spec.content_type,
            cc=self.addresses(templates.cc) if templates.cc else (),
            bcc=self.addresses(templates.bcc) if templates.bcc else (),
            sender=self._address(templates.sender),
            reply_to=self._address(templates.reply_to),
            alternative=self._body(templates.alternative),
            user_name=(self._line(templates.user_name) or None) if templates.user_name else None,
            save_sent=spec.save_sent,
            save_tracking=spec.save_tracking,
            send_separately=spec.send_separately,
            security_level=spec.security_level,
            attachments=tuple(self._attachments(templates.attachments)) if templates.attachments else (),
            record=self._record(templates.record) if templates.record else "",
            headers=self._headers(templates.headers) if templates.headers else (),
            unsubscribe=self._unsubscribe(templates.unsubscribe) if templates.unsubscribe else None,
        )
        if self._read.faults or self._context.printed:
            self._report_cells()
        return _each_once(message) if message.cc or message.bcc else message

    def report_unfit(self, templates: JobTemplates, error: BatchmailError) -> None:
        """Tell that the message cannot be made into what its provider takes: nearly always because of its body."""
        body = templates.body and (templates.body.inline or templates.body.file_name)
        self._report(rules.ROW_NOT_CONVERTIBLE, error.message, body or templates.subject, error.hint)

    def text(self, template: MergeTemplate) -> str:
        """A template's merged text; empty, with a finding, where it fails."""
        try:
            return self._broken_text(template) if template.broken else template.render(self._context)
        except Exception as error:  # noqa: BLE001  a template's expressions may raise anything
            failed = failed_place(template, error)
            hint = f"Look at the template at {failed}, and at the row's cells."
            self._report(rules.TEMPLATE_FAILED, f"the template fails: {error}", template, hint)
            return ""

    def _broken_text(self, template: MergeTemplate) -> str:
        """What can be made of a template whose finding is told already: it shows which blank cells it prints."""
        self.failed = True
        with suppress(Exception):
            return template.render(self._context)
        return ""

    def addresses(self, templates: Sequence[MergeTemplate], *, required: bool = False) -> tuple[Address, ...]:
        """The addresses that some templates give, each once."""
        if len(templates) == 1:
            found = self._parsed(templates[0], required=required)
        else:
            found = [address for template in templates for address in self._parsed(template, required=required)]
        return tuple(found if len(found) < 2 else _distinct(found))  # noqa: PLR2004  nothing to compare

    def _parsed(self, template: MergeTemplate, *, required: bool) -> Sequence[Address]:
        printed = len(self._context.printed)
        text = self.text(template)
        if len(self._context.printed) > printed:
            self._hint_at_blanks(printed, _NO_ADDRESS if required else _NO_OTHER_ADDRESS)
        if template.broken:
            return ()
        if not text.strip():
            if required and len(self._context.printed) == printed:
                self._report(rules.ROW_BAD_ADDRESS, "there is no address", template, "Give the row an address.")
            return ()
        found = []
        for part in text.split(ADDRESS_SEPARATOR):
            parsed = parse_address(part)
            if isinstance(parsed, BadAddress):
                self._report_address(template, part.strip(), parsed.reason, several=parsed.several)
            else:
                found.append(parsed)
        return found

    def _address(self, template: MergeTemplate | None) -> Address | None:
        return next(iter(self.addresses((template,))), None) if template else None

    def _subject(self, template: MergeTemplate) -> str:
        printed = len(self._context.printed)
        subject = self._line(template)
        if not subject and len(self._context.printed) == printed and not template.broken:
            hint = f"Look at the template at {template.source.where}."
            self._report(rules.PROVIDER_BLANK_SUBJECT, "the subject is blank", template, hint)
        return subject

    def _line(self, template: MergeTemplate) -> str:
        """A text that stands in a header: one line, without control characters."""
        text = self.text(template).strip()
        found = None if text.isprintable() else CONTROL.search(text)  # what is printable has none
        if found:
            message = f"character U+{ord(found[0]):04X} at position {found.start() + 1} of {_subject(template)}"
            place = "cell" if template.columns else "manifest: a header is one line"
            hint = f"Take the line break or control character out of the {place}."
            self._report(rules.ROW_CONTROL_CHARACTER, message, template, hint, text=repr(text))
        return text

    def _headers(self, templates: Iterable[tuple[str, MergeTemplate]]) -> tuple[tuple[str, str], ...]:
        return tuple((name, text) for name, template in templates if (text := self._line(template)))

    def _record(self, template: MergeTemplate) -> str:
        """A record's id: ASCII digits alone, so that nothing of a cell can lead to another address of the server."""
        printed = len(self._context.printed)
        record = self._line(template)
        self._hint_at_blanks(printed, "Fill the cell: without the record's number, its mail belongs to none.")
        told = len(self._context.printed) > printed or template.broken or CONTROL.search(record)
        if not told and not _RECORD.fullmatch(record):
            hint = "Give the row the record's number, in digits alone."
            self._report(rules.ROW_BAD_RECORD, f"`{record}` is no record id", template, hint, text=record)
        return record

    def _unsubscribe(self, templates: UnsubscribeTemplates) -> Unsubscribe:
        web = partial(web_address_fault, one_click=templates.one_click)
        url = self._way_out(templates.url, web) if templates.url else ""
        address = self._way_out(templates.mailto, mail_address_fault) if templates.mailto else ""
        return Unsubscribe(url, mailto(address) if address else "", bool(url) and templates.one_click)

    def _way_out(self, template: MergeTemplate, fault: Callable[[str], str]) -> str:
        """An address to leave the list by: a broken one would be a button that does nothing."""
        printed = len(self._context.printed)
        text = self._line(template)
        told = len(self._context.printed) > printed or template.broken or CONTROL.search(text)
        if not told and (why := fault(text)):
            hint = "Correct the address; `| urlencode` writes a cell as a part of one."
            self._report(rules.ROW_BAD_UNSUBSCRIBE, f"`{text}` leads nowhere: {why}", template, hint, text=text)
        return text

    def _body(self, body: BodyTemplate | None) -> str | None:
        if body is None:
            return None
        template = body.inline
        if body.file_name:
            name = self._line(body.file_name)
            if not name or not self._inside(name, body.file_name):
                return ""
            template = self._ground.loader.body_file(
                name, self._ground.blame(body.file_name, self._read.row), body.environment
            )
            self._context.extend(self._ground.columns, self._read.values, template.columns)
        return self._linked(template, self.text(template)) if template else ""

    def _linked(self, template: MergeTemplate, text: str) -> str:
        """A merged body whose links lead where links of a mail may lead."""
        if template.opens_links and (address := unsafe_link(text)):
            hint = f"Correct the cell; look at the template at {template.source.where}."
            shown = address if address.isprintable() else repr(address)
            self._report(rules.ROW_UNSAFE_LINK, f"`{shown}` is no link for a mail", template, hint, text=shown)
        return text

    def _inside(self, name: str, template: MergeTemplate) -> bool:
        fault = self._ground.files.outside(name)
        if fault:
            self._report(fault.rule, fault.message, template, fault.hint, text=name)
        return fault is None

    def _attachments(self, templates: Iterable[AttachmentTemplates]) -> Iterable[Attachment]:
        for number, each in enumerate(templates):
            printed = len(self._context.printed)
            name = self._line(each.path)
            blank = len(self._context.printed) > printed
            if each.spec.optional and not name and not each.path.broken:
                self._context.forgive(printed)
                continue
            if blank or each.path.broken:
                continue
            found = self._files(each, name)
            if isinstance(found, FileFault):
                if not (each.spec.optional and found.rule is rules.ATTACHMENT_MISSING):
                    self._report(found.rule, found.message, each.path, found.hint, text=plain(name))
                continue
            for file in found:
                yield self._attachment(each, number, file)

    def _files(self, templates: AttachmentTemplates, name: str) -> tuple[FoundFile, ...] | FileFault:
        files, literal = self._ground.files, templates.path.template is None
        if templates.pattern:
            return files.fitting(name, literal=literal, several=templates.spec.several)
        found = files.find(name, literal=literal)
        return found if isinstance(found, FileFault) else (found,)

    def _attachment(self, templates: AttachmentTemplates, number: int, file: FoundFile) -> Attachment:
        spec = templates.spec
        filename = (templates.filename and self._line(templates.filename)) or file.path.name
        kind = spec.file_type or media_type(filename)
        personal = Personal(number, file.real) if templates.path.columns and not spec.shared else None
        return Attachment(file.path, filename, kind, file.size, file.digest, spec.cid, personal)

    def _hint_at_blanks(self, printed: int, hint: str) -> None:
        """What is to be done with the blank cells printed after the first so many, where a default makes no sense."""
        for blank in self._context.printed[printed:]:
            self._blank_hints.setdefault(blank.column, hint)

    def _report_cells(self) -> None:
        """Blank cells that were printed, and cells that could not be read, each once."""
        names = self._ground.columns
        for position, fault in self._read.faults.items():
            if position >= len(names) or self._context.gives(names[position]) or position in self._ground.watched:
                where = self._cell(fault.rule, position)
                self._add(rules.RULES[fault.rule].finding(fault.message, where, fault.hint, text=fault.text))
        for blank in {blank.column: blank for blank in self._context.printed}.values():
            position = names.index(blank.column)
            if position in self._read.faults or blank.column in self._ground.job.recipients.key:
                self.failed = True  # that the cell cannot be read, or that the key is blank, is told already
                continue
            rule = rules.ROW_MISSING_VALUE if blank.word else rules.ROW_BLANK_VALUE
            hint = self._blank_hints.get(blank.column, "")
            self._add(_blank_finding(blank.column, blank.word, self._cell(rule.id, position), hint))

    def _cell(self, rule: str, position: int) -> Location | None:
        """Where a cell stands; None where the finding would only be counted, because looking costs time."""
        return self._ground.place(self._read.row, position) if self._findings.keeps(rule) else None

    def _report_address(self, template: MergeTemplate, text: str, reason: str, *, several: bool) -> None:
        rule = rules.ROW_SEVERAL_ADDRESSES if several else rules.ROW_BAD_ADDRESS
        hint = "Write one address, or declare the column `type: emails`." if several else "Correct the address."
        if meant := braced_column(template.source.text, self._ground.columns):
            hint = f"Did you mean `{meant}`?"
        self._report(rule, f"`{text}` is no address: {reason}", template, hint, text=text)

    def _report(self, rule: Rule, message: str, template: MergeTemplate, hint: str, *, text: str = "") -> None:
        """A finding about what a template gave: at the cell it came from, or at the template where it took none."""
        self.failed = True
        if template.columns:
            kept = self._findings.keeps(rule.id)
            where = self._ground.blame(template, self._read.row) if kept else None
            self._add(rule.finding(message, where, hint, text=text))
        elif (once := (rule.id, template.source.where)) not in self._ground.reported:
            self._ground.reported.add(once)
            self._add(rule.finding(message, template.source.where, hint, text=text))

    def _add(self, finding: Finding) -> None:
        self._findings.add(finding)
        self.failed = True


def _distinct(addresses: Iterable[Address]) -> Iterable[Address]:
    """The first of those that differ in nothing but case."""
    found: dict[str, Address] = {}
    for address in addresses:
        found.setdefault(address.mailbox.casefold(), address)
    return found.values()


def _each_once(message: Message) -> Message:
    """The message to everybody once: who is in `to` needs no copy, and who is in `cc` no hidden one."""
    seen = {address.mailbox.casefold() for address in message.to}
    cc = tuple(address for address in message.cc if address.mailbox.casefold() not in seen)
    seen.update(address.mailbox.casefold() for address in cc)
    return replace(message, cc=cc, bcc=tuple(each for each in message.bcc if each.mailbox.casefold() not in seen))


def _blank_finding(column: str, word: str, where: Location | None, hint: str) -> Finding:
    if word:
        message = f"the cell of `{column}` reads {word}, which programs write where a value is missing"
        return rules.ROW_MISSING_VALUE.finding(
            message, where, "Fill the cell, or declare the column `type: text` if the word is meant.", text=word
        )
    message = f"the cell of `{column}` is blank, and the mail prints it"
    hint = hint or (
        f"Fill the cell, write a default into the template ({{{{ {column} or 'customer' }}}}), "
        "or declare the column `required: false`."
    )
    return rules.ROW_BLANK_VALUE.finding(message, where, hint)


def _subject(template: MergeTemplate) -> str:
    line = template.source.text.strip().splitlines()
    return f"`{line[0]}`" if line else "the text"
