"""What mail programs drop, block or show otherwise, and where a cell could become markup: told of the template, once.

Which programs drop what: caniemail.com and the Email Markup Consortium; Gmail's own list is at
developers.google.com/workspace/gmail/design/css.
"""

import re
from collections.abc import Iterator
from html import unescape

from batchmail import rules
from batchmail.finding import Finding, Rule
from batchmail.job import TemplateText
from batchmail.merge.family import line_of
from batchmail.merge.html_scan import Attribute, Element, Scan, scan
from batchmail.merge.masking import Kind, Masked

#: Attributes that hold an address.
LINKS = frozenset({"href", "src", "action", "formaction", "background", "poster", "xlink:href", "data"})
#: Schemes that a mail may lead to.
SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})

_DROPPED = {
    **dict.fromkeys(("script", "noscript", "applet", "object", "embed"), "programs of mail run nothing"),
    **dict.fromkeys(("form", "input", "button", "select", "textarea"), "link to a page that has the form"),
    **dict.fromkeys(("video", "audio"), "show a picture that links to it"),
    **dict.fromkeys(("iframe", "frame", "frameset"), "write what it shows into the mail, or link to it"),
    "base": "write all links in full",
}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WRITTEN_LINK = re.compile(
    r"""(?:href|src|action|background|poster|data)\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)""", re.IGNORECASE
)
_STYLES = {
    "position": re.compile(r"(?<![\w-])position\s*:", re.IGNORECASE),
    "background pictures": re.compile(r"background(?:-image)?\s*:[^;]*url\(", re.IGNORECASE),
    "flex and grid": re.compile(r"display\s*:\s*(?:inline-)?(?:flex|grid)", re.IGNORECASE),
}


def html_findings(source: TemplateText, template: Masked, *, inlined: bool) -> Iterator[Finding]:
    """What is to be said of one file of HTML; `inlined` where its <style> is written into the elements."""
    found = scan(template)
    view = _View(source, template, found, inlined=inlined)
    for element in found.elements:
        yield from view.element(element)
    yield from view.pieces()


def opens_links(template: Masked) -> bool:
    """Whether a cell may choose where a link leads: an address that begins with a template's value."""
    return any(
        each.name in LINKS and any(tag.kind is not Kind.COMMENT for tag in template.tags_in(each.value.lstrip()[:1]))
        for element in scan(template).elements
        for each in element.attributes
    )


def unsafe_link(html: str) -> str:
    """An address in merged HTML that no mail should lead to; empty where there is none."""
    for match in _WRITTEN_LINK.finditer(html):
        address = unescape(match[1].strip("\"'"))
        scheme = _scheme(address)
        if scheme and scheme not in SCHEMES and not _is_picture(address):
            return address
    return ""


def _scheme(address: str) -> str:
    """The scheme as a browser reads it, which passes over blanks and control characters."""
    found = _SCHEME.match(re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]", "", address))
    return found[1].lower() if found else ""


def _is_picture(address: str) -> bool:
    return address.strip().lower().startswith("data:image/")


class _View:
    def __init__(self, source: TemplateText, template: Masked, found: Scan, *, inlined: bool) -> None:
        self._source = source
        self._template = template
        self._found = found
        self._inlined = inlined

    def element(self, element: Element) -> Iterator[Finding]:
        """What is wrong with an element and its attributes."""
        if element.name in _DROPPED:
            hint = f"Take it out: {_DROPPED[element.name]}."
            yield self._finding(rules.HTML_DROPPED, f"mail programs drop <{element.name}>", element, hint)
        if element.name == "link" and "stylesheet" in (element.get("rel") or "").lower():
            hint = "Write the rules into <style>, with `inlineCss: true` under `message`."
            yield self._finding(rules.HTML_DROPPED, "mail programs load no stylesheets", element, hint)
        if element.name == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            yield self._finding(
                rules.HTML_DROPPED, "mail programs lead nobody on by themselves", element, "Link there."
            )
        if element.name == "style" and not self._inlined:
            hint = "Write `inlineCss: true` under `message`: the rules are then written into the elements."
            yield self._finding(rules.HTML_STYLE, "some mail programs pass over <style>", element, hint)
        if element.name == "img":
            yield from self._image(element)
        for attribute in element.attributes:
            yield from self._attribute(element, attribute)

    def _image(self, element: Element) -> Iterator[Finding]:
        address = (element.get("src") or "").strip()
        if element.get("alt") is None:
            hint = 'Say what it shows: alt="…"; alt="" for what is mere ornament.'
            yield self._finding(rules.HTML_IMAGE_WITHOUT_ALT, "the image has no `alt`", element, hint)
        if address.lower().startswith("http:"):
            hint = "Use https://, or attach the file with a `cid`."
            yield self._finding(rules.HTML_INSECURE_IMAGE, "mail programs block images over http://", element, hint)
        elif address.lower().startswith("https:"):
            hint = 'Attach the file with a `cid` and show it by src="cid:…", if it must be seen at once.'
            yield self._finding(
                rules.HTML_REMOTE_IMAGE, "mail programs show this image only when asked to", element, hint
            )
        elif address.lower().startswith("data:"):
            hint = 'Attach the file with a `cid` and show it by src="cid:…".'
            yield self._finding(rules.HTML_DROPPED, "mail programs drop images that are written out", element, hint)

    def _attribute(self, element: Element, attribute: Attribute) -> Iterator[Finding]:
        printing = self._printing(attribute.value)
        if printing and not attribute.quoted:
            hint = f'Put the value into quotes: {attribute.name}="{printing}".'
            message = f"a cell with a blank in it could add attributes: {attribute.name} has no quotes"
            yield self._finding(rules.HTML_UNPROTECTED, message, element, hint, attribute.at)
        if printing and attribute.name.startswith("on"):
            hint = "Print no cells there."
            yield self._finding(rules.HTML_UNPROTECTED, "a cell becomes part of a program", element, hint, attribute.at)
        elif attribute.name.startswith("on") and attribute.name.isalpha():
            message = f"mail programs drop `{attribute.name}`"
            yield self._finding(rules.HTML_DROPPED, message, element, "Take it out.", attribute.at)
        if shown := self._printing(attribute.name):
            message, hint = "a cell could add any attribute", f"Write the attribute out, and {shown} in its quotes."
            yield self._finding(rules.HTML_UNPROTECTED, message, element, hint, attribute.at)
        if attribute.name in LINKS and element.name != "link":
            yield from self._link(element, attribute)
        if attribute.name == "style":
            yield from self._style(attribute.value, *element.place(attribute.at))

    def _link(self, element: Element, attribute: Attribute) -> Iterator[Finding]:
        address = attribute.value.strip()
        scheme = _scheme(address)
        if address.startswith("#") or self._template.tags_in(address[:1]) or _is_picture(address):
            return
        if scheme in ("javascript", "vbscript", "data"):
            message = f"mail programs drop links that begin with {scheme}:"
            yield self._finding(rules.HTML_UNSAFE_LINK, message, element, "Link to a page.", attribute.at)
        elif scheme not in SCHEMES:
            leads = f"leads nowhere from a mail: {address!r}" if address.isprintable() else "leads nowhere from a mail"
            hint = "Write the address in full, with https://; attach a picture with a `cid` and write cid: before it."
            yield self._finding(rules.HTML_DEAD_ADDRESS, f"`{attribute.name}` {leads}", element, hint, attribute.at)

    def pieces(self) -> Iterator[Finding]:
        """What stands within <style> and <script>."""
        for piece in self._found.pieces:
            if piece.name in ("style", "script") and self._printing(piece.text):
                message = f"escaping does not protect what is printed within <{piece.name}>"
                hint = "Print cells in the body alone."
                yield self._at(rules.HTML_UNPROTECTED, message, piece.line, piece.column, hint)
            if piece.name == "style":
                yield from self._style(piece.text, piece.line, piece.column)

    def _style(self, css: str, line: int, column: int) -> Iterator[Finding]:
        for what, pattern in _STYLES.items():
            if found := pattern.search(css):
                hint = "Look at the mail without it: a table, or a colour, does in all of them."
                before = css[: found.start()].count("\n")
                message = f"some mail programs pass over {what}"
                yield self._at(rules.HTML_STYLE, message, line + before, 1 if before else column, hint)

    def _printing(self, text: str) -> str:
        """The first tag in a part of the template that prints something."""
        tags = self._template.tags_in(text)
        return next((tag.text for tag in tags if tag.kind is Kind.EXPRESSION), "")

    def _finding(self, rule: Rule, message: str, element: Element, hint: str, at: int = 0) -> Finding:
        return self._at(rule, message, *element.place(at), hint)

    def _at(self, rule: Rule, message: str, line: int, column: int, hint: str) -> Finding:
        text = line_of(self._template.text, line).strip()
        return rule.finding(message, self._source.place(line, column), hint, text=text)
