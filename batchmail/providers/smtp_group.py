"""The commands that lead to a mail's content, several of them at once where the server takes that (RFC 2920)."""

from collections.abc import Sequence

from batchmail.providers.smtp_answer import CLOSING, FAREWELL, SmtpReply
from batchmail.providers.smtp_wire import Broken, Wire

GO_ON = 354
_DATA = "DATA"
_RCPT = "RCPT "


class Group:
    """Commands of one transaction, DATA the last: the first `together` are said at once, each other after a reply."""

    def __init__(self, wire: Wire, commands: Sequence[str], together: int) -> None:
        self._wire = wire
        self._commands = commands
        self._together = together
        self._said = 0
        self._heard: list[SmtpReply] = []

    async def reply(self) -> SmtpReply:
        """The reply to the next command, which is said if it has not been. Raises Broken and TimeoutError."""
        position = len(self._heard)
        if position == self._said:
            self._said = max(self._together, position + 1)
            self._wire.say(*self._commands[position : self._said])
        reply = await self._wire.hear()
        self._heard.append(reply)
        return reply

    async def given_up(self) -> bool:
        """Whether the connection is of further use once no mail follows; hears all that is left to be heard.

        A server that wants the content all the same gets an empty one, as long as nobody would get it (RFC 2920,
        section 3.1). Otherwise, only the end of the connection is safe.
        """
        try:
            while len(self._heard) < self._said:
                command = self._commands[len(self._heard)]
                if _is_last(await self.reply(), command):
                    return False
            if not self._content_is_awaited:
                return True
            if self._anybody_was_accepted:
                return False
            self._wire.say(".")
            return not _is_last(await self._wire.hear(), ".")
        except (Broken, TimeoutError):
            return False

    @property
    def _content_is_awaited(self) -> bool:
        return self._commands[len(self._heard) - 1] == _DATA and self._heard[-1].code == GO_ON

    @property
    def _anybody_was_accepted(self) -> bool:
        replies = zip(self._commands, self._heard, strict=True)
        return any(reply.kind == 2 for command, reply in replies if command.startswith(_RCPT))  # noqa: PLR2004


def _is_last(reply: SmtpReply, command: str) -> bool:
    """Whether nothing that makes sense comes after it. After 2yz to DATA, nobody knows what the server waits for."""
    if reply.code in {CLOSING, FAREWELL}:
        return True
    if command == _DATA:
        return reply.code != GO_ON and reply.kind not in {4, 5}
    return reply.kind not in {2, 4, 5}
