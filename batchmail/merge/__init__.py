"""Templates and a row to a message."""

from batchmail.merge.merger import Merger, make_merger
from batchmail.merge.row_merge import ReadRow

__all__ = ["Merger", "ReadRow", "make_merger"]
