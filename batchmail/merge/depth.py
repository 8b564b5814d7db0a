"""How deep elements stand within each other: the libraries that read HTML and MJML descend as deep, until they die.

They are written in other languages and have no error for a stack that overflows: it ends the program. So what they
are given is measured before.
"""

import re

from batchmail.merge.html_scan import VOID

#: Deeper than this is no mail. Programs that make mails nest tables, but twenty of them at most.
DEEPEST = 300

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_XML_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/<>]*)(?:[^<>"']|"[^"]*"|'[^']*')*?(/?)>""")

_CELLS = frozenset({"td", "th"})
_ROWS = _CELLS | {"tr"}
_GROUPS = _ROWS | {"tbody", "thead", "tfoot"}
_P = frozenset({"p"})
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "main"),
        *("menu", "nav", "ol", "pre", "search", "section", "summary", "ul"),
    }
)
#: Elements that end what is open before them, though nothing says so (HTML, section 13.1.2.4).
_ENDS = {
    **dict.fromkeys(_BLOCKS | {"p"}, _P),
    **dict.fromkeys(("td", "th"), _CELLS | _P),
    **dict.fromkeys(("tbody", "thead", "tfoot"), _GROUPS | _P),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd", "p"})),
    "tr": _ROWS | _P,
    "li": frozenset({"li", "p"}),
    "option": frozenset({"option"}),
}
#: Elements whose end tag ends what may be left open within them.
_ENDING = _BLOCKS | _GROUPS | {"table", "li", "dt", "dd", "select", "body", "html"}
_LEFT_OPEN = _GROUPS | {"p", "li", "dt", "dd", "option"}


class TooDeep(ValueError):
    """Elements stand within each other deeper than a mail has them, or are left open that many times."""

    def __init__(self) -> None:
        super().__init__(f"its elements are nested more than {DEEPEST} deep, or left open")


def require_shallow_html(html: str) -> None:
    """Raises TooDeep for HTML that may be read as elements deeper than `DEEPEST`.

    No reader's repairs are foreseen here: an element counts as open until an end tag stands where it belongs, or one
    that needs none is followed by what ends it. What a reader makes of it is never much deeper.
    """
    open_: list[str] = []
    for end, written in _TAG.findall(html) if html.count("<") > DEEPEST else ():
        name = written.lower()
        if name in VOID:
            continue
        if end:
            _close(open_, name)
            continue
        ended = _ENDS.get(name, frozenset())
        while open_ and open_[-1] in ended:
            open_.pop()
        open_.append(name)
        _check(len(open_))


def _close(open_: list[str], name: str) -> None:
    at = len(open_) - 1
    while at >= 0 and open_[at] != name and name in _ENDING and open_[at] in _LEFT_OPEN:
        at -= 1
    if at >= 0 and open_[at] == name:
        del open_[at:]


def require_shallow_xml(xml: str) -> None:
    """Raises TooDeep for XML, MJML for one, that has elements deeper than `DEEPEST`."""
    depth = 0
    for end, name, empty in _XML_TAG.findall(xml) if xml.count("<") > DEEPEST else ():
        if name.lower() not in VOID and not empty:
            depth = max(depth - 1, 0) if end else depth + 1
            _check(depth)


def _check(depth: int) -> None:
    if depth > DEEPEST:
        raise TooDeep
