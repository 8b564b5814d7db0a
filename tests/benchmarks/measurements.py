"""Which function measures which row."""

from collections.abc import Callable
from functools import partial

from tests.benchmarks.figures import Measured
from tests.benchmarks.rows import memory, planning, sending
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench

#: By the row's id. They raise Unavailable where a peer cannot be had, and ChildFailed.
MEASUREMENTS: dict[str, Callable[[Workbench, Row], Measured]] = {
    "send-64": partial(sending.over_httpx, connections=64),
    "send-16": partial(sending.over_httpx, connections=16),
    "send-aiohttp": sending.over_aiohttp,
    "send-50ms": sending.slow_provider,
    "plan-jinja": planning.over_jinja,
    "plan-xlsx": planning.workbook_over_csv,
    "memory-plan": memory.planning,
    "memory-send": memory.sending,
    "attachments": memory.attachments,
    "combining": sending.combining,
}
