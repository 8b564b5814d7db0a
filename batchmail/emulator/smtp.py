"""A mail server's own side: who may log in, which addresses it knows, and what it accepted."""

import hmac
from dataclasses import dataclass, field
from secrets import token_hex, token_urlsafe
from typing import Protocol

from batchmail.clock import Clock, SystemClock
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import Receipt
from batchmail.emulator.smtp_mail import submission_of
from batchmail.emulator.smtp_rules import SmtpRules
from batchmail.emulator.works_limits import RateBucket

_PARTS_OF_PLAIN = 3
_ACCEPTED = "235 2.7.0 Authentication successful"
_REFUSED = "535 5.7.8 Error: authentication failed"
_UNREADABLE = "501 5.5.2 Cannot read that"


class Challenge(Protocol):
    """Asks a client for more; None where it has sent nothing that can be read, and has been told so."""

    async def __call__(self, question: str) -> bytes | None: ...


@dataclass(slots=True)
class Transaction:
    """A mail on its way in: the number of its MAIL command, and its envelope."""

    number: int = 0
    sender: str = ""
    recipients: list[str] = field(default_factory=list)


class MailSystem:
    """A mail server with one user, who may have any number of passwords; they serve as access tokens too."""

    def __init__(self, inbox: Inbox, rules: SmtpRules, clock: Clock | None = None) -> None:
        self.inbox = inbox
        self.rules = rules
        #: Addresses, in lower case: whom nobody has, whose mailbox is full, and who takes mail the second time only.
        self.unknown: set[str] = set()
        self.full: set[str] = set()
        self.greylisted: set[str] = set()
        #: From which the user may send; empty for any.
        self.senders: set[str] = set()
        self._met: set[str] = set()
        self._clock = clock or SystemClock()
        self._passwords: set[str] = set()
        self._expired: set[str] = set()
        self._bucket: RateBucket | None = None
        self.obey(rules)

    def obey(self, rules: SmtpRules) -> None:
        """Follow other rules from now on; what is offered changes with the next connection."""
        self.rules = rules
        limit = rules.mails_per_minute
        self._bucket = None if limit is None else RateBucket(limit, self._clock)

    def issue_token(self) -> str:
        """A new password of the user."""
        password = token_urlsafe(24)
        self._passwords.add(password)
        return password

    def expire_tokens(self) -> None:
        """From now on all passwords that there are count as wrong."""
        self._expired |= self._passwords

    def restore_tokens(self) -> None:
        """Let them in again."""
        self._expired.clear()

    async def log_in(self, mechanism: str, given: bytes | None, ask: Challenge) -> str | None:
        """The reply to a login; `given` is what came with the command. None where the client has been answered."""
        match mechanism:
            case "PLAIN":
                plain = await ask("") if given is None else given
                return None if plain is None else self._plain(plain)
            case "LOGIN":
                name = await ask("Username:") if given is None else given
                password = None if name is None else await ask("Password:")
                return None if password is None else self._verdict(password)
            case "CRAM-MD5":
                return await self._cram_md5(ask)
            case _:
                token = await ask("") if given is None else given
                return None if token is None else await self._xoauth2(token, ask)

    def mail(self, sender: str) -> str:
        """The reply to MAIL."""
        if self.senders and sender.lower() not in self.senders:
            return _about(sender, self.rules.foreign_sender)
        if self._bucket is not None and not self._bucket.take():
            return self.rules.over_rate
        return "250 2.1.0 Ok"

    def rcpt(self, address: str, before: int) -> str:
        """The reply to RCPT, after so many recipients of the same mail."""
        known = address.lower()
        if self.rules.recipients is not None and before >= self.rules.recipients:
            return self.rules.too_many_recipients
        if known in self.unknown:
            return _about(address, self.rules.unknown_address)
        if known in self.full:
            return _about(address, self.rules.full_mailbox)
        if known in self.greylisted and known not in self._met:
            self._met.add(known)
            return _about(address, self.rules.greylisted)
        return "250 2.1.5 Ok"

    def accept(self, transaction: Transaction, content: bytes) -> str:
        """Keep a mail; the reply to its last line. Raises InboxUnwritable."""
        submission = submission_of(content, transaction.recipients)
        self.inbox.accept(submission, Receipt(self._clock.now(), transaction.sender, submission.subject, content))
        return f"250 2.0.0 Ok: queued as {token_hex(5).upper()}"

    def _plain(self, plain: bytes) -> str:
        parts = plain.split(b"\0")
        return self._verdict(parts[2]) if len(parts) == _PARTS_OF_PLAIN else _UNREADABLE

    async def _cram_md5(self, ask: Challenge) -> str | None:
        challenge = f"<{token_hex(8)}@emulator.invalid>"
        answer = await ask(challenge)
        if answer is None:
            return None
        digest = answer.rpartition(b" ")[2].decode("latin-1")
        expected = (hmac.new(each.encode(), challenge.encode(), "md5").hexdigest() for each in self._good)
        return _ACCEPTED if digest in expected else _REFUSED

    async def _xoauth2(self, given: bytes, ask: Challenge) -> str | None:
        """A refusal is explained in a challenge, and comes once the client has answered that with nothing."""
        token = given.partition(b"auth=Bearer ")[2].partition(b"\x01")[0]
        verdict = self._verdict(token)
        if verdict is _REFUSED and await ask('{"status":"400","schemes":"bearer"}') is None:
            return None
        return verdict

    @property
    def _good(self) -> set[str]:
        return self._passwords - self._expired

    def _verdict(self, password: bytes) -> str:
        return _ACCEPTED if password.decode("utf-8", "replace") in self._good else _REFUSED


def _about(address: str, reply: str) -> str:
    return reply.replace("{address}", address)
