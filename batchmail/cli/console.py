"""The only place that prints: results to stdout, everything else to stderr."""

import sys
from typing import TextIO

import click


def forgiving(stream: TextIO) -> None:
    """Let a stream that is not UTF-8 show a replacement instead of failing (a console in CP949, say)."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


class Console:
    """Where a command speaks; `quiet` keeps what is not a result to itself."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose
        forgiving(sys.stdout)
        forgiving(sys.stderr)

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def result(self, text: str) -> None:
        """What was asked for, on stdout."""
        click.echo(text)

    def note(self, text: str) -> None:
        """What helps to follow, on stderr."""
        if not self.quiet:
            click.echo(text, err=True)

    def error(self, text: str) -> None:
        """What went wrong, on stderr, also when quiet."""
        click.echo(text, err=True)

    def ask(self, question: str) -> str:
        """A line from the person at the terminal."""
        return str(click.prompt(question, prompt_suffix="", default="", show_default=False, err=True))
