"""What goes in and out of an emulator: one request, one answer, and where the two meet."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

#: What JSON is made of, on its way out.
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, read to its end.

    `number` counts the requests of its operation from 1, in the order of their arrival. `parameters` are the decoded
    pieces of the path, `query` the last value of each query parameter; header names are in lower case.
    """

    operation: str
    number: int
    method: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def with_headers(self, headers: tuple[tuple[str, str], ...]) -> "Answer":
        """The same answer with more headers."""
        return replace(self, headers=self.headers + headers) if headers else self


def json_answer(status: int, payload: Json) -> Answer:
    """An answer in JSON."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, (("content-type", "application/json"),))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation: its method, its path (`/users/{user}/mail`), and who answers.

    `arrived` gives each request its number as soon as its headers are there, whether or not its body follows.
    """

    operation: str
    method: str
    path: str
    answer: Callable[[Incoming], Answer]
    arrived: Callable[[], int]
