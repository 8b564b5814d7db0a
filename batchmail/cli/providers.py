"""`batchmail providers`."""

from typing import Literal, assert_never

import click

from batchmail.cli.console import Console
from batchmail.cli.documents import as_json
from batchmail.cli.options import speech_options
from batchmail.cli.provider_facts import ProviderFacts
from batchmail.cli.providers_document import providers_document
from batchmail.cli.providers_text import matrix_markdown, matrix_text
from batchmail.pipeline import provider_kinds


@click.command("providers")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="Text for people, JSON, or a table in Markdown.",
)
@speech_options
@click.pass_obj
def command(console: Console, *, form: Literal["text", "json", "markdown"]) -> int:
    """Show what each provider can do, where its settings are left to their defaults."""
    kinds = provider_kinds()
    found = tuple(map(ProviderFacts, kinds.usable))
    match form:
        case "json":
            console.result(as_json(providers_document(found, kinds.unusable)))
        case "markdown":
            console.result(matrix_markdown(found))
        case "text":
            console.result(matrix_text(found))
        case _:
            assert_never(form)
    for unusable in kinds.unusable:
        console.note(f"\n{unusable}\n  {unusable.hint}")
    return 0
