"""The shape of the manifest (contract, section 3), the whole of it: docstrings and descriptions are for editors.

Keys that this version cannot serve yet are part of it: they are read, checked and told, never ignored.
"""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import DuplicatePolicy, FieldType, TemplateText
from batchmail.manifest.bodies import FileOfBody, InlineOrFile
from batchmail.manifest.encodings import EncodingName
from batchmail.manifest.headers import HeaderFields
from batchmail.manifest.parts import Entries, Items, Part
from batchmail.manifest.paths import PathText
from batchmail.manifest.quantities import Duration, RateText
from batchmail.manifest.scalars import Flag, OneOf, Template, Text, Whole
from batchmail.manifest.severities import RuleSeverities
from batchmail.manifest.tree import Mapping
from batchmail.rate import Rate

_TEMPLATE = Template()
_ADDRESS = Template("an address", blank=False)
_WEB_ADDRESS = Template("a web address", blank=False)
_FILE = Template("the path of a file", blank=False)
_FLAG = Flag()
_COLUMN_NAME = Text("the name of a column")
_CELL = Template("a text", number=True)
_SHEET = PathText(
    "the path of a .csv, .tsv, .xlsx or .jsonl file",
    (".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl"),
    otherwise="Save a sheet of another kind (.ods, .xls) as .xlsx.",
)
_ADDRESS_LIST = PathText(
    "the path of a .csv, .tsv, .txt or .xlsx file",
    (".csv", ".tsv", ".txt", ".xlsx", ".xlsm"),
    otherwise="Save the addresses one a line, as .txt.",
)

#: RFC 6838, section 4.2.
_MEDIA_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = Text("a media type such as application/pdf", rf"{_MEDIA_NAME}/{_MEDIA_NAME}", literal=True)
#: A part of a mail's structure (RFC 2392), which has no letters outside of ASCII.
_CONTENT_ID = Text("a word of ASCII without spaces, quotes or <>", r"[!#-&(-;=?-~]+", literal=True)
#: Part of the mailing's identity: a space that nobody sees would make it another mailing.
_EDITION = Text(
    "a text of 1 to 100 characters on one line, without spaces at its ends",
    r"(?=\S)[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}(?<=\S)",
)


def is_edition(text: str) -> bool:
    """Whether a text may be a mailing's edition, here or on the command line."""
    return re.fullmatch(_EDITION.pattern, text) is not None


Addresses = Annotated[tuple[Annotated[TemplateText, _ADDRESS], ...], Items("an address, or a list of addresses")]


class Column(Part):
    """How the cells of one column are read and shown."""

    all_or_nothing: ClassVar[bool] = True

    type: Annotated[
        FieldType,
        OneOf(("text", "email", "emails", "integer", "decimal", "date", "datetime", "boolean", "choice", "url")),
        Field(description="What the cells hold."),
    ] = "text"
    format: Annotated[
        str | None,
        Text("a format such as {:,.2f} or %Y-%m-%d"),
        Field(description="How the value is printed: {:,.2f} for numbers, %Y-%m-%d for dates."),
    ] = None
    required: Annotated[
        bool, _FLAG, Field(description="Whether a blank cell is a fault; false allows the mail to print nothing.")
    ] = True
    unique: Annotated[bool, _FLAG, Field(description="Whether no two rows may have the same value.")] = False
    pattern: Annotated[
        str | None, Text("a regular expression"), Field(description="What the whole cell must match.")
    ] = None
    min: Annotated[str | None, Text("a number or a date"), Field(description="The smallest value.")] = None
    max: Annotated[str | None, Text("a number or a date"), Field(description="The largest value.")] = None
    choices: Annotated[
        tuple[Annotated[str, Text()], ...],
        Items("a list of the values that are allowed", alone=False, least=1),
        Field(description="The values that are allowed."),
    ] = ()


class Recipients(Part):
    """Who gets the mail: a sheet with one row a person."""

    #: Without `where` or the like more rows are checked; without these they would be other rows, or other values.
    decisive: ClassVar[frozenset[str]] = frozenset({"file", "rows", "sheet", "header", "encoding", "key", "fields"})

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["file"]}, {"required": ["rows"]}]})

    file: Annotated[
        tuple[Annotated[str, _SHEET], ...],
        Items(f"{_SHEET.takes}, or a list of them", least=1),
        Field(
            description="The sheet: a .csv, .tsv, .xlsx or .jsonl file beside the manifest, or a list of files with "
            "the same columns."
        ),
    ] = ()
    rows: Annotated[
        tuple[Annotated[dict[str, Annotated[TemplateText, _CELL]], Entries("columns with their values")], ...],
        Items("a list of rows", alone=False, least=1, hint="Write each row as an item of the list:  - {email: …}"),
        Field(description="The rows themselves, instead of a file: columns with their texts."),
    ] = ()
    sheet: Annotated[
        str | None,
        Text("the name of a worksheet"),
        Field(description="The worksheet of a workbook; the first visible one if left out."),
    ] = None
    header: Annotated[
        int | None,
        Whole(1, 1_048_576),
        Field(description="The line, or row, with the names of the columns; the first that is not blank if left out."),
    ] = None
    encoding: Annotated[
        str, EncodingName(), Field(description="How a text file is encoded: auto, utf-8, cp932, cp949, …")
    ] = "auto"
    key: Annotated[
        tuple[Annotated[str, _COLUMN_NAME], ...],
        Items("the name of a column, or a list of them", least=1),
        Field(description="The column, or columns, that tell one row from another; the address if left out."),
    ] = ()
    where: Annotated[
        TemplateText | None,
        Template("an expression", blank=False),
        Field(description="A Jinja2 expression over the columns; rows where it is false are left out."),
    ] = None
    duplicates: Annotated[
        DuplicatePolicy,
        OneOf(("error", "first", "last", "allow")),
        Field(description="What happens to rows with the same key, or the same address and content."),
    ] = "error"
    fields: Annotated[
        dict[str, Column],
        Entries("the columns, each with its type"),
        Field(
            default_factory=dict,
            description="Types of columns, by the column's name; checked and converted in every cell.",
        ),
    ]
    suppress: Annotated[
        tuple[Annotated[str, _ADDRESS_LIST], ...],
        Items(f"{_ADDRESS_LIST.takes}, or a list of them"),
        Field(
            description="Files of addresses that are never written to: .csv, .tsv, .txt or .xlsx; @example.com stands "
            "for a whole domain."
        ),
    ] = ()

    @classmethod
    def missing_keys(cls, mapping: Mapping) -> list[str]:
        """A file, unless the rows are written in its place."""
        return [] if {"file", "rows"} & mapping.entries.keys() else ["file"]

    @classmethod
    def _strange_keys(cls, mapping: Mapping) -> Iterator[Finding]:
        yield from super()._strange_keys(mapping)
        if {"file", "rows"} <= mapping.entries.keys():
            message = "`recipients` has a file and rows of its own"
            hint = "Keep one of them: two lists would be written to, or one of them would be left out in silence."
            yield rules.MANIFEST_BAD_VALUE.finding(message, mapping.entries["rows"].key, hint, text="rows")


class AttachedFile(Part):
    """A file that goes with the mail."""

    all_or_nothing: ClassVar[bool] = True

    path: Annotated[
        TemplateText,
        _FILE,
        Field(description="The file beside the manifest; a template. * and ? fit any characters of its name."),
    ]
    filename: Annotated[
        TemplateText | None,
        _TEMPLATE,
        Field(description="Its name in the mail; a template. The file's own if left out."),
    ] = None
    file_type: Annotated[
        str | None, _MEDIA_TYPE, Field(description="Its media type; told by the suffix if left out.")
    ] = None
    cid: Annotated[
        str | None, _CONTENT_ID, Field(description='For an inline image: shown where the body has <img src="cid:…">.')
    ] = None
    optional: Annotated[bool, _FLAG, Field(description="Whether a row may be without this file.")] = False
    several: Annotated[
        bool, _FLAG, Field(description="Whether all files are attached that the path fits, and not just one.")
    ] = False
    shared: Annotated[
        bool, _FLAG, Field(description="Whether several people may get a file that cells choose, as one for a region.")
    ] = False


class ListUnsubscribe(Part):
    """How a reader leaves the list, shown by mail programs as a button (RFC 2369)."""

    all_or_nothing: ClassVar[bool] = True

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["url"]}, {"required": ["mailto"]}]})

    url: Annotated[
        TemplateText | None, _WEB_ADDRESS, Field(description="The page to leave the list by, a template: https://…")
    ] = None
    mailto: Annotated[
        TemplateText | None, _ADDRESS, Field(description="The address to write to for leaving the list, a template.")
    ] = None
    one_click: Annotated[
        bool,
        _FLAG,
        Field(description="Whether a POST to `url` is all it takes (RFC 8058), as large mailbox providers ask for."),
    ] = True

    @classmethod
    def missing_keys(cls, mapping: Mapping) -> list[str]:
        """The web address, unless an address to write to stands in its place."""
        return [] if {"url", "mailto"} & mapping.entries.keys() else ["url"]


class Mail(Part):
    """The mail; every text is a Jinja2 template over the columns of the row."""

    to: Annotated[
        tuple[Annotated[TemplateText, _ADDRESS], ...],
        Items("an address, or a list of addresses", least=1),
        Field(description='Whom the mail is for: "{{ email }}"'),
    ]
    subject: Annotated[TemplateText, _TEMPLATE, Field(description="The subject, a template.")]
    cc: Annotated[Addresses, Field(description="Who gets a copy that everybody sees.")] = ()
    bcc: Annotated[Addresses, Field(description="Who gets a copy that nobody sees.")] = ()
    sender: Annotated[
        TemplateText | None,
        _ADDRESS,
        Field(alias="from", description="The sender's address, where the provider can express it."),
    ] = None
    reply_to: Annotated[
        TemplateText | None,
        _ADDRESS,
        Field(description="Where answers go, where the provider can express it."),
    ] = None
    body: Annotated[
        TemplateText | FileOfBody | None, InlineOrFile(), Field(description="The body: a text or {file: path}.")
    ] = None
    alternative: Annotated[
        TemplateText | FileOfBody | None,
        InlineOrFile(),
        Field(alias="text", description="The plain alternative of an HTML body, where the provider can express it."),
    ] = None
    text_from_html: Annotated[
        bool, _FLAG, Field(description="Whether the plain alternative is made of the HTML body, for every mail.")
    ] = False
    inline_css: Annotated[
        bool,
        _FLAG,
        Field(
            description="Whether the rules in <style> are written into the elements: many mail programs drop <style>."
        ),
    ] = False
    content_type: Annotated[
        Literal["html", "text"], OneOf(("html", "text")), Field(description="How the body is to be read.")
    ] = "html"
    user_name: Annotated[
        TemplateText | None, _TEMPLATE, Field(description="The name shown as the sender's, a template.")
    ] = None
    is_save_sent_mail: Annotated[
        bool, _FLAG, Field(description="Whether the provider keeps the mail in the folder of sent ones.")
    ] = True
    is_save_tracking: Annotated[
        bool, _FLAG, Field(description="Whether the provider keeps track of who has read it.")
    ] = True
    is_send_separately: Annotated[
        bool, _FLAG, Field(description="Whether every recipient gets a copy of their own and sees no other address.")
    ] = False
    security_level: Annotated[
        Literal["General", "Restricted", "Confidential", "Non-business"],
        OneOf(("General", "Restricted", "Confidential", "Non-business")),
        Field(description="The provider's security level."),
    ] = "General"
    attachments: Annotated[
        tuple[AttachedFile, ...],
        Items("a list of files", alone=False, hint="Write each file as an item of the list:  - path: offer.pdf"),
        Field(description="The files that go with the mail."),
    ] = ()
    headers: Annotated[
        dict[str, Annotated[TemplateText, _TEMPLATE]],
        HeaderFields(),
        Field(
            default_factory=dict,
            description="Further header fields by their names, each a template, where the provider can express them.",
        ),
    ]
    list_unsubscribe: Annotated[
        ListUnsubscribe | None, Field(description="How a reader leaves the list, where the provider can express it.")
    ] = None


class StopAfter(Part):
    """How many bad results of a run stop it."""

    all_or_nothing: ClassVar[bool] = True

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["rejected"]}, {"required": ["inDoubt"]}]})

    rejected: Annotated[int | None, Whole(1), Field(description="Mails that the provider refused.")] = None
    in_doubt: Annotated[int | None, Whole(1), Field(description="Mails that may have been sent.")] = None

    @classmethod
    def missing_keys(cls, mapping: Mapping) -> list[str]:
        """One of the two."""
        return [] if {"rejected", "inDoubt"} & mapping.entries.keys() else ["rejected"]


class Sending(Part):
    """How the mails are sent."""

    concurrency: Annotated[int, Whole(1, 256), Field(description="How many requests are under way at a time.")] = 16
    rate: Annotated[
        tuple[Annotated[Rate, RateText()], ...],
        Items("a rate such as 200/min, or a list of them", least=1),
        Field(description="How many requests a time: N/s, N/min, N/h or N/day. The provider's own if left out."),
    ] = ()
    attempts: Annotated[int, Whole(1, 20), Field(description="How often a mail is tried that was not accepted.")] = 5
    timeout: Annotated[
        float,
        Duration(),
        Field(description="How long an answer is waited for.", json_schema_extra={"default": "120s"}),
    ] = 120.0
    combine: Annotated[
        int, Whole(1, 1000), Field(description="How many people's identical mails travel in one request at most.")
    ] = 100
    canary: Annotated[
        int | None,
        Whole(1),
        Field(description="Send so many mails of every run first, and the others only if all of these were sent."),
    ] = None
    stop_after: Annotated[StopAfter | None, Field(description="Stop a run that has so many bad results.")] = None


class Manifest(Part):
    """A batchmail job: who gets which mail, and how it is sent."""

    decisive: ClassVar[frozenset[str]] = frozenset({"edition"})

    #: Where no colon is followed by a space, the whole manifest is one text, its secrets included.
    hides_text: ClassVar[bool] = True

    @classmethod
    def _needed_below(cls, key: str) -> list[str]:
        return ["kind"] if key == "provider" else super()._needed_below(key)

    @classmethod
    def _elsewhere(cls, key: str) -> str:
        sections: dict[str, type[Part]] = {"message": Mail, "recipients": Recipients, "send": Sending}
        found = (f"{name}.{key}" for name, part in sections.items() if key in part.known_keys())
        return next(found, "provider.kind" if key == "kind" else "")

    version: Annotated[int, Whole(1, 1), Field(description="1: the version of the manifest's shape.")]
    name: Annotated[
        str,
        Text("letters (A to Z), digits, - and _, at most 100 of them", r"[A-Za-z0-9_-]{1,100}"),
        Field(description="The job's identity: letters, digits, - and _."),
    ]
    edition: Annotated[
        str | None, _EDITION, Field(description='The same name with a new edition is a new mailing: "2026-10"')
    ] = None
    provider: Annotated[object, Field(description="Through whom the mails are sent.")]
    recipients: Annotated[Recipients, Field(description="Who gets the mail.")]
    message: Annotated[Mail, Field(description="The mail.")]
    send: Annotated[Sending | None, Field(description="How the mails are sent.")] = None
    findings: Annotated[
        dict[str, Annotated[Literal["error", "warning", "info"], OneOf(("error", "warning", "info"))]],
        RuleSeverities(),
        Field(default_factory=dict, description="Warnings and notes that weigh otherwise in this job, by their rules."),
    ]
    report: Annotated[
        tuple[
            Annotated[
                str,
                PathText("the path of a .csv, .xlsx or .jsonl file", (".csv", ".xlsx", ".jsonl"), later=(".html",)),
            ],
            ...,
        ],
        Items("the path of a .csv, .xlsx or .jsonl file, or a list of them"),
        Field(description="Where the results are written: .csv, .xlsx or .jsonl. .html is not yet available."),
    ] = ()
