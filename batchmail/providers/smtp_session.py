"""A connection that a mail can go over: greeted, encrypted and logged in."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from batchmail.outcome import Closed, Refused
from batchmail.providers.answer import one_line
from batchmail.providers.connecting import address_hint, unconnected
from batchmail.providers.smtp_answer import SmtpReply, opened
from batchmail.providers.smtp_login import Login, Threshold
from batchmail.providers.smtp_opening import Opening
from batchmail.providers.smtp_wire import Broken, SmtpTimeouts, Wire

Security = Literal["starttls", "tls", "none"]

_SETTING = "provider.host"
_READY = 220
_SIZE = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where a server is (`host` in ASCII), and how it is spoken to; `tls` serves unless `security` is none."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext = field(repr=False)
    login: Login | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that is ready for mails, and what the server offers."""

    wire: Wire
    offers: Mapping[str, str]

    @property
    def size_limit(self) -> int | None:
        """The bytes that a mail may have (RFC 1870); None where there is no limit or none is told."""
        offered = self.offers.get("SIZE", "")
        return (int(offered) or None) if _SIZE.fullmatch(offered) else None

    @property
    def utf8(self) -> bool:
        """Whether addresses may have letters outside of ASCII (RFC 6531)."""
        return "SMTPUTF8" in self.offers

    @property
    def pipelining(self) -> bool:
        """Whether several commands may be said at once (RFC 2920)."""
        return "PIPELINING" in self.offers


class Unusable(Exception):
    """No mail can go over a connection; `outcome` is what that means for the one that wanted to."""

    def __init__(self, outcome: Refused | Closed) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


async def open_session(server: MailServer, threshold: Threshold, timeouts: SmtpTimeouts) -> Session:
    """A new connection, ready for a mail. Raises Unusable; then, nothing is left open."""
    try:
        implicit = server.tls if server.security == "tls" else None
        opening = await Opening.connect(server.host, server.port, implicit, timeouts)
    except OSError as error:
        raise Unusable(unconnected(str(server), timeouts.connect, error, _SETTING)) from None
    except UnicodeError:
        raise Unusable(_bad_host(server)) from None
    try:
        return await _made_ready(opening, server, threshold)
    except Broken:
        await opening.abort()
        raise _unheard(f"{server} ended the connection before a mail was sent") from None
    except TimeoutError:
        await opening.abort()
        raise _unheard(f"{server} did not answer within {timeouts.command:g} s") from None
    except OSError as error:
        await opening.abort()
        raise Unusable(unconnected(str(server), timeouts.connect, error, _SETTING)) from None
    except BaseException:
        await opening.abort()
        raise


def _unheard(reason: str) -> Unusable:
    return Unusable(Refused("no-connection", reason, reached=False, hint=address_hint(_SETTING)))


async def _made_ready(opening: Opening, server: MailServer, threshold: Threshold) -> Session:
    if server.login is not None:
        opening.secrets = server.login.secrets  # from the greeting on: an earlier connection may have told them
    _check(await opening.greeting(), server)
    offers = await _greeted(opening, server)
    if server.security == "starttls":
        await _encrypt(opening, server, offers)
        offers = await _greeted(opening, server)  # what was offered in the clear counts for nothing (RFC 3207, 4.2)
    if server.login:
        ways = frozenset(offers.get("AUTH", "").upper().split())
        if outcome := await threshold.log_in(server.login, opening, ways, str(server)):
            raise Unusable(outcome)
    if opening.muddled:
        raise Unusable(Refused("no-sense", f"{server} says more than it is asked for"))
    return Session(opening.wire(), offers)


async def _greeted(opening: Opening, server: MailServer) -> Mapping[str, str]:
    reply = await opening.command(f"EHLO {opening.own_address}")
    _check(reply, server)
    return _offers(reply)


async def _encrypt(opening: Opening, server: MailServer, offers: Mapping[str, str]) -> None:
    """TLS from here on, or nothing at all: a server that suddenly offers none may not be the server."""
    if "STARTTLS" not in offers:
        raise Unusable(_no_encryption(server, "it does not offer STARTTLS"))
    reply = await opening.start_tls(server.tls, server.host)
    if reply.kind == 4:  # noqa: PLR2004
        raise Unusable(Refused(reply.name, f"{server} is not ready for TLS: {reply.said}", attempt=False))
    if reply.code != _READY:
        raise Unusable(_no_encryption(server, f"{reply.code} {reply.said}"))


def _no_encryption(server: MailServer, why: str) -> Closed:
    return Closed(
        "no-starttls",
        f"{server} does not encrypt: {one_line(why)}",
        "Nothing is sent in the clear. Use the server's port for TLS (`security: tls`, mostly 465), or, for a server "
        "within your own network that takes mail without a login, `security: none`.",
    )


def _bad_host(server: MailServer) -> Closed:
    return Closed("bad-address", f"{one_line(str(server), 100)} cannot be a server's name", "Check `provider.host`.")


def _check(reply: SmtpReply, server: MailServer) -> None:
    if outcome := opened(reply, str(server)):
        raise Unusable(outcome)


def _offers(reply: SmtpReply) -> dict[str, str]:
    """The extensions of an answer to EHLO, with what stands beside them. Some old servers write `AUTH=LOGIN`."""
    lines = (re.split(r"[ =]", line.strip(), maxsplit=1) for line in reply.text.split("\n")[1:])
    return {name.upper(): "".join(rest).strip() for name, *rest in lines if name}
