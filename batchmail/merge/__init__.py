"""Templates and a row to a message."""

from batchmail.merge.addresses import is_old_mobile
from batchmail.merge.merger import Merger, make_merger

__all__ = ["Merger", "is_old_mobile", "make_merger"]
