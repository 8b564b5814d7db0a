"""What a provider cannot take, found before the first mail: of the job as a whole, and of each message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from math import ceil

from batchmail import rules
from batchmail.finding import Finding, Rule
from batchmail.job import Job, Route
from batchmail.message import ContentType, Message
from batchmail.planning.glance import fits, is_simple
from batchmail.providers.base import Capabilities, Feature, Provider
from batchmail.rate import Rate

_WITHOUT = "Take it out of the manifest, or choose a provider that has it."
_WITHOUT_HTML = (
    "Write `contentType: text` and a body without tags, or let the body be converted with `downgrade: text` among the "
    "settings of a provider that has that."
)
#: What LINE WORKS blocks by default (developers.worksmobile.com/en/docs/bot-send-file), and mail systems like it.
_BLOCKED_TYPES = (".bat", ".cmd", ".com", ".cpl", ".exe", ".scr", ".js", ".vbs", ".wsf", ".hta")
#: How a key that is missing is written.
_SAMPLES = {Feature.FROM: ", for example `from: Billing <billing@example.com>`"}
#: Images of an HTML body that travel with the mail (RFC 2392).
_IMAGES = re.compile(r"""src\s*=\s*["']?cid:([^"'\s>]+)""", re.IGNORECASE)


class Part(Enum):
    """Where to look for what is wrong with a message."""

    ADDRESS = auto()
    SUBJECT = auto()
    ATTACHMENTS = auto()


@dataclass(frozen=True, slots=True)
class Objection:
    """Something about one message that the provider would refuse or lose."""

    rule: Rule
    part: Part
    message: str
    hint: str
    text: str = ""


def job_findings(job: Job, provider: Provider) -> Iterator[Finding]:
    """What the provider cannot express, and rates that it would refuse, at their places in the manifest."""
    wanted = tuple(_wanted(job))
    for feature in sorted(provider.capabilities.required.difference(feature for feature, _ in wanted)):
        yield rules.MANIFEST_MISSING_KEY.finding(
            f"message.{feature.value} is missing: {provider.title} sends no mail without it",
            job.place("message"),
            f"Add `{feature.value}` under `message`{_SAMPLES.get(feature, '')}",
        )
    for feature, route in wanted:
        if feature not in provider.capabilities.features | provider.capabilities.converted:
            yield rules.PROVIDER_CANNOT_EXPRESS.finding(
                f"{provider.title} has no field for `{feature.value}`",
                job.place(*route),
                _WITHOUT_HTML if feature is Feature.HTML else _WITHOUT,
            )
    yield from _html_findings(job, provider)
    limits = provider.capabilities
    if job.message.security_level in limits.inside_levels and not limits.inside_domain:
        yield rules.LEVEL_UNCHECKED.finding(
            f"{job.message.security_level} mail may not leave the company, and nothing tells who is inside",
            job.place("message", "securityLevel"),
            "Write the account's address as `provider.userId`: recipients in other domains are then told by name.",
        )
    if job.send.rates and provider.official:
        yield from _rate_findings(job, job.send.rates, provider)


def _html_findings(job: Job, provider: Provider) -> Iterator[Finding]:
    """Settings for HTML where there is none, and HTML that some readers would see nothing of."""
    message = job.message
    html = message.content_type is ContentType.HTML and message.body is not None
    for key, wanted in {"inlineCss": message.inline_css, "textFromHtml": message.text_from_html}.items():
        if wanted and not html:
            yield rules.MANIFEST_BAD_VALUE.finding(
                f"`{key}` is for a body in HTML", job.place("message", key), "Take it out.", text=key
            )
    if message.content_type is ContentType.TEXT and message.alternative is not None:
        yield rules.MANIFEST_BAD_VALUE.finding(
            "a body in plain text has no plain alternative: nobody would get `text`",
            job.place("message", "text"),
            "Take `text` out, or the line `contentType: text` if the body is HTML.",
            text="text",
        )
    if message.text_from_html and message.alternative is not None:
        hint = "Take one of the two out."
        where = job.place("message", "textFromHtml")
        yield rules.MANIFEST_BAD_VALUE.finding("`text` is written already", where, hint, text="textFromHtml")
    alternative = message.alternative is not None or message.text_from_html
    if html and not alternative and Feature.ALTERNATIVE in provider.capabilities.features:
        yield rules.HTML_WITHOUT_TEXT.finding(
            "readers who see no HTML get an empty mail",
            job.place("message", "body"),
            "Write `text` under `message`, or `textFromHtml: true`.",
        )


def _wanted(job: Job) -> Iterator[tuple[Feature, Route]]:
    """The features that a job's manifest asks for, each with the place where it does."""
    message = job.message
    written = {route[1] for route in job.places if len(route) > 1 and route[0] == "message"}
    asked = {
        Feature.HTML: message.content_type is ContentType.HTML and message.body is not None,
        Feature.SECURITY_LEVEL: "securityLevel" in written,
        Feature.SAVE_SENT: "isSaveSentMail" in written,
        Feature.SAVE_TRACKING: "isSaveTracking" in written,
        Feature.FROM: message.sender is not None,
        Feature.REPLY_TO: message.reply_to is not None,
        Feature.ALTERNATIVE: message.alternative is not None or message.text_from_html,
        Feature.CC: bool(message.cc),
        Feature.BCC: bool(message.bcc),
        Feature.USER_NAME: message.user_name is not None,
        Feature.ATTACHMENTS: bool(message.attachments),
        Feature.HEADERS: bool(message.headers),
        Feature.UNSUBSCRIBE: message.unsubscribe is not None,
    }
    for feature, wanted in asked.items():
        if wanted:
            yield feature, ("message", feature.value.partition(":")[0])
    for number, attachment in enumerate(message.attachments):
        if attachment.cid is not None:
            yield Feature.INLINE_IMAGES, ("message", "attachments", number, "cid")


def _rate_findings(job: Job, rates: tuple[Rate, ...], provider: Provider) -> Iterator[Finding]:
    chosen = " and ".join(map(str, rates))
    passed = [limit for limit in provider.capabilities.rates if _most(rates, limit.seconds) > limit.count]
    if passed:
        yield rules.RATE_ABOVE_LIMIT.finding(
            f"{chosen} lets more through than the {' and '.join(map(str, passed))} that {provider.title} permits",
            job.place("send", "rate"),
            "Leave `send.rate` out: the provider's own limits are then kept.",
            text=chosen,
        )


def _most(rates: tuple[Rate, ...], seconds: float) -> int:
    """The most requests that all of these rates together let through in a window; each has one recipient at least."""
    return min(ceil(seconds / rate.seconds) * rate.count for rate in rates)


def message_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    """What the provider would refuse or lose of one message, and what its reader would see broken."""
    return iter(()) if is_simple(message) and fits(message, capabilities) else close_look(message, capabilities)


def close_look(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    """The same, found by looking at everything."""
    yield from _image_objections(message)
    yield from _subject_objections(message, capabilities)
    yield from _attachment_objections(message, capabilities)
    yield from _sender_objections(message, capabilities)
    yield from _recipient_objections(message, capabilities)
    yield from _level_objections(message, capabilities)


def _sender_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    if message.sender is None and Feature.FROM in capabilities.required:
        yield Objection(
            rules.ROW_BAD_ADDRESS,
            Part.ADDRESS,
            "there is no sender, and the provider sends no mail without one",
            "Give the row a sender, or write one into `message.from`.",
        )


def _recipient_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    limit = capabilities.recipients_per_request
    alone = capabilities.in_copies(separately=message.send_separately)
    if limit is not None and len(message.recipients) > limit and not alone:
        yield Objection(
            rules.PROVIDER_TOO_MANY_RECIPIENTS,
            Part.ADDRESS,
            f"{len(message.recipients)} recipients; the provider takes {limit}",
            "Divide them over several rows.",
        )
    named = next((address for address in message.recipients if address.name), None)
    if named and Feature.RECIPIENT_NAMES not in capabilities.features:
        yield Objection(
            rules.PROVIDER_CANNOT_EXPRESS,
            Part.ADDRESS,
            f"the name beside {named.mailbox} would be lost: the provider takes addresses alone",
            "Write the address alone.",
            str(named),
        )


def _level_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    inside = capabilities.inside_domain
    if not inside or message.security_level not in capabilities.inside_levels:
        return
    outside = [each.mailbox for each in message.recipients if each.mailbox.rpartition("@")[2].lower() != inside]
    if outside:
        yield Objection(
            rules.LEVEL_MAY_NOT_LEAVE,
            Part.ADDRESS,
            f"{message.security_level} mail to {outside[0]}, which is not in {inside}, the domain of the account",
            "Leave the row out, or choose another `securityLevel`. If that domain is the company's own too, allow it "
            f"with --allow {rules.LEVEL_MAY_NOT_LEAVE.id}",
            outside[0],
        )


def _image_objections(message: Message) -> Iterator[Objection]:
    if message.content_type is not ContentType.HTML or "cid:" not in message.body:
        return
    there = {attachment.cid for attachment in message.attachments}
    for cid in dict.fromkeys(_IMAGES.findall(message.body)):
        if cid not in there:
            yield Objection(
                rules.INLINE_IMAGE_MISSING,
                Part.ATTACHMENTS,
                f"the body shows cid:{cid}, and no attachment has this cid",
                f"Give the image's attachment `cid: {cid}`, or take it out of the body.",
                f"cid:{cid}",
            )


def _subject_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    limit = capabilities.subject_characters
    if limit is None or len(message.subject) <= limit:
        return
    if capabilities.subject_is_cut:
        yield Objection(
            rules.SUBJECT_WOULD_BE_CUT,
            Part.SUBJECT,
            f"the subject has {len(message.subject)} characters; the provider keeps {limit} and says nothing",
            f"Shorten it, or allow it with --allow {rules.SUBJECT_WOULD_BE_CUT.id}",
            message.subject,
        )
    else:
        yield Objection(
            rules.SUBJECT_TOO_LONG,
            Part.SUBJECT,
            f"the subject has {len(message.subject)} characters; the provider takes {limit}",
            "Shorten it.",
            message.subject,
        )


def _attachment_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    limit = capabilities.attachment_bytes
    total = sum(attachment.size for attachment in message.attachments)
    if limit is not None and total > limit:
        yield Objection(
            rules.ATTACHMENT_TOO_LARGE,
            Part.ATTACHMENTS,
            f"{_megabytes(total)} of attachments; the limit is {_megabytes(limit)}",
            "Make the files smaller, or raise `provider.attachmentLimit`, where there is one, if more is allowed.",
        )
    longest = capabilities.filename_characters
    for attachment in message.attachments:
        if longest is not None and len(attachment.filename) > longest:
            yield Objection(
                rules.ATTACHMENT_LONG_NAME,
                Part.ATTACHMENTS,
                f"the file name has {len(attachment.filename)} characters; the provider takes {longest}",
                "Give it a shorter `filename`.",
                attachment.filename,
            )
        if attachment.filename.lower().endswith(_BLOCKED_TYPES):
            yield Objection(
                rules.ATTACHMENT_BLOCKED_TYPE,
                Part.ATTACHMENTS,
                f"`{attachment.filename}` is a kind of file that mail systems refuse",
                f"Send it as a link, or allow it with --allow {rules.ATTACHMENT_BLOCKED_TYPE.id}",
                attachment.filename,
            )
    yield from _filename_objections(message, capabilities)


def _filename_objections(message: Message, capabilities: Capabilities) -> Iterator[Objection]:
    seen: set[str] = set()
    for attachment in message.attachments:
        name = attachment.filename.casefold()
        unfit = next((character for character in capabilities.unfit_in_filenames if character in name), None)
        why = ""
        if name in capabilities.reserved_filenames:
            why = "is a field's name to the provider"
        elif unfit:
            why = f"has a {unfit}, which the provider may misread"
        elif capabilities.distinct_filenames and name in seen:
            why = "stands twice among the attachments; the provider may keep one of them"
        seen.add(name)
        if why:
            yield Objection(
                rules.ATTACHMENT_UNFIT_NAME,
                Part.ATTACHMENTS,
                f"the file name `{attachment.filename}` {why}",
                "Give it another `filename`.",
                attachment.filename,
            )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
