"""A mail to several people, each in a request of their own: nobody sees another, nobody gets it twice."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address, Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Transmission
from batchmail.providers.separate import SeparateSender, copies, rates_by_copy
from batchmail.rate import Rate, Unit

MAIL = Message(
    to=(Address("a@example.com", "A"), Address("b@example.com")),
    cc=(Address("c@example.com"),),
    bcc=(Address("d@example.com"),),
    subject="Hello",
    body="Hi",
    send_separately=True,
    identity="f00",
)
REFUSED = Refused("451", "come again")
PATIENT = Refused("451", "greylisted", patient=True)
LIMITED = Refused("429", "too many", attempt=False)
UNREACHED = Refused("no-connection", "refused", reached=False)
CLOSED = Closed("535", "who are you", "Sign in.")
REJECTED = Rejected("550", "nobody here")
DOUBT = InDoubt("no answer")


class Open:
    """A connection that is there."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass


@dataclass
class Post(Open):
    """A provider's connection that answers by recipient, and remembers what it was handed."""

    answers: Mapping[str, Outcome]
    taken: list[str] = field(default_factory=list)

    def prepare(self, message: Message) -> Transmission:
        (recipient,) = message.recipients

        async def transmit() -> Outcome:
            self.taken.append(recipient.mailbox[0])
            return self.answers.get(recipient.mailbox[0], Sent("id"))

        return transmit


@dataclass
class Turns(Open):
    """One that answers each recipient in turn as told, and from then on takes the mail."""

    answers: Mapping[str, list[Outcome]]
    taken: list[str] = field(default_factory=list)

    def prepare(self, message: Message) -> Transmission:
        (recipient,) = message.recipients
        turns = iter(self.answers.get(recipient.mailbox[0], []))

        async def transmit() -> Outcome:
            self.taken.append(recipient.mailbox[0])
            return next(turns, Sent("id"))

        return transmit


def sent(**answers: Outcome) -> tuple[Outcome, str]:
    """What became of the mail, and who was tried."""
    post = Post(answers)

    async def handed_over() -> Outcome:
        async with SeparateSender(post) as sender:
            return await sender.prepare(MAIL)()

    return asyncio.run(handed_over()), "".join(post.taken)


def rounds(**answers: list[Outcome]) -> tuple[Outcome, str]:
    """The same with answers in turn, then Sent, until nothing is left to be tried; it takes ten rounds at most."""
    post = Turns(answers)

    async def handed_over() -> Outcome:
        async with SeparateSender(post) as sender:
            outcome = await sender.prepare(MAIL)()
            for _ in range(10):
                if not isinstance(outcome, Divided) or outcome.rest is None:
                    return outcome
                outcome = await outcome.rest.transmit()
        raise AssertionError(outcome)

    return asyncio.run(handed_over()), "".join(post.taken)


def test_everybody_gets_a_copy_that_names_nobody_else() -> None:
    assert [copy.recipients for copy in copies(MAIL)] == [(each,) for each in MAIL.recipients]
    assert all((copy.to, copy.cc, copy.bcc) == (copy.recipients, (), ()) for copy in copies(MAIL))


def test_every_copy_has_an_identity_of_its_own() -> None:
    assert [copy.identity for copy in copies(MAIL)] == ["f00.1", "f00.2", "f00.3", "f00.4"]


def test_what_all_have_got_is_sent() -> None:
    assert sent() == (Sent("id"), "abcd")


@pytest.mark.parametrize("ending", [REFUSED, CLOSED])
def test_while_nobody_has_it_the_mail_is_refused_as_a_whole(ending: Outcome) -> None:
    assert sent(a=ending) == (ending, "a")
    assert sent(a=REJECTED, b=ending) == (ending, "ab")


def test_who_is_refused_after_others_have_it_is_told_by_name_and_the_rest_still_get_theirs() -> None:
    outcome, tried = sent(b=REFUSED)
    assert tried == "abcd"
    assert isinstance(outcome, Divided)
    assert set(outcome.refused) == {"b@example.com"}
    assert outcome.refused["b@example.com"].reason == "come again (tried once)"
    assert outcome.provider_id == "id"


def test_only_the_copies_that_were_refused_for_now_are_tried_again() -> None:
    outcome, tried = rounds(b=[REFUSED, REFUSED], d=[REJECTED], c=[DOUBT])
    assert tried == "abcdbb"
    assert outcome == Divided({"d@example.com": REJECTED}, {"c@example.com": DOUBT}, "id")
    assert rounds(b=[REFUSED], d=[REFUSED]) == (Sent("id"), "abcdbd")


@pytest.mark.parametrize("refused", [LIMITED, UNREACHED])
def test_what_would_be_refused_to_the_others_as_well_is_not_tried_with_them(refused: Refused) -> None:
    outcome, tried = sent(b=refused)
    assert tried == "ab"
    assert isinstance(outcome, Divided)
    assert outcome.rest is not None
    assert (outcome.rest.copies, outcome.rest.refused) == (3, refused)
    assert set(outcome.refused) == {"b@example.com", "c@example.com", "d@example.com"}
    assert rounds(b=[refused]) == (Sent("id"), "abbcd")


def test_the_longest_wait_among_the_refusals_holds_for_all() -> None:
    outcome, _ = sent(b=REFUSED, c=PATIENT, d=REFUSED)
    assert isinstance(outcome, Divided)
    assert outcome.rest is not None
    assert (outcome.rest.copies, outcome.rest.refused) == (3, PATIENT)


def test_a_provider_that_closes_on_the_way_is_not_asked_again() -> None:
    outcome, tried = sent(b=CLOSED)
    assert tried == "ab"
    assert isinstance(outcome, Divided)
    assert set(outcome.refused) == {"b@example.com", "c@example.com", "d@example.com"}


def test_doubt_about_one_is_no_doubt_about_the_others() -> None:
    outcome, _ = sent(a=DOUBT, c=REJECTED)
    assert outcome == Divided({"c@example.com": REJECTED}, {"a@example.com": DOUBT}, "id")


turns = st.lists(st.sampled_from([REFUSED, LIMITED, PATIENT, UNREACHED]), max_size=2)
last = st.sampled_from([Sent("id"), REJECTED, DOUBT])


@given(st.fixed_dictionaries({name: st.builds(lambda told, end: [*told, end], turns, last) for name in "abcd"}))
def test_however_often_copies_are_tried_again_nobody_is_reached_twice(answers: dict[str, list[Outcome]]) -> None:
    post = Turns(answers)

    async def handed_over() -> Outcome:
        async with SeparateSender(post) as sender:
            outcome: Outcome = REFUSED
            while isinstance(outcome, Refused):  # nobody has it: the executor tries the whole mail again
                tried = {name: min(post.taken.count(name), len(told) - 1) for name, told in answers.items()}
                post.answers = {name: told[tried[name] :] for name, told in answers.items()}
                outcome = await sender.prepare(MAIL)()
            while isinstance(outcome, Divided) and outcome.rest is not None:
                outcome = await outcome.rest.transmit()
            return outcome

    outcome = asyncio.run(handed_over())
    assert all(post.taken.count(name) <= len(told) for name, told in answers.items() if told[-1] != REJECTED)
    if isinstance(outcome, Divided):
        ends = {f"{name}@example.com": told[-1] for name, told in answers.items()}
        assert set(outcome.doubtful) == {mailbox for mailbox, end in ends.items() if end == DOUBT}
        assert set(outcome.refused) == {mailbox for mailbox, end in ends.items() if end == REJECTED}


@given(st.fixed_dictionaries({name: st.sampled_from([Sent(), REFUSED, CLOSED, REJECTED, DOUBT]) for name in "abcd"}))
def test_what_may_be_tried_again_has_reached_nobody(answers: dict[str, Outcome]) -> None:
    outcome, tried = sent(**answers)
    if isinstance(outcome, Refused | Closed):
        assert not any(isinstance(answers[name], Sent | InDoubt) for name in tried)
    got = {f"{name}@example.com" for name in tried if isinstance(answers[name], Sent)}
    if isinstance(outcome, Divided):
        assert not got & (outcome.refused.keys() | outcome.doubtful.keys())


def test_every_copy_counts_against_a_rate_of_requests() -> None:
    assert rates_by_copy([Rate(60, 60.0)]) == (Rate(60, 60.0, Unit.RECIPIENTS),)
