"""What a run leaves over, in words: nobody in doubt is without a way to their name, and to being settled."""

from pathlib import Path

from batchmail.cli.onward import Onward
from batchmail.cli.run_text import total_text, trouble_text
from batchmail.cli.running import Run, run_text
from batchmail.delivery import Counts, DeliveryState, Record
from batchmail.executor import RunResult
from batchmail.outcome import Refused
from batchmail.results import State

ONWARD = Onward(Path("job.yaml"), "2", "j.db")


def record(key: str, state: DeliveryState = DeliveryState.IN_DOUBT) -> Record:
    return Record(key, state, "", 1, "", "", (f"{key}@example.com",))


def doubts(number: int, named: int) -> State:
    keys = tuple(f"p{n}" for n in range(1, number + 1))
    return State(Counts(in_doubt=number), number, keys, tuple(map(record, keys[:named])))


def test_where_not_all_in_doubt_are_named_the_command_that_names_them_is() -> None:
    told = trouble_text(doubts(16, 10), ONWARD)
    assert "  … and 6 more in doubt; all by name:  batchmail status job.yaml --edition 2 --journal j.db\n" in told


def test_where_they_are_too_many_for_that_the_command_names_them_all_the_same() -> None:
    assert "batchmail status job.yaml --edition 2 --journal j.db --verbose\n" in trouble_text(doubts(101, 10), ONWARD)


def test_those_of_a_test_are_in_its_report_since_no_journal_of_the_job_has_them() -> None:
    told = trouble_text(doubts(16, 10), None)
    assert "… and 6 more in doubt, in the report" in told
    assert "batchmail" not in told


def test_others_that_are_not_named_are_among_the_rows_to_redo() -> None:
    rejected = tuple(record(f"p{n}", DeliveryState.REJECTED) for n in range(10))
    told = trouble_text(State(Counts(rejected=12), 12, (), rejected), ONWARD)
    assert "… and 2 more, among the rows to redo" in told
    assert "rows to redo:  batchmail report job.yaml --edition 2 --journal j.db --failed" in told
    assert "in doubt" not in told


def test_several_in_doubt_can_be_settled_at_once_and_the_command_says_how() -> None:
    assert "--key p1 --sent  (or --resend, --abandon; for all 16 at once: --all in place of --key)" in trouble_text(
        doubts(16, 10), ONWARD
    )
    assert trouble_text(doubts(1, 1), ONWARD).endswith("--key p1 --sent  (or --resend, --abandon)")


def test_where_the_provider_can_be_asked_that_comes_first() -> None:
    assert trouble_text(doubts(2, 2), ONWARD, look_up=True).endswith("--journal j.db --look")


def test_an_interrupted_run_says_why_nothing_had_got_through() -> None:
    silent = Refused("no-connection", "mail.test:8025 did not answer within 60 s", reached=False, hint="Check `x`.")
    result = RunResult(Counts(), 1, 60.0, interrupted=True, unreached=silent)
    told = run_text(Run(result, State(Counts(queued=5), 1, (), ()), ()), ONWARD).splitlines()
    assert told[:2] == [
        "Interrupted. What was in flight is accounted for.",
        "Nothing gets through: mail.test:8025 did not answer within 60 s. Check `x`.",
    ]


def test_requests_that_sent_nothing_are_told_in_a_sentence() -> None:
    told = total_text(RunResult(Counts(), 6, 37.0), Counts(queued=5), ())
    assert told == "Nothing was sent in 37 s with 6 requests. In all: 5 queued."


def test_a_run_that_sent_something_says_how_many() -> None:
    told = total_text(RunResult(Counts(rejected=1), 1, 37.0), Counts(rejected=1), ())
    assert told == "1 rejected in 37 s with 1 request."
