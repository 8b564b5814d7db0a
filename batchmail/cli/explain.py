"""`batchmail explain RULE`."""

from difflib import get_close_matches

import click

from batchmail.cli.console import Console
from batchmail.rules import RULES


@click.command("explain")
@click.argument("rule", required=False)
@click.pass_obj
def command(console: Console, rule: str | None) -> int:
    """Say why a rule exists. Without RULE, list them all."""
    if rule is None:
        width = max(map(len, RULES))
        console.result("\n".join(f"{each.id:<{width}}  {each.severity:<7}  {each.title}" for each in RULES.values()))
        return 0
    found = RULES.get(rule)
    if found is None:
        near = get_close_matches(rule, RULES, n=1)
        hint = f" Did you mean {near[0]}?" if near else " `batchmail explain` lists them all."
        raise click.UsageError(f"There is no rule {rule}.{hint}")
    console.result(f"{found.id} ({found.severity})\n  {found.title}\n\n  {found.why}")
    return 0
