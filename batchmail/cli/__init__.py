"""The commands: parse, call, print. Each is a file of its own, imported only when it is used."""

import sys
from importlib import import_module
from typing import cast

import click

from batchmail import __version__
from batchmail.garbage import collect_no_more, collect_rarely, keeping_all

#: The commands, each in the module of its name, and the first sentence of its help.
COMMANDS = {
    "emulate": "Serve the providers' APIs on this machine, until Ctrl-C.",
    "explain": "Say why a rule exists, with an example and how to mend it.",
    "login": "Sign in at a provider that wants a person's consent.",
    "new": "Put a job to start from into a new folder: manifest, sheet and template, or a workbook.",
    "plan": "Check everything and show what would be sent.",
    "preview": "Show mails as their readers will get them: every branch of the templates, and the extremes.",
    "providers": "Show what each provider can do, where its settings are left to their defaults.",
    "rehearse": "Run the whole job over real HTTP against an emulator on this machine.",
    "report": "Write the sheet back with what became of each row.",
    "resolve": "Settle what is in doubt: by looking it up at the provider, or by hand.",
    "schema": "Print the JSON Schema of the manifest, so that editors complete and check it.",
    "send": "Send what is missing.",
    "status": "Show what the journal knows: counts by state, and those in doubt by name.",
}


class LazyGroup(click.Group):
    """Imports a command's module when it is used, so that `--help` and `--version` are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own signature
        """All commands, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's own signature
        """A command by its name."""
        if cmd_name not in COMMANDS:
            return None
        with keeping_all():
            return cast(click.Command, import_module(f"batchmail.cli.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  the same
        """All commands with what they do, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


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

    collect_rarely()
    code = run(batchmail, sys.argv[1:])
    collect_no_more()
    sys.exit(code)
