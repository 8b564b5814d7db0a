"""Logging in at a mail server: the ways of RFC 4954, and XOAUTH2 as Google and Microsoft describe it."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hmac import new as hmac

from batchmail.outcome import Closed, Refused
from batchmail.providers.answer import one_line
from batchmail.providers.smtp_answer import SmtpReply, refused_login
from batchmail.providers.smtp_opening import Opening

_ACCEPTED = 235
_CHALLENGE = 334


@dataclass(frozen=True, slots=True)
class Login:
    """As whom, and with what: a password, or an OAuth access token where `oauth`."""

    username: str
    secret: str = field(repr=False)
    oauth: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that would give it away, in every form in which it travels; the longest first."""
        forms = {self.secret, _base64(self.secret), self._plain, self._xoauth2}
        return tuple(sorted(forms, key=len, reverse=True))

    async def log_in(self, opening: Opening, offered: frozenset[str], server: str) -> Refused | Closed | None:
        """Log in with the first way that both sides know; None once that has been done. Raises Broken, TimeoutError."""
        for name in ("XOAUTH2",) if self.oauth else ("PLAIN", "LOGIN", "CRAM-MD5"):
            if name in offered:
                reply = await self._say(name, opening)
                return None if reply.code == _ACCEPTED else refused_login(reply, server)
        return self._no_way(offered, server)

    async def _say(self, name: str, opening: Opening) -> SmtpReply:
        match name:
            case "PLAIN":
                return await opening.command(f"AUTH PLAIN {self._plain}")
            case "LOGIN":
                return await self._dialogue(opening, name, iter([_base64(self.username), _base64(self.secret)]))
            case "CRAM-MD5":
                return await self._cram_md5(opening)
            case _:
                reply = await opening.command(f"AUTH XOAUTH2 {self._xoauth2}")
                # A refusal comes as a challenge that explains it; only the answer to an empty line is the refusal.
                return await opening.command("") if reply.code == _CHALLENGE else reply

    async def _dialogue(self, opening: Opening, name: str, answers: Iterator[str]) -> SmtpReply:
        reply = await opening.command(f"AUTH {name}")
        for answer in answers:
            if reply.code != _CHALLENGE:
                break
            reply = await opening.command(answer)
        return reply

    async def _cram_md5(self, opening: Opening) -> SmtpReply:
        reply = await opening.command("AUTH CRAM-MD5")
        if reply.code != _CHALLENGE:
            return reply
        try:
            challenge = b64decode(reply.text, validate=True)
        except ValueError:
            return await opening.command("*")
        digest = hmac(self.secret.encode(), challenge, "md5").hexdigest()
        return await opening.command(_base64(f"{self.username} {digest}"))

    def _no_way(self, offered: frozenset[str], server: str) -> Closed:
        ways = ", ".join(sorted(offered)) or "none"
        wanted = "provider.accessToken" if self.oauth else "provider.password"
        return Closed(
            "no-login",
            f"{server} offers no way to log in with `{wanted}`; it offers: {one_line(ways)}",
            "Check `provider.port` and `provider.security`: many servers offer it on port 587 or 465 alone.",
        )

    @property
    def _plain(self) -> str:
        return _base64(f"\0{self.username}\0{self.secret}")

    @property
    def _xoauth2(self) -> str:
        """https://developers.google.com/workspace/gmail/imap/xoauth2-protocol ."""
        return _base64(f"user={self.username}\x01auth=Bearer {self.secret}\x01\x01")


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


class Threshold:
    """Lets one connection of a run log in first. Where that is refused, the others do not even try.

    Sixteen logins with a wrong password at once lock an account.
    """

    def __init__(self) -> None:
        self._passed = False
        self._refused: Closed | None = None
        self._lock: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def log_in(
        self, login: Login, opening: Opening, offered: frozenset[str], server: str
    ) -> Refused | Closed | None:
        """What `Login.log_in` gives, or gave another connection that was refused for good."""
        if self._passed:
            return await login.log_in(opening, offered, server)
        async with self._alone():
            if self._refused is None:
                outcome = await login.log_in(opening, offered, server)
                self._refused = outcome if isinstance(outcome, Closed) else None
                self._passed = outcome is None
                return outcome
        return self._refused

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        if self._lock is None or self._loop is not loop:
            self._lock, self._loop = asyncio.Lock(), loop
        async with self._lock:
            yield
