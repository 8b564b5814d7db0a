"""The members of manifests/letters, and the date of their assembly."""

import csv
import io

from tests.examples.people import person

MEMBERS = 24

_LANGUAGES = ("ko", "ja", "en")
#: RFC 5545 has CRLF at the ends of lines.
_ASSEMBLY = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Maru//Members//EN
BEGIN:VEVENT
UID:assembly-2027@members.example.com
DTSTAMP:20261101T000000Z
DTSTART:20270219T010000Z
DTEND:20270219T030000Z
SUMMARY:정기총회 · 定期総会 · Assembly
END:VEVENT
END:VCALENDAR
"""


def members() -> bytes:
    """The sheet, as a spreadsheet program saves "CSV UTF-8"."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["number", "name", "email", "language", "until"])
    for number in range(MEMBERS):
        someone = person(number)
        until = f"{2027 + number % 2}-12-31"
        writer.writerow(
            [f"M{number * 37 + 401:05}", someone.name, f"{someone.mailbox}@example.org", _LANGUAGES[number % 3], until]
        )
    return text.getvalue().encode("utf-8-sig")


def assembly() -> bytes:
    """The date as a file that calendars open."""
    return _ASSEMBLY.replace("\n", "\r\n").encode()
