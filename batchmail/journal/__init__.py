"""What has been tried and what became of it."""

from batchmail.journal.lock import hold, is_held
from batchmail.journal.logbook import Logbook
from batchmail.journal.opening import doubt_about, open_journal, view_journal

__all__ = ["Logbook", "doubt_about", "hold", "is_held", "open_journal", "view_journal"]
