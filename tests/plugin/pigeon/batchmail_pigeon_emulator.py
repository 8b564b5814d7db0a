"""Pigeon Post on this machine, for rehearsals: a second reading of its API, which shares nothing with the sender."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from batchmail.emulator.exchange import Answer, Endpoint, Incoming, json_answer
from batchmail.emulator.inbox import Inbox
from batchmail.emulator.mail import Receipt, Submission
from batchmail.emulator.server import EmulatorServer


@dataclass(frozen=True, slots=True)
class RunningLoft:
    """What a client needs to know."""

    base_url: str
    access_token: str
    inbox: Inbox


@dataclass(frozen=True, slots=True)
class Loft:
    """Where the letters arrive."""

    inbox: Inbox
    token: str
    account: str

    def take(self, incoming: Incoming) -> Answer:
        """`POST /letters`."""
        if incoming.headers.get("authorization") != f"Bearer {self.token}":
            return json_answer(401, {"error": "UNKNOWN_BIRD", "reason": "Nobody knows this token"})
        letter = json.loads(incoming.body)
        if not 1 <= len(letter["to"]) <= 10:
            return json_answer(400, {"error": "TOO_MANY", "reason": "A letter goes to 1 to 10 people"})
        submission = Submission(
            to=tuple(letter["to"]),
            subject=letter["subject"],
            body=letter["text"],
            content_type="text",
            user_name=letter["sender"],
        )
        receipt = Receipt(datetime.now(UTC), self.account, letter["subject"], incoming.body)
        return json_answer(201, {"letter": str(self.inbox.accept(submission, receipt).number)})


@contextmanager
def pigeon_post(folder: Path, account: str) -> Iterator[RunningLoft]:
    """Pigeon Post on 127.0.0.1, until the context ends."""
    with Inbox(folder) as inbox:
        loft = Loft(inbox, token_hex(16), account)
        letters = Endpoint("letters", "POST", "/letters", loft.take, inbox.request_began)
        with EmulatorServer([letters]) as server:
            yield RunningLoft(server.url, loft.token, inbox)
