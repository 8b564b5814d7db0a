"""How strict the emulated WORKS tenant is: limits as documented, and every guess as a switch."""

from dataclasses import dataclass
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Refusal:
    """The status and code that a request is refused with."""

    status: int
    code: str


_INVALID = Refusal(400, "INVALID_PARAMETER")


@dataclass(frozen=True, slots=True)
class WorksRules:
    """Limits and guesses. † marks what the vendor's pages do not say; None switches a limit or a check off."""

    #: Calls a minute, for each operation (developers.worksmobile.com/jp/docs/rate-limits: 240 paid, 60 free).
    requests_per_minute: int | None = 240
    #: † The pages print `rateLimit-ssed`, surely a misprint of `rateLimit-used`: both, or one of them.
    used_header: Literal["both", "used", "ssed"] = "both"

    #: Mails a minute from one mailbox (help.worksmobile.com, "how many mails can be sent a day"); † for this API.
    mails_per_minute: int | None = 60
    #: Recipients in any 24 hours, inside and outside (same page); † for this API.
    recipients_per_day: int | None = 20_000
    #: Addresses outside of the domain in one mail, to, cc and bcc together (same page); † for this API.
    external_recipients: int | None = 500
    #: † What a mail over one of these three meets: a refusal, or 202 and a place among the drafts.
    over_quota: Refusal | Literal["draft"] = Refusal(403, "LIMIT_EXCEEDED")

    #: Characters of a subject that are stored; the excess is dropped (API page, "Note").
    subject_characters: int = 180
    #: Bytes of attachments: 25 MB on the Korean page, 20 MB on the English one; † counted in powers of ten.
    attachment_bytes: int | None = 25_000_000
    #: † Whether that counts all attachments of a mail together, or each alone; always before Base64.
    attachment_bytes_of: Literal["mail", "file"] = "mail"

    #: † A token of a service account. That it is refused is documented (/en/docs/auth-jwt), with which code is not.
    service_account: Refusal = Refusal(403, "FORBIDDEN")
    #: † `userId` is another user of the tenant.
    other_user: Refusal = Refusal(403, "FORBIDDEN")
    #: † `userId` is nobody: refused, or (None) taken for the user of the token.
    unknown_user: Refusal | None = Refusal(404, "USER_NOT_EXIST")
    #: The body is no JSON object, or not declared as JSON (code seen for another operation).
    unreadable_body: Refusal = _INVALID
    #: † `to` or `subject` is not there.
    missing_field: Refusal = Refusal(400, "MISSING_PARAMETER")
    #: † `to` or `subject` is empty.
    empty_field: Refusal = _INVALID
    #: † A field has another JSON type than documented; null counts as another type.
    wrong_type: Refusal = _INVALID
    #: † A word that is none of the allowed values, or an optional field that is there but empty.
    wrong_value: Refusal = _INVALID
    #: † One address of several is malformed: the whole mail is refused, or (None) that address is dropped.
    bad_address: Refusal | None = _INVALID
    #: † An attachment lacks `data`, `filename` or `fileType`, or has one that is empty, too long or no Base64.
    bad_attachment: Refusal = _INVALID
    #: † Spaces and line breaks within Base64: tolerated, because the vendor's own English example has a space in it.
    base64_spaces: bool = True
    #: † Attachments over the limit.
    attachments_too_large: Refusal = Refusal(400, "LIMIT_EXCEEDED")
    #: † `inline` without a `cid`.
    inline_without_cid: Refusal | None = _INVALID
    #: † Restricted or Confidential mail to somebody outside.
    restricted_outside: Refusal | None = Refusal(403, "FORBIDDEN")

    #: † Seconds between the 202 and the mail's appearance in Sent.
    sent_delay_seconds: float = 0.0
    #: † How a mail that was sent separately shows in Sent: once, or once for each recipient.
    separate_in_sent: Literal["once", "each"] = "once"
    #: † The list of the Tracking folder is asked for; that there is none is documented.
    tracking_list: Refusal = Refusal(403, "FORBIDDEN")
    #: † A folder or mail that does not exist.
    not_found: Refusal = Refusal(404, "NOT_FOUND")

    @classmethod
    def rehearsal(cls) -> Self:
        """The rules of a rehearsal: nothing makes a sender wait.

        Nor is anything refused for what the emulator cannot know of the real tenant: its users, and its own domains.
        """
        return cls(
            requests_per_minute=None,
            mails_per_minute=None,
            recipients_per_day=None,
            unknown_user=None,
            restricted_outside=None,
        )
