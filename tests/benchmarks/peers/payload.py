"""The JSON that batchmail posts for a person, made by hand."""

from markupsafe import escape

from tests.benchmarks.people import person


def payload(number: int) -> dict[str, str | bool]:
    """The mail of a row."""
    key, name, email, company, city, amount, due, note = person(number).texts()
    body = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Invoice {key}</title>\n</head>\n'
        f"<body>\n<p>Dear {escape(name)},</p>\n"
        f"<p>please find below what {escape(company)} in {escape(city)} has to pay.</p>\n<table>\n"
        f"<tr><th>Invoice</th><td>{key}</td></tr>\n<tr><th>Amount</th><td>{amount}</td></tr>\n"
        f"<tr><th>Due</th><td>{due}</td></tr>\n</table>\n{f'<p>Note: {escape(note)}</p>' if note else ''}\n"
        "<p>If you have any questions, answer this mail.</p>\n<p>With kind regards</p>\n<p>Billing</p>\n"
        "</body>\n</html>\n"
    )
    return {
        "to": email,
        "subject": f"Invoice {key} for {name}",
        "body": body,
        "contentType": "html",
        "isSaveSentMail": True,
        "isSaveTracking": True,
        "isSendSeparately": False,
    }
