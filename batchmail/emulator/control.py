"""The control side of a running emulator: small operations in JSON, for the tests and scripts of its users."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from batchmail.emulator.exchange import Answer, Incoming, Json, json_answer
from batchmail.emulator.json_fields import BadField, Unacceptable, read_object
from batchmail.emulator.server import CONTROL_PATH

_CHANGING = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_PLACE = re.compile(r"\{(\w+)\}")
_NO_SNIFFING = (("x-content-type-options", "nosniff"), ("cache-control", "no-store"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the control side: the pieces of its path, its query, its body."""

    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def object(self) -> Mapping[str, object]:
        """The JSON object of the body. Raises Unacceptable."""
        return read_object(self.body)

    def number(self, name: str, *, default: int, least: int, most: int) -> int:
        """A number of the query. Raises Unacceptable."""
        given = self.query.get(name, str(default))
        number = number_of(given)
        if number is None or not least <= number <= most:
            raise Unacceptable(BadField(name, given, f"a whole number from {least} to {most}"))
        return number


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that the control side does: `GET` of `mails/{number}`, what that gives, and who answers."""

    method: str
    path: str
    does: str
    answer: Callable[[Asked], Answer]

    def parameters(self, path: str) -> Mapping[str, str] | None:
        """The pieces of a path, None where it is another's."""
        pattern = _PLACE.sub(r"(?P<\1>[^/]+?)", self.path.replace(".", r"\."))
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


class NotThere(Exception):
    """What is asked for does not exist; the text says what."""


def not_there(message: str) -> NoReturn:
    """Raises NotThere."""
    raise NotThere(message)


class Control:
    """The operations under `/_emulator`; a pure function of a request and the port that it came to.

    Web pages cannot use it: it answers under the names of this machine only, and no other page's scripts.
    """

    def __init__(self, facts: Callable[[], dict[str, Json]], operations: Iterable[Operation]) -> None:
        self._facts = facts
        self._operations = tuple(operations)

    def __call__(self, incoming: Incoming, port: int) -> Answer:
        """Answer a request."""
        answer = _stranger(incoming, port) or self._answer(incoming)
        return answer.with_headers(_NO_SNIFFING)

    def _answer(self, incoming: Incoming) -> Answer:
        path = incoming.parameters.get("path", "").strip("/")
        if not path and incoming.method == "GET":
            return json_answer(200, {**self._facts(), **self._index()})
        there = [(each, found) for each in self._operations if (found := each.parameters(path)) is not None]
        chosen = next(((each, found) for each, found in there if each.method == incoming.method), None)
        if chosen is None:
            return self._no_operation(incoming.method, path, [each.method for each, _ in there] if path else ["GET"])
        operation, parameters = chosen
        if incoming.method in _CHANGING and not _is_json(incoming):
            return _failed(
                415, f"Content-Type is {_given(incoming, 'content-type')}; add Content-Type: application/json"
            )
        try:
            return operation.answer(Asked(parameters, incoming.query, incoming.body))
        except Unacceptable as bad:
            return json_answer(400, {"error": "Nothing was changed", "fields": [fault.shown() for fault in bad.faults]})
        except NotThere as absent:
            return _failed(404, str(absent))

    def _no_operation(self, method: str, path: str, methods: list[str]) -> Answer:
        if not methods:
            error = f"There is nothing at {CONTROL_PATH}/{path}"
            return json_answer(404, {"error": error, **self._index()})
        error = f"{CONTROL_PATH}/{path} knows no {method}"
        return json_answer(405, {"error": error, **self._index()}).with_headers(
            (("allow", ", ".join(dict.fromkeys(methods))),)
        )

    def _index(self) -> dict[str, Json]:
        return {"operations": {f"{each.method} {CONTROL_PATH}/{each.path}": each.does for each in self._operations}}


def number_of(text: str) -> int | None:
    """A number as digits, None where it is none; nobody has counted further than they go."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def _stranger(incoming: Incoming, port: int) -> Answer | None:
    """The refusal of a request that a web page may have caused: by a name that leads here, or across sites."""
    names = ("127.0.0.1", "localhost", "[::1]")
    hosts = {f"{name}:{port}" for name in names} | ({*names} if port == 80 else set())  # noqa: PLR2004  HTTP's own
    if incoming.headers.get("host", "").lower() not in hosts:
        return _failed(403, f"Host is {_given(incoming, 'host')}; the control side answers as {min(hosts)} only")
    origin = incoming.headers.get("origin")
    if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
        return _failed(403, f"Origin is {_given(incoming, 'origin')}: web pages of other sites may not use this")
    return None


def _is_json(incoming: Incoming) -> bool:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _given(incoming: Incoming, name: str) -> str:
    return incoming.headers.get(name) or "missing"


def _failed(status: int, message: str) -> Answer:
    return json_answer(status, {"error": message})
