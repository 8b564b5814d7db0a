"""Asking for a number before something is done that cannot be undone: whoever types it has read it."""

from batchmail.cli.console import Console


def confirmed(console: Console, number: int, act: str) -> bool:
    """Whether the person at the terminal types the number of what is to be done; `act` is a verb, such as `send`."""
    answer = console.ask(f"Type the number to {act} {'it' if number == 1 else 'them'}: ")
    return answer.strip().replace(",", "") == str(number)
