"""Looking up and settling: which questions are asked, how patiently, and what is remembered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Self

import pytest

from batchmail.delivery import Candidate, DeliveryState, Mailing, Transition
from batchmail.job import Job, MessageSpec, ProviderSpec, RecipientsSpec, TemplateText
from batchmail.journal.memory import MemoryJournal
from batchmail.location import TextLocation
from batchmail.lookup import Alike, Early, Found, Missing, SentMail, Unmarked, subject_mark
from batchmail.message import Message
from batchmail.outcome import Closed, Refused
from batchmail.pipeline import KeysUnknown
from batchmail.providers.base import Capabilities, Feature, Files, Provider, Sender, SentFolder, SentPage
from batchmail.rate import Rate
from batchmail.settling import (
    MOST_PAGES,
    CannotLookUp,
    LookedUp,
    NotInDoubt,
    ReachesOthers,
    TooEarly,
    look_up,
    settle_by_hand,
)
from batchmail.simulation import SimulatedClock, simulate

IN_DOUBT, SENDING, SENT = DeliveryState.IN_DOUBT, DeliveryState.SENDING, DeliveryState.SENT
AT = "2026-10-01T08:00:00+00:00"
HERE = TextLocation(Path("job.yaml"))
CAPABILITIES = Capabilities(frozenset({Feature.SEND_SEPARATELY}), subject_characters=180, look_up=Rate(60, 60))
BUSY = Refused("TOO_MANY_REQUESTS", "too many", 7.0, attempt=False)
DOWN = Refused("HTTP 502", "down")
WRONG = Closed("UNAUTHORIZED", "wrong token", "Get a new one.")

Page = SentPage | Refused | Closed


def template(text: str) -> TemplateText:
    return TemplateText(text, HERE)


JOB = Job(
    path=Path("job.yaml"),
    mailing=Mailing("test"),
    provider=ProviderSpec("plain", None),
    recipients=RecipientsSpec(Path("people.csv")),
    message=MessageSpec(to=(template("{{ email }}"),), subject=template("Hello")),
)


@dataclass
class Folder:
    """A Sent folder that answers as told, page by page; the last answer is given again and again."""

    clock: SimulatedClock
    answers: list[Page]
    opened: dict[str, SentMail | Refused | Closed] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def page(self, cursor: str) -> Page:
        self.asked.append((self.clock.monotonic(), cursor))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def mail(self, identity: str) -> SentMail | Refused | Closed:
        self.asked.append((self.clock.monotonic(), f"mail {identity}"))
        return self.opened[identity]


class Plain:
    """A provider that can do little."""

    title = "Plain"
    account = "me"
    official = False
    record: TemplateText | None = None
    capabilities = Capabilities(frozenset())

    def adapt(self, message: Message) -> Message:
        return message

    def check_credentials(self) -> None:
        pass

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        raise NotImplementedError

    def at(self, base_url: str, access_token: str) -> Provider:
        raise NotImplementedError


class Asked(Plain):
    """A provider that can be asked what it has sent."""

    def __init__(self, folder: SentFolder) -> None:
        self.capabilities = CAPABILITIES
        self._folder = folder

    def sent_folder(self) -> SentFolder:
        return self._folder


@dataclass
class Desk:
    """A journal with mails in doubt, and the folder that they are looked for in."""

    clock: SimulatedClock
    journal: MemoryJournal = field(default_factory=lambda: MemoryJournal(Mailing("test")))

    def doubt(self, *keys: str) -> None:
        """Mails that were handed over now, and never answered."""
        roster = self.journal.roster()
        mark = subject_mark("Hello", 180)
        rows = enumerate(keys, 1)
        roster.add(Candidate(n, key, (f"{key}@example.com",), b"", key.encode(), subject=mark) for n, key in rows)
        roster.enrol(self.now)
        for state in (SENDING, IN_DOUBT):
            deliveries = self.journal.deliveries(keys).values()
            self.journal.record([Transition(each.id, state, 1, self.now, 1, "no answer") for each in deliveries])

    @property
    def now(self) -> str:
        return self.clock.now().isoformat(timespec="seconds")

    def folder(self, *answers: Page) -> Folder:
        return Folder(self.clock, list(answers))

    def mail(self, key: str, number: str | None = None) -> SentMail:
        """The mail of a key, sent now."""
        return SentMail(number or key, "Hello", (f"{key}@example.com",), self.clock.now())

    async def looked(self, folder: Folder, *, again: bool = True) -> LookedUp:
        return await look_up(self.journal, JOB, Asked(folder), self.clock, again=again)

    def reason(self, key: str) -> str:
        return self.journal.records([key])[key].reason

    def states(self) -> dict[str, str]:
        return {each.key: each.state.value for each in self.journal.all_records()}


def scene(act: Callable[[Desk], Awaitable[None]]) -> None:
    """Play a scene in simulated time."""

    async def play(clock: SimulatedClock) -> None:
        await act(Desk(clock))

    simulate(play)


def old(desk: Desk) -> SentMail:
    """A mail of long ago."""
    return SentMail("old", "Hello", ("x@example.com",), desk.clock.now() - timedelta(days=9))


def test_pages_are_followed_as_far_as_they_are_of_interest_and_no_faster_than_permitted() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        newer = SentPage((desk.mail("lee"), desk.mail("park")), "2")
        folder = desk.folder(newer, SentPage((desk.mail("kim"),), "3"), SentPage((old(desk),), "4"))
        looked = await desk.looked(folder)
        assert [type(each) for each in looked.verdicts] == [Found]
        assert [cursor for _, cursor in folder.asked] == ["", "2", "3"]
        times = [time for time, _ in folder.asked]
        assert all(later - earlier >= 1 for earlier, later in pairwise(times))
        assert desk.states() == {"kim": "sent"}
        assert desk.reason("kim") == "found in Sent"

    scene(act)


def test_a_mail_that_the_list_does_not_show_whole_is_opened() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim", "lee")
        rows = (SentMail("7", "Hello", None, None), SentMail("8", "Other", None, None), SentMail("9", None, None, None))
        folder = desk.folder(SentPage(rows))
        folder.opened = {"7": desk.mail("kim", "7"), "9": desk.mail("lee", "9")}
        await desk.looked(folder)
        assert [asked for _, asked in folder.asked] == ["", "mail 7", "mail 9"]
        assert desk.states() == {"kim": "sent", "lee": "sent"}

    scene(act)


@pytest.mark.parametrize(("refused", "least"), [(BUSY, 7.0), (DOWN, 2.0)])
def test_a_question_is_asked_again_after_the_wait_that_the_provider_wants(refused: Refused, least: float) -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        folder = desk.folder(refused, SentPage((desk.mail("kim"),)))
        assert (await desk.looked(folder)).stopped is None
        (first, _), (second, _) = folder.asked
        assert second - first >= least
        assert desk.states() == {"kim": "sent"}

    scene(act)


@pytest.mark.parametrize(
    ("answer", "times"), [(BUSY, 4), (DOWN, 4), (WRONG, 1), (replace(BUSY, retry_after_seconds=3600.0), 1)]
)
def test_patience_has_an_end_and_what_was_found_by_then_is_kept(answer: Refused | Closed, times: int) -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim", "lee")
        folder = desk.folder(SentPage((desk.mail("kim"),), "2"), answer)
        looked = await desk.looked(folder)
        assert looked.stopped == answer
        assert [each.trace.delivery.key for each in looked.verdicts] == ["kim"]
        assert len(folder.asked) == 1 + times
        assert desk.states() == {"kim": "sent", "lee": "in_doubt"}
        assert desk.reason("lee") == "no answer"

    scene(act)


@pytest.mark.parametrize(("minutes", "told"), [(6, "6 minutes behind"), (-90, "90 minutes ahead of"), (4, "")])
def test_a_clock_that_is_wrong_is_no_proof_that_a_mail_is_missing(minutes: int, told: str) -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        await desk.clock.sleep(3600)
        looked = await desk.looked(desk.folder(SentPage((), now=desk.clock.now() + timedelta(minutes=minutes))))
        if told:
            assert isinstance(looked.stopped, Closed)
            assert told in looked.stopped.reason
            assert desk.reason("kim") == "no answer"
        else:
            assert [type(each) for each in looked.verdicts] == [Missing]

    scene(act)


def test_a_list_without_an_end_is_given_up() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        folder = desk.folder(SentPage((desk.mail("lee"),), "again"))
        looked = await desk.looked(folder)
        assert isinstance(looked.stopped, Closed)
        assert len(folder.asked) == MOST_PAGES

    scene(act)


def test_what_was_looked_for_in_vain_says_so_once_and_is_left_alone_until_somebody_asks() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        assert [type(each) for each in (await desk.looked(desk.folder(SentPage(())))).verdicts] == [Early]
        assert desk.reason("kim") == "no answer"
        await desk.clock.sleep(3600)
        for _ in range(2):
            assert [type(each) for each in (await desk.looked(desk.folder(SentPage(())))).verdicts] == [Missing]
        assert desk.reason("kim").startswith("no answer; not found in Sent on 2026-")
        assert desk.reason("kim").count("not found") == 1
        untouched = desk.folder(SentPage(()))
        assert (await desk.looked(untouched, again=False)) == LookedUp()
        assert untouched.asked == []

    scene(act)


def test_mails_that_are_alike_say_why_they_stay_in_doubt() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        first = desk.mail("kim")
        roster = desk.journal.roster()
        same = Candidate(2, "kim again", ("kim@example.com",), b"", b"2", subject=subject_mark("Hello", 180))
        roster.add([same])
        roster.enrol(desk.now)
        (delivery,) = desk.journal.deliveries(["kim again"]).values()
        desk.journal.record([Transition(delivery.id, state, 1, desk.now, 2) for state in (SENDING, SENT)])
        await desk.clock.sleep(3600)
        looked = await desk.looked(desk.folder(SentPage((first,))))
        assert [type(each) for each in looked.verdicts] == [Alike]
        assert "cannot be told from 1 other" in desk.reason("kim")

    scene(act)


def test_copies_for_cc_would_look_like_mails_to_them_so_nothing_is_recognised() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        message = replace(JOB.message, send_separately=True, cc=(template("boss@example.com"),))
        folder = desk.folder(SentPage((desk.mail("kim"),)))
        looked = await look_up(desk.journal, replace(JOB, message=message), Asked(folder), desk.clock)
        assert [type(each) for each in looked.verdicts] == [Unmarked]
        assert folder.asked == []

    scene(act)


def test_a_provider_that_cannot_be_asked_is_an_error() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        with pytest.raises(CannotLookUp, match="Plain cannot be asked"):
            await look_up(desk.journal, JOB, Plain(), desk.clock)

    scene(act)


def test_a_mail_is_sent_again_only_when_it_cannot_turn_up_any_more() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim")
        with pytest.raises(TooEarly, match="`kim`"):
            settle_by_hand(desk.journal, ["kim"], DeliveryState.QUEUED, JOB, desk.clock)
        await desk.clock.sleep(15 * 60)
        settle_by_hand(desk.journal, ["kim"], DeliveryState.QUEUED, JOB, desk.clock)
        assert desk.states() == {"kim": "queued"}

    scene(act)


def test_by_hand_all_are_settled_or_none() -> None:
    async def act(desk: Desk) -> None:
        desk.doubt("kim", "lee")
        settle_by_hand(desk.journal, ["kim"], DeliveryState.ABANDONED, JOB, desk.clock)
        with pytest.raises(NotInDoubt, match="`kim` is abandoned"):
            settle_by_hand(desk.journal, ["lee", "kim"], SENT, JOB, desk.clock)
        with pytest.raises(KeysUnknown):
            settle_by_hand(desk.journal, ["lee", "nobody"], SENT, JOB, desk.clock)
        assert desk.states() == {"kim": "abandoned", "lee": "in_doubt"}
        settle_by_hand(desk.journal, ["lee", "lee"], SENT, JOB, desk.clock)
        assert (desk.states()["lee"], desk.reason("lee")) == ("sent", "settled by hand")

    scene(act)


def divided(*, reached: bool) -> MemoryJournal:
    """A journal with one mail in doubt that somebody misses, and somebody has where `reached`."""
    journal = MemoryJournal(JOB.mailing)
    roster = journal.roster()
    roster.add([Candidate(1, "kim", ("kim@example.com", "lee@example.com"), b"", b"1")])
    roster.enrol(AT)
    delivery = journal.deliveries(["kim"])["kim"]
    journal.record([Transition(delivery.id, SENDING, 1, AT, 1)])
    told = "in doubt: kim@example.com: no answer; not sent to lee@example.com: 550"
    journal.record([Transition(delivery.id, IN_DOUBT, 1, AT, 1, told, "id-1", reached, missed=True)])
    return journal


def test_what_somebody_has_for_certain_is_not_sent_again_and_who_misses_it_is_not_forgotten() -> None:
    journal = divided(reached=True)
    with pytest.raises(ReachesOthers, match="would get it twice"):
        settle_by_hand(journal, ["kim"], DeliveryState.QUEUED, JOB, SimulatedClock())
    settle_by_hand(journal, ["kim"], SENT, JOB, SimulatedClock())
    record = journal.records(["kim"])["kim"]
    assert (record.state, record.partial, record.provider_id) == (SENT, True, "id-1")
    assert record.reason.startswith("settled by hand; before: in doubt: kim@example.com")


def test_what_nobody_has_for_certain_may_be_sent_again() -> None:
    journal = divided(reached=False)
    clock = SimulatedClock(datetime.fromisoformat(AT) + timedelta(days=1))
    settle_by_hand(journal, ["kim"], DeliveryState.QUEUED, JOB, clock)
    record = journal.records(["kim"])["kim"]
    assert (record.state, record.missed) == (DeliveryState.QUEUED, False)
