"""Whom a request writes to and about what, seen at a glance: nothing is checked, a broken request shows nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import policy
from email.parser import BytesHeaderParser

from batchmail.emulator.exchange import Incoming
from batchmail.emulator.form_parts import NoForm, read_form
from batchmail.emulator.json_fields import Unacceptable, read_object
from batchmail.emulator.pleasanter_request import read_json


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Recipients as they are written in the request, all lists together, and the subject."""

    recipients: str
    subject: str


Glance = Callable[[Incoming], Glimpse]


def works_glance(incoming: Incoming) -> Glimpse:
    """A request of WORKS API 2.0."""
    try:
        return _glimpse(read_object(incoming.body), "subject")
    except Unacceptable:
        return Glimpse("", "")


def works_v1_glance(incoming: Incoming) -> Glimpse:
    """A request of LINE WORKS API 1.0."""
    try:
        parts = read_form(incoming.headers.get("content-type", ""), incoming.body)
    except NoForm:
        return Glimpse("", "")
    texts = {part.name: part.content.decode("utf-8", "replace") for part in parts if part.filename is None}
    return _glimpse(texts, "subject")


def pleasanter_glance(incoming: Incoming) -> Glimpse:
    """A request to Pleasanter."""
    return _glimpse(read_json(incoming.body) or {}, "title")


def smtp_glance(incoming: Incoming) -> Glimpse:
    """A mail over SMTP, or a command on its way; the subject is there with the mail."""
    subject = BytesHeaderParser(policy=policy.default).parsebytes(incoming.body).get("subject", "")
    return Glimpse(incoming.parameters["to"] or incoming.parameters["argument"], str(subject))


def _glimpse(fields: Mapping[str, object], subject: str) -> Glimpse:
    lists = (fields.get(name) for name in ("to", "cc", "bcc"))
    title = fields.get(subject)
    recipients = "\n".join(each for each in lists if isinstance(each, str))
    return Glimpse(recipients, title if isinstance(title, str) else "")
