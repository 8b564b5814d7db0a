"""Mails in doubt held against those in Sent: who was sent to is found, and nobody else is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchmail.delivery import Delivery, DeliveryState
from batchmail.lookup import (
    LAG,
    SKEW,
    Alike,
    Early,
    Found,
    Handover,
    Missing,
    Search,
    SentMail,
    Trace,
    Unmarked,
    Verdict,
    settled_at,
    subject_mark,
    windows,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TIMEOUT = timedelta(seconds=120)
MUCH_LATER = NOON + timedelta(days=2)
INVOICE = "Invoice 7"
IN_DOUBT, SENT, ABANDONED = DeliveryState.IN_DOUBT, DeliveryState.SENT, DeliveryState.ABANDONED


def trace(
    key: str = "1",
    *to: str,
    state: DeliveryState = IN_DOUBT,
    subject: str = INVOICE,
    began: datetime = NOON,
    handovers: int = 1,
) -> Trace:
    """A delivery that was handed over at noon and never answered."""
    delivery = Delivery(int(key), key, int(key), to or ("kim@example.com",), b"", handovers)
    past = tuple(Handover(began + timedelta(hours=each)) for each in range(handovers))
    return Trace(delivery, state, subject_mark(subject, 180), past)


def mail(
    identity: str = "m", *to: str, subject: str | None = INVOICE, after: timedelta | None = timedelta(seconds=2)
) -> SentMail:
    """A mail in Sent, two seconds after noon."""
    return SentMail(identity, subject, to or ("kim@example.com",), None if after is None else NOON + after)


def looked(
    traces: list[Trace], *mails: SentMail, separately: bool = False, now: datetime = MUCH_LATER, complete: bool = True
) -> dict[str, Verdict]:
    """The verdict on each key."""
    search = Search(traces, TIMEOUT, separately=separately, characters=180)
    for each in mails:
        search.take(each)
    return {verdict.trace.delivery.key: verdict for verdict in search.verdicts(now, complete=complete)}


def test_a_mail_with_recipient_subject_and_time_is_found() -> None:
    assert looked([trace()], mail("4711")) == {"1": Found(trace(), 1, "4711")}


def test_letters_case_and_blanks_do_not_matter() -> None:
    found = looked([trace("1", "Kim@Example.com")], mail("m", "kim@EXAMPLE.com", subject=" Invoice  7 "))
    assert isinstance(found["1"], Found)


def test_a_subject_is_compared_as_the_provider_cuts_it() -> None:
    assert subject_mark("x" * 181, 180) == subject_mark("x" * 180, 180) != subject_mark("x" * 179, 180)
    assert subject_mark("x" * 181, None) != subject_mark("x" * 180, None)


@pytest.mark.parametrize(
    "other",
    [
        mail(subject="Invoice 8"),
        mail("m", "lee@example.com"),
        mail("m", "kim@example.com", "lee@example.com"),
        mail(after=-SKEW - timedelta(seconds=1)),
        mail(after=TIMEOUT + LAG + SKEW + timedelta(seconds=1)),
    ],
    ids=["subject", "recipient", "one more recipient", "before", "after"],
)
def test_another_mail_is_not_taken_for_it(other: SentMail) -> None:
    assert looked([trace()], other) == {"1": Missing(trace())}


@pytest.mark.parametrize("after", [-SKEW, timedelta(), TIMEOUT + LAG + SKEW])
def test_clocks_may_differ_and_mails_may_take_their_time(after: timedelta) -> None:
    assert isinstance(looked([trace()], mail(after=after))["1"], Found)


def test_a_mail_that_is_there_twice_is_found_and_flagged() -> None:
    assert looked([trace()], mail("1"), mail("2"), mail("2")) == {"1": Found(trace(), 2, "")}


def test_before_its_time_is_over_a_mail_that_is_not_there_is_left_alone() -> None:
    horizon = NOON + TIMEOUT + LAG
    assert settled_at(trace(), TIMEOUT) == horizon
    assert looked([trace()], now=horizon - timedelta(seconds=1)) == {"1": Early(trace(), horizon)}
    assert looked([trace()], now=horizon) == {"1": Missing(trace())}


def test_an_answer_that_came_ends_the_waiting_earlier() -> None:
    answered = replace(trace(), handovers=(Handover(NOON, NOON + timedelta(seconds=1)),))
    assert settled_at(answered, TIMEOUT) == NOON + timedelta(seconds=1) + LAG


def test_a_search_that_was_broken_off_tells_only_what_it_found() -> None:
    one, other = trace(), trace("2", "lee@example.com")
    assert list(looked([one, other], mail(), complete=False)) == ["1"]


def test_one_mail_does_not_settle_two_deliveries_that_are_alike() -> None:
    traces = [trace("1"), trace("2")]
    assert looked(traces, mail("1")) == {"1": Alike(traces[0], 1, 1), "2": Alike(traces[1], 1, 1)}
    assert all(isinstance(each, Found) for each in looked(traces, mail("1"), mail("2")).values())
    assert looked(traces) == {"1": Missing(traces[0]), "2": Missing(traces[1])}


@pytest.mark.parametrize(
    "rival",
    [
        trace("2", state=SENT),
        trace("2", state=ABANDONED),
        replace(trace("2", state=SENT), own=False),
        replace(trace("2"), own=False),
        trace("2", state=DeliveryState.QUEUED),
    ],
    ids=["sent", "abandoned", "of another mailing", "in doubt there", "to be sent again"],
)
def test_the_mail_may_be_anothers(rival: Trace) -> None:
    assert looked([trace(), rival], mail("1")) == {"1": Alike(trace(), 1, 1)}
    assert isinstance(looked([trace(), rival], mail("1"), mail("2"))["1"], Found)


def test_a_rival_of_another_hour_is_none() -> None:
    assert isinstance(looked([trace(), trace("2", state=SENT, began=NOON - timedelta(hours=1))], mail())["1"], Found)


def test_a_rival_that_was_sent_again_may_be_there_twice() -> None:
    twice = replace(trace("2", state=SENT), handovers=(Handover(NOON), Handover(NOON + timedelta(minutes=20))))
    late = trace("1", began=NOON + timedelta(minutes=10))
    mails = [mail(str(number), after=timedelta(minutes=number)) for number in (10, 21, 22)]
    assert looked([late, twice], *mails[:2]) == {"1": Alike(late, 2, 2)}
    assert isinstance(looked([late, twice], *mails)["1"], Found)


def test_what_left_no_copy_is_not_looked_for() -> None:
    bare = replace(trace(), subject=b"")
    search = Search([bare], TIMEOUT, separately=False)
    assert search.since is None
    assert list(search.verdicts(MUCH_LATER, complete=True)) == [Unmarked(bare)]


@pytest.mark.parametrize("shown", [[("a@x.jp", "b@x.jp", "c@x.jp")], [("a@x.jp",), ("b@x.jp",), ("c@x.jp",)]])
def test_recipients_of_one_request_are_found_however_they_are_shown(shown: list[tuple[str, ...]]) -> None:
    traces = [trace("1", "a@x.jp"), trace("2", "b@x.jp"), trace("3", "c@x.jp")]
    mails = [mail(str(number), *to) for number, to in enumerate(shown)]
    assert {type(each) for each in looked(traces, *mails, separately=True).values()} == {Found}


def test_of_several_addresses_of_one_row_all_must_be_there() -> None:
    both = trace("1", "a@x.jp", "b@x.jp")
    assert isinstance(looked([both], mail("1", "a@x.jp"), separately=True)["1"], Alike)
    assert isinstance(looked([both], mail("1", "a@x.jp"), mail("2", "b@x.jp"), separately=True)["1"], Found)


def test_only_mails_that_may_matter_are_opened() -> None:
    search = Search([trace()], TIMEOUT, separately=False, characters=180)
    assert search.matters(SentMail("1", None, None, None))
    assert search.matters(SentMail("1", INVOICE, None, None))
    assert not search.matters(SentMail("1", "Other", None, None))
    assert not search.matters(SentMail("1", INVOICE, ("lee@example.com",), None))
    assert not search.matters(mail(after=timedelta(hours=-1)))
    with pytest.raises(ValueError, match="has to be opened first"):
        search.take(mail(subject=None))


@dataclass(frozen=True)
class Try:
    """A request as it really was: whether it was taken, and how much later the provider says."""

    began: datetime
    answered: timedelta | None
    taken: bool
    late: float

    @property
    def handover(self) -> Handover:
        return Handover(self.began, None if self.answered is None else self.began + self.answered)

    @property
    def time(self) -> datetime:
        """The provider's time, anywhere between the earliest and the latest that the two clocks allow."""
        end = self.began + (TIMEOUT if self.answered is None else self.answered)
        earliest, latest = self.began - SKEW, end + LAG + SKEW
        return earliest + (latest - earliest) * self.late


@dataclass(frozen=True)
class Group:
    """Rows that travelled together, in one request or two."""

    people: tuple[tuple[str, ...], ...]
    subject: str
    tries: tuple[Try, ...]
    state: DeliveryState
    own: bool


TRIES = st.builds(
    Try,
    began=st.integers(0, 90).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    answered=st.one_of(st.none(), st.integers(0, 120).map(lambda seconds: timedelta(seconds=seconds))),
    taken=st.booleans(),
    late=st.floats(0, 1),
)
PEOPLE = st.sampled_from(["a@x.jp", "b@x.jp", "c@x.jp", "d@x.jp"])
GROUPS = st.builds(
    Group,
    people=st.one_of(
        st.lists(PEOPLE, min_size=1, max_size=3, unique=True).map(lambda names: tuple((name,) for name in names)),
        st.lists(PEOPLE, min_size=2, max_size=2, unique=True).map(lambda names: (tuple(names),)),
    ),
    subject=st.sampled_from(["one", "two"]),
    tries=st.lists(TRIES, min_size=1, max_size=2).map(tuple),
    state=st.sampled_from([IN_DOUBT, IN_DOUBT, SENT, ABANDONED]),
    own=st.sampled_from([True, True, True, False]),
)


def alone(group: Group) -> list[Group]:
    """The rows as they travel where they are not sent separately: each in a request of its own."""
    return [replace(group, people=(to,)) for to in group.people]


def truth(groups: list[Group]) -> Iterator[tuple[Trace, bool]]:
    """Each delivery's trace, and whether it was really sent."""
    number = 0
    for group in groups:
        for to in group.people:
            number += 1
            delivery = Delivery(number, str(number), number, to, b"", len(group.tries))
            past = tuple(each.handover for each in group.tries)
            mark = subject_mark(group.subject, 180)
            yield Trace(delivery, group.state, mark, past, own=group.own), any(each.taken for each in group.tries)


def folder(groups: list[Group], *, each: bool) -> Iterator[SentMail]:
    """What the Sent folder has, once for a request or once for each of its recipients."""
    number = 0
    for group in groups:
        everybody = tuple(mailbox for to in group.people for mailbox in to)
        for attempt in group.tries:
            for shown in [(mailbox,) for mailbox in everybody] if each else [everybody]:
                number += 1
                if attempt.taken:
                    yield SentMail(str(number), group.subject, shown, attempt.time)


def honest(group: Group) -> Group:
    """Who is known to be sent to has a request that was taken."""
    if group.state is not SENT:
        return group
    return replace(group, tries=(*group.tries[:-1], replace(group.tries[-1], taken=True)))


@given(groups=st.lists(GROUPS, max_size=8), separately=st.booleans(), each=st.booleans())
@settings(max_examples=600, deadline=None)
def test_nobody_is_marked_sent_who_was_not_and_whoever_can_be_recognised_is_found(
    groups: list[Group], *, separately: bool, each: bool
) -> None:
    groups = [honest(group) for group in groups]
    if not separately:
        groups = [one for group in groups for one in alone(group)]
    deliveries = list(truth(groups))
    search = Search([trace for trace, _ in deliveries], TIMEOUT, separately=separately, characters=180)
    for sent in folder(groups, each=separately and each):
        if search.matters(sent):
            search.take(sent)
    verdicts = {each.trace.delivery.key: each for each in search.verdicts(MUCH_LATER, complete=True)}
    for trace, taken in deliveries:
        verdict = verdicts.get(trace.delivery.key)
        assert (verdict is not None) == trace.doubtful
        if isinstance(verdict, Found):
            assert taken, "marked sent, and was not"
        elif verdict is not None and taken:
            assert any(rivals(trace, other) for other, _ in deliveries if other is not trace), "was sent, and not found"


def rivals(one: Trace, other: Trace) -> bool:
    """Whether two deliveries could be taken for each other by anybody who sees recipients, subject and time alone."""
    met = any(mine.meets(theirs) for mine in windows(one, TIMEOUT) for theirs in windows(other, TIMEOUT))
    return met and one.subject == other.subject and not set(one.delivery.to).isdisjoint(other.delivery.to)


@given(groups=st.lists(GROUPS, max_size=5), order=st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_the_folder_does_not_matter(groups: list[Group], order: Random) -> None:
    groups = [honest(group) for group in groups]
    traces = [trace for trace, _ in truth(groups)]
    mails = list(folder(groups, each=False))
    shuffled = order.sample(mails, len(mails))

    def told(sent: list[SentMail]) -> list[type[Verdict]]:
        search = Search(traces, TIMEOUT, separately=True, characters=180)
        for each in filter(search.matters, sent):
            search.take(each)
        return [type(verdict) for verdict in search.verdicts(MUCH_LATER, complete=True)]

    assert told(mails) == told(shuffled)
