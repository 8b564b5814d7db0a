"""Looking up what is in doubt, in words: for `resolve --look`, and for `send`, which looks before it sends."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from batchmail.cli.console import Console
from batchmail.cli.onward import Onward
from batchmail.cli.run_text import by_hand_command
from batchmail.cli.words import count, grouped, printable
from batchmail.clock import SystemClock
from batchmail.errors import BatchmailError, JournalUnusable
from batchmail.event_loop import completed
from batchmail.journal.base import Journal
from batchmail.lookup import Alike, Early, Found, Missing, Trace, Unmarked, Verdict
from batchmail.outcome import Closed, Refused
from batchmail.pipeline import OpenedJob
from batchmail.results import NAMED
from batchmail.settling import LookedUp, clock_time_after, look_up

#: What became of those looked for, in a word or two, in the order of telling.
KINDS: tuple[tuple[type[Verdict], str], ...] = (
    (Found, "found in Sent"),
    (Missing, "not found"),
    (Alike, "not to be told apart"),
    (Early, "not there yet"),
    (Unmarked, "not to be recognised"),
)


def look_first(console: Console, opened: OpenedJob, journal: Journal) -> None:
    """Before a send: see who has got their mail after all. That it fails never keeps a mail from being sent."""
    if opened.provider.capabilities.look_up is None or next(journal.in_doubt(), None) is None:
        return

    def begin(number: int) -> None:
        console.note(f"Looking up {count(number, 'mail')} in doubt from earlier runs …")

    try:
        looked = completed(
            lambda: look_up(journal, opened.job, opened.provider, SystemClock(), again=False, begin=begin)
        )
    except JournalUnusable:
        raise
    except BatchmailError as error:
        console.note(f"  It could not be looked up: {error.message}\n")
        return
    if looked.stopped:
        console.note(f"  It could not be looked up: {stopped_text(looked.stopped)}\n")
    elif looked.verdicts:
        console.note(f"  {tally_text(looked.verdicts)}\n")
    if repeated := repeated_text(looked.verdicts):
        console.error(f"{repeated}\n")


def looked_text(looked: LookedUp, onward: Onward) -> str:
    """What a look-up came to, each delivery that wants a person by name, and how to go on."""
    lines = [line for verdict in looked.verdicts[:NAMED] for line in _verdict_lines(verdict)]
    if len(looked.verdicts) > NAMED:
        more, named = len(looked.verdicts) - NAMED, onward.command("status")
        lines.append(f"  … and {grouped(more)} more; those in doubt by name:  {named}")
    early = [verdict.until for verdict in looked.verdicts if isinstance(verdict, Early)]
    if early:
        again = onward.command("resolve", "--look")
        lines.append(f"  to look again, from {clock_time_after(max(early))} on:  {again}")
    left = [each.trace.delivery.key for each in looked.verdicts if isinstance(each, Missing | Alike | Unmarked)]
    if left:
        # While some may still turn up, nobody is to settle all at once.
        lines.append(f"  to settle by hand:  {by_hand_command(onward, left[:1] if early else left, '--resend')}")
    if looked.stopped:
        lines.append(f"The look-up could not be finished: {stopped_text(looked.stopped)}")
        if isinstance(looked.stopped, Closed):
            lines.append(f"  {looked.stopped.hint}")
    lines.append(f"{count(len(looked.verdicts), 'mail')} looked up: {tally_text(looked.verdicts)}.")
    return "\n".join(lines)


def repeated_text(verdicts: Sequence[Verdict]) -> str:
    """Who may have got their mail more than once, by name; empty where nobody may."""
    repeated = [each for each in verdicts if isinstance(each, Found) and each.times > 1]
    lines = [line for verdict in repeated[:NAMED] for line in _verdict_lines(verdict)]
    if len(repeated) > NAMED:
        lines.append(f"  … and {grouped(len(repeated) - NAMED)} more, in a report's `mail_reason`")
    return "\n".join(lines)


def tally_text(verdicts: Sequence[Verdict]) -> str:
    """How many became what: `2 found in Sent, 1 not found`."""
    numbers = [(sum(isinstance(verdict, kind) for verdict in verdicts), words) for kind, words in KINDS]
    return ", ".join(f"{grouped(number)} {words}" for number, words in numbers if number) or "none settled"


def stopped_text(stopped: Refused | Closed) -> str:
    """Why a look-up ended before its end."""
    return f"{printable(stopped.reason)} ({printable(stopped.code)})"


def _verdict_lines(verdict: Verdict) -> Iterator[str]:
    match verdict:
        case Found(trace, 1, _):
            yield _name("sent", trace)
        case Found(trace, times, _):
            yield _name("sent", trace)
            yield f"           found {times} times in Sent: it may have arrived more than once"
        case Missing(trace):
            yield _name("in doubt", trace)
            yield "           not found in Sent"
        case Alike(trace, mails, others):
            yield _name("in doubt", trace)
            alike = count(others + 1, "delivery", "deliveries")
            yield f"           {count(mails, 'mail')} in Sent, and {alike} with this recipient and subject"
        case Early(trace, until):
            yield _name("in doubt", trace)
            yield f"           not in Sent yet; it may still turn up until {clock_time_after(until)}"
        case Unmarked(trace):
            yield _name("in doubt", trace)
            yield "           it cannot be recognised in Sent, where no copy of its own is kept"
        case _:
            assert_never(verdict)


def _name(state: str, trace: Trace) -> str:
    key, to = trace.delivery.key, ", ".join(trace.delivery.to)
    return f"  {state:<9}{printable(key)}{'' if key.casefold() == to.casefold() else f'  {to}'}"
