"""A Pleasanter server: who may call, in which order it checks, and what becomes of a mail.

Read in Implem.Pleasanter 1.5.3: `Filters/CheckApiContextAttributes.cs`, `Models/OutgoingMails/OutgoingMailUtilities.cs`
(`SendByApi`) and `OutgoingMailValidators.cs`, `Filters/HandleErrorExAttribute.cs`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from secrets import token_hex

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, Json, json_answer
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import Receipt, Submission
from batchmail.emulator.pleasanter_addresses import Mailbox, first_bad, first_external, mailbox, pieces, sent_to
from batchmail.emulator.pleasanter_request import JsonObject, MailModel, Unusable, api_key, read_json, read_mail
from batchmail.emulator.pleasanter_rules import PleasanterRules, text

SEND = "outgoing-mails-send"

_JSON = "application/json"
#: Letters count in no case, so the whole path is compared here; which kind of item is meant makes no difference.
_PATH = "/{api}/{reference}/{record}/{controller}/{action}"
_PAGE = (("content-type", "text/html; charset=utf-8"),)
#: What the web server answers where there is nothing.
NO_PAGE = Answer(404, b"<html><body>404</body></html>", _PAGE)
_TOO_LARGE = Answer(413, b"<html><body>413</body></html>", _PAGE)


@dataclass(frozen=True, slots=True)
class PleasanterUser:
    """Whom an API key belongs to; `active` unless disabled or locked."""

    name: str = "Sender"
    address: str = "sender@pleasanter.example"
    active: bool = True


class _Refused(Exception):
    """The request ends here, with an answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that was let in: the record of its path, its user, its JSON, and whether a page's script made it."""

    record: int
    user: PleasanterUser
    json: JsonObject
    scripted: bool


class PleasanterServer:
    """A company's server with its users, records and mail settings."""

    def __init__(self, inbox: Inbox, rules: PleasanterRules | None = None, clock: Clock | None = None) -> None:
        self.inbox = inbox
        self.rules = rules or PleasanterRules()
        #: Addresses behind references such as `[User12]`.
        self.members: dict[str, Sequence[str]] = {}
        self._clock = clock or SystemClock()
        self._users: dict[str, PleasanterUser] = {}
        self._used: Counter[date] = Counter()

    def issue_key(self, user: PleasanterUser | None = None) -> str:
        """A new API key."""
        key = token_hex(64)
        self._users[key] = user or PleasanterUser()
        return key

    def lock(self, key: str) -> None:
        """Disable the user of a key."""
        self._users[key] = replace(self._users[key], active=False)

    def expire_tokens(self) -> None:
        """Disable the users of all keys: keys of this API do not expire."""
        self._users = {key: replace(user, active=False) for key, user in self._users.items()}

    def restore_tokens(self) -> None:
        """Enable the users of all keys."""
        self._users = {key: replace(user, active=True) for key, user in self._users.items()}

    def obey(self, rules: PleasanterRules) -> None:
        """Follow other rules from now on."""
        self.rules = rules

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The only operation."""
        return (Endpoint(SEND, "POST", _PATH, self.send, self.inbox.request_began),)

    def send(self, incoming: Incoming) -> Answer:
        """`POST /api/items/{record}/OutgoingMails/Send`."""
        called = [incoming.parameters[name].lower() for name in ("api", "controller", "action")]
        if called != ["api", "outgoingmails", "send"]:
            return NO_PAGE
        try:
            request = self._let_in(incoming)
            self._check_mime(request.record, incoming)
            mail = self._mail(request)
            remaining = self._metered(request.record)
            sender = self._sender(request, mail)
            lists = self._checked(request.record, mail)
            self._accept(request, mail, sender, lists, incoming.body)
        except _Refused as refused:
            return refused.answer
        return self._own(request.record, 200, "sent", more=remaining)

    def _let_in(self, incoming: Incoming) -> _Request:
        """What the filter, the framework and the log-in make of a request."""
        if len(incoming.body) > self.rules.request_bytes:
            raise _Refused(_TOO_LARGE)
        if self.rules.address_blocked:
            raise _Refused(self._filtered(403, "403 Forbidden"))
        request = read_json(incoming.body) if incoming.body else {}
        declared = incoming.headers.get("content-type", "").partition(";")[0].strip().lower() == _JSON
        if request is None and declared and self.rules.bad_json == 400:  # noqa: PLR2004  a status
            raise _Refused(self._filtered(400, "Invalid json data."))
        record = _record(incoming.parameters["record"])
        user = self._users.get(api_key(request or {}))
        if user is None or not user.active:
            raise _Refused(self._own(record, 401, "unauthorized"))
        scripted = incoming.headers.get("x-requested-with") == "XMLHttpRequest"
        return _Request(record, user, request or {}, scripted)

    def _check_mime(self, record: int, incoming: Incoming) -> None:
        if self.rules.mime_check and incoming.headers.get("content-type", "").lower() != _JSON:
            raise _Refused(self._own(record, 400, "invalid"))

    def _mail(self, request: _Request) -> MailModel:
        try:
            return read_mail(request.json)
        except Unusable:
            raise _Refused(self._own(request.record, 400, "invalid")) from None

    def _metered(self, record: int) -> dict[str, Json]:
        """Count a request, whatever becomes of it; what an answer says of the quota."""
        limit = self.rules.requests_per_day
        if limit is None:
            return {}
        today = self._clock.now().date()
        self._used[today] += 1
        if self._used[today] > limit:
            raise _Refused(self._own(record, 429, "used-up", limit=limit, site=self.rules.site))
        return {"LimitPerDate": limit, "LimitRemaining": limit - self._used[today]}

    def _sender(self, request: _Request, mail: MailModel) -> Mailbox:
        """Whom the mail is from, as asked; what cannot be read makes the server crash."""
        if mail.sender is None:
            return Mailbox(request.user.address, request.user.name)
        sender = mailbox(mail.sender.strip())
        if sender is None:
            raise _Refused(_crashed(scripted=request.scripted))
        return sender

    def _checked(self, record: int, mail: MailModel) -> tuple[list[str], ...]:
        """The lists of addresses, once there is nothing against them."""
        rules = self.rules
        if rules.records is not None and record not in rules.records:
            raise _Refused(self._own(record, 403, "no-right"))
        if rules.send_grid and not mail.to.strip():
            raise _Refused(self._own(record, 500, "no-to"))
        if not (mail.to + mail.cc + mail.bcc).strip():
            raise _Refused(self._own(record, 500, "no-recipient"))
        lists = tuple(pieces(each) if each.strip() else [] for each in (mail.to, mail.cc, mail.bcc))
        for found in lists:
            if bad := first_bad(found):
                raise _Refused(self._own(record, 500, "bad-address", piece=bad))
        for found in lists:
            if external := first_external(found, rules.internal_domains):
                raise _Refused(self._own(record, 500, "external", piece=external))
        return lists

    def _accept(
        self, request: _Request, mail: MailModel, sender: Mailbox, lists: tuple[list[str], ...], body: bytes
    ) -> None:
        if len(mail.title) > self.rules.title_characters:
            raise _Refused(_crashed(scripted=request.scripted))
        to, cc, bcc = (sent_to(found, self.members) for found in lists)
        real = self._real_sender(sender)
        signed = mail.sender is None and real != sender
        submission = Submission(
            to=to,
            cc=cc,
            bcc=bcc,
            subject=mail.title,
            body=mail.body if mail.body is not None else f"\n\n{sender.name}<{sender.address}>" if signed else "",
            content_type="text",
            user_name=real.name or None,
            attachments=mail.attachments,
            record=str(request.record),
        )
        lost = not self.rules.mail_system_works or not submission.recipients
        self.inbox.accept(submission, Receipt(self._clock.now(), real.address, mail.title, body, lost=lost))

    def _real_sender(self, sender: Mailbox) -> Mailbox:
        """Whom the mail is really from: FixedFrom, if there is one, for all but those who may be named."""
        if self.rules.fixed_from is None or sender.address in self.rules.allowed_from:
            return sender
        return mailbox(self.rules.fixed_from) or sender

    def _own(
        self, record: int, status: int, name: str, *, more: dict[str, Json] | None = None, **places: object
    ) -> Answer:
        """The program's own answer."""
        message = text(name, self.rules.language, **places)
        answer = json_answer(status, {"Id": record, "StatusCode": status, **(more or {}), "Message": message})
        return replace(answer, headers=(("content-type", "application/json;charset=utf-8"),))

    def _filtered(self, status: int, message: str) -> Answer:
        """The answer of the filter before it."""
        return json_answer(status, {"message" if self.rules.lower_case_keys else "Message": message})


def _record(written: str) -> int:
    """The record of a path; the framework refuses what is no number."""
    if not (written.isascii() and written.isdigit()):
        title = "One or more validation errors occurred."
        said = {"id": list[Json]([f"The value '{written}' is not valid."])}
        answer = json_answer(400, {"title": title, "status": 400, "errors": {**said}})
        raise _Refused(replace(answer, headers=(("content-type", "application/problem+json; charset=utf-8"),)))
    return int(written)


def _crashed(*, scripted: bool) -> Answer:
    """What an unhandled exception is answered with: a way to a page, or commands for the page that asked."""
    if scripted:
        return json_answer(500, [{"Method": "Message", "Target": "#Message", "Value": "Application error"}])
    return Answer(302, b"", (("location", "/errors"),))
