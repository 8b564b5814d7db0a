"""Internationalised domain names as people read them (RFC 5891)."""

from batchmail.message import Address

_ACE = "xn--"


def unicode_domain(domain: str) -> str:
    """A domain with the letters that its `xn--` labels stand for; a label that stands for nothing stays."""
    return ".".join(map(_unicode_label, domain.split("."))) if _ACE in domain.lower() else domain


def both_forms(mailbox: str) -> str:
    """A mailbox as it travels, with what it reads like in brackets where that differs: `kim@xn--….com (kim@….com)`."""
    local, _, domain = mailbox.rpartition("@")
    read = unicode_domain(domain)
    return mailbox if read == domain else f"{mailbox} ({local}@{read})"


def person(address: Address) -> str:
    """An address with its name, its mailbox in both forms."""
    shown = both_forms(address.mailbox)
    return f"{address.name} <{shown}>" if address.name else shown


def _unicode_label(label: str) -> str:
    if not label.lower().startswith(_ACE):
        return label
    try:
        read = label[len(_ACE) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return label if read.isascii() or not read.isprintable() else read
