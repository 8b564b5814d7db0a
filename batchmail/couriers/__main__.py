"""The process of a courier. Only a run starts it, and it ends with the run."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread

from batchmail.couriers.process import PATIENCE_SECONDS, called
from batchmail.couriers.service import serve
from batchmail.fastest_loop import fastest_loop
from batchmail.garbage import collect_rarely

#: What a person or a service manager tells a run, it tells its couriers by the line: they finish what they have begun.
_THE_RUNS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def main() -> None:
    """Serve one run."""
    for name in _THE_RUNS:
        if name in signal.Signals.__members__:
            signal.signal(signal.Signals[name], signal.SIG_IGN)
    collect_rarely()
    try:
        line, open_sender = called()
    except EOFError:
        return  # the run has ended already
    with suppress(Exception):  # what is wrong, the first connection tells
        open_sender()  # only so that all it takes is loaded, while the run still plans
    loop, threads = fastest_loop()(), ThreadPoolExecutor()
    loop.set_default_executor(threads)
    loop.run_until_complete(serve(line, open_sender))
    _wait_for(threads)
    os._exit(0)  # a thread that still resolves a name would keep it, and nothing here wants to be written


def _wait_for(threads: ThreadPoolExecutor) -> None:
    """Let threads end what they do, but not without end: one may be keeping a token that it has just renewed."""
    ending = Thread(target=threads.shutdown, kwargs={"cancel_futures": True}, daemon=True)
    ending.start()
    ending.join(PATIENCE_SECONDS)


if __name__ == "__main__":
    main()
