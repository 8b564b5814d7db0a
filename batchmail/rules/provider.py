"""Findings about what providers take."""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

PROVIDER_UNUSABLE = Rule(
    "provider-unusable",
    _E,
    "a provider whose package cannot be used",
    "A package that does not load, or does not fit this version of batchmail, is not trusted with mails.",
)
SECRET_UNUSABLE = Rule(
    "secret-unusable",
    _E,
    "a secret that is there and no good",
    "Sending would stop at it. What is only not there yet, like a variable of the server's, is said beside the plan.",
)
DKIM_KEY_SHORT = Rule(
    "dkim-key-short",
    _I,
    "a DKIM key of less than 2048 bits",
    "Receivers still take 1024 bits, and RFC 8301 no longer wants them made.",
)
DKIM_DOMAIN_DIFFERS = Rule(
    "dkim-domain-differs",
    _W,
    "mails signed for another domain than the sender's",
    "Such a signature proves nothing of the sender: receivers with a DMARC policy treat the mail as unsigned.",
)
PROVIDER_CANNOT_EXPRESS = Rule(
    "provider-cannot-express",
    _E,
    "something this provider has no field for",
    "It would be lost in silence.",
)
PROVIDER_TOO_MANY_RECIPIENTS = Rule(
    "provider-too-many-recipients", _E, "more recipients than the provider takes", "The provider would refuse the mail."
)
PROVIDER_BLANK_SUBJECT = Rule(
    "provider-blank-subject", _E, "a mail without a subject", "The provider refuses it, and readers mistrust it."
)
SUBJECT_TOO_LONG = Rule(
    "subject-too-long",
    _E,
    "a subject that the provider has no room for",
    "The provider fails over it, and nobody could tell whether the mail has left.",
)
SUBJECT_WOULD_BE_CUT = Rule(
    "subject-would-be-cut",
    _W,
    "a subject over the provider's limit",
    "The provider cuts it and says nothing.",
)
RATE_ABOVE_LIMIT = Rule(
    "rate-above-limit",
    _W,
    "a rate above the provider's known limit",
    "The provider would refuse requests for a while, or block the mailbox for a day.",
)
LEVEL_MAY_NOT_LEAVE = Rule(
    "level-may-not-leave",
    _W,
    "mail of a level that may not leave the company, to an address outside of the account's domain",
    "The provider refuses it, unless that domain is the company's too.",
)
LEVEL_UNCHECKED = Rule(
    "level-unchecked",
    _I,
    "mail of a level that may not leave the company, and no telling what is outside of it",
    "Which addresses are inside is told by the account's own address.",
)
RECIPIENTS_SEE_EACH_OTHER = Rule(
    "recipients-see-each-other",
    _I,
    "several recipients in one mail",
    "Everybody in `to` and `cc` sees the addresses of the others.",
)
