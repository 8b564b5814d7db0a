"""Further header fields of the mail: their names, which are the job's own, and those that it may not set."""

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from batchmail import rules
from batchmail.manifest.faults import fault
from batchmail.manifest.parts import mapping_of
from batchmail.manifest.scalars import JsonSchema
from batchmail.manifest.tree import Node
from batchmail.manifest.wording import named, shown

_TAKES = "header fields, each with its text"
#: RFC 5322, section 2.2, and the length of a line.
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}"

#: Written by batchmail from keys of their own, and where the key is another, which.
_OWN_KEYS = {
    "to": "message.to",
    "cc": "message.cc",
    "bcc": "message.bcc",
    "from": "message.from",
    "reply-to": "message.replyTo",
    "subject": "message.subject",
    "list-unsubscribe": "message.listUnsubscribe",
    "list-unsubscribe-post": "message.listUnsubscribe",
    "dkim-signature": "provider.dkim",
}
#: Written by batchmail, or by the servers on the way.
_WRITTEN = frozenset({"date", "message-id", "mime-version", "received", "return-path", "sender"})


@dataclass(frozen=True)
class HeaderFields:
    """Reads a mapping of header names to texts; the places of names are those of the nodes."""

    def _entries(self, node: object) -> dict[str, Node]:
        entries = mapping_of(node, _TAKES).entries
        seen: set[str] = set()
        for name, value in entries.items():
            objection = _objection(name, seen)
            seen.add(name.lower())
            if objection:
                why, hint = objection
                message = f"{named(value)} {why}"
                raise fault(rules.MANIFEST_BAD_VALUE.finding(message, value.key, hint, text=shown(name)))
        return entries

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._entries, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {**handler(schema), "propertyNames": {"pattern": f"^{_NAME}$"}}


def _objection(written: str, seen: set[str]) -> tuple[str, str] | None:
    """What is wrong with a name, and what to do."""
    name = written.lower()
    if not re.fullmatch(_NAME, written):
        return "is no name of a header field", "Names are letters, digits and -, for example X-Campaign."
    if name in seen:
        return "stands twice: names of header fields are the same in capital and small letters", "Take one of them out."
    if name in _OWN_KEYS:
        key = _OWN_KEYS[name]
        return f"is written from `{key}`", f"Take it out, and write `{key}` instead."
    if name in _WRITTEN or name.startswith(("content-", "arc-", "resent-")):
        return "is written by batchmail or by the mail servers", "Take it out."
    return None
