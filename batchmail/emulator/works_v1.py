"""A tenant of LINE WORKS API 1.0: who may call, and which address gets a mail.

Where the vendor's pages leave something open, `WorksV1Rules` has a switch for it. Pages:
developers.worksmobile.com/jp/document/1004004/v2 (the operation) and /jp/document/3002003 (the gateway before it).
"""

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Literal

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.exchange import Answer, Endpoint, Incoming, Json, json_answer
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import Receipt, Submission
from batchmail.emulator.tokens import TokenHolder
from batchmail.emulator.works_limits import DAY, RateBucket
from batchmail.emulator.works_request import Refused, is_address
from batchmail.emulator.works_v1_request import read_submission
from batchmail.emulator.works_v1_rules import ErrorCode, GatewayRefusal, WorksV1Rules

SEND = "sendMail"

#: The gateway's sentences (developers.worksmobile.com/jp/document/3002003); † what stands in 047 is not known.
_SENTENCES: Mapping[ErrorCode, str] = {
    "001": "URL Not Supported",
    "024": "Authentication failed",
    "028": "Authentication headers are missing",
    "029": "Authentication headers are malformed",
    "041": "API ID not allowed",
    "042": "Consumer key not allowed",
    "047": "Quota exceeded",
}
_ENDED = GatewayRefusal(404, "001")


class GatewayRefused(Exception):
    """A request is refused before the operation sees it."""

    def __init__(self, refusal: GatewayRefusal) -> None:
        super().__init__(refusal.error_code)
        self.refusal = refusal


def gateway_answer(refusal: GatewayRefusal) -> Answer:
    """The gateway's own shape of an error; one seen for 024 had a `code` too."""
    body: dict[str, Json] = {"errorCode": refusal.error_code, "errorMessage": _SENTENCES[refusal.error_code]}
    return json_answer(refusal.status, {"code": "UNAUTHORIZED", **body} if refusal.error_code == "024" else body)


class WorksV1Tenant(TokenHolder[Literal[True]]):
    """A company's account with its keys, tokens, and what is known of addresses.

    `account` is the sender's address; `me` stands for one that is made up.
    """

    def __init__(self, inbox: Inbox, rules: WorksV1Rules, clock: Clock | None = None, account: str = "me") -> None:
        super().__init__(clock or SystemClock())
        self.inbox = inbox
        self.rules = rules
        self.api_id = "jp1emulated"
        self.account = account if is_address(account) else "sender@works.example"
        #: The Service API consumer keys that may be used.
        self.consumer_keys = {token_urlsafe(16)}
        #: Addresses, in lower case, whom nobody has, whose mailbox is dormant, and whose server takes no mail.
        self.nonexistent: set[str] = set()
        self.dormant: set[str] = set()
        self.failing: set[str] = set()
        self._bucket = self._new_bucket()

    def issue_token(self, lifetime_seconds: float = 365 * DAY) -> str:
        """A new access token of the sender."""
        return self._give_out(True, lifetime_seconds)

    def obey(self, rules: WorksV1Rules) -> None:
        """Follow other rules from now on; where they have another rate, its minute begins anew."""
        same_rate = rules.requests_per_minute == self.rules.requests_per_minute
        self.rules = rules
        if not same_rate:
            self._bucket = self._new_bucket()

    def _new_bucket(self) -> RateBucket | None:
        limit = self.rules.requests_per_minute
        return None if limit is None else RateBucket(limit, self._clock)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The operations."""
        return (Endpoint(SEND, "POST", "/r/{api}/mail/v2/sendMail", self.send, self.inbox.request_began),)

    def send(self, incoming: Incoming) -> Answer:
        """`POST /r/{API ID}/mail/v2/sendMail`."""
        try:
            self._admit(incoming)
            return self._send(incoming)
        except GatewayRefused as refused:
            return gateway_answer(refused.refusal)
        except Refused as refused:
            code, message = refused.refusal.code, refused.description
            return json_answer(refused.refusal.status, {"code": code, "message": message, "domain": "mail"})

    def _admit(self, incoming: Incoming) -> None:
        if self.rules.ended:
            raise GatewayRefused(_ENDED)
        if self.rules.unknown_api and incoming.parameters["api"] != self.api_id:
            raise GatewayRefused(self.rules.unknown_api)
        self._authenticate(incoming)
        if self._bucket is not None and not self._bucket.take():
            raise GatewayRefused(self.rules.over_rate)

    def _authenticate(self, incoming: Incoming) -> None:
        key, authorization = (incoming.headers.get(name) for name in ("consumerkey", "authorization"))
        if key is None or authorization is None:
            raise GatewayRefused(GatewayRefusal(401, "028"))
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer" or not token or not key:
            raise GatewayRefused(GatewayRefusal(401, "029"))
        if key not in self.consumer_keys:
            raise GatewayRefused(GatewayRefusal(403, "042"))
        if not self._granted(token):
            raise GatewayRefused(GatewayRefusal(401, "024"))

    def _send(self, incoming: Incoming) -> Answer:
        submission = read_submission(incoming.headers.get("content-type", ""), incoming.body, self.rules)
        lists = self._classified(submission)
        if self.rules.no_good_address and len(lists["wrongAddrList"]) == len({*submission.recipients}):
            raise Refused(self.rules.no_good_address, "No address is valid")
        if lists["successList"]:
            subject = submission.subject[: self.rules.subject_characters]
            receipt = Receipt(self._clock.now(), self.account, subject, incoming.body)
            self.inbox.accept(_to_those(submission, lists["successList"]), receipt)
        shown: dict[str, Json] = {name: list[Json](addresses) for name, addresses in lists.items()}
        return json_answer(200, {"returnCode": 0, "returnMessage": 0, **shown})

    def _classified(self, submission: Submission) -> dict[str, list[str]]:
        """The six lists. An address that the mail names twice is once in the list where it belongs."""
        lists: dict[str, list[str]] = {
            "successList": [],
            "wrongAddrList": [],
            "noneExistenceAddrList": [],
            "smtpFailList": [],
            "dormantAddrList": [],
            "dupAddrList": [],
        }
        times: dict[str, list[str]] = {}
        for address in submission.recipients:
            times.setdefault(address.lower(), []).append(address)
        for address, *again in times.values():
            lists[self._list_of(address)].append(address)
            if again:
                lists["dupAddrList"].append(address)
        return lists

    def _list_of(self, address: str) -> str:
        name = address.lower()
        if not is_address(address):
            return "wrongAddrList"
        if name in self.nonexistent:
            return "noneExistenceAddrList"
        if name in self.dormant:
            return "dormantAddrList"
        return "smtpFailList" if name in self.failing else "successList"


def _to_those(submission: Submission, addresses: list[str]) -> Submission:
    """The mail as it is sent: to those who get it, each once."""
    left = {address.lower() for address in addresses}

    def kept(named: tuple[str, ...]) -> tuple[str, ...]:
        found = []
        for address in named:
            if address.lower() in left:
                left.remove(address.lower())
                found.append(address)
        return tuple(found)

    return replace(submission, to=kept(submission.to), cc=kept(submission.cc), bcc=kept(submission.bcc))
