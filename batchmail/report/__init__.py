"""The user's own sheet back, with what became of each row."""

from batchmail.mail_columns import MAIL_COLUMNS
from batchmail.report.destination import ReportUnwritable
from batchmail.report.line import ReportLine, failed_only
from batchmail.report.report import REPORT_SUFFIXES, ReportFormatUnknown, write_report
from batchmail.report.too_large import ReportTooLarge

__all__ = [
    "MAIL_COLUMNS",
    "REPORT_SUFFIXES",
    "ReportFormatUnknown",
    "ReportLine",
    "ReportTooLarge",
    "ReportUnwritable",
    "failed_only",
    "write_report",
]
