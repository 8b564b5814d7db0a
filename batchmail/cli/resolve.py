"""`batchmail resolve JOB`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.confirming import confirmed
from batchmail.cli.console import Console
from batchmail.cli.documents import Document, as_json, journal_document
from batchmail.cli.findings_text import findings_text
from batchmail.cli.looking import KINDS, looked_text, stopped_text
from batchmail.cli.onward import Onward
from batchmail.cli.options import (
    adopt_option,
    edition_option,
    format_option,
    job_argument,
    journal_option,
    journal_path,
    speech_options,
)
from batchmail.cli.run_text import counts_text
from batchmail.cli.words import count
from batchmail.clock import SystemClock
from batchmail.delivery import DeliveryState
from batchmail.event_loop import completed
from batchmail.finding import Findings
from batchmail.job import Job
from batchmail.journal.base import Journal
from batchmail.pipeline import KeysUnknown, journal_doubt, load_job, sending, viewing
from batchmail.results import state_of
from batchmail.settling import CannotLookUp, LookedUp, look_up, may_look_up, provider_of, sends_copies, settle_by_hand

_WORDS = {
    DeliveryState.SENT: "as sent",
    DeliveryState.QUEUED: "to be sent again",
    DeliveryState.ABANDONED: "as abandoned",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for: `state` None for a look-up, `keys` None for every delivery in doubt."""

    job: Job
    onward: Onward
    journal: Path
    state: DeliveryState | None
    keys: tuple[str, ...] | None
    yes: bool
    adopt: bool
    form: str


@click.command("resolve")
@job_argument
@click.option("--key", "keys", multiple=True, metavar="KEY", help="Settle the row with this key; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Settle all that is in doubt; asks for the number first.")
@click.option("--sent", is_flag=True, help="It has been sent.")
@click.option("--resend", is_flag=True, help="The next send sends it again.")
@click.option("--abandon", is_flag=True, help="Leave it at that.")
@click.option("--look", is_flag=True, help="Look up at the provider what was sent.")
@click.option("--yes", is_flag=True, help="Settle --all without asking.")
@edition_option
@adopt_option
@format_option
@journal_option
@speech_options
@click.pass_obj
def command(  # noqa: PLR0913  one parameter an option
    console: Console,
    *,
    job: Path,
    keys: tuple[str, ...],
    everything: bool,
    sent: bool,
    resend: bool,
    abandon: bool,
    look: bool,
    yes: bool,
    edition: str | None,
    adopt: bool,
    form: str,
    journal: str | None,
) -> int:
    """Settle what is in doubt: by looking it up at the provider, or by hand."""
    said = {DeliveryState.SENT: sent, DeliveryState.QUEUED: resend, DeliveryState.ABANDONED: abandon}
    states = [state for state, is_said in said.items() if is_said]
    _require_one_way(keys, states, everything=everything, look=look)
    if everything and not yes and not console.interactive:
        raise click.UsageError("There is no terminal to ask on: give --yes to settle all without being asked.")
    findings = Findings()
    loaded = load_job(job, findings, edition=edition)
    if loaded is None or (look and findings.blocking):
        console.error(findings_text(findings))
        return ending.BLOCKED
    state = None if look else states[0]
    onward, path = Onward(job, edition, journal), journal_path(journal, job)
    wish = Wish(loaded, onward, path, state, None if everything or look else keys, yes, adopt, form)
    return _resolve(console, wish)


def _require_one_way(keys: Sequence[str], states: Sequence[DeliveryState], *, everything: bool, look: bool) -> None:
    """Raises click.UsageError unless it is clear what is to be done with which deliveries."""
    if look and (keys or states or everything):
        raise click.UsageError("--look settles all that it finds: give it alone.")
    if not look and len(states) != 1:
        raise click.UsageError("Give one of --sent, --resend and --abandon, or --look.")
    if not look and bool(keys) == everything:
        raise click.UsageError("Give --key for each row to settle, or --all.")


def _resolve(console: Console, wish: Wish) -> int:
    if wish.state is None and not may_look_up(wish.job):
        raise CannotLookUp(provider_of(wish.job))
    if not wish.journal.exists():
        return _nothing_known(console, wish)
    with sending(wish.journal, wish.job.mailing, SystemClock(), adopt=wish.adopt) as memory:
        if wish.state is None:
            return _look(console, memory, wish)
        keys = tuple(memory.in_doubt()) if wish.keys is None else tuple(dict.fromkeys(wish.keys))
        if wish.keys is None and keys and not wish.yes and not _confirmed(console, len(keys), wish.state):
            return ending.INTERRUPTED
        settle_by_hand(memory, keys, wish.state, wish.job, SystemClock())
        done = f"{count(len(keys), 'mail')} settled by hand {_WORDS[wish.state]}."
        return _tell(console, memory, wish, done, {"settled": list(keys)})


def _nothing_known(console: Console, wish: Wish) -> int:
    """No journal is made only to settle nothing in it."""
    if not wish.adopt and (doubt := journal_doubt(wish.journal)):
        raise doubt
    if wish.keys:
        raise KeysUnknown(wish.keys)
    with viewing(wish.journal, wish.job.mailing) as memory:
        return _tell(console, memory, wish, "Nothing is in doubt.", {})


def _look(console: Console, memory: Journal, wish: Wish) -> int:
    if next(memory.in_doubt(), None) is None:
        return _tell(console, memory, wish, "Nothing is in doubt.", _looked_document(LookedUp()))
    looked = completed(lambda: look_up(memory, wish.job, provider_of(wish.job), SystemClock()))
    text = looked_text(looked, wish.onward)
    return _tell(console, memory, wish, text, _looked_document(looked), stopped=looked.stopped is not None)


def _looked_document(looked: LookedUp) -> Document:
    keys = {
        words.replace(" ", "_"): [each.trace.delivery.key for each in looked.verdicts if isinstance(each, kind)]
        for kind, words in KINDS
    }
    return {"looked_up": keys, "stopped": stopped_text(looked.stopped) if looked.stopped else None}


def _confirmed(console: Console, number: int, state: DeliveryState) -> bool:
    """Whether the person at the terminal types how many they mean."""
    what = f"{count(number, 'mail')} in doubt would be settled {_WORDS[state]}."
    return confirmed(console, what, number, "settle", otherwise="nothing was changed")


def _tell(console: Console, memory: Journal, wish: Wish, done: str, more: Document, *, stopped: bool = False) -> int:
    state = state_of(memory)
    code = ending.STOPPED if stopped else ending.UNFINISHED if state.counts.in_doubt else ending.DONE
    if wish.form == "json":
        document = journal_document(wish.job.mailing, state, code, in_copies=sends_copies(wish.job), more=more)
        console.result(as_json(document))
        return code
    lines = [f"{done} In all: {counts_text(state.counts)}."]
    if state.counts.queued:
        lines.append(f"  to go on:  {wish.onward.command('send')}")
    console.result("\n".join(lines))
    return code
