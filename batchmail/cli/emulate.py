"""`batchmail emulate [PROVIDER…]`."""

import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

import click

from batchmail.cli import ending
from batchmail.cli.console import Console
from batchmail.cli.documents import SCHEMA
from batchmail.cli.options import format_option, speech_options
from batchmail.emulator.standalone import HIGHEST_PORT, STANDALONE, Ports, Standing, Start

FIRST_PORT = 8025

#: What ends the command, as far as the system has it: Ctrl-C, `kill`, and Ctrl-Break on Windows.
_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")

#: Windows tells a waiting program of Ctrl-C only when it wakes up.
_WAKE_SECONDS = 0.5

_POWERSHELL = os.name == "nt"


@click.command("emulate")
@click.argument("providers", nargs=-1, type=click.Choice([*STANDALONE]), metavar="[PROVIDER]...")
@click.option(
    "--port",
    default=FIRST_PORT,
    show_default=True,
    type=click.IntRange(0, HIGHEST_PORT),
    metavar="P",
    help="The first emulator's port; the others have those that follow. 0 takes free ones.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the mails as files, in a folder for each provider. Without it the newest are kept in memory.",
)
@click.option(
    "--account",
    default="me",
    metavar="ADDRESS",
    help="The address that mails come from; with `works` also `userId` of the manifest.",
)
@click.option(
    "--no-limits", is_flag=True, help="Refuse nothing for rates, quotas and unknown users, as `rehearse` does."
)
@format_option
@speech_options
@click.pass_obj
def command(  # noqa: PLR0913  its own options
    console: Console,
    *,
    providers: Sequence[str],
    port: int,
    folder: Path | None,
    account: str,
    no_limits: bool,
    form: str,
) -> int:
    """Serve the providers' APIs on this machine, until Ctrl-C. Nothing leaves it.

    PROVIDER is a `kind` of the manifest; without one, all that have an emulator are served. Each has an inbox to read
    and faults to switch, under `/_emulator`: see batchmail/emulator/README.md.
    """
    kinds = [*dict.fromkeys(providers or STANDALONE)]
    ports = Ports(port)
    with _signals() as stops, ExitStack() as stack:
        standing = [
            stack.enter_context(STANDALONE[kind](Start(ports, folder and folder / kind, not no_limits, account)))
            for kind in kinds
        ]
        console.result(_document(standing) if form == "json" else "\n".join(_text(each) for each in standing))
        console.note("Serving. Press Ctrl-C to end.")
        _wait(stops)
    console.note("Ended.")
    return ending.DONE


@contextmanager
def _signals() -> Iterator[SimpleQueue[int]]:
    """The signals that end the command, as they come; one that is ignored (`nohup`, `&` in a script) stays so."""
    stops: SimpleQueue[int] = SimpleQueue()

    def received(number: int, frame: FrameType | None) -> None:
        del frame
        stops.put(number)

    numbers = [signal.Signals[name] for name in _SIGNALS if name in signal.Signals.__members__]
    heeded = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    before = {number: signal.signal(number, received) for number in heeded}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(stops: SimpleQueue[int]) -> None:
    while True:
        try:
            stops.get(timeout=_WAKE_SECONDS)
        except Empty:
            continue
        return


def _document(standing: Sequence[Standing]) -> str:
    """One line, so that a script knows where it ends while the command goes on."""
    emulators = [
        {
            "kind": each.kind,
            "control": each.control_url,
            "provider": dict(each.settings),
            "alternatives": [dict(settings) for settings in each.alternatives],
            "environment": dict(each.environment),
        }
        for each in standing
    ]
    return json.dumps({"schema": SCHEMA, "emulators": emulators}, ensure_ascii=False)


def _text(standing: Standing) -> str:
    """What to paste where."""
    shell = "PowerShell" if _POWERSHELL else "the shell"
    lines = [f"{standing.kind}: inbox and faults at {standing.control_url}", "  under `provider:` of the manifest"]
    lines += _lines(standing.settings)
    lines.append(f"  in a workbook, rows:  {'   '.join(_rows(standing.settings))}")
    for settings in standing.alternatives:
        lines += ["  or instead", *_lines(settings)]
    variables = [f"    {_variable(name, value)}" for name, value in standing.environment.items()]
    return "\n".join([*lines, f"  in {shell}", *variables, ""])


def _lines(settings: Mapping[str, object]) -> list[str]:
    return [f"    {name}: {_yaml(value)}" for name, value in settings.items()]


def _rows(settings: Mapping[str, object], above: str = "provider") -> Iterator[str]:
    """The same as rows of a workbook: `provider.baseUrl | http://…`, each key with its value."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _rows(value, f"{above}.{name}")
        else:
            yield f"{above}.{name} | {_yaml(value)}"


def _yaml(value: object) -> str:
    """A setting: a plain text, or an object such as a reference to a secret."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_yaml(inner)}" for name, inner in value.items()) + "}"
    return str(value)


def _variable(name: str, value: str) -> str:
    return f'$env:{name} = "{value}"' if _POWERSHELL else f"export {name}={value}"
