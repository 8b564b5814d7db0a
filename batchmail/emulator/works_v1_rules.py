"""How strict the emulated tenant of LINE WORKS API 1.0 is: limits as documented, and every guess as a switch."""

from dataclasses import dataclass
from typing import Literal, Self

from batchmail.emulator.works_rules import Refusal

#: The gateway's codes that the emulator knows (developers.worksmobile.com/jp/document/3002003).
ErrorCode = Literal["001", "024", "028", "029", "041", "042", "047"]


@dataclass(frozen=True, slots=True)
class GatewayRefusal:
    """The status and `errorCode` that the gateway refuses with, before the operation sees a request."""

    status: int
    error_code: ErrorCode


_INVALID = Refusal(400, "INVALID_PARAMETER")
_FAILED = Refusal(500, "SYSTEM_ERROR")

#: What bots may not send by default (developers.worksmobile.com/en/docs/bot-send-file).
_BLOCKED = frozenset({"bat", "cmd", "com", "cpl", "exe", "hta", "js", "scr", "vbs", "wsf"})


@dataclass(frozen=True, slots=True)
class WorksV1Rules:
    """Limits and guesses. † marks what the vendor's pages do not say; None switches a limit or a check off."""

    #: † Whether the API has come to its end: announced for 30 April 2023, and what it answers since is not known.
    ended: bool = False
    #: The path has another API ID than the tenant's.
    unknown_api: GatewayRefusal | None = GatewayRefusal(403, "041")
    #: Calls a minute; the plan decides, 60 on the free one (forum.worksmobile.com/jp/posts/100157).
    requests_per_minute: int | None = 60
    #: † What a call over that meets.
    over_rate: GatewayRefusal = GatewayRefusal(429, "047")

    #: † The body is no form, or not declared as one; a text in it is not in UTF-8, or there twice.
    unreadable_body: Refusal = _INVALID
    #: `to` or `subject` is not there, or blank.
    missing_field: Refusal = _INVALID
    #: † A word that is none of the allowed values.
    wrong_value: Refusal = _INVALID
    #: † Which parts are attachments: those with a `filename` parameter, or those that are named like no field.
    attachments_are: Literal["with filename", "other names"] = "with filename"

    #: † File names with these endings are blocked; the administrator decides.
    blocked_endings: frozenset[str] = _BLOCKED
    #: Bytes of attachments: 20 MB on the English and Korean pages, the administrator's on the Japanese one.
    attachment_bytes: int | None = 20_000_000
    #: † Whether that counts all attachments of a mail together, or each alone.
    attachment_bytes_of: Literal["mail", "file"] = "mail"
    #: Attachments over the limit (API page, "Note"; its table of errors has the status).
    attachments_too_large: Refusal = _FAILED

    #: † No address of the mail has the form of one: refused, or (None) success with nobody in `successList`.
    no_good_address: Refusal | None = None
    #: Characters of a subject that are stored; the excess is dropped (API page, "Note").
    subject_characters: int = 100

    @classmethod
    def rehearsal(cls) -> Self:
        """The rules of a rehearsal: nothing makes a sender wait, and any API ID is the tenant's."""
        return cls(requests_per_minute=None, unknown_api=None)
