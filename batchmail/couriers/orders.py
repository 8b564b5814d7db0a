"""What is said on the line: orders of the run, reports of the courier. Each is about one lane, that is one connection.

They are tuples, for every mail takes four of them, and a dataclass costs twice as much to pack.
"""

from typing import NamedTuple

from batchmail.couriers.failure import Failure
from batchmail.message import Message
from batchmail.outcome import Outcome, Refused


class Open(NamedTuple):
    """Open a connection. Opened or Failed follows."""

    lane: int


class Prepare(NamedTuple):
    """Have this message at hand, in the place of another. Only Unprepared may follow: not a byte leaves.

    `mail` is its number on this lane. By it the run knows of which mail a report is, however late that comes.
    """

    lane: int
    mail: int
    message: Message


class GetReady(NamedTuple):
    """Do what the next transmission needs before its intent. IsReady or Failed follows."""

    lane: int


class Transmit(NamedTuple):
    """Hand over what is at hand, if it is this mail. Became or Broke follows."""

    lane: int
    mail: int


class Cancel(NamedTuple):
    """Leave the transmission, wherever it is. Nothing follows."""

    lane: int


class Close(NamedTuple):
    """Close the connection. IsClosed or Failed follows."""

    lane: int


Order = Open | Prepare | GetReady | Transmit | Cancel | Close


class Opened(NamedTuple):
    """The connection is open."""

    lane: int


class IsReady(NamedTuple):
    """What comes before an intent is done. It is also said, unasked, after a mail that went well."""

    lane: int


class IsClosed(NamedTuple):
    """The connection is closed."""

    lane: int


class Failed(NamedTuple):
    """The connection was not opened, made ready or closed: something was raised. `instead_of` is what was expected."""

    lane: int
    failure: Failure
    instead_of: "type[Opened | IsReady | IsClosed]"


class Unprepared(NamedTuple):
    """A mail could not be prepared: nothing of it is at hand, and nothing leaves."""

    lane: int
    mail: int
    failure: Failure


class Remaining(NamedTuple):
    """What is still at hand after a mail was taken for some: copies that were refused for now (see `outcome.Rest`)."""

    copies: int
    refused: Refused


class Became(NamedTuple):
    """What became of a transmission; `Divided.rest` is said in `remaining`, for a function cannot be."""

    lane: int
    mail: int
    outcome: Outcome
    remaining: Remaining | None = None


class Broke(NamedTuple):
    """A transmission raised something; `handed_over` is False where the provider certainly had no whole mail."""

    lane: int
    mail: int
    failure: Failure
    handed_over: bool


Report = Opened | IsReady | IsClosed | Failed | Unprepared | Became | Broke
