"""`batchmail new DIR`."""

from pathlib import Path

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.options import speech_options
from batchmail.cli.words import as_typed, count
from batchmail.starter import EXAMPLES, copy_example

_NEXT = (
    ("plan", "checks everything, sends nothing"),
    ("preview", "shows the mails"),
    ("rehearse", "sends them to an emulator on this machine"),
)
_SHOWN = 6


@click.command("new", epilog="\n".join(f"{each.name}: {each.shows}." for each in EXAMPLES))
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--example",
    type=click.Choice([each.name for each in EXAMPLES]),
    default=EXAMPLES[0].name,
    show_default=True,
    help="Which job to begin with.",
)
@speech_options
@click.pass_obj
def command(console: Console, *, folder: Path, example: str) -> int:
    """Put a job to start from into a new folder: manifest, sheet and template, or a workbook."""
    files = copy_example(example, folder)
    named = ", ".join(files) if len(files) <= _SHOWN else count(len(files), "file")
    console.result(f"{folder.as_posix()}: {named}")
    job = (folder / next(each.job for each in EXAMPLES if each.name == example)).as_posix()
    commands = [(as_typed(["batchmail", name, job]), does) for name, does in _NEXT]
    width = max(len(typed) for typed, _ in commands)
    console.note("\n".join(f"  {typed:<{width}}   {does}" for typed, does in commands))
    return ending.DONE
