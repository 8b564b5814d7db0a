"""A manifest without faults becomes the job that it declares."""

import os
from hashlib import sha256
from pathlib import Path

from batchmail.delivery import Mailing
from batchmail.finding import Findings
from batchmail.job import (
    BodyFile,
    Bytes,
    Folder,
    MessageSpec,
    RecipientsSpec,
    SendSpec,
    StopAfterSpec,
    TemplateText,
    Url,
)
from batchmail.location import TextLocation
from batchmail.manifest import load
from batchmail.message import ContentType
from batchmail.rate import Rate
from tests.manifest.desk import MINIMAL, SHAPES, Desk, Loaded, PostSettings, spot

WHOLE = """\
# Who gets which invoice
version: 1
name: invoices
edition: "2026-10"

provider:
  kind: post
  userId: billing@example.com
  accessToken: {env: POST_TOKEN}
  baseUrl: http://127.0.0.1:8025/v1
  plan: free
  attachmentLimit: 25MB
  port: 8025
  checkCertificates: false

recipients:
  file: people.csv
  sheet: October
  encoding: cp932
  key: [number, 氏名]
  where: "active == 'yes'"
  duplicates: first
  fields:
    email: {type: email}
    amount: {type: decimal, format: "{:,.2f}"}
    First name: {required: false}

message:
  to: "{{ email }}"
  cc: ["{{ boss }}", office@example.com]
  bcc: []
  from: "Billing <billing@example.com>"
  replyTo: answers@example.com
  subject: 'Invoice {{ number }}'
  body: {file: "body-{{ language }}.html"}
  text: |
    Dear {{ name }},
    see below.
  contentType: text
  userName: Billing
  isSaveSentMail: false
  isSaveTracking: false
  isSendSeparately: true
  securityLevel: Non-business
  attachments:
    - path: "pdf/{{ number }}.pdf"
    - {path: logo.png, cid: logo, fileType: image/png, filename: "{{ name }}.png", optional: true}

send:
  concurrency: 4
  rate: [5/s, 200/min]
  attempts: 3
  timeout: 1.5min
  combine: 10
  canary: 5
  stopAfter: {rejected: 20, inDoubt: 3}

report: [results.xlsx, out/results.csv]
"""


def whole(desk: Desk) -> Loaded:
    return desk.load(WHOLE)


def test_the_mailing_is_known_by_name_and_edition(desk: Desk) -> None:
    assert whole(desk).whole.mailing == Mailing("invoices", "2026-10")


def test_the_provider_gets_its_own_settings_back(desk: Desk) -> None:
    provider = whole(desk).whole.provider
    assert provider.kind == "post"
    assert isinstance(provider.settings, PostSettings)
    assert provider.settings.user_id == "billing@example.com"
    assert provider.settings.base_url == Url("http://127.0.0.1:8025/v1")
    assert provider.settings.plan == "free"
    assert provider.settings.attachment_limit == Bytes(25_000_000)
    assert (provider.settings.port, provider.settings.check_certificates) == (8025, False)
    assert provider.settings.access_token is not None
    assert (provider.settings.access_token.scheme, provider.settings.access_token.name) == ("env", "POST_TOKEN")


def test_the_recipients_are_as_declared(desk: Desk) -> None:
    recipients = whole(desk).whole.recipients
    assert recipients.file == desk.folder / "people.csv"
    assert (recipients.sheet, recipients.encoding, recipients.duplicates) == ("October", "cp932", "first")
    assert recipients.key == ("number", "氏名")
    assert recipients.condition is not None
    assert recipients.condition.text == "active == 'yes'"
    assert list(recipients.fields) == ["email", "amount", "First name"]
    amount = recipients.fields["amount"]
    assert (amount.column, amount.type, amount.format, amount.required) == ("amount", "decimal", "{:,.2f}", True)
    assert spot(amount.where) == (25, 5)
    assert not recipients.fields["First name"].required


def test_the_message_is_as_declared(desk: Desk) -> None:
    message = whole(desk).whole.message
    assert [each.text for each in (*message.to, *message.cc)] == ["{{ email }}", "{{ boss }}", "office@example.com"]
    assert message.bcc == ()
    assert message.subject.text == "Invoice {{ number }}"
    assert isinstance(message.body, BodyFile)
    assert message.body.name.text == "body-{{ language }}.html"
    assert isinstance(message.alternative, TemplateText)
    assert message.alternative.text == "Dear {{ name }},\nsee below.\n"
    assert message.sender is not None
    assert message.sender.text == "Billing <billing@example.com>"
    assert message.reply_to is not None
    assert message.user_name is not None
    assert message.content_type is ContentType.TEXT
    assert (message.save_sent, message.save_tracking, message.send_separately) == (False, False, True)
    assert message.security_level == "Non-business"


def test_the_attachments_are_as_declared(desk: Desk) -> None:
    invoice, logo = whole(desk).whole.message.attachments
    assert (invoice.path.text, invoice.filename, invoice.cid) == ("pdf/{{ number }}.pdf", None, None)
    assert logo.filename is not None
    assert logo.filename.text == "{{ name }}.png"
    assert (logo.cid, logo.file_type, logo.optional) == ("logo", "image/png", True)


def test_sending_and_reports_are_as_declared(desk: Desk) -> None:
    job = whole(desk).whole
    assert job.send == SendSpec(4, (Rate(5, 1.0), Rate(200, 60.0)), 3, 90.0, 10, 5, StopAfterSpec(20, 3))
    assert job.reports == (desk.folder / "results.xlsx", desk.folder / "out/results.csv")


def test_what_is_left_out_has_the_default_of_the_job(desk: Desk) -> None:
    job = desk.load(MINIMAL).whole
    assert job.mailing == Mailing("invoices", "")
    assert job.recipients == RecipientsSpec(desk.folder / "people.csv")
    assert job.message == MessageSpec(job.message.to, job.message.subject)
    assert job.provider.settings == PostSettings(drafts=Folder(str(desk.folder / "drafts")))
    assert (job.send, job.reports) == (SendSpec(), ())


def test_parts_with_nothing_but_one_key_have_the_job_s_defaults_for_the_rest(desk: Desk) -> None:
    assert desk.with_lines("send", "combine: 100").whole.send == SendSpec()
    assert desk.with_lines("recipients", "duplicates: error").whole.recipients == desk.load(MINIMAL).whole.recipients


def test_one_value_may_stand_for_a_list_of_one(desk: Desk) -> None:
    job = desk.load(f"{MINIMAL}  cc: a@example.com\nsend:\n  rate: 20/h\nreport: r.jsonl\n").whole
    assert [each.text for each in job.message.cc] == ["a@example.com"]
    assert job.send.rates == (Rate(20, 3600.0),)
    assert job.reports == (desk.folder / "r.jsonl",)


def test_files_of_a_list_have_their_places(desk: Desk) -> None:
    desk.write("more.xlsx", "")
    recipients = desk.load(MINIMAL.replace("people.csv", "[people.csv, more.xlsx]\n  header: 3")).whole.recipients
    assert (recipients.file, recipients.header) == (desk.folder / "people.csv", 3)
    (more,) = recipients.others
    assert (more.file, spot(more.where)) == (desk.folder / "more.xlsx", (6, 22))
    assert recipients.files == (desk.folder / "people.csv", desk.folder / "more.xlsx")


def test_rows_of_the_manifest_are_texts_as_they_were_written(desk: Desk) -> None:
    rows = "rows:\n    - {email: kim@example.com, n: 007}\n    - email: lee@example.com\n      n: 1.50"
    job = desk.load(MINIMAL.replace("file: people.csv", rows)).whole
    assert [{name: cell.text for name, cell in row.items()} for row in job.recipients.rows] == [
        {"email": "kim@example.com", "n": "007"},
        {"email": "lee@example.com", "n": "1.50"},
    ]
    assert job.recipients.file == job.path
    where = job.recipients.rows[1]["n"].where
    assert (where.path, spot(where)) == (job.path, (9, 10))


def test_the_path_stays_as_it_was_given(desk: Desk) -> None:
    path = Path(os.path.relpath(desk.write("job.yaml", MINIMAL)))
    job = load(path, SHAPES, Findings())
    assert job is not None
    assert job.path == path
    assert job.place("name") == TextLocation(path, 2, 7)
    assert job.recipients.file == path.parent / "people.csv"


def test_the_digest_is_that_of_the_file_s_bytes(desk: Desk) -> None:
    assert desk.load(MINIMAL).whole.digest == sha256(MINIMAL.encode()).digest()


def test_a_byte_order_mark_and_windows_line_ends_change_nothing_but_the_digest(desk: Desk) -> None:
    plain = desk.load(WHOLE).whole
    windows = desk.load(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode()).whole
    assert windows.message.alternative is not None
    assert isinstance(windows.message.alternative, TemplateText)
    assert windows.message.alternative.text == "Dear {{ name }},\nsee below.\n"
    assert list(map(spot, windows.places.values())) == list(map(spot, plain.places.values()))
    assert windows.digest != plain.digest


def test_json_is_a_manifest_too(desk: Desk) -> None:
    manifest = (
        '{"version": 1, "name": "invoices", "provider": {"kind": "post"}, "recipients": {"file": "people.csv"},'
        ' "message": {"to": "{{ email }}", "subject": "Hello"}}'
    )
    assert spot(desk.load(manifest).whole.message.to[0].where) == (1, manifest.index("{{ email") + 1)


def test_what_a_column_allows_is_declared_with_it(desk: Desk) -> None:
    loaded = desk.with_lines(
        "recipients", "fields: {a: {type: integer, unique: true, min: 1, max: 9}, b: {choices: [x, 01], pattern: x.*}}"
    )
    fields = loaded.whole.recipients.fields
    assert (fields["a"].unique, fields["a"].min, fields["a"].max) == (True, "1", "9")
    assert (fields["b"].choices, fields["b"].pattern) == (("x", "01"), "x.*")
