"""What must hold whenever a process has died, before and after recovery, and when all is done.

Each is held against the provider's own accept log. The numbers are explained in README.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from batchmail.delivery import Mailing
from tests.reliability.image import Event, Image, left_by_a_crash, read, recovered
from tests.reliability.job import Job, told

#: Which step may follow which, written down anew: the product's own table is what is tested.
LEGAL = {
    "": {"queued", "skipped"},
    "queued": {"sending", "failed", "skipped"},
    "sending": {"sent", "rejected", "queued", "failed", "in_doubt"},
    "in_doubt": {"sent", "queued", "abandoned"},
    "rejected": {"queued", "skipped"},
    "failed": {"queued", "skipped"},
    "skipped": {"queued", "skipped"},
}
MAYBE_ACCEPTED = {"sending", "in_doubt", "sent"}


@dataclass(frozen=True, slots=True)
class Crash:
    """What a death left behind: who was in doubt, and who was still marked as being on the way."""

    in_doubt: frozenset[str]
    sending: frozenset[str]


def nobody_twice(job: Job) -> None:
    """I1."""
    twice = [key for key, times in job.accepted().items() if times > 1]
    assert not twice, f"{job.name}: accepted more than once: {twice}"


def the_journal_knows(job: Job, image: Image, accepted: Iterable[str]) -> None:
    """I2 and I3: what is said to be sent was accepted, and what was accepted is not said to be still to be sent."""
    taken = set(accepted)
    unsent = image.keys("sent") - taken
    assert not unsent, f"{job.name}: said to be sent, and never accepted: {sorted(unsent)}"
    forgotten = {key for key in taken if image.states.get(key) not in MAYBE_ACCEPTED}
    assert not forgotten, f"{job.name}: accepted, and the journal does not know: {sorted(forgotten)}"


def nobody_is_missing(job: Job, image: Image) -> None:
    """I5, first half: a plan is there as a whole or not at all."""
    assert not image.states or sorted(image.states) == job.keys, f"{job.name}: rows are missing or were added"


def paths_are_legal(job: Job, image: Image) -> None:
    """I6, first half: each delivery went from state to state as it may, one attempt an intent."""
    for key, steps in image.events.items():
        assert steps[-1].state == image.states[key], f"{job.name}: {key} is not where its last step led"
        _path_is_legal(f"{job.name}: {key}", steps)


def _path_is_legal(where: str, steps: list[Event]) -> None:
    state, attempt = "", 0
    for step in steps:
        assert step.state in LEGAL.get(state, set()), f"{where} went from {state} to {step.state}"
        attempt += step.state == "sending"
        assert step.attempt == attempt, f"{where}: attempt {step.attempt} instead of {attempt}"
        state = step.state


def after_a_crash(job: Job) -> Crash:
    """Straight after a process died: I1, I2, I3, I4, I6 and I10 as it lies there, I5 after the product's recovery."""
    scratch = job.folder / "copy"
    image = left_by_a_crash(job.journal, scratch)
    accepted = [key for key, times in job.accepted().items() if times]
    assert image.integrity == "ok"
    nobody_twice(job)
    the_journal_knows(job, image, accepted)
    sending = frozenset(image.keys("sending"))
    assert len(sending) <= job.concurrency, f"{job.name}: {len(sending)} on their way at once"
    nobody_is_missing(job, image)
    paths_are_legal(job, image)
    if job.journal.exists():
        _recovery_forgets_nobody(job, image, scratch)
    return Crash(frozenset(image.keys("in_doubt")), sending)


def _recovery_forgets_nobody(job: Job, before: Image, scratch: Path) -> None:
    after, counts = recovered(job.journal, scratch, Mailing(job.name))
    assert after.integrity == "ok"
    assert not after.keys("sending")
    assert after.keys("in_doubt") == before.keys("in_doubt", "sending")
    assert counts.in_doubt == len(after.keys("in_doubt"))
    nobody_is_missing(job, after)


@dataclass(frozen=True, slots=True)
class End:
    """What a finished job came to: who is in doubt, and who of them never reached the provider."""

    in_doubt: frozenset[str]
    false_doubt: frozenset[str]
    lost: frozenset[str]


def at_the_end(job: Job) -> End:
    """When all is sent: I1 to I10, but I7, which power_loss.py is about."""
    image = read(job.journal)
    accepted = {key for key, times in job.accepted().items() if times}
    assert image.integrity == "ok"
    nobody_twice(job)
    the_journal_knows(job, image, accepted)
    assert sorted(image.states) == job.keys
    paths_are_legal(job, image)
    assert job.requests() <= image.intents, f"{job.name}: {job.requests()} requests of {image.intents} intents"
    in_doubt = image.keys("in_doubt")
    assert image.keys("sent") | in_doubt == set(job.keys), f"{job.name}: {image.counts}"
    mails_are_those_planned(job)
    return End(frozenset(in_doubt), frozenset(in_doubt - accepted), frozenset(set(job.keys) - accepted - in_doubt))


def mails_are_those_planned(job: Job) -> None:
    """I8: each accepted mail is the one that its row asked for, to nobody else."""
    keys = {job.address(key): key for key in job.keys}
    for mail in job.provider.log.mails:
        if mail.to[0] in keys:
            key = keys[mail.to[0]]
            assert mail.to == (job.address(key),)
            assert mail.subject == job.subject(key)
            assert job.provider.log.body(mail) == job.body(key)


def sending_again_does_nothing(job: Job, end: End) -> None:
    """I9 and the second half of I10: no request leaves, and the report is what it was."""
    before, report = job.provider.requests(), job.report.read_bytes()
    again = job.start()
    assert again.code() == (3 if end.in_doubt else 0)
    assert told(again)["requests"] == 0
    assert job.provider.requests() == before
    assert job.report.read_bytes() == report
    elsewhere = job.folder / "regenerated.csv"
    assert job.regenerate(elsewhere).code() == 0
    assert elsewhere.read_bytes() == report
