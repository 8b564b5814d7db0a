"""Which columns a report has, and where the user's own cells are found in a row."""

from collections.abc import Sequence
from dataclasses import dataclass

from batchmail.mail_columns import MAIL_COLUMNS
from batchmail.row import Row


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheet's own columns; those of an earlier report are left out, as the new results replace them.

    `positions` says where in a row each of `names` stands, `is_whole` whether they are all that a row has, as in most
    sheets; `title` is the worksheet's name, where there is one.
    """

    names: tuple[str, ...]
    positions: tuple[int, ...]
    is_whole: bool
    title: str

    @classmethod
    def of(cls, columns: Sequence[str], title: str) -> "Layout":
        """The layout of a report on a sheet with these columns."""
        own = [(position, name) for position, name in enumerate(columns) if name not in MAIL_COLUMNS]
        names, positions = tuple(name for _, name in own), tuple(position for position, _ in own)
        return cls(names, positions, len(own) == len(columns), title)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of all columns."""
        return self.names + MAIL_COLUMNS

    def texts(self, row: Row | None) -> Sequence[str]:
        """The user's own cells as texts, empty where there is no row."""
        if row is None:
            return [""] * len(self.positions)
        texts = row.texts
        return texts if self.is_whole else [texts[position] for position in self.positions]
