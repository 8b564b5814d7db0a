"""Numbers with a unit: sizes, times and rates."""

import re
from dataclasses import dataclass
from decimal import Decimal

from batchmail.job import Bytes
from batchmail.manifest.faults import bad_value
from batchmail.manifest.scalars import JsonSchema, ScalarKind
from batchmail.manifest.tree import Scalar
from batchmail.rate import Rate

#: Powers of ten: providers count so, and it is the smaller of the two readings.
_BYTES = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "min": Decimal(60)}
_PERIOD_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "day": 86400.0}

_AMOUNT = r"[0-9]{1,9}(\.[0-9]{1,3})?"
_SIZE_PATTERN = rf"({_AMOUNT})(KB|MB|GB)"
_TIME_PATTERN = rf"({_AMOUNT})(ms|s|min)"
_RATE_PATTERN = r"([1-9][0-9]{0,8})/(s|min|h|day)"


@dataclass(frozen=True)
class Size(ScalarKind):
    """A size in bytes, written as `20MB`."""

    takes: str = "a size such as 500KB, 20MB or 1GB"

    def read(self, scalar: Scalar) -> Bytes:
        found = re.fullmatch(_SIZE_PATTERN, scalar.text)
        size = int(Decimal(found[1]) * _BYTES[found[3]]) if found else 0
        if size <= 0:
            raise bad_value(scalar, self.takes, "Write the number and its unit (KB, MB or GB) without a space: 20MB")
        return Bytes(size)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_SIZE_PATTERN}$"}


def size_text(size: int) -> str:
    """A size as the manifest writes it, exactly where it is whole thousands of bytes."""
    unit = next((unit for unit, count in reversed(_BYTES.items()) if size % count == 0), "KB")
    return f"{Decimal(size) / _BYTES[unit]:f}{unit}"


@dataclass(frozen=True)
class Duration(ScalarKind):
    """A time in seconds, written as `120s`; more than none."""

    takes: str = "a time such as 120s, 2min or 500ms"

    def read(self, scalar: Scalar) -> float:
        found = re.fullmatch(_TIME_PATTERN, scalar.text)
        seconds = Decimal(found[1]) * _SECONDS[found[3]] if found else Decimal(0)
        if seconds <= 0:
            raise bad_value(scalar, self.takes, "Write the number and its unit (ms, s or min) without a space: 120s")
        return float(seconds)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_TIME_PATTERN}$"}


@dataclass(frozen=True)
class RateText(ScalarKind):
    """How many requests in which time, written as `200/min`."""

    takes: str = "a rate such as 5/s, 200/min, 3000/h or 20000/day"

    def read(self, scalar: Scalar) -> Rate:
        found = re.fullmatch(_RATE_PATTERN, scalar.text)
        if not found:
            hint = "Write a whole number, a slash and s, min, h or day, without spaces: 200/min"
            raise bad_value(scalar, self.takes, hint)
        return Rate(int(found[1]), _PERIOD_SECONDS[found[2]])

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_RATE_PATTERN}$"}
