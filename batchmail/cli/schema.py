"""`batchmail schema`."""

import click

from batchmail.cli.console import Console
from batchmail.cli.documents import as_json
from batchmail.pipeline import manifest_schema, provider_kinds


@click.command("schema")
@click.pass_obj
def command(console: Console) -> int:
    """Print the JSON Schema of the manifest, so that editors complete and check it."""
    kinds = provider_kinds()
    console.result(as_json(manifest_schema(kinds)))
    for unusable in kinds.unusable:
        console.note(f"Left out: {unusable}\n  {unusable.hint}")
    return 0
