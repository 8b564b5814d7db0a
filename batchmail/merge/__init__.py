"""Templates and a row to a message."""

from batchmail.merge.merger import Merger, make_merger

__all__ = ["Merger", "make_merger"]
