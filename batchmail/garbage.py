"""How often Python looks for garbage that goes in circles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Python looks after so many new objects, and rarely among the old ones. A mail makes hundreds, and nearly no cycles:
#: with Python's own numbers (700, 10, 10) a send takes an eighth longer.
COLLECTIONS = (20_000, 50, 1_000)


def collect_rarely() -> None:
    """Have this process look more rarely than Python does by itself."""
    gc.set_threshold(*COLLECTIONS)


@contextmanager
def keeping_all() -> Iterator[None]:
    """Nothing is searched for garbage while modules are imported, nor they ever after: they stay to the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_no_more() -> None:
    """Have this process end at once: Python would look at all that there is again, for a tenth of a second.

    Whatever must be closed has been closed by then.
    """
    gc.freeze()
