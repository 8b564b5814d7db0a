"""Whom a request writes to and about what, seen at a glance: nothing is checked, a broken request shows nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


def _glimpse(fields: Mapping[str, object], subject: str) -> Glimpse:
    lists = (fields.get(name) for name in ("to", "cc", "bcc"))
    title = fields.get(subject)
    recipients = "\n".join(each for each in lists if isinstance(each, str))
    return Glimpse(recipients, title if isinstance(title, str) else "")
