"""What to tell of a plan that the journal knows something about: who has got the mailing already, and how."""

from collections.abc import Iterator

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import Job
from batchmail.journal.base import Roster, Standing
from batchmail.providers.base import Capabilities


def standing_findings(job: Job, capabilities: Capabilities, standing: Standing, roster: Roster) -> Iterator[Finding]:
    """What differs from what was sent before, and what a look-up could not tell after a crash."""
    if standing.rekeyed:
        yield _sent_under_another_key(job, standing.rekeyed)
    if standing.changed_since_sent:
        yield _changed_since_sent(job, standing.changed_since_sent)
    if capabilities.look_up is not None:
        yield from _look_up_findings(job, roster)


def _sent_under_another_key(job: Job, number: int) -> Finding:
    return rules.SENT_UNDER_ANOTHER_KEY.finding(
        f"{number:,} of the rows to be sent have addresses that got this mailing under keys which the sheet lacks now",
        job.place("recipients", "key"),
        "Give the rows the keys they had. If they are new mails to the same addresses, "
        f"allow it with --allow {rules.SENT_UNDER_ANOTHER_KEY.id}",
    )


def _changed_since_sent(job: Job, number: int) -> Finding:
    who = "1 row has got its" if number == 1 else f"{number:,} rows have got their"
    return rules.CHANGED_SINCE_SENT.finding(
        f"{who} mail and would read otherwise now",
        job.place("edition") if ("edition",) in job.places else job.place("name"),
        "They are not written to again. To write to everybody anew, give the job a new `edition`.",
    )


def _look_up_findings(job: Job, roster: Roster) -> Iterator[Finding]:
    """What would keep a look-up from telling who has got their mail, with a provider that can be asked."""
    if not job.message.save_sent:
        yield rules.LOOK_UP_WITHOUT_COPY.finding(
            "mails that a crash leaves in doubt could not be looked up: no copies are kept in Sent",
            job.place("message", "isSaveSentMail"),
            "Leave `isSaveSentMail` at true, unless copies are unwanted.",
        )
    elif alike := roster.look_alikes():
        yield rules.LOOK_UP_AMBIGUOUS.finding(
            f"{alike:,} of the mails have the recipient and subject of another: after a crash, a look-up could not "
            "tell them apart",
            job.place("message", "subject"),
            "Put something into the subject that differs, like a number.",
        )
