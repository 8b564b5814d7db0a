"""A fault as it is ordered in JSON: which requests it strikes, and what becomes of them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from batchmail.emulator.exchange import Answer, Json
from batchmail.emulator.faults import Cut, Ending, Fault, HalfAnswer, Silence
from batchmail.emulator.json_fields import BadField, Fields, Unacceptable, filled, whole, written

#: The operation that stands for all of them.
ANY = "any"

LONGEST_WAIT_SECONDS = 3600
_MOST_NUMBERS = 10_000
_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599
_BODILESS = (204, 304)

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e\xa0-\xff](?:[\t\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?")
_SERVERS_OWN = frozenset({"content-length", "transfer-encoding", "connection", "upgrade", "trailer"})

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FaultOrder:
    """A fault, the conditions that a request has to meet, and how it was written.

    `requests` are numbers of requests; `every` and `following` count those that meet the other conditions since the
    fault was set: each n-th, the first n. None and "" are no condition.
    """

    fault: Fault
    operation: str
    requests: frozenset[int] | None
    every: int | None
    following: int | None
    to: str
    subject: str
    given: Mapping[str, Json]


def read_order(given: Mapping[str, object], operations: Sequence[str]) -> FaultOrder:
    """An order; the first of the operations is meant where it names none. Raises Unacceptable."""
    fields = Fields(given)
    numbers = f"a list of up to {_MOST_NUMBERS} request numbers from 1, such as [3, 4]"
    operation = fields.word("operation", [*operations, ANY]) or operations[0]
    requests = fields.take("requests", numbers, _numbers)
    every = fields.number("every", 1)
    following = fields.number("next", 1)
    to, subject = fields.text("to") or "", fields.text("subject") or ""
    fault = Fault(
        wait_seconds=fields.seconds("waitSeconds", LONGEST_WAIT_SECONDS) or 0.0,
        handled=fields.flag("handled") or False,
        ending=_ending(fields, given),
    )
    fields.end()
    if fault.ending is None and not fault.wait_seconds:
        raise Unacceptable(BadField("(body)", written(given), "waitSeconds, status, cut or silence: what is to happen"))
    shown = cast(Mapping[str, Json], given)  # it came out of JSON
    return FaultOrder(fault, operation, requests, every, following, to, subject, shown)


def _ending(fields: Fields, given: Mapping[str, object]) -> Ending | None:
    answer, kept = _answer(fields, given), fields.number("keptBytes", 0)
    cut, silence = fields.flag("cut"), fields.flag("silence")
    chosen = [name for name, there in (("status", answer), ("cut", cut), ("silence", silence)) if there]
    for name in chosen[1:]:
        fields.refuse(name, given[name], f"one of status, cut and silence, and {chosen[0]} is given")
    if kept is not None and answer is None:
        fields.refuse("keptBytes", kept, "a number beside a status: of that answer's body so many bytes come")
    if cut:
        return Cut()
    if silence:
        return Silence()
    return HalfAnswer(answer, kept) if answer and kept is not None else answer


def _answer(fields: Fields, given: Mapping[str, object]) -> Answer | None:
    status = fields.number("status", _LOWEST_STATUS, _HIGHEST_STATUS)
    headers = fields.take(
        "headers", 'names and values, such as {"Retry-After": "7"}; the length is the server\'s', _headers
    )
    body = fields.take("body", "a text, or JSON: an object or a list", _body)
    if status is None:
        for name in ("headers", "body"):
            if name in given and "status" not in given:
                fields.refuse(name, given[name], f"{name} beside a status, from {_LOWEST_STATUS} to {_HIGHEST_STATUS}")
        return None
    if status in _BODILESS and body:
        fields.refuse("body", given["body"], f"nothing: an answer with status {status} has no body")
        return None
    return Answer(status, body or b"", _with_type(headers or (), given.get("body")))


def _with_type(headers: Headers, body: object) -> Headers:
    """The headers, with the type of a JSON body where they do not tell another."""
    told = any(name.lower() == "content-type" for name, _ in headers)
    return headers if told or not isinstance(body, dict | list) else (*headers, ("content-type", "application/json"))


def _numbers(given: object) -> frozenset[int] | None:
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_NUMBERS:
        return None
    return frozenset(given) if all(whole(each, 1) is not None for each in given) else None


def _headers(given: object) -> Headers | None:
    if not isinstance(given, dict):
        return None
    good = all(isinstance(value, str) and _is_header(name, value) for name, value in given.items())
    return tuple(given.items()) if good else None


def _is_header(name: str, value: str) -> bool:
    named = _HEADER_NAME.fullmatch(name) and name.lower() not in _SERVERS_OWN
    return bool(named and (not value or _HEADER_VALUE.fullmatch(value)))


def _body(given: object) -> bytes | None:
    text = json.dumps(given, ensure_ascii=False) if isinstance(given, dict | list) else given
    if text == "":
        return b""
    usable = filled(text)
    return usable.encode() if usable is not None else None
