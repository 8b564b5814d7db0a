"""Why a server could not be connected to: the one place that reads such exceptions, since no mail is on its way yet."""

import socket
import ssl
from collections.abc import Iterator
from typing import TypeVar

from batchmail.outcome import Closed, Refused
from batchmail.providers.answer import one_line

_Cause = TypeVar("_Cause", bound=BaseException)


def unconnected(server: str, seconds: float, error: Exception, setting: str) -> Refused | Closed:
    """What follows from a failed connection to a server; `setting` is the manifest's key that has its address."""
    if certificate := _find(error, ssl.SSLCertVerificationError):
        return Closed(
            "bad-certificate",
            f"{server} does not prove who it is: {one_line(certificate.verify_message)}",
            f"Check `{setting}` and the machine's date. Where a company's own proxy opens all connections, its "
            "certificate must be trusted by this machine.",
        )
    if _tls_failed(error):
        return Closed("no-tls", f"{server} does not speak TLS as expected", _tls_hint(setting))
    return Refused("no-connection", _why(server, seconds, error), reached=False, hint=address_hint(setting))


def address_hint(setting: str) -> str:
    """What to look at where a server is not what it should be; `setting` is the manifest's key that has its address."""
    return f"Check `{setting}` and its port."


def _tls_hint(setting: str) -> str:
    """Mail servers begin without TLS on some ports (RFC 8314, section 3.3); web servers never change to it."""
    if setting != "provider.host":
        return address_hint(setting)
    return (
        f"Check `{setting}` and its port, or write `security: starttls`: on most ports but 465, TLS begins after a "
        "greeting in the clear."
    )


def _find(error: BaseException, kind: type[_Cause]) -> _Cause | None:
    """The first of a kind among an error and what it came from."""
    return next((cause for cause in _causes(error) if isinstance(cause, kind)), None)


def _tls_failed(error: Exception) -> bool:
    """Whether TLS failed as a protocol; a connection that ended or stalled meanwhile may do better next time."""
    return any(isinstance(cause, ssl.SSLError) and cause.errno == ssl.SSL_ERROR_SSL for cause in _causes(error))


def _why(server: str, seconds: float, error: Exception) -> str:
    if _find(error, socket.gaierror):
        return f"the name {server} cannot be resolved"
    if _find(error, ConnectionRefusedError):
        return f"{server} refused the connection"
    if _find(error, TimeoutError):
        return f"no connection to {server} within {seconds:g} s"
    return f"no connection to {server}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):  # one failure for each address of a name
            for member in error.exceptions:
                yield from _causes(member)
        error = error.__cause__ or error.__context__
