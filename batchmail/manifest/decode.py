"""From the checked manifest to the job: defaults settled, paths resolved."""

from collections.abc import Sequence
from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.finding import Severity
from batchmail.job import (
    AttachmentSpec,
    Body,
    BodyFile,
    FieldSpec,
    FurtherFile,
    Job,
    MessageSpec,
    RecipientsSpec,
    SendSpec,
    StopAfterSpec,
    SuppressionFile,
    TemplateText,
    UnsubscribeSpec,
)
from batchmail.location import Location
from batchmail.manifest.bodies import FileOfBody
from batchmail.manifest.schema import (
    AttachedFile,
    Column,
    ListUnsubscribe,
    Mail,
    Manifest,
    Recipients,
    Sending,
    StopAfter,
)
from batchmail.manifest.settings import ProviderPart
from batchmail.manifest.tree import Node, walk
from batchmail.message import ContentType

Places = dict[tuple[str | int, ...], Location]


def decode(path: Path, manifest: Manifest, root: Node, digest: bytes) -> Job:
    """The job of a manifest without faults; `digest` is that of the file's bytes."""
    places = {node.route: node.where for node in walk(root)}
    assert isinstance(manifest.provider, ProviderPart)
    return Job(
        path=path,
        mailing=Mailing(manifest.name, manifest.edition or ""),
        provider=manifest.provider.spec(path.parent),
        recipients=_recipients(path, manifest.recipients, places),
        message=_message(manifest.message),
        send=_send(manifest.send) if manifest.send else SendSpec(),
        reports=tuple(path.parent / report for report in manifest.report),
        digest=digest,
        places=places,
        severities={rule: Severity(word) for rule, word in manifest.findings.items()},
    )


def _recipients(path: Path, written: Recipients, places: Places) -> RecipientsSpec:
    files = [path.parent / file for file in written.file]
    return RecipientsSpec(
        file=files[0] if files else path,
        sheet=written.sheet,
        encoding=written.encoding,
        key=written.key,
        condition=written.where,
        duplicates=written.duplicates,
        fields={
            name: _field(name, column, places["recipients", "fields", name]) for name, column in written.fields.items()
        },
        header=written.header,
        others=tuple(
            FurtherFile(file, places["recipients", "file", number]) for number, file in enumerate(files) if number
        ),
        rows=written.rows,
        suppress=tuple(
            SuppressionFile(path.parent / file, _item_place(places, ("recipients", "suppress"), number))
            for number, file in enumerate(written.suppress)
        ),
    )


def _item_place(places: Places, route: tuple[str | int, ...], number: int) -> Location:
    """Where an item of a list was written, which may stand there alone."""
    return places.get((*route, number)) or places[route]


def _field(name: str, column: Column, where: Location) -> FieldSpec:
    return FieldSpec(
        name,
        where,
        type=column.type,
        format=column.format,
        required=column.required,
        unique=column.unique,
        pattern=column.pattern,
        min=column.min,
        max=column.max,
        choices=column.choices,
    )


def _message(written: Mail) -> MessageSpec:
    return MessageSpec(
        to=written.to,
        subject=written.subject,
        body=_body(written.body),
        cc=written.cc,
        bcc=written.bcc,
        sender=written.sender,
        reply_to=written.reply_to,
        alternative=_body(written.alternative),
        text_from_html=written.text_from_html,
        inline_css=written.inline_css,
        content_type=ContentType(written.content_type),
        user_name=written.user_name,
        save_sent=written.is_save_sent_mail,
        save_tracking=written.is_save_tracking,
        send_separately=written.is_send_separately,
        security_level=written.security_level,
        attachments=_attachments(written.attachments),
        headers=written.headers,
        unsubscribe=_unsubscribe(written.list_unsubscribe),
    )


def _unsubscribe(written: ListUnsubscribe | None) -> UnsubscribeSpec | None:
    return UnsubscribeSpec(written.url, written.mailto, written.one_click) if written else None


def _body(written: TemplateText | FileOfBody | None) -> Body | None:
    return BodyFile(written.file) if isinstance(written, FileOfBody) else written


def _attachments(written: Sequence[AttachedFile]) -> tuple[AttachmentSpec, ...]:
    return tuple(
        AttachmentSpec(
            path=each.path,
            filename=each.filename,
            file_type=each.file_type,
            cid=each.cid,
            optional=each.optional,
            several=each.several,
            shared=each.shared,
        )
        for each in written
    )


def _send(written: Sending) -> SendSpec:
    return SendSpec(
        concurrency=written.concurrency,
        rates=written.rate or None,
        attempts=written.attempts,
        timeout_seconds=written.timeout,
        combine=written.combine,
        canary=written.canary,
        stop_after=_stop_after(written.stop_after),
    )


def _stop_after(written: StopAfter | None) -> StopAfterSpec:
    return StopAfterSpec(written.rejected, written.in_doubt) if written else StopAfterSpec()
