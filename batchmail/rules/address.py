"""Findings about whom a mail goes to."""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

ADDRESS_LOOK_ALIKE = Rule(
    "address-look-alike",
    _W,
    "an address whose domain looks like another one",
    "`gmial.com` belongs to somebody, and it is not who is meant. A letter of another script is not seen at all: with "
    "a Cyrillic `а` the domain is another one, and its owner gets the mail.",
)
ADDRESS_OLD_MOBILE = Rule(
    "address-old-mobile",
    _W,
    "an old Japanese mobile address, with dots where no standard allows them",
    "NTT DOCOMO and au gave out addresses such as `kim..lee@docomo.ne.jp` and `kim.@ezweb.ne.jp` until 2009, and some "
    "live on. They are sent to as they are written; mail systems on the way may refuse them.",
)
SAME_ADDRESS_TWICE = Rule(
    "same-address-twice",
    _I,
    "addresses that several rows write to, each with another mail",
    "Two invoices for one person are two mails, and rightly so. Where one mail a person is meant, the sheet has the "
    "same person twice.",
)
SUPPRESS_BAD_ENTRY = Rule(
    "suppress-bad-entry",
    _E,
    "a line of a suppression list that is no address",
    "Somebody asked not to be written to, and a slip of the pen must not undo that.",
)
SUPPRESSED_AMONG_OTHERS = Rule(
    "suppressed-among-others",
    _W,
    "a suppressed address in a mail to several people",
    "The mail is for all of them together, and only some would get it: who is addressed by name, or believes that the "
    "others know, may be misled.",
)
SUPPRESSED_COPY = Rule(
    "suppressed-copy",
    _I,
    "suppressed addresses that are left out of mails which others get",
    "A suppressed address is never written to, in `cc` and `bcc` neither; the others get their mail.",
)
