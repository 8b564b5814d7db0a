"""What has been tried and what became of it."""

from batchmail.journal.lock import hold, is_held
from batchmail.journal.memory import MemoryJournal
from batchmail.journal.opening import open_journal, view_journal

__all__ = ["MemoryJournal", "hold", "is_held", "open_journal", "view_journal"]
