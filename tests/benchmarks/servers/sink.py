"""A mail server that takes every mail and keeps none (RFC 5321)."""

import asyncio
import time

from tests.benchmarks.servers.tally import Tally

GREETING = b"220 sink.example.com ESMTP\r\n"
EXTENSIONS = b"250-sink.example.com\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 36700160\r\n"
OK = b"250 2.0.0 OK\r\n"
GO_ON = b"354 End data with <CR><LF>.<CR><LF>\r\n"
GOODBYE = b"221 2.0.0 Bye\r\n"
UNKNOWN = b"502 5.5.1 Command not implemented\r\n"
END = b"\r\n.\r\n"


class SinkConnection(asyncio.Protocol):
    """One connection, with pipelining (RFC 2920): the answers to commands that came together leave together."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._transport: asyncio.Transport
        self._pending = b""
        self._in_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is none of asyncio's classes
        self._tally.connections += 1
        self._transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self._pending += data
        answers: list[bytes] = []
        while self._mail_ends(answers) if self._in_mail else self._command_ends(answers):
            pass
        if answers:
            self._transport.write(b"".join(answers))
        if answers and answers[-1] is GOODBYE:
            self._transport.close()

    def _mail_ends(self, answers: list[bytes]) -> bool:
        """Whether a mail has come to its end; of one that has not, only what may be part of the end is kept."""
        end = self._pending.find(END)
        if end < 0:
            kept = max(0, len(self._pending) - len(END) + 1)
            self._tally.size += kept
            self._pending = self._pending[kept:]
            return False
        self._tally.size += end
        self._pending = self._pending[end + len(END) :]
        self._in_mail = False
        now = time.time()
        self._tally.arrived(now)
        self._tally.answered(now, now)
        answers.append(OK)
        return True

    def _command_ends(self, answers: list[bytes]) -> bool:
        """Whether a command was there as a whole."""
        line, end, rest = self._pending.partition(b"\r\n")
        if not end:
            return False
        self._pending = rest
        answers.append(self._answer(line[:4].upper()))
        return True

    def _answer(self, verb: bytes) -> bytes:
        match verb:
            case b"EHLO":
                return EXTENSIONS
            case b"RCPT":
                self._tally.recipients += 1
                return OK
            case b"DATA":
                self._in_mail = True
                # The end of a mail without a line is CRLF . CRLF too: the first CRLF is the command's own.
                self._pending = b"\r\n" + self._pending
                return GO_ON
            case b"HELO" | b"MAIL" | b"RSET" | b"NOOP":
                return OK
            case b"QUIT":
                return GOODBYE
            case _:
                return UNKNOWN
