"""What a provider that can be asked needs of a connection, whatever speaks HTTP behind it."""

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

from batchmail.outcome import Closed, Refused
from batchmail.providers.base import Reply

T = TypeVar("T")


class Reader(Protocol):
    """Asks questions that change nothing, inside its context."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def get(self, url: str, understand: Callable[[Reply], T | Refused | Closed]) -> T | Refused | Closed:
        """The answer to a GET, understood; Refused where there was none. Closed that means a 401 may become Refused."""
        ...
