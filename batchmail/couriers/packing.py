"""How what is said on the line is packed."""

import copyreg
import io
import pickle
from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from batchmail.message import Address, Message
from batchmail.outcome import Sent


def _by_fields(kind: type) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    """Packs a frozen dataclass by its fields, in half the time that its own way takes."""
    values = attrgetter(*(field.name for field in fields(kind)))
    return lambda each: (kind, values(each))


#: What every mail takes.
_COMMON = MappingProxyType({kind: _by_fields(kind) for kind in (Message, Address, Sent)})
_WAYS = MappingProxyType(copyreg.dispatch_table | _COMMON)


def packed(said: Sequence[object]) -> bytes:
    """All of it, in one piece."""
    piece = io.BytesIO()
    pickler = pickle.Pickler(piece, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _WAYS
    pickler.dump(said)
    return piece.getvalue()


def unpacked(piece: memoryview) -> Sequence[Any]:
    """What was packed; only for what the same program has."""
    said: Sequence[Any] = pickle.loads(piece)  # noqa: S301  see line.py: nobody else can say anything there
    return said
