"""The only place that prints: results to stdout, everything else to stderr."""

import os
import sys
from pathlib import Path
from typing import TextIO

import click


def forgiving(stream: TextIO | None) -> None:
    """Let a stream that is not UTF-8 show a replacement instead of failing (a console in CP949, say)."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream, if there is one, leads to a person."""
    return stream is not None and stream.isatty()


class Console:
    """Where a command speaks; `quiet` keeps what is not a result to itself. `typed` is the command as it was given.

    That nobody listens (a closed pipe, a full disk) never ends a command: mails may be on their way.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False, typed: str = "") -> None:
        self.quiet = quiet
        self.verbose = verbose
        self.typed = typed
        forgiving(sys.stdout)
        forgiving(sys.stderr)

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return is_terminal(sys.stdin) and is_terminal(sys.stderr)

    def result(self, text: str) -> None:
        """What was asked for, on stdout."""
        self._say(text, err=False)

    def note(self, text: str) -> None:
        """What helps to follow, on stderr."""
        if not self.quiet:
            self._say(text, err=True)

    def error(self, text: str) -> None:
        """What went wrong, on stderr, also when quiet."""
        self._say(text, err=True)

    def ask(self, question: str) -> str:
        """A line from the person at the terminal."""
        return str(click.prompt(question, prompt_suffix="", default="", show_default=False, err=True))

    def _say(self, text: str, *, err: bool) -> None:
        if (sys.stderr if err else sys.stdout) is None:
            return
        try:
            click.echo(text, err=err)
        except OSError:
            # What is still in the stream's buffer would fail once more when Python ends.
            silence = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open until the process ends
            if err:
                sys.stderr = silence
            else:
                sys.stdout = silence
