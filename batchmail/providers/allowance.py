"""What WORKS says of its rate limit in the headers of an answer.

developers.worksmobile.com/en/docs/rate-limits prints the names `rateLimit-remaining` and `rateLimit-reset` (seconds).
"""

import re
from dataclasses import replace

from batchmail.outcome import Allowance, Outcome, Refused, Rejected, Sent
from batchmail.providers.answer import wait_seconds
from batchmail.providers.base import Reply

#: The limit is one a minute. A reset further away than this, in seconds, is taken for milliseconds or a time of day.
LONGEST_WINDOW = 120

_COUNT = re.compile(r"\s*(\d{1,9})\s*\Z", re.ASCII)


def allowance(reply: Reply) -> Allowance | None:
    """What is left; None where the headers are not there, or make no sense."""
    remaining = _COUNT.match(reply.headers.get("ratelimit-remaining", ""))
    reset = wait_seconds(reply, "ratelimit-reset")
    if remaining is None or reset is None or reset > LONGEST_WINDOW:
        return None
    return Allowance(int(remaining[1]), reset)


def with_allowance(outcome: Outcome, reply: Reply) -> Outcome:
    """The outcome with what its answer says of the limit."""
    match outcome:
        case Sent() | Rejected() | Refused() if (told := allowance(reply)) is not None:
            return replace(outcome, allowance=told)
        case _:
            return outcome
