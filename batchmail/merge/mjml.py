"""Bodies written in MJML, compiled to HTML once: tables, widths and what Outlook wants come from the library.

The home of mjml-python, a compiler in Rust that needs no Node.js. Jinja2's tags pass through it as words and comments.
"""

from importlib.util import find_spec

from jinja2 import Environment

from batchmail import rules
from batchmail.finding import Finding
from batchmail.job import TemplateText
from batchmail.merge.depth import require_shallow_xml
from batchmail.merge.family import Family
from batchmail.merge.html_scan import scan
from batchmail.merge.masking import Kind, Masked, masked, tags_kept

SUFFIX = ".mjml"


class NotCompiled(ValueError):
    """Why an MJML body makes no HTML."""

    def finding(self, source: TemplateText) -> Finding:
        """What is said of it."""
        hint = "Look at the file; https://documentation.mjml.io tells what may stand where."
        return rules.TEMPLATE_SYNTAX.finding(str(self), source.where, hint)


class NotInstalled(NotCompiled):
    """The library is missing."""

    def finding(self, source: TemplateText) -> Finding:
        """What is said of it."""
        hint = "Install it: pip install 'batchmail[mjml]'"
        return rules.EXTRA_MISSING.finding(str(self), source.where, hint)


def is_mjml(source: TemplateText) -> bool:
    """Whether a template is written in MJML, as its file's name says."""
    return source.where.path.suffix.lower() == SUFFIX


def compiled_mjml(found: Family, environment: Environment) -> str:
    """The HTML of a body in MJML. Raises NotCompiled."""
    if find_spec("mjml") is None:
        raise NotInstalled("bodies in MJML need a library that is not installed")
    if len(found.parts) > 1 or found.open:
        raise NotCompiled("a body in MJML is one file: MJML is compiled before files could be included")
    return compiled(masked(found.parts[0].source.text, environment))


def compiled(template: Masked) -> str:
    """The HTML of a template in MJML. Raises NotCompiled."""
    from mjml import mjml2html  # noqa: PLC0415  it may be missing

    inside = {number for element in scan(template).elements for number in _numbers(template, element.text)}
    hidden = template.worded(lambda number, tag: number in inside or tag.kind is Kind.EXPRESSION)
    try:
        require_shallow_xml(hidden)
        made = str(mjml2html(hidden, fonts={}))  # without fonts of its own, which it would fetch from a web server
    except ValueError as error:
        raise NotCompiled(f"the MJML cannot be compiled: {error}") from None
    _check(template, made)
    return template.unworded(made)


def _numbers(template: Masked, text: str) -> list[int]:
    return [template.tags.index(tag) for tag in template.tags_in(text)]


def _check(template: Masked, made: str) -> None:
    """All tags are there, and those that decide are there once and in order; raises NotCompiled."""
    found = tags_kept(made)
    for number, tag in enumerate(template.tags):
        if number not in found and tag.kind is not Kind.COMMENT:
            raise NotCompiled(f"MJML loses {tag.text}: put it into <mj-text>, or into <mj-raw>")
    deciding = [number for number in found if template.tags[number].kind is Kind.STATEMENT]
    if deciding != sorted(set(deciding)):
        raise NotCompiled("MJML repeats or moves a {% … %}: put it into <mj-text>, or into <mj-raw>")
