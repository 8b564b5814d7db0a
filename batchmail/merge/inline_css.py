"""CSS written into the elements of a mail: once into the template, where that is sure to be right.

The home of css-inline. Many mail programs drop <style>. The library works on finished HTML; a template is HTML with
tags of another kind in between. So the tags are hidden behind comments and words that an HTML parser keeps, and put
back after. That is right only as long as no row decides which rules fit: where one might, `inlined_template` gives the
reason instead, and each mail is worked on when it is merged.
"""

import re
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from typing import TYPE_CHECKING

from jinja2 import nodes

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import TemplateText
from batchmail.merge.depth import require_shallow_html
from batchmail.merge.html_scan import VOID, Scan, scan
from batchmail.merge.masking import Kind, Masked, tags_kept

if TYPE_CHECKING:
    from css_inline import CSSInliner

_COMMENT = re.compile(r"(<!--(?!bmtag).*?-->)", re.DOTALL)
_BARE_ROWS = re.compile(r"(<table\b[^>]*>)((?:\s|<!--bmtag\d+x-->)*<tr\b)", re.IGNORECASE)
#: Selectors that look at more than an element and those around it: brothers, order, and attributes but class and id.
_SENSITIVE = re.compile(r"[+~\[]|:(?!hover|active|visited|link|focus|root|:)")
#: Attributes that selectors look at, or that the rules are written into.
_LOOKED_AT = frozenset({"class", "id", "style"})
_STATEMENTS = frozenset({"if", "elif", "else", "endif", "for", "endfor", "set", "raw"})
#: Filters that make HTML, whose elements nobody knows yet.
_MAKES_HTML = frozenset({"safe", "urlize", "xmlattr", "tojson"})


class NotInlined(ValueError):
    """Why the CSS of a body cannot be written into its elements."""

    def finding(self, source: TemplateText) -> Finding:
        """What is said of it."""
        hint = "Close the tags that are left open, and correct the rules; or take out `inlineCss`."
        return rules.TEMPLATE_SYNTAX.finding(str(self), source.where, hint)


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("css_inline") is not None


def inlined(html: str) -> str:
    """A finished mail with its CSS in its elements; what cannot be there, such as @media, stays in <style>.

    Raises NotInlined.
    """
    return _inlined(html) if "<style" in html.lower() else html


def _inlined(html: str) -> str:
    try:
        require_shallow_html(html)
        return str(_inliner().inline(html))
    except ValueError as error:
        raise NotInlined(f"the CSS cannot be inlined: {error}") from None


@cache  # it is the same for all mails of all jobs
def _inliner() -> "CSSInliner":
    from css_inline import CSSInliner  # noqa: PLC0415  it may be missing

    # No stylesheet is fetched: neither a server nor a file is asked because a template says so.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, keep_link_tags=True)


def inlined_template(template: Masked, tree: nodes.Template) -> tuple[str, str]:
    """The template with its CSS in its elements, and ""; or the template as it is, and why that cannot be done.

    Raises NotInlined where it cannot be done mail by mail either.
    """
    if "<style" not in template.text.lower():
        return template.text, ""
    why = _row_decides(template, tree) or nesting_fault(template)
    if why:
        return template.text, why
    plain = {number for piece in _words(template) for number in piece}
    hidden = template.worded(lambda number, _: number in plain)
    # HTML puts rows into a <tbody>, also where none is written: then it must not begin within a loop.
    pieces = _COMMENT.split(hidden)
    pieces[::2] = [_BARE_ROWS.sub(r"\1<tbody>\2", piece) for piece in pieces[::2]]
    made = _inlined("".join(pieces))
    if tags_kept(made) != list(range(len(template.tags))):
        return template.text, "its HTML is put in another order when it is read"
    return template.unworded(made), ""


def nesting_fault(template: Masked) -> str:
    """Why a branch of a template does not begin and end within the same element; empty where all do."""
    return _Nesting(template).fault


def _words(template: Masked) -> list[list[int]]:
    """The numbers of the tags that stand where a comment cannot: in attributes, comments, titles and text fields."""
    found = scan(template)
    texts = [element.text for element in found.elements]
    texts += [piece.text for piece in found.pieces if piece.name in ("title", "textarea", "comment")]
    return [[template.tags.index(tag) for tag in template.tags_in(text)] for text in texts]


def _row_decides(template: Masked, tree: nodes.Template) -> str:
    """Why a row may decide which rules fit; empty where none can."""
    found = scan(template)
    return _elements_decided(template, tree, found) or _rules_decided(template, found)


def _elements_decided(template: Masked, tree: nodes.Template, found: Scan) -> str:
    if any(tag.kind is Kind.STATEMENT and tag.name not in _STATEMENTS for tag in template.tags):
        return "it is made of several files, blocks or macros"
    if any(node.name in _MAKES_HTML for node in tree.find_all(nodes.Filter)):
        return "a cell is printed as HTML"
    for element in found.elements:
        if any(template.tags_in(each.name) for each in element.attributes) or template.tags_in(element.name):
            return "a row decides on attributes"
        if any(template.tags_in(each.value) for each in element.attributes if each.name in _LOOKED_AT):
            return "a row decides on a class, an id or a style"
    return ""


def _rules_decided(template: Masked, found: Scan) -> str:
    pieces = [piece.text for piece in found.pieces if piece.name == "style"]
    if any(template.tags_in(piece) for piece in pieces):
        return "a row decides on rules in <style>"
    decided = any(tag.kind is Kind.STATEMENT for tag in template.tags)
    valued = any(template.tags_in(each.value) for element in found.elements for each in element.attributes)
    if (decided or valued) and any(_SENSITIVE.search(selector) for piece in pieces for selector in _selectors(piece)):
        return "its rules look at the order, or at other attributes, of elements"
    return ""


def _selectors(css: str) -> list[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return [part for part in re.findall(r"([^{};]*)\{", css) if not part.strip().startswith("@")]


class _Nesting(HTMLParser):
    """Whether each branch of a template begins and ends within the same element."""

    def __init__(self, template: Masked) -> None:
        super().__init__(convert_charrefs=False)
        self.fault = ""
        self._template = template
        self._open: list[str] = []
        self._branches: list[tuple[str, ...]] = []
        self.feed(template.hidden())
        self.close()
        if self._open or self._branches:
            self.fault = self.fault or "elements are left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        within = [each for _, value in attrs for each in self._template.tags_in(value or "")]
        if any(each.name in ("for", "endfor") for each in within):
            self.fault = "a loop stands within an attribute"
        if tag == "style" and self._branches:
            self.fault = "a row decides on <style>"
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002  the parser's own signature
    ) -> None:
        """What ends where it begins, in the way of XML, holds nothing; HTML knows it of a few elements alone."""
        if tag not in VOID:
            self.fault = f"<{tag}/> has no end"

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.fault = f"</{tag}> ends another element"

    def handle_data(self, data: str) -> None:
        for tag in self._template.tags_in(data):
            self._branch(tag.name if tag.kind is Kind.STATEMENT else "")

    def _branch(self, name: str) -> None:
        if name in ("if", "for"):
            self._branches.append(tuple(self._open))
        elif name in ("elif", "else", "endif", "endfor"):
            if not self._branches or self._branches[-1] != tuple(self._open):
                self.fault = "a branch begins within one element and ends within another"
            if name.startswith("end") and self._branches:
                self._branches.pop()
