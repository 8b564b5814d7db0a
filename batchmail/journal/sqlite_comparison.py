"""What the journal has under the keys of a roster's rows."""

from batchmail.journal.connection import Database

_KNOWN = """
    INSERT INTO temp.known (position, delivery, state, reason, changed)
    SELECT candidate.position, delivery.id, delivery.state, delivery.reason,
        delivery.content <> candidate.content OR delivery.recipients <> candidate.recipients
    FROM temp.candidate CROSS JOIN main.delivery ON delivery.mailing = ? AND delivery.key = candidate.key
    WHERE candidate.left_out = 0
"""


class Comparison:
    """Fills the table `known`, which the view `standing` reads.

    Looking up a million keys takes seconds where they come in no order, so it is done once for all questions, until
    something is changed on this connection. While another process sends, all answers are of one moment.
    """

    def __init__(self, database: Database, mailing: int) -> None:
        self._database = database
        self._mailing = mailing
        self._made_at: int | None = None
        self._others = 0

    def make(self) -> None:
        """Look the keys up, unless that was done and nothing has changed since."""
        # What another thread records before the changes are counted would pass for seen.
        with self._database.alone():
            if self._made_at == self._database.own_changes():
                return
            self._others = self._database.changes_of_others()
            self._database.run("DELETE FROM temp.known")
            self._database.run(_KNOWN, (self._mailing,))
            self._made_at = self._database.own_changes()

    def make_sure(self) -> None:
        """The same for whoever is about to write: what another process has changed counts too."""
        if self._others != self._database.changes_of_others():
            self.forget()
        self.make()

    def forget(self) -> None:
        """Have the keys looked up next time. A transaction that fails takes back what was found out in it as well."""
        self._made_at = None
