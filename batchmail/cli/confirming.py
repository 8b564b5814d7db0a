"""Asking for a number before something is done that cannot be undone: whoever types it has read it."""

from batchmail.cli.console import Console
from batchmail.cli.words import grouped, printable

#: What was typed is repeated up to here.
_SHOWN_CHARACTERS = 40


def confirmed(console: Console, what: str, number: int, act: str, *, otherwise: str) -> bool:
    """Whether the person at the terminal types the number of what is to be done, and why not where they do not.

    `what` is the line that has the number, and is part of the question; `act` is a verb, such as `send`; `otherwise`
    is what follows without the number: "nothing was sent".
    """
    typed = console.ask(f"{what}\nType the number to {act} {'it' if number == 1 else 'them'}: ").strip()
    if typed.replace(",", "") == str(number):
        return True
    if typed:
        shown = printable(typed[:_SHOWN_CHARACTERS]) + ("…" if len(typed) > _SHOWN_CHARACTERS else "")
        console.error(f"{shown} is not {grouped(number)}: {otherwise}.")
    else:
        console.error(f"{otherwise[:1].upper()}{otherwise[1:]}.")
    return False
