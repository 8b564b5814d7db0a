"""Line breaks that a body in HTML does not show: a plain text that was written without `contentType: text`."""

import re
from collections.abc import Iterator

from jinja2 import nodes

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import TemplateText
from batchmail.location import CellLocation, TextLocation
from batchmail.merge.environment import MergeEnvironment
from batchmail.merge.family import Family
from batchmail.merge.html_scan import scan
from batchmail.merge.masking import Kind, Masked, masked
from batchmail.merge.mjml import is_mjml

#: What may print HTML that is not written in the template.
_PRINTS_HTML = frozenset({"safe", "urlize", "xmlattr"})
#: An address in angle brackets is taken for a tag by whoever reads HTML, and is none.
_NAME = re.compile(r"[a-z][a-z0-9:-]*")
#: What begins the text that a mail gets instead of the one before.
_OTHERWISE = frozenset({"elif", "else"})


def lost_lines(found: Family, environment: MergeEnvironment) -> Iterator[Finding]:
    """That a body's lines run together, where it has several and nothing in it is HTML."""
    source = found.parts[0].source
    if found.open or is_mjml(source) or any(_prints_html(part.tree) for part in found.parts):
        return
    templates = [masked(part.source.text, environment) for part in found.parts]
    if any(_NAME.fullmatch(element.name) for template in templates for element in scan(template).elements):
        return
    lines = _seen_lines(templates[0])
    if len(lines) > 1:
        yield rules.HTML_WITHOUT_TAGS.finding(
            f"the text is sent as HTML and has no tag in it: readers will see one line instead of {len(lines)}",
            source.place(1),
            _hint(source),
            text=lines[0],
        )


def _prints_html(tree: nodes.Template) -> bool:
    filters = {node.name for node in tree.find_all(nodes.Filter)}
    return bool(filters & _PRINTS_HTML) or tree.find(nodes.EvalContextModifier) is not None


def _seen_lines(template: Masked) -> list[str]:
    """The lines that have something on them, of the first branch where a mail gets one of several."""
    inside: list[bool] = []
    pieces, at = [], 0
    for tag in template.tags:
        pieces.append("" if any(inside) else template.text[at : tag.start])
        at = tag.end
        if tag.kind is Kind.EXPRESSION and not any(inside):
            pieces.append(" ".join(tag.text.split()))
        elif tag.name in ("if", "for"):
            inside.append(False)
        elif tag.name in _OTHERWISE and inside:
            inside[-1] = True
        elif tag.name in ("endif", "endfor") and inside:
            inside.pop()
    text = "".join([*pieces, template.text[at:]])
    return [line.strip() for line in text.split("\n") if line.strip()]


def _hint(source: TemplateText) -> str:
    match source.where:
        case CellLocation():
            how = "Add a row `message.contentType` with `text`"
        case TextLocation(path) if path.suffix.lower() in (".yaml", ".yml"):
            how = "Write `contentType: text` under `message`"
        case _:
            how = "Write `contentType: text` under `message`, in a workbook a row `message.contentType` with `text`"
    return f"{how}. Where HTML is meant, write <br> at the ends of the lines."
