"""Which function measures which row."""

from collections.abc import Callable
from functools import partial

from tests.benchmarks.figures import Measured
from tests.benchmarks.rows import memory, planning, resume, sending, servers, smtp, start
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import Workbench

#: Measures a row. Raises Unavailable where a peer cannot be had, and ChildFailed.
Measurement = Callable[[Workbench, Row], Measured]

#: By the row's id.
MEASUREMENTS: dict[str, Measurement] = {
    "server-http": servers.over_http,
    "server-smtp": servers.over_smtp,
    "send-64": partial(sending.over_httpx, connections=64),
    "send-16": partial(sending.over_httpx, connections=16),
    "send-aiohttp": sending.over_aiohttp,
    "send-50ms": sending.slow_provider,
    "smtp-mailmerge": smtp.over_mailmerge,
    "smtp-nodemailer": smtp.over_nodemailer,
    "plan-mailmerge": planning.over_mailmerge,
    "plan-jinja": planning.over_jinja,
    "plan-xlsx": planning.workbook_over_csv,
    "memory-plan": memory.planning,
    "memory-send": memory.sending,
    "attachments": memory.attachments,
    "combining": sending.combining,
    "start": start.starting,
    "resume": resume.resuming,
}
