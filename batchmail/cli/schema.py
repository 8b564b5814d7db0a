"""`batchmail schema`."""

import click

from batchmail.cli.console import Console
from batchmail.cli.documents import as_json
from batchmail.pipeline import manifest_schema


@click.command("schema")
@click.pass_obj
def command(console: Console) -> int:
    """Print the JSON Schema of the manifest, so that editors complete and check it."""
    console.result(as_json(manifest_schema()))
    return 0
