"""What identifies a row within its mailing."""

from collections.abc import Callable, Sequence

from batchmail.message import Address
from batchmail.row import ReadRow

#: Between the columns of a key that is made of several.
JOINT = "|"


def row_key(read: ReadRow, columns: Sequence[int]) -> str:
    """The key that some columns make: their texts as seen. Empty where one of them is blank."""
    if len(columns) == 1:
        return read.row.texts[columns[0]].strip()
    texts = [read.row.texts[position].strip() for position in columns]
    if not all(texts):
        return ""
    return JOINT.join(text.replace("\\", "\\\\").replace(JOINT, f"\\{JOINT}") for text in texts)


def address_key(to: Sequence[Address]) -> str:
    """The key of a job that names none: the address, whatever the case of its letters."""
    if len(to) == 1:
        return to[0].mailbox.casefold()
    return ";".join(address.mailbox.casefold() for address in to)


class Keys:
    """Gives each row its key: from the key's columns, or from its addresses where the job names none."""

    def __init__(
        self, names: Sequence[str], columns: Sequence[str], addresses: Callable[[ReadRow], tuple[Address, ...]]
    ) -> None:
        """`names` are those of the key, `columns` those of the sheet."""
        #: Whether the sheet has all columns of the key; a missing one is a finding of its own.
        self.known = set(names) <= set(columns)
        self.columns = tuple(columns.index(name) for name in names) if self.known else ()
        self._addresses = addresses

    def of(self, read: ReadRow, to: tuple[Address, ...] | None = None) -> str:
        """A row's key; empty where it has none. `to` spares merging the addresses again."""
        if not self.known:
            return ""
        if self.columns:
            return row_key(read, self.columns)
        return address_key(self._addresses(read) if to is None else to)

    def parts(self, read: ReadRow, to: tuple[Address, ...]) -> tuple[str, ...]:
        """The texts that a row's key is made of; none where it has no key."""
        if not self.columns:
            return (address_key(to),) if self.known and to else ()
        return tuple(text for column in self.columns if (text := read.row.texts[column].strip()))


def numbered(key: str, occurrence: int) -> str:
    """The key of the second, third … row with the same key, where such rows are allowed or left out."""
    return f"{key}#{occurrence}"
