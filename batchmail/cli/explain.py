"""`batchmail explain RULE`."""

import re
import textwrap
from collections.abc import Iterator
from difflib import get_close_matches

import click

from batchmail.cli.console import Console
from batchmail.finding import Rule
from batchmail.rules import RULES
from batchmail.rules.page import RulePage, page_of

_WIDTH = 78
_QUOTED = re.compile(r"`[^`]+`")
_NO_BREAK = "\u00a0"


@click.command("explain")
@click.argument("rule", required=False)
@click.pass_obj
def command(console: Console, rule: str | None) -> int:
    """Say why a rule exists, with an example and how to mend it. Without RULE, list them all."""
    if rule is None:
        console.result("\n".join(map(_line, RULES.values())))
        return 0
    found = RULES.get(rule)
    if found is None:
        near = get_close_matches(rule, RULES, n=1)
        hint = f" Did you mean {near[0]}?" if near else " `batchmail explain` lists them all."
        raise click.UsageError(f"There is no rule {rule}.{hint}")
    console.result("\n\n".join(_paragraphs(found, page_of(rule))))
    return 0


def _line(rule: Rule) -> str:
    """A rule in the list of all; a long title goes on beneath itself."""
    head = f"{rule.id:<{max(map(len, RULES))}}  {rule.severity:<7}  "
    below = " " * len(head)
    return textwrap.fill(rule.title, _WIDTH, initial_indent=head, subsequent_indent=below, break_on_hyphens=False)


def _paragraphs(rule: Rule, page: RulePage) -> Iterator[str]:
    yield f"{rule.id} ({rule.severity})\n{_wrapped(rule.title)}"
    yield _wrapped(rule.why)
    yield f"  Wrong, in {page.file}:\n\n{_example(page.wrong)}"
    yield f"  Right:\n\n{_example(page.right)}" if page.right else "  Right: without it."
    yield _wrapped(page.mend)


def _wrapped(text: str) -> str:
    """A paragraph; what is to be typed is not broken over lines."""
    kept = _QUOTED.sub(lambda match: match[0].replace(" ", _NO_BREAK), text)
    lines = textwrap.fill(kept, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return lines.replace(_NO_BREAK, " ")


def _example(lines: str) -> str:
    return textwrap.indent(lines, "    | ")
