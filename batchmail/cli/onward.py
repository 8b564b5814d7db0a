"""The commands to go on with, which are printed to be pasted: they mean the mailing that the command before meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from batchmail.cli.options import journal_path
from batchmail.cli.words import as_typed
from batchmail.saved import Origin


@dataclass(frozen=True, slots=True)
class Onward:
    """What makes commands mean one mailing: its manifest, and the edition and journal that the manifest leaves open.

    Without the edition, a command would be about another mailing; without the journal, about one never sent.
    """

    job: Path
    edition: str | None = None
    journal: str | None = None

    @classmethod
    def of_plan(cls, origin: Origin) -> Self:
        """The mailing of a saved plan, whatever its manifest says by now."""
        usual = journal_path(None, origin.manifest).resolve() == origin.journal
        return cls(origin.manifest, origin.mailing.edition or None, None if usual else origin.journal.as_posix())

    def command(self, name: str, *options: str, allowed: Iterable[str] = ()) -> str:
        """A command about this mailing, quoted for this system's command line."""
        allowing = (word for rule in allowed for word in ("--allow", rule))
        return as_typed(["batchmail", name, _as_argument(self.job), *self._identity(), *options, *allowing])

    def _identity(self) -> Iterator[str]:
        if self.edition is not None:
            yield from ("--edition", self.edition)
        if self.journal:
            yield from ("--journal", self.journal)


def _as_argument(path: Path) -> str:
    """A path that is taken for no option, whatever it begins with."""
    text = path.as_posix()
    return f"./{text}" if text.startswith("-") else text
