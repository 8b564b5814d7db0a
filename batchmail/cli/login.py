"""`batchmail login JOB`."""

import webbrowser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe

import click

from batchmail.cli import ending
from batchmail.cli.callback import brought_code, pasted_code, redirect_uri
from batchmail.cli.console import Console
from batchmail.cli.findings_text import findings_text
from batchmail.cli.options import job_argument, speech_options
from batchmail.cli.words import duration
from batchmail.event_loop import completed
from batchmail.finding import Findings
from batchmail.pipeline import load_job
from batchmail.providers.consent import Consent, ConsentFailed
from batchmail.providers.token_store import Tokens
from batchmail.providers.works import consent_of

#: Fixed, because the redirect URL with it must be registered beforehand.
DEFAULT_PORT = 8734
#: How long a person may take to sign in, in seconds.
PATIENCE_SECONDS = 300.0


@click.command("login")
@job_argument
@click.option("--no-browser", is_flag=True, help="Print the address, and ask for what the browser is led to.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    metavar="N",
    help="Where this machine waits for the browser; part of the redirect URL.",
)
@speech_options
@click.pass_obj
def command(console: Console, *, job: Path, no_browser: bool, port: int) -> int:
    """Sign in at a provider that wants a person's consent. From then on `send` renews the tokens by itself."""
    if not console.interactive:
        raise click.UsageError("There is no terminal to sign in at. Run it at one, in the same folder.")
    findings = Findings()
    loaded = load_job(job, findings)
    if loaded is None:
        console.error(findings_text(findings))
        return ending.BLOCKED
    consent = consent_of(loaded.provider.settings)
    if consent is None:
        raise click.UsageError(
            f"{job.as_posix()} needs no sign-in: its provider `{loaded.provider.kind}` has no `oauth` in the manifest."
        )
    consent.check()
    tokens = sign_in(console, consent, port, None if no_browser else _opened)
    console.result(_told(consent, tokens))
    return ending.DONE


def _opened(address: str) -> bool:
    """Open a page in the person's browser; False where there is none."""
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


def sign_in(
    console: Console,
    consent: Consent,
    port: int,
    open_page: Callable[[str], bool] | None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Tokens:
    """Get a person's consent, and the tokens for it; without `open_page` everything goes through the terminal.

    Raises ConsentFailed, and what `Consent.complete` raises.
    """
    state, back = token_urlsafe(24), redirect_uri(port)
    address = consent.address(back, state)

    def tell() -> None:
        console.error(
            f"The app needs this redirect URL in the Developer Console:\n  {back}\n"
            f"Sign in as the member whose mailbox sends, at:\n  {address}"
        )

    def begin() -> bool:
        tell()
        console.note("Waiting for the browser; Ctrl+C ends it.")
        return open_page is not None and open_page(address)

    code = None
    if open_page is None:
        tell()
    else:
        code = _brought(port, state, begin, patience_seconds)
    if code is None:
        console.error("The browser ends at a page of this machine. That it does not open does no harm.")
        code = pasted_code(console.ask("Paste that page's address, or the code in it: "), state)
    return consent.complete(code, back)


def _brought(port: int, state: str, open_page: Callable[[], bool], seconds: float) -> str | None:
    """The code that the browser brings; None where there is no browser."""
    try:
        return completed(lambda: brought_code(port, state, open_page, seconds))
    except TimeoutError:
        raise ConsentFailed(
            f"Nobody signed in within {duration(seconds)}",
            "Begin again. Where the browser runs on another machine, add --no-browser.",
        ) from None
    except OSError as error:
        raise click.UsageError(
            f"Port {port} cannot be used here ({error.strerror or error}): choose another with --port, and register "
            "the redirect URL with it; or add --no-browser."
        ) from None


def _told(consent: Consent, tokens: Tokens) -> str:
    lines = [
        "Signed in.",
        f"  refresh token  {consent.place}",
        "                 It lives 90 days; where the app rotates refresh tokens, anew with every renewal.",
    ]
    if tokens.usable_until is not None:
        until = datetime.fromtimestamp(tokens.usable_until).astimezone()
        lines.append(f"  access token   until {until:%Y-%m-%d %H:%M}, then renewed by itself")
    return "\n".join(lines)
