"""HTML as a terminal can show it: its words, with lines where a browser begins one. It is to be read, never sent."""

import re
from html.parser import HTMLParser

_BREAKING = frozenset(
    {
        *("address", "article", "blockquote", "body", "br", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3"),
        *("h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
#: Have no end, though `<br/>` is reported to have one.
_EMPTY = frozenset({"br", "hr"})
_UNSEEN = frozenset({"head", "script", "style", "template", "title"})
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_text(html: str) -> str:
    """What a reader would read: pictures by their `alt`, links with their address."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(reader.parts).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BREAKING:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append("  ")
        elif tag == "img" and told.get("alt"):
            self.parts.append(f"[{told['alt']}]")
        elif tag == "a":
            self._links.append(told.get("href") or "")
        if tag == "li":
            self.parts.append("· ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in _BREAKING - _EMPTY:
            self.parts.append("\n")
        elif tag == "a" and self._links and (address := self._links.pop()) and address not in "".join(self.parts[-2:]):
            self.parts.append(f" <{address}>")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))
