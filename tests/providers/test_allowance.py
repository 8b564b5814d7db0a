"""What WORKS says of its rate limit in the headers of its answers."""

import pytest

from batchmail.message import Address, Message
from batchmail.outcome import Allowance, InDoubt, Refused, Rejected, Sent
from batchmail.providers.allowance import allowance, with_allowance
from batchmail.providers.base import Reply
from batchmail.providers.works import WorksApi

HEADERS = {"ratelimit-limit": "240", "ratelimit-remaining": "17", "ratelimit-reset": "42"}
MESSAGE = Message((Address("kim@example.com"),), "Hello", "")


def test_the_headers_tell_what_is_left_and_until_when() -> None:
    assert allowance(Reply(202, HEADERS)) == Allowance(17, 42.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ratelimit-remaining": "17"},
        {"ratelimit-reset": "42"},
        {**HEADERS, "ratelimit-remaining": "-1"},
        {**HEADERS, "ratelimit-remaining": "many"},
        {**HEADERS, "ratelimit-remaining": "1e9"},
        {**HEADERS, "ratelimit-remaining": ""},
        {**HEADERS, "ratelimit-reset": "60000"},
        {**HEADERS, "ratelimit-reset": "1792000000"},
        {**HEADERS, "ratelimit-reset": "Sat, 21 Nov 2026 14:00:00 GMT"},
        {**HEADERS, "ratelimit-reset": "nan"},
    ],
)
def test_headers_that_are_not_there_or_make_no_sense_tell_nothing(headers: dict[str, str]) -> None:
    assert allowance(Reply(202, headers)) is None


@pytest.mark.parametrize(
    ("status", "kind"), [(202, Sent), (400, Rejected), (429, Refused)], ids=["sent", "rejected", "limited"]
)
def test_every_answer_of_works_that_settles_or_refuses_carries_it(
    status: int, kind: type[Sent | Rejected | Refused]
) -> None:
    outcome = WorksApi("https://works.example", "me").outcome(Reply(status, HEADERS, b"{}"), MESSAGE)
    assert isinstance(outcome, kind)
    assert outcome.allowance == Allowance(17, 42.0)


def test_it_says_nothing_about_the_mail() -> None:
    assert with_allowance(Sent("id"), Reply(202, HEADERS)) == Sent("id")
    doubt = InDoubt("no answer")
    assert with_allowance(doubt, Reply(500, HEADERS)) is doubt
