"""The columns that a report adds to those of the sheet."""

MAIL_COLUMNS = ("mail_status", "mail_reason", "mail_attempts", "mail_time", "mail_id", "mail_to")


def is_report(columns: list[str] | tuple[str, ...]) -> bool:
    """Whether these are the columns of an earlier report, in which the texts of a text file are disarmed."""
    return set(MAIL_COLUMNS) <= set(columns)
