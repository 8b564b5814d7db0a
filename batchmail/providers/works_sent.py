"""The Sent folder over WORKS API 2.0: what a mail in doubt is looked for in.

developers.worksmobile.com/en/docs/mail-folder-mail-list (a page of a folder) and /en/docs/mail-get (one mail). The
pages do not show every field of the list; a mail of which the list does not say enough is to be opened.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import quote

from batchmail.lookup import SentMail
from batchmail.outcome import Closed, Refused
from batchmail.providers.answer import json_object, server_time, wait_seconds
from batchmail.providers.base import Reply, SentPage
from batchmail.providers.reading import Reader
from batchmail.providers.works_answer import said

#: The folder's number, as the example of /en/docs/mail-folder-list has it.
SENT = 1
#: The most that a page may have.
MAILS_A_PAGE = 200

_SCOPE_HINT = "The token needs the scope `mail` or `mail.read`, and `provider.userId` must be its member or `me`."


class WorksSent:
    """Reads the Sent folder, newest mail first."""

    def __init__(self, reader: Reader, base_url: str, user_id: str) -> None:
        self._reader = reader
        self._mail = f"{base_url.rstrip('/')}/users/{quote(user_id, safe='')}/mail"

    async def __aenter__(self) -> Self:
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._reader.__aexit__(*exc)

    async def page(self, cursor: str) -> SentPage | Refused | Closed:
        url = f"{self._mail}/mailfolders/{SENT}/children?count={MAILS_A_PAGE}"
        return await self._reader.get(f"{url}&cursor={quote(cursor, safe='')}" if cursor else url, page_of)

    async def mail(self, identity: str) -> SentMail | Refused | Closed:
        return await self._reader.get(f"{self._mail}/{quote(identity, safe='')}", opened_of)


def page_of(reply: Reply) -> SentPage | Refused | Closed:
    """A page of the folder's list."""
    if reply.status // 100 != 2:  # noqa: PLR2004  the class of successes
        return refusal(reply)
    answer = json_object(reply.body)
    mails = answer.get("mails")
    if not isinstance(mails, list):
        return _unreadable("no list of mails")
    read = [_mail(each) for each in mails]
    known = tuple(each for each in read if each is not None)
    if len(known) < len(read):
        return _unreadable("a mail without an id")
    meta = answer.get("responseMetaData")
    cursor = meta.get("nextCursor") if isinstance(meta, dict) else None
    return SentPage(known, cursor if isinstance(cursor, str) else "", server_time(reply))


def opened_of(reply: Reply) -> SentMail | Refused | Closed:
    """One mail."""
    if reply.status // 100 != 2:  # noqa: PLR2004  the class of successes
        return refusal(reply)
    mail = _mail(json_object(reply.body).get("mail"))
    if mail is None or mail.subject is None or mail.to is None or mail.time is None:
        return _unreadable("a mail without subject, recipients or time")
    return mail


def refusal(reply: Reply) -> Refused | Closed:
    """What an answer means that is no success: a question may be asked again, unless the answer would be the same."""
    code, reason = said(reply)
    match reply.status:
        case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.TOO_EARLY | HTTPStatus.TOO_MANY_REQUESTS:
            wait = wait_seconds(reply, "ratelimit-reset", "x-ratelimit-reset", "retry-after")
            return Refused(code, reason, wait, attempt=False)
        case status if status // 100 == 5:  # noqa: PLR2004  the class of failures
            return Refused(code, reason, wait_seconds(reply, "retry-after"))
        case HTTPStatus.UNAUTHORIZED:
            hint = "The access token is wrong or has expired. Get a new one, and run this command again."
            return Closed(code, reason, hint)
        case HTTPStatus.FORBIDDEN:
            return Closed(code, reason, _SCOPE_HINT)
        case _:
            return Closed(code, reason, "Check `provider.baseUrl` and `provider.userId`.")


def _mail(told: object) -> SentMail | None:
    """A mail as the list or the mail itself shows it; None where it has no id."""
    if not isinstance(told, dict) or not isinstance(told.get("mailId"), int | str):
        return None
    subject = told.get("subject")
    return SentMail(str(told["mailId"]), subject if isinstance(subject, str) else None, _recipients(told), _time(told))


def _recipients(told: Mapping[str, object]) -> tuple[str, ...] | None:
    """The addresses in `to`, of whatever form; None where one of them cannot be made out, or nobody is shown."""
    shown = told.get("to")
    people = shown.split(";") if isinstance(shown, str) else shown
    if not isinstance(people, list):
        return None
    addresses = [_address(each) for each in people if each != ""]
    return tuple(filter(None, addresses)) if addresses and all(addresses) else None


def _address(person: object) -> str:
    """The address of a person: an object with an `email`, or a text with or without a name."""
    written = person.get("email") if isinstance(person, dict) else person
    if not isinstance(written, str):
        return ""
    bare = written.rpartition("<")[2].partition(">")[0].strip()
    return bare if "@" in bare else ""


def _time(told: Mapping[str, object]) -> datetime | None:
    """When it was sent; None where that is no time with an offset."""
    for name in ("sentTime", "receivedTime"):
        try:
            time = datetime.fromisoformat(str(told.get(name)))
        except ValueError:
            continue
        if time.tzinfo is not None:
            return time
    return None


def _unreadable(what: str) -> Closed:
    return Closed(
        "unreadable-answer",
        f"the list of sent mails is not as documented ({what})",
        "Look into the Sent folder yourself, and settle each mail by hand.",
    )
