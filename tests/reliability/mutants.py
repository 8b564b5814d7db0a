"""Faults that are put into a copy of the product on purpose, each with the test that must find it.

    python -m tests.reliability.mutants [NAME …]

A mutant replaces text that must stand in its file exactly once: whoever changes that text, changes it here.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
#: What pytest says with its exit code.
PASSED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Change:
    """A text of a file, and what stands in its place."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault, and the test that finds it."""

    name: str
    changes: tuple[Change, ...]
    test: str


class Stale(Exception):
    """The product does not have a mutant's text, or has it more than once."""


def mutant(name: str, file: str, old: str, new: str, test: str) -> Mutant:
    """One with a single change; `file` is under batchmail/, `test` under tests/."""
    return Mutant(name, (Change(file, old, new),), test)


_INTENT = "            await self._committer.commit(attempt.intent(self._stamps.now()))\n"
_SEND = "            outcome = await self._transmitted(transmission)\n"

MUTANTS = (
    mutant(
        "no intent",
        "executor/executor.py",
        _INTENT,
        "",
        "executor/test_executor.py::test_the_intent_is_on_the_disk_when_the_transmission_begins",
    ),
    Mutant(
        "the intent comes after the mail",
        (Change("executor/executor.py", _INTENT, ""), Change("executor/executor.py", _SEND, _SEND + _INTENT)),
        "executor/test_laws.py::test_no_transmission_begins_without_its_intent_on_the_disk",
    ),
    mutant(
        "nobody waits for the intent",
        "executor/executor.py",
        _INTENT,
        _INTENT.replace("await self._committer.commit", "self._committer.hand_in"),
        "executor/test_executor.py::test_the_intent_is_on_the_disk_when_the_transmission_begins",
    ),
    mutant(
        "the result comes before the answer",
        "executor/executor.py",
        _SEND,
        "            self._record(attempt, Settle(DeliveryState.SENT))\n" + _SEND,
        "executor/test_executor.py::test_results_are_recorded_with_reason_id_attempt_and_request",
    ),
    mutant(
        "a mail cut off by the second Ctrl-C is queued again",
        "executor/executor.py",
        "        self._end(attempt, Settle(DeliveryState.IN_DOUBT, reason))\n",
        "        self._end(attempt, Settle(DeliveryState.QUEUED, reason))\n",
        "executor/test_stopping.py::test_the_second_interruption_waits_for_nothing_and_what_was_in_flight_is_in_doubt",
    ),
    mutant(
        "a mail in doubt is sent again",
        "executor/retry.py",
        '            return Settle(DeliveryState.IN_DOUBT, one_line("", reason))\n        case Refused():',
        "            return TryAgain(0.0, reason, tries)\n        case Refused():",
        "executor/test_executor.py::test_what_is_in_doubt_is_never_sent_again",
    ),
    mutant(
        "a rate limit uses up an attempt",
        "providers/status.py",
        "_wait(reply), attempt=False)",
        "_wait(reply))",
        "reliability/test_fault_matrix.py::test_a_rate_limit_says_how_long_to_wait_and_uses_up_no_attempt",
    ),
    mutant(
        "the limiter lets a burst through",
        "executor/window.py",
        "self._next_slot = slot + units * self.spacing / share",
        "self._next_slot = slot",
        "executor/test_pacing.py::test_grants_are_spaced_evenly_and_never_come_in_a_burst",
    ),
    mutant(
        "the limiter keeps to no window",
        "executor/window.py",
        "return max(self._next_slot, blocking + self._window)",
        "return self._next_slot",
        "executor/test_pacing.py::test_a_quota_is_used_up_at_once_and_then_waited_for",
    ),
    mutant(
        "no answer in time counts as refused",
        "providers/http.py",
        'return InDoubt(f"no answer within',
        'return Refused("no-answer", f"no answer within',
        "providers/test_http.py::test_a_mail_that_left_without_an_answer_is_in_doubt_and_not_sent_again",
    ),
    mutant(
        "it is never known that all of a mail has left",
        "providers/http.py",
        "self._pass(_Phase.SENDING if left else _Phase.HANDED_OVER)",
        "self._pass(_Phase.SENDING)",
        "providers/test_http.py::test_a_mail_that_left_without_an_answer_is_in_doubt_and_not_sent_again",
    ),
    mutant(
        "a bare 503 counts as refused",
        "providers/status.py",
        'if reply.status == HTTPStatus.SERVICE_UNAVAILABLE and "retry-after" in reply.headers:',
        "if reply.status == HTTPStatus.SERVICE_UNAVAILABLE:",
        "reliability/test_fault_matrix.py::test_a_status_proves_what_it_proves",
    ),
    mutant(
        "a redirect is followed",
        "providers/http.py",
        "            outcome = self._api.outcome(await self._reply(response, access), message)\n",
        "            outcome = self._api.outcome(await self._reply(response, access), message)\n"
        "        if response.status_code // 100 == 3:\n"
        '            turned = Call(call.method, response.headers["location"], call.headers, call.body)\n'
        "            return await self._transmit(message, turned)\n",
        "providers/test_http_request.py::test_a_redirect_is_never_followed",
    ),
    mutant(
        "a mail server that breaks off after the dot counts as refusing",
        "providers/smtp_sender.py",
        '    if handover.complete:\n        return InDoubt("the connection broke after',
        '    if handover is None:\n        return InDoubt("the connection broke after',
        "providers/test_smtp_faults.py::test_once_it_was_handed_over_only_a_reply_can_tell",
    ),
    mutant(
        "a mail that some have got is tried again as a whole",
        "providers/separate.py",
        " and all(isinstance(each, Rejected) for each in outcomes.values()):",
        ":",
        "providers/test_separate.py::test_what_may_be_tried_again_has_reached_nobody",
    ),
    mutant(
        "the disk is not waited for",
        "journal/connection.py",
        '"PRAGMA synchronous = FULL"',
        '"PRAGMA synchronous = NORMAL"',
        "reliability/test_power_loss.py::test_every_request_begins_after_the_sync_that_covers_its_intent",
    ),
    mutant(
        "recovery queues what was on its way",
        "journal/sqlite.py",
        "    UPDATE main.delivery SET state = 'in_doubt', at = ?",
        "    UPDATE main.delivery SET state = 'queued', at = ?",
        "journal/test_recording.py::test_after_a_crash_what_was_being_sent_is_in_doubt",
    ),
    mutant(
        "a result is taken for another attempt's",
        "journal/transitions.py",
        "if step.state not in STEPS[state] or step.attempt != attempt:",
        "if step.state not in STEPS[state] or step.attempt < 0 * attempt:",
        "journal/test_recording.py::test_a_result_of_an_earlier_attempt_is_refused",
    ),
    mutant(
        "a file takes a result for another attempt's",
        "journal/sqlite_recording.py",
        "        AND event.attempt = delivery.attempts + (event.state = 'sending')\n",
        "",
        "journal/test_recording.py::test_a_result_of_an_earlier_attempt_is_refused",
    ),
    mutant(
        "a cursor instead of a state for each mail",
        "journal/sqlite.py",
        "        WHERE enrolment.becomes = 'queued' AND delivery.state = 'queued'\n",
        "        WHERE enrolment.becomes = 'queued' AND delivery.state = 'queued' AND delivery.position >\n"
        "            (SELECT coalesce(max(position), 0) FROM main.delivery WHERE attempts > 0)\n",
        "reliability/test_lives.py::test_after_an_outage_the_rest_is_sent_wherever_it_stands",
    ),
    mutant(
        "two sends at once",
        "journal/lock.py",
        "        lock.acquire(timeout=_PATIENCE_SECONDS, poll_interval=_POLL_SECONDS)\n",
        "        lock.acquire(blocking=False) if not _lock_path(path).exists() else None\n",
        "journal/test_lock.py::test_a_journal_is_held_as_long_as_the_send_lasts",
    ),
    mutant(
        "keys may stand twice",
        "planning/duplicates.py",
        "    return Duplicates(tuple(roster.same_keys()), mails)\n",
        "    return Duplicates((), mails)\n",
        "planning/test_planner.py::test_a_key_that_stands_twice_is_found_at_the_second_row",
    ),
    mutant(
        "what differs from the plan is sent",
        "planning/feed.py",
        "if message is None or message.content_digest() != batch.content or _mailboxes(message) != first.to:",
        "if message is None:",
        "planning/test_planner.py::test_a_row_that_is_no_longer_as_planned_is_not_sent",
    ),
    mutant(
        "an outage never ends a run",
        "executor/breaker.py",
        "        if self._in_a_row == self._limit:\n",
        "        if self._in_a_row == -1:\n",
        "executor/test_laws.py::test_an_outage_puts_no_more_in_doubt_than_the_limit_and_what_was_on_its_way",
    ),
)


def copy_product(folder: Path) -> None:
    """The product and its tests, to be changed."""
    for name in ("batchmail", "tests", "manifests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)


@contextmanager
def changed(folder: Path, changes: Sequence[Change]) -> Iterator[None]:
    """The copy with its changes, for a while. Raises Stale."""
    before: dict[Path, str] = {}
    try:
        for change in changes:
            path = folder / "batchmail" / change.file
            text = path.read_text(encoding="utf-8")
            before.setdefault(path, text)
            if text.count(change.old) != 1:
                raise Stale(f"{change.file} has {text.count(change.old)} times: {change.old.strip()}")
            path.write_text(text.replace(change.old, change.new), encoding="utf-8")
        yield
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")


def run_tests(folder: Path, *tests: str) -> tuple[int, str]:
    """Run tests of a copy on that copy: pytest's exit code, and what it printed."""
    command = [
        sys.executable,
        "-B",
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "--timeout=60",  # a mutant may make a test wait for ever, which finds it too
        *(f"tests/{t}" for t in tests),
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder), "CI": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(folder)}
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def survivors(mutants: Sequence[Mutant]) -> list[str]:
    """Those that their test does not find, with what it said; two are tried at a time. Raises Stale."""
    with TemporaryDirectory() as scratch, ThreadPoolExecutor(AT_ONCE) as pool:
        copies: Queue[Path] = Queue()
        for number in range(AT_ONCE):
            copies.put(Path(scratch, str(number)))
            copy_product(Path(scratch, str(number)))

        def tried(each: Mutant) -> str:
            folder = copies.get()
            try:
                with changed(folder, each.changes):
                    code, said = run_tests(folder, each.test)
            finally:
                copies.put(folder)
            return "" if code == FAILED else f"{each.name}: {each.test} ended with {code}\n{said[-2_000:]}"

        return [survivor for survivor in pool.map(tried, mutants) if survivor]


def unmutated(mutants: Sequence[Mutant]) -> tuple[int, str]:
    """What the tests say of a copy that was not changed."""
    with TemporaryDirectory() as scratch:
        copy_product(Path(scratch))
        return run_tests(Path(scratch), *dict.fromkeys(each.test for each in mutants))


def main() -> None:
    """Try those asked for, all by default."""
    chosen = [each for each in MUTANTS if each.name in sys.argv[1:] or not sys.argv[1:]]
    code, said = unmutated(chosen)
    alive = survivors(chosen) if code == PASSED else [f"the tests fail without any mutant:\n{said}"]
    print("\n".join(alive) or f"{len(chosen)} mutants, all found")  # noqa: T201  it is what was asked for
    raise SystemExit(bool(alive))


if __name__ == "__main__":
    main()
