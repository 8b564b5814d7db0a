"""The readers of manifests/newsletter: who has left it has a no in the last column."""

import csv
import io

from tests.examples.people import person

READERS = 30
_LANGUAGES = ("ko", "ja", "en")
_LEFT = frozenset({4, 11, 17, 18, 25, 29})


def readers() -> bytes:
    """The sheet, as a spreadsheet program saves "CSV UTF-8"."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["reader", "name", "email", "language", "subscribed"])
    for number in range(READERS):
        someone = person(number)
        left = "no" if number in _LEFT else "yes"
        reader = f"{(number + 1) * 48_271 % 1_000_003:06x}"
        address = f"{someone.mailbox}@example.{('com', 'org', 'net')[number % 3]}"
        writer.writerow([reader, someone.name, address, _LANGUAGES[number % 3], left])
    return text.getvalue().encode("utf-8-sig")
