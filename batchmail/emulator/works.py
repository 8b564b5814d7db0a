"""A tenant of WORKS API 2.0: who may call, how often, and what becomes of a mail.

The checks come in the order of the fact sheet that this is built from; where the vendor's pages leave something open,
`WorksRules` has a switch for it. Pages: developers.worksmobile.com, "Send mail", "Error codes", "Rate limits".
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, json_answer
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import Receipt, Submission
from batchmail.emulator.tokens import TokenHolder
from batchmail.emulator.works_limits import DAY, MINUTE, RateBucket, RollingCount
from batchmail.emulator.works_mailbox import WorksMailbox
from batchmail.emulator.works_request import Refused, is_address, read_submission
from batchmail.emulator.works_rules import Refusal, WorksRules

#: Operations: each has a rate of its own.
SEND, FOLDERS, LISTING, READING = "mail-create", "mail-folder-list", "mail-folder-mail-list", "mail-get"

_SENDING = frozenset({"mail"})
_LOOKING = frozenset({"mail", "mail.read"})
_INSIDE_ONLY = ("Restricted", "Confidential")


@dataclass(frozen=True, slots=True)
class WorksUser:
    """A member of the tenant; the login id is also the address that mail comes from."""

    user_id: str
    login_id: str

    @property
    def domain(self) -> str:
        """The domain of the address, in lower case."""
        return _domain(self.login_id)

    def is_named(self, name: str) -> bool:
        """Whether a `userId` of a path, decoded, means this user."""
        return name == self.user_id or name.casefold() == self.login_id.casefold()


@dataclass(frozen=True, slots=True)
class _Access:
    user: WorksUser
    scopes: frozenset[str]
    service_account: bool


class WorksTenant(TokenHolder[_Access]):
    """A company's account with its users, tokens, limits and mailboxes.

    `account` is the user id or login id of the sender; `me` stands for one that is made up.
    """

    def __init__(self, inbox: Inbox, rules: WorksRules, clock: Clock | None = None, account: str = "me") -> None:
        super().__init__(clock or SystemClock())
        self.inbox = inbox
        self.rules = rules
        self.sender = _sender(account)
        self.colleague = WorksUser("b2f7c1d0-colleague", f"colleague@{self.sender.domain}")
        #: Addresses, in lower case, whose mail bounces: the sender finds a notice in the Inbox.
        self.undeliverable: set[str] = set()
        self.mailbox = WorksMailbox(inbox, rules, self._clock)
        self._buckets: dict[str, RateBucket] = {}
        self._mails = RollingCount(MINUTE, self._clock)
        self._recipients = RollingCount(DAY, self._clock)

    def issue_token(
        self,
        user: WorksUser | None = None,
        *,
        scope: str = "mail",
        lifetime_seconds: float = DAY,
        service_account: bool = False,
    ) -> str:
        """A new access token for a user, the sender unless another is named; scopes are divided by spaces."""
        return self._give_out(_Access(user or self.sender, frozenset(scope.split()), service_account), lifetime_seconds)

    def obey(self, rules: WorksRules) -> None:
        """Follow other rules from now on; where they have another rate, its minutes begin anew."""
        if rules.requests_per_minute != self.rules.requests_per_minute:
            self._buckets.clear()
        self.rules = self.mailbox.rules = rules

    def endpoints(self, prefix: str) -> tuple[Endpoint, ...]:
        """The operations under a prefix such as `/v1.0`."""
        mail = f"{prefix}/users/{{user}}/mail"
        folders = f"{mail}/mailfolders"
        mailbox = self.mailbox

        def reading(operation: str, path: str, answer: Callable[[WorksUser, Incoming], Answer]) -> Endpoint:
            def answered(incoming: Incoming) -> Answer:
                return self._answer(incoming, _LOOKING, answer)

            return Endpoint(operation, "GET", path, answered, count(1).__next__)

        return (
            Endpoint(SEND, "POST", mail, self.send, self.inbox.request_began),
            reading(FOLDERS, folders, lambda user, _: mailbox.folders(user.login_id)),
            reading(LISTING, f"{folders}/{{folder}}/children", lambda user, i: mailbox.listing(user.login_id, i)),
            reading(READING, f"{mail}/{{mail}}", lambda user, i: mailbox.reading(user.login_id, i)),
        )

    def send(self, incoming: Incoming) -> Answer:
        """`POST /users/{userId}/mail`."""
        return self._answer(incoming, _SENDING, self._send)

    def _answer(
        self,
        incoming: Incoming,
        scopes: frozenset[str],
        work: Callable[[WorksUser, Incoming], Answer],
    ) -> Answer:
        try:
            access = self._authenticated(incoming)
            self._metered(incoming.operation)
            self._permitted(access, scopes)
            self._named(incoming.parameters["user"], access.user)
            answer = work(access.user, incoming)
        except Refused as refused:
            code, description = refused.refusal.code, refused.description
            answer = json_answer(refused.refusal.status, {"code": code, "description": description})
        return answer.with_headers(self._rate_headers(incoming.operation))

    def _authenticated(self, incoming: Incoming) -> _Access:
        scheme, _, value = incoming.headers.get("authorization", "").partition(" ")
        access = self._granted(value)
        if scheme != "Bearer" or access is None:
            raise Refused(Refusal(401, "UNAUTHORIZED"), "The access token is missing, unknown or expired")
        return access

    def _metered(self, operation: str) -> None:
        bucket = self._bucket(operation)
        if bucket is not None and not bucket.take():
            raise Refused(Refusal(429, "TOO_MANY_REQUESTS"), "API rate limit exceeded")

    def _bucket(self, operation: str) -> RateBucket | None:
        limit = self.rules.requests_per_minute
        if limit is None:
            return None
        if operation not in self._buckets:
            self._buckets[operation] = RateBucket(limit, self._clock)
        return self._buckets[operation]

    def _rate_headers(self, operation: str) -> tuple[tuple[str, str], ...]:
        bucket = self._bucket(operation)
        return bucket.headers(self.rules.used_header) if bucket else ()

    def _permitted(self, access: _Access, scopes: frozenset[str]) -> None:
        if access.service_account:
            raise Refused(self.rules.service_account, "A service account cannot call this API")
        if not access.scopes & scopes:
            raise Refused(Refusal(403, "FORBIDDEN"), f"The token lacks the scope {' or '.join(sorted(scopes))}")

    def _named(self, name: str, user: WorksUser) -> None:
        if name == "me" or user.is_named(name):
            return
        if any(other.is_named(name) for other in (self.sender, self.colleague)):
            raise Refused(self.rules.other_user, f"The token is not one of {name}")
        if self.rules.unknown_user:
            raise Refused(self.rules.unknown_user, f"{name} does not exist")

    def _send(self, user: WorksUser, incoming: Incoming) -> Answer:
        submission = read_submission(incoming.headers.get("content-type", ""), incoming.body, self.rules)
        outside = sum(_domain(address) != user.domain for address in submission.recipients)
        if outside and submission.security_level in _INSIDE_ONLY and self.rules.restricted_outside:
            raise Refused(self.rules.restricted_outside, f"{submission.security_level} mail cannot leave the domain")
        excess = self._excess(submission, outside)
        if excess and isinstance(self.rules.over_quota, Refusal):
            raise Refused(self.rules.over_quota, excess)
        self._accept(user, submission, incoming.body, drafted=bool(excess))
        return Answer(202)

    def _excess(self, submission: Submission, outside: int) -> str:
        rules = self.rules
        if rules.external_recipients is not None and outside > rules.external_recipients:
            return f"More than {rules.external_recipients} recipients outside of the domain"
        if rules.mails_per_minute is not None and self._mails.total() >= rules.mails_per_minute:
            return f"More than {rules.mails_per_minute} mails in a minute"
        recipients = self._recipients.total() + len(submission.recipients)
        if rules.recipients_per_day is not None and recipients > rules.recipients_per_day:
            return f"More than {rules.recipients_per_day} recipients in 24 hours"
        return ""

    def _accept(self, user: WorksUser, submission: Submission, request: bytes, *, drafted: bool) -> None:
        subject = submission.subject[: self.rules.subject_characters]
        receipt = Receipt(self._clock.now(), user.login_id, subject, request, drafted)
        mail = self.inbox.accept(submission, receipt)
        if drafted:
            return
        if self.rules.mails_per_minute is not None:
            self._mails.add(1)
        if self.rules.recipients_per_day is not None:
            self._recipients.add(len(mail.recipients))
        if self.undeliverable:
            self.mailbox.bounce(mail, [name for name in mail.recipients if name.lower() in self.undeliverable])


def _sender(account: str) -> WorksUser:
    if is_address(account):
        return WorksUser("a1e6b0c9-sender", account)
    return WorksUser("a1e6b0c9-sender" if account == "me" else account, "sender@works.example")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
