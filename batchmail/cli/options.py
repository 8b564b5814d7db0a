"""Options that several commands have, each defined once."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from batchmail.cli.console import Console
from batchmail.cli.words import as_typed
from batchmail.finding import Severity
from batchmail.rules import RULES
from batchmail.saved import is_saved_plan

Command = TypeVar("Command", bound=Callable[..., Any])


def _louder(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's own signature
    """`--quiet` and `--verbose` work before and after the command's name."""
    if value:
        setattr(ctx.find_object(Console), parameter.name or "", True)


def speech_options(command: Command) -> Command:
    """How much is said."""
    quiet = click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=_louder, help="Print results and errors only."
    )
    verbose = click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=_louder, help="Print more of what happens."
    )
    return quiet(verbose(command))


def job_argument(command: Command) -> Command:
    """The manifest, and no saved plan."""
    return click.argument("job", type=click.Path(path_type=Path), metavar="JOB", callback=_no_saved_plan)(command)


def _no_saved_plan(ctx: click.Context, parameter: click.Parameter, value: Path) -> Path:
    if is_saved_plan(value):
        send = as_typed(["batchmail", "send", value.as_posix()])
        raise click.BadParameter(
            f"{value.as_posix()} is a saved plan, which only `{send}` takes: give the job's manifest.", ctx, parameter
        )
    return value


def job_or_plan_argument(command: Command) -> Command:
    """The manifest, or a saved plan."""
    return click.argument("job", type=click.Path(path_type=Path), metavar="JOB|PLAN")(command)


def format_option(command: Command) -> Command:
    """Text for people, JSON for programs."""
    return click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Text for people, or JSON."
    )(command)


def findings_format_option(command: Command) -> Command:
    """Text for people; JSON for programs; annotations for GitHub; SARIF for editors and code hosts."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "github", "sarif"]),
        default="text",
        help="Text for people, JSON for programs, or findings alone for GitHub Actions or as SARIF.",
    )(command)


def journal_option(command: Command) -> Command:
    """Where the journal is kept."""
    return click.option(
        "--journal",
        envvar="BATCHMAIL_JOURNAL",
        callback=_told_again,
        metavar="FILE",
        help="The journal's file; default: .batchmail/journal.db beside the manifest.",
    )(command)


def _told_again(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A journal of the environment stands in the command to go on with: it may be pasted where there is none."""
    console = ctx.find_object(Console)
    if value and console and ctx.get_parameter_source(parameter.name or "") is ParameterSource.ENVIRONMENT:
        console.typed += f" {as_typed(['--journal', value])}"
    return value


def adopt_option(command: Command) -> Command:
    """Take over a journal that was copied or put back from a backup, or begin anew where it is gone."""
    return click.option(
        "--adopt",
        is_flag=True,
        help="Use a journal that was copied, put back or deleted: nothing was sent since, I have made sure.",
    )(command)


class _Wait(click.ParamType):  # type: ignore[type-arg]  # generic only in newer versions of click
    """A time in seconds, written as in the manifest; from a minute on, because the even pace of a rate is no wait."""

    name = "time"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"([0-9]{1,6})(s|min|h)", value)
        seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
        if seconds < _SHORTEST_WAIT_SECONDS:
            self.fail(f"{value} is no time from a minute on, such as 90s, 15min or 2h.", param, ctx)
        return seconds


_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_SHORTEST_WAIT_SECONDS = 60.0


def max_wait_option(command: Command) -> Command:
    """How long is waited for a limit."""
    return click.option(
        "--max-wait",
        type=_Wait(),
        metavar="TIME",
        help="End with exit code 4 instead of waiting for longer for a limit of the provider: 90s, 15min, 2h.",
    )(command)


#: More than any run has use for: what cannot be divided is done by one process. Each logs in by itself, so a wrong
#: password is tried so many times at most: sixteen at once would lock an account.
MOST_WORKERS = 8


def workers_option(command: Command) -> Command:
    """Processes that carry the mails."""
    return click.option(
        "--workers",
        type=click.IntRange(1, MOST_WORKERS),
        metavar="N",
        help="Send through N processes of their own: for thousands of mails a second. One limit holds for all.",
    )(command)


def edition_option(command: Command) -> Command:
    """Another edition than the manifest's."""
    return click.option("--edition", metavar="E", help="Use this edition instead of the manifest's.")(command)


def allow_option(command: Command) -> Command:
    """Warnings that are accepted."""
    return click.option(
        "--allow",
        multiple=True,
        metavar="RULE",
        callback=_warnings_only,
        help="Accept the warnings of this rule; may be repeated.",
    )(command)


def _warnings_only(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for name in value:
        rule = RULES.get(name)
        if rule is None:
            raise click.BadParameter(f"there is no rule {name}; `batchmail explain` lists them.", ctx, parameter)
        if rule.severity is Severity.ERROR:
            raise click.BadParameter(f"{name} is an error, which cannot be allowed.", ctx, parameter)
    return value


def journal_path(given: str | None, manifest: Path) -> Path:
    """Where the journal lies. Raises click.UsageError for a kind of journal that is not there yet."""
    if not given:
        return manifest.parent / ".batchmail" / "journal.db"
    scheme, separator, rest = given.partition("://")
    if not separator:
        return Path(given)
    if scheme in {"sqlite", "file"}:
        return Path(rest)
    raise click.UsageError(f"--journal {scheme}://…: journals of this kind are not yet available; give a file's path.")
