"""Faults that are set, shown and taken back while an emulator runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from batchmail.emulator.control import Asked, Operation, not_there, number_of
from batchmail.emulator.exchange import Answer, Incoming, Json, json_answer
from batchmail.emulator.fault_order import ANY, FaultOrder, read_order
from batchmail.emulator.faults import Fault
from batchmail.emulator.glance import Glance


@dataclass(slots=True)
class _Standing:
    """A fault that is set: how many requests met its conditions since, and how many it has struck."""

    id: int
    order: FaultOrder
    met: int = field(default=0)
    struck: int = field(default=0)

    def strikes(self, incoming: Incoming, glance: Glance) -> bool:
        """Whether it strikes this request; counts it."""
        order = self.order
        if order.operation not in (ANY, incoming.operation):
            return False
        if (order.to or order.subject) and not _is_meant(order, incoming, glance):
            return False
        self.met += 1
        struck = (
            (order.requests is None or incoming.number in order.requests)
            and (order.every is None or self.met % order.every == 0)
            and (order.following is None or self.met <= order.following)
        )
        self.struck += struck
        return struck

    def shown(self) -> dict[str, Json]:
        """The fault as JSON."""
        return {"id": self.id, "struck": self.struck, **self.order.given}


def _is_meant(order: FaultOrder, incoming: Incoming, glance: Glance) -> bool:
    seen = glance(incoming)
    return order.to.lower() in seen.recipients.lower() and order.subject in seen.subject


class FaultScript:
    """Which requests go wrong, and how: of several faults for one request, the one that was set first counts.

    Asked by the emulator and changed by its control side, on whatever threads. `operations` are the emulator's, the
    one that sends a mail first; `glance` tells whom a request writes to.
    """

    def __init__(self, operations: Sequence[str], glance: Glance, requests: Callable[[], int]) -> None:
        self._operations = tuple(operations)
        self._glance = glance
        self._requests = requests
        self._standing: dict[int, _Standing] = {}
        self._last_id = 0
        self._lock = Lock()

    def of(self, incoming: Incoming) -> Fault | None:
        """The fault of a request."""
        with self._lock:
            return next(
                (each.order.fault for each in self._standing.values() if each.strikes(incoming, self._glance)), None
            )

    def operations(self) -> tuple[Operation, ...]:
        """What can be done with it."""
        return (
            Operation("GET", "faults", "the faults that are set, and how often each has struck", self._list),
            Operation("POST", "faults", "sets a fault", self._set),
            Operation("DELETE", "faults", "takes all faults back", self._clear),
            Operation("DELETE", "faults/{id}", "takes one fault back", self._remove),
        )

    def _list(self, asked: Asked) -> Answer:
        del asked
        with self._lock:
            shown: list[Json] = [dict(each.shown()) for each in self._standing.values()]
        return json_answer(200, {"faults": shown, "requests": self._requests()})

    def _set(self, asked: Asked) -> Answer:
        order = read_order(asked.object(), self._operations)
        with self._lock:
            self._last_id += 1
            standing = self._standing[self._last_id] = _Standing(self._last_id, order)
            return json_answer(201, standing.shown())

    def _clear(self, asked: Asked) -> Answer:
        with self._lock:
            self._standing.clear()
        return self._list(asked)

    def _remove(self, asked: Asked) -> Answer:
        given = asked.parameters["id"]
        with self._lock:
            removed = self._standing.pop(number_of(given) or 0, None)
        if removed is None:
            not_there(f"There is no fault {given}")
        return self._list(asked)
