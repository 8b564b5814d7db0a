"""The mail that everybody in the benchmark sends: a subject, an HTML body of 20 lines, a plain alternative."""

SUBJECT = "Invoice {{ number }} for {{ name }}"

HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Invoice {{ number }}</title>
</head>
<body>
<p>Dear {{ name }},</p>
<p>please find below what {{ company }} in {{ city }} has to pay.</p>
<table>
<tr><th>Invoice</th><td>{{ number }}</td></tr>
<tr><th>Amount</th><td>{{ amount }}</td></tr>
<tr><th>Due</th><td>{{ due }}</td></tr>
</table>
{% if note %}<p>Note: {{ note }}</p>{% endif %}
<p>If you have any questions, answer this mail.</p>
<p>With kind regards</p>
<p>Billing</p>
</body>
</html>
"""

PLAIN = """\
Dear {{ name }},

please find below what {{ company }} in {{ city }} has to pay.

Invoice {{ number }}: {{ amount }}, due {{ due }}
"""

SENDER = "billing@example.com"
