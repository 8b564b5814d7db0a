"""The commands: parse, call, print. Each is a file of its own, imported only when it is used."""

import sys
from importlib import import_module
from typing import cast

import click

from batchmail import __version__

#: The commands and their modules.
COMMANDS = {
    "emulate": "emulate",
    "explain": "explain",
    "login": "login",
    "new": "new",
    "plan": "plan",
    "preview": "preview",
    "providers": "providers",
    "rehearse": "rehearse",
    "report": "report",
    "resolve": "resolve",
    "schema": "schema",
    "send": "send",
    "status": "status",
}


class LazyGroup(click.Group):
    """Imports a command's module when it is used, so that `--help` and `--version` are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own signature
        """All commands, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's own signature
        """A command by its name."""
        module = COMMANDS.get(cmd_name)
        return cast(click.Command, import_module(f"batchmail.cli.{module}").command) if module else None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="batchmail")
@click.option("-q", "--quiet", is_flag=True, help="Print results and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Print more of what happens.")
@click.pass_context
def batchmail(ctx: click.Context, *, quiet: bool, verbose: bool) -> None:
    """Send one mail for each row of a sheet: checked before, journaled on the way, reported after.

    `batchmail rehearse JOB` shows all of it without sending anything.
    """
    from batchmail.cli.console import Console  # noqa: PLC0415  keeps --version quick

    ctx.obj = Console(quiet=quiet, verbose=verbose, typed=ctx.obj or "")


def main() -> None:
    """The program. Ends the process with one of the documented exit codes."""
    from batchmail.cli.ending import run  # noqa: PLC0415  keeps --version quick

    sys.exit(run(batchmail, sys.argv[1:]))
