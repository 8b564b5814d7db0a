"""The Sent folder of WORKS, as its pages show it and as they may: what is known, and what has to be opened."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator import Answer, Cut, Fault, Faults, Incoming, RunningWorks, WorksRules, works_emulator
from batchmail.job import Url
from batchmail.lookup import SentMail
from batchmail.message import Address, Message
from batchmail.outcome import Closed, Refused, Sent
from batchmail.providers import PROVIDERS
from batchmail.providers.base import Capabilities, LooksUp, Reply, SentPage
from batchmail.providers.files import FileStore
from batchmail.providers.works import WorksProvider, WorksSettings, build
from batchmail.providers.works_sent import opened_of, page_of, refusal

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROW = {"mailId": 7, "subject": "Hello", "to": [{"name": "", "email": "kim@example.com"}], "sentTime": NOON.isoformat()}


def reply(status: int = 200, **answer: object) -> Reply:
    return Reply(status, {}, json.dumps(answer).encode())


def shown(**changes: object) -> SentMail:
    """A mail whose row in the list is changed in some fields."""
    page = page_of(reply(mails=[ROW | changes]))
    assert isinstance(page, SentPage)
    return page.mails[0]


def test_a_page_has_its_mails_and_where_older_ones_begin() -> None:
    page = page_of(reply(mails=[ROW], responseMetaData={"nextCursor": "older"}))
    assert page == SentPage((SentMail("7", "Hello", ("kim@example.com",), NOON),), "older")
    assert page_of(reply(mails=[], responseMetaData={"nextCursor": None})) == SentPage(())
    assert page_of(reply(mails=[])) == SentPage(())


@pytest.mark.parametrize(
    ("date", "now"),
    [("Sat, 21 Nov 2026 12:00:00 GMT", NOON), ("", None), ("noon", None), ("Sat, 21 Nov 2026 12:00:00", None)],
)
def test_the_servers_time_is_known_where_it_says_it(date: str, now: datetime | None) -> None:
    assert page_of(Reply(200, {"date": date}, b'{"mails":[]}')) == SentPage((), now=now)


@pytest.mark.parametrize(
    ("to", "addresses"),
    [
        ([{"email": "a@x.jp"}, {"name": "B", "email": "b@x.jp"}], ("a@x.jp", "b@x.jp")),
        (["a@x.jp", "B <b@x.jp>"], ("a@x.jp", "b@x.jp")),
        ("a@x.jp; B <b@x.jp>", ("a@x.jp", "b@x.jp")),
        ([], None),
        ("", None),
        (None, None),
        ([{"name": "nobody"}], None),
        (["a@x.jp", 7], None),
        (["a@x.jp", "… and 98 more"], None),
    ],
)
def test_recipients_are_all_known_or_none(to: object, addresses: tuple[str, ...] | None) -> None:
    assert shown(to=to).to == addresses


@pytest.mark.parametrize("time", [None, "", 1_700_000_000, "2026-11-21T12:00:00", "yesterday"])
def test_a_time_without_an_offset_is_none(time: object) -> None:
    assert shown(sentTime=time).time is None
    assert shown(sentTime=time, receivedTime="2026-11-21T21:00:00+09:00").time == NOON


@pytest.mark.parametrize("mails", [None, "none", [7], [{"subject": "x"}]])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(mails: object) -> None:
    assert isinstance(page_of(reply(mails=mails)), Closed)
    assert isinstance(page_of(reply()), Closed)
    assert isinstance(page_of(Reply(200, {}, b"<html>Sign in</html>")), Closed)


def test_an_opened_mail_that_still_says_too_little_is_told() -> None:
    assert opened_of(reply(mail=ROW)) == SentMail("7", "Hello", ("kim@example.com",), NOON)
    for lacking in ("mailId", "subject", "to", "sentTime"):
        assert isinstance(opened_of(reply(mail=ROW | {lacking: None})), Closed)
    assert isinstance(opened_of(reply()), Closed)


@given(st.binary(max_size=300), st.integers(200, 599))
def test_no_answer_is_too_strange(body: bytes, status: int) -> None:
    for understand in (page_of, opened_of):
        answer = understand(Reply(status, {}, body))
        assert isinstance(answer, SentPage | SentMail | Refused | Closed)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Closed), (401, Closed), (403, Closed), (404, Closed), (302, Closed), (408, Refused), (500, Refused)],
)
def test_a_question_is_asked_again_where_the_answer_may_change(status: int, kind: type) -> None:
    assert isinstance(refusal(reply(status, code="CODE", description="why")), kind)


def test_a_rate_limit_says_how_long_to_wait() -> None:
    limited = Reply(429, {"ratelimit-reset": "12"}, b'{"code":"TOO_MANY_REQUESTS","description":"slow down"}')
    assert refusal(limited) == Refused("TOO_MANY_REQUESTS", "slow down", 12.0, attempt=False)


def provider(works: RunningWorks, token: str | None = None) -> WorksProvider:
    return build(WorksSettings()).at(works.base_url, token or works.access_token)


async def sent(works: RunningWorks, *subjects: str) -> None:
    async with provider(works).open(FileStore(), 30.0) as sender:
        for subject in subjects:
            message = Message((Address("kim@example.com"),), subject, "Hello")
            assert isinstance(await sender.prepare(message)(), Sent)


async def asked(works: RunningWorks, cursor: str = "", token: str | None = None) -> SentPage | Refused | Closed:
    async with provider(works, token).sent_folder() as folder:
        return await folder.page(cursor)


def test_what_was_sent_is_there_newest_first_page_by_page() -> None:
    async def scenario(works: RunningWorks) -> None:
        await sent(works, *(f"mail {number}" for number in range(205)))
        newest = await asked(works)
        assert isinstance(newest, SentPage)
        oldest = await asked(works, newest.cursor)
        assert isinstance(oldest, SentPage)
        subjects = [mail.subject for mail in (*newest.mails, *oldest.mails)]
        assert subjects == [f"mail {number}" for number in reversed(range(205))]
        assert oldest.cursor == ""
        assert all(mail.to == ("kim@example.com",) for mail in newest.mails)
        assert all(mail.time and abs(datetime.now(UTC) - mail.time) < timedelta(minutes=5) for mail in newest.mails)
        async with provider(works).sent_folder() as folder:
            assert await folder.mail(newest.mails[3].id) == newest.mails[3]
            assert isinstance(await folder.mail("../4711"), Closed)

    with works_emulator(rules=WorksRules.rehearsal()) as works:
        asyncio.run(scenario(works))


def test_a_token_for_reading_alone_is_enough_and_another_is_not() -> None:
    async def scenario(works: RunningWorks) -> None:
        assert isinstance(await asked(works, token=works.tenant.issue_token(scope="mail.read")), SentPage)
        denied = await asked(works, token=works.tenant.issue_token(scope="calendar"))
        assert isinstance(denied, Closed)
        assert "`mail.read`" in denied.hint
        wrong = await asked(works, token="wrong")
        assert isinstance(wrong, Closed)
        assert "Get a new one" in wrong.hint

    with works_emulator(rules=WorksRules.rehearsal()) as works:
        asyncio.run(scenario(works))


@pytest.mark.parametrize(
    "fault",
    [Fault(Cut()), Fault(Answer(503)), Fault(Answer(429, b"", (("rateLimit-reset", "3"),)))],
    ids=["cut", "503", "429"],
)
def test_a_question_without_an_answer_may_be_asked_again(fault: Fault) -> None:
    def is_look(incoming: Incoming) -> bool:
        return incoming.method == "GET"

    async def scenario(works: RunningWorks) -> None:
        assert isinstance(await asked(works), Refused)

    with works_emulator(rules=WorksRules.rehearsal(), faults=Faults().when(fault, is_look)) as works:
        asyncio.run(scenario(works))


def test_a_server_that_is_not_there_may_come_back() -> None:
    async def scenario() -> None:
        folder = build(WorksSettings(base_url=Url("http://127.0.0.1:9"))).at("http://127.0.0.1:9", "any").sent_folder()
        async with folder:
            assert isinstance(await folder.page(""), Refused)

    asyncio.run(scenario())


def test_the_token_is_in_no_answer() -> None:
    def echo(incoming: Incoming) -> bool:
        return incoming.method == "GET"

    async def scenario(works: RunningWorks) -> None:
        answer = await asked(works)
        assert isinstance(answer, Closed)
        assert works.access_token not in repr(answer)

    faults = Faults()
    with works_emulator(rules=WorksRules.rehearsal(), faults=faults) as works:
        body = json.dumps({"code": "X", "description": f"Bearer {works.access_token}"}).encode()
        faults.when(Fault(Answer(400, body)), echo)
        asyncio.run(scenario(works))


@pytest.mark.parametrize("kind", PROVIDERS)
def test_who_says_that_it_can_be_asked_can(kind: str) -> None:
    told: Capabilities = PROVIDERS[kind].capabilities
    assert (told.look_up is not None) == (kind == "works")
    if told.look_up is not None:
        assert isinstance(build(WorksSettings()), LooksUp)
