"""Addresses as people write them: one mailbox, perhaps with a name beside it."""

import re
from dataclasses import dataclass

from batchmail.message import Address

#: What nearly every address looks like; it needs no library, which takes 20 microseconds for each.
_PLAIN = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\Z"
)
#: A name in quotes (RFC 5322, section 3.2.4); what else has quotes in it is taken as it is.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r'\\(["\\])')
_SEPARATORS = re.compile(r"[;,；，、\n]")
#: An address in brackets that another follows.
_LISTED = re.compile(r">\s*[;,；，、]")
#: Line breaks, other control characters, and the marks that reverse the direction of a text.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
#: What NTT DOCOMO and au let people choose until 2009 (docomo.ne.jp/service/docomo_mail/rfc_add), and no others did.
_OLD_MOBILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,29}@(?:docomo|ezweb)\.ne\.jp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BadAddress:
    """A text that is no address, and why; `several` where it is more than one."""

    reason: str
    several: bool = False


def parse_address(text: str) -> Address | BadAddress:
    """The address in a text: `kim@example.com`, `Acme, Inc. <kim@example.com>` or `"Acme, Inc." <kim@example.com>`.

    A name may be anything but what could be taken for an address, or for the end of one.
    Internationalised domains come back in their ASCII form (IDNA 2008), which every mail system takes.
    """
    stripped = text.strip()
    if _PLAIN.match(stripped):
        return Address(stripped)
    parts = [part for part in _SEPARATORS.split(stripped) if part.strip()]
    if len(parts) > 1 and all("@" in part for part in parts):
        return BadAddress(f"{len(parts)} addresses in one", several=True)
    control = CONTROL.search(stripped)
    if control:
        return BadAddress(f"the character U+{ord(control[0]):04X} is in it")
    before, bracket, mailbox = stripped.removesuffix(">").rpartition("<")
    if not bracket or not stripped.endswith(">"):
        checked = _check(stripped)
        return checked if isinstance(checked, BadAddress) else Address(checked)
    name = _name(before.strip())
    checked = name if isinstance(name, BadAddress) else _check(mailbox)
    return checked if isinstance(checked, BadAddress) else Address(checked, str(name))


def _name(written: str) -> str | BadAddress:
    """The name that stands before an address in brackets."""
    if "@" in written and _LISTED.search(written):
        return BadAddress("several addresses in one", several=True)
    if "@" in written:
        return BadAddress("an @ stands in the name before it, which readers would take for the address")
    quoted = _QUOTED.fullmatch(written)
    if quoted:
        return _ESCAPED.sub(r"\1", quoted[1]).strip()
    if "<" in written or ">" in written:
        return BadAddress('there are further < or > in it; a name that has them is written "in quotes" <address>')
    return written


def _check(mailbox: str) -> str | BadAddress:
    if not mailbox:
        return BadAddress("there is nothing in it")
    if mailbox.count("@") > 1:
        return BadAddress("two @")
    if is_old_mobile(mailbox):
        return mailbox
    # It takes 40 ms to import, and most lists have plain addresses alone.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        # Only the form is checked: a name server asked for every row would be slow, and would learn the list.
        # Reserved domains such as example.test are well-formed; whether mail arrives there is not ours to know.
        found = validate_email(mailbox, check_deliverability=False, globally_deliverable=False, strict=True)
    except EmailNotValidError as error:
        return BadAddress(_sentence(str(error)))
    if "." not in found.ascii_domain:
        return BadAddress("its domain has no dot")
    return found.ascii_email or found.normalized


def is_old_mobile(mailbox: str) -> bool:
    """Whether a mailbox has dots where no standard allows them, and exists all the same: `a..b.@docomo.ne.jp`.

    It travels as it is written: the carriers know it so, and quotes around it (RFC 5321) are what other systems on the
    way trip over.
    """
    return (".." in mailbox or ".@" in mailbox) and _OLD_MOBILE.fullmatch(mailbox) is not None


def _sentence(reason: str) -> str:
    """The library's reason without its full stop and capital, to stand after a colon."""
    reason = reason.rstrip(".")
    return reason[:1].lower() + reason[1:]
