"""The addresses that lead off a list: what RFC 2369 and RFC 8058 let stand in the header `List-Unsubscribe`."""

import re

from batchmail.merge.addresses import BadAddress, parse_address

#: RFC 3986: a URI has visible ASCII alone; <> and quotes would end the header's own brackets.
_URI = re.compile(r"[!#-;=?-~]+")
_HOST = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+([/?#].*)?")


def web_address_fault(text: str, *, one_click: bool) -> str:
    """Why a text is no web address to leave a list by; empty where it is one."""
    if not _URI.fullmatch(text):
        return "it has blanks, quotes, brackets or letters outside of ASCII"
    if not _HOST.fullmatch(text):
        return "it does not begin with https:// and a host"
    if one_click and not text.startswith("https:"):
        return "one click wants https (RFC 8058)"
    return ""


def mail_address_fault(text: str) -> str:
    """Why a text is no address to leave a list by: `leave@example.com`, or `mailto:leave@example.com?subject=…`."""
    uri = text.removeprefix("mailto:")
    if not _URI.fullmatch(uri):
        return "it has blanks, quotes, brackets or letters outside of ASCII"
    match parse_address(uri.partition("?")[0]):
        case BadAddress(reason):
            return reason
        case _:
            return ""


def mailto(text: str) -> str:
    """The URI of a mail address, which may be one already (RFC 6068)."""
    return text if text.startswith("mailto:") else f"mailto:{text}"
