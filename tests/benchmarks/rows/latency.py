"""What the curve is drawn from: jobs of every concurrency, sent to providers of every latency."""

from collections.abc import Iterator

from tests.benchmarks.curve import Curve
from tests.benchmarks.jobs import Sending, works_job
from tests.benchmarks.rows.contest import send
from tests.benchmarks.servers.running import running_server
from tests.benchmarks.workbench import Workbench

#: As many as the manifest allows.
CONCURRENCIES = tuple(2**power for power in range(9))
LATENCIES_MS = (0, 10, 50, 200)
SECONDS_A_POINT = 3.0
#: A first guess at what one connection does with a provider that takes no time.
FIRST_RATE = 500.0


def curves(bench: Workbench) -> Iterator[Curve]:
    """Measure them, one latency after the other. Raises ChildFailed."""
    for latency in LATENCIES_MS:
        yield Curve(latency, tuple(_rates(bench, latency)))


def _rates(bench: Workbench, latency_ms: int) -> Iterator[tuple[int, float]]:
    guess = FIRST_RATE
    with running_server(delay_seconds=latency_ms / 1000) as server:
        for concurrency in CONCURRENCIES:
            possible = Curve(latency_ms, ()).possible(concurrency)
            mails = mails_of(min(guess, possible), concurrency, SECONDS_A_POINT * bench.scale)
            sheet = bench.csv(mails)
            with bench.job_folder() as folder:
                rate = send(
                    works_job(folder, sheet, server, Sending(concurrency, bench.workers)), server, mails
                ).tally.rate
            guess = 2 * rate
            yield concurrency, rate


def mails_of(rate: float, concurrency: int, seconds: float) -> int:
    """How many mails a point takes: some seconds' worth, in full rounds, and at least two of them."""
    return max(2, round(rate * seconds / concurrency)) * concurrency
