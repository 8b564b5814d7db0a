"""The recipients of manifests/outage-notice: 2,000 customers of a service."""

import csv
import io

from tests.examples.people import person

CUSTOMERS = 2_000

_PLANS = ("Basic", "Team", "Team", "Business")
_REGIONS = ("Seoul", "Tokyo", "Frankfurt")
_DOMAINS = ("example.com", "example.net", "example.org")


def recipients() -> bytes:
    """The sheet, as a spreadsheet program saves "CSV UTF-8"."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["customer", "name", "email", "plan", "region"])
    for number in range(CUSTOMERS):
        someone = person(number)
        address = f"{someone.mailbox}.{number:04}@{_DOMAINS[number // 3 % 3]}"
        plan = _PLANS[number * 5 % 7 % 4]
        writer.writerow([f"C{number + 1:05}", someone.name, address, plan, _REGIONS[number % 3]])
    return text.getvalue().encode("utf-8-sig")
