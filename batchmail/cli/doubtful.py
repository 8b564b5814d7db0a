"""What is said beside the content of a journal that `send` would refuse."""

from pathlib import Path

from batchmail.cli.console import Console
from batchmail.pipeline import journal_doubt


def warn_of_doubt(console: Console, journal: Path) -> None:
    """Say on stderr why a journal may lack what was sent; it is shown all the same. Raises JournalUnusable."""
    if doubt := journal_doubt(journal):
        console.error(f"Caution: {doubt.message}\n  {doubt.danger}")
