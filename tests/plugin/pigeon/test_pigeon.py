"""Pigeon Post keeps to what every provider promises, and reads its own API's answers."""

import json
from pathlib import Path

import pytest
from batchmail_pigeon import KIND, PigeonSettings, meaning

from batchmail.location import TextLocation
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Reply
from batchmail.providers.contract import HttpContract, Received
from batchmail.secret import Secret


class TestPigeonPost(HttpContract):
    kind = KIND
    settings = PigeonSettings(Secret("env", "PIGEON_TOKEN", TextLocation(Path("job.yaml"), 5, 16)))
    success = 201
    unsaid = InDoubt

    def taken(self, message: Message) -> bytes:
        del message  # all are taken alike
        return b'{"letter": "17"}'

    def understand(self, body: bytes) -> Received:
        letter = json.loads(body)
        to = tuple(map(Address, letter["to"]))
        return Received(Message(to, letter["subject"], letter["text"], ContentType.TEXT, user_name=letter["sender"]))


RECORDED = [
    (Reply(201, {}, b'{"letter": "17"}'), Sent("17")),
    (Reply(200, {}, b'{"letter": "17"}'), InDoubt),
    (Reply(400, {}, b'{"error": "TOO_MANY", "reason": "1 to 10"}'), Rejected("TOO_MANY", "1 to 10")),
    (Reply(401, {}, b'{"error": "UNKNOWN_BIRD", "reason": "Nobody"}'), Closed),
    (Reply(429, {"retry-after": "7"}), Refused("HTTP 429", "429 Too Many Requests", 7.0, attempt=False)),
]


@pytest.mark.parametrize(("reply", "outcome"), RECORDED)
def test_recorded_answers_mean_what_the_api_says(reply: Reply, outcome: Outcome | type[Outcome]) -> None:
    found = meaning(reply)
    assert isinstance(found, outcome) if isinstance(outcome, type) else found == outcome
