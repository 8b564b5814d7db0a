"""HTML bodies as plain text, for providers that take nothing else, and beside the HTML for readers who see none.

The home of inscriptis, and of the parser under it.

Inscriptis lays text out as a browser would (tables in columns, lists with bullets) and leaves no marks that readers of
a mail would wonder about; it is in the extra `html`, because its parser is larger than all of batchmail.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from importlib.util import find_spec
from itertools import accumulate

from batchmail import rules
from batchmail.errors import BatchmailError, LibraryMissing
from batchmail.finding import Finding
from batchmail.job import Job
from batchmail.message import ContentType, Message
from batchmail.providers.base import Feature

#: A link that shows its own address: [https://example.com](https://example.com).
_BARE_LINK = re.compile(r"\[([^\]\s]+)\]\((?:mailto:|tel:)?\1\)")
_TRAILING = re.compile(r"[^\S\n]+$", re.MULTILINE)
#: Deeper than this within the page, elements are no mail; inscriptis descends with them, until Python refuses.
_DEEPEST = 300
_BLANK_LINES = re.compile(r"\n{3,}")


@lru_cache(maxsize=8)  # many jobs send the same body to everybody
def as_text(html: str) -> str:
    """What HTML says; links keep their address, images are told by their `alt`.

    Raises LibraryMissing where the extra is not installed, and BatchmailError where the HTML is nested too deeply.
    """
    try:
        from inscriptis import Inscriptis  # noqa: PLC0415  it may be missing, and takes long to load
        from inscriptis.css_profiles import CSS_PROFILES  # noqa: PLC0415  as above
        from inscriptis.model.config import ParserConfig  # noqa: PLC0415  as above
        from lxml.etree import ParserError, iterwalk  # noqa: PLC0415  as above
        from lxml.html import HTMLParser, document_fromstring  # noqa: PLC0415  as above
    except ImportError:
        raise LibraryMissing(
            "HTML cannot become text: a library for it is not installed",
            "Install it: pip install 'batchmail[html]' — or write the text yourself.",
        ) from None
    if not html.strip():
        return ""
    # Without `huge_tree`, the parser drops what is deep or long, and says nothing.
    css = CSS_PROFILES["strict"]  # the other one indents every <div>
    config = ParserConfig(css=css, display_links=True, display_images=True, deduplicate_captions=True)
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    try:
        tree = document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except ParserError:
        return ""  # nothing but comments
    if _depth(event for event, _ in iterwalk(tree, events=("start", "end"))) > len(("html", "body")) + _DEEPEST:
        raise BatchmailError(
            "The HTML body cannot become text: its tags are nested too deeply",
            "Close the tags that are left open.",
        )
    return _tidied(Inscriptis(tree, config).get_text())


def adapting(job: Job, adapt: Callable[[Message], Message]) -> Callable[[Message], Message]:
    """What is made of the messages of a job: as its provider wants them, with the plain alternative if it is asked for.

    Where the library is not installed, which `missing_library` tells, they stay as they are. Raises what `adapt` and
    `as_text` raise.
    """
    if not _is_installed():
        return partial(_as_far_as_it_goes, adapt)
    if not job.message.text_from_html:
        return adapt
    return lambda message: adapt(replace(message, alternative=as_text(message.body)))


def _as_far_as_it_goes(adapt: Callable[[Message], Message], message: Message) -> Message:
    try:
        return adapt(message)
    except LibraryMissing:
        return message


def missing_library(job: Job, converted: Collection[Feature]) -> Iterator[Finding]:
    """That the extra is not installed, where the job asks for it; its provider converts what is `converted`."""
    if _is_installed():
        return
    asked = []
    if job.message.text_from_html:
        asked.append(("`textFromHtml`", job.place("message", "textFromHtml")))
    if Feature.HTML in converted and job.message.content_type is ContentType.HTML:
        asked.append(("`downgrade: text`", job.place("provider", "downgrade")))
    for what, where in asked:
        yield rules.EXTRA_MISSING.finding(
            f"{what} needs a library that is not installed", where, "Install it: pip install 'batchmail[html]'"
        )


def _is_installed() -> bool:
    return find_spec("inscriptis") is not None


def _depth(events: Iterable[str]) -> int:
    """How deep a tree is, by the starts and ends of its elements."""
    return max(accumulate(1 if event == "start" else -1 for event in events))


def _tidied(text: str) -> str:
    text = _TRAILING.sub("", _BARE_LINK.sub(r"\1", text))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")
