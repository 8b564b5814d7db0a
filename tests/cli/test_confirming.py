"""What is asked before mails leave: the number, typed."""

import pytest

from batchmail.cli.confirming import confirmed
from batchmail.cli.console import Console


class Typing(Console):
    """A terminal at which somebody types one line."""

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line
        self.asked = ""

    def ask(self, question: str) -> str:
        self.asked = question
        return self.line


@pytest.mark.parametrize("line", ["1234", "1,234", " 1234 \n"])
def test_the_number_is_taken_however_it_is_written(line: str) -> None:
    assert confirmed(Typing(line), 1_234, "send")


@pytest.mark.parametrize("line", ["", "y", "yes", "123", "12345", "1.234", "-1234"])
def test_nothing_else_is_a_yes(line: str) -> None:
    assert not confirmed(Typing(line), 1_234, "send")


@pytest.mark.parametrize(("number", "asked"), [(1, "settle it: "), (2, "settle them: ")])
def test_the_question_says_what_will_be_done(number: int, asked: str) -> None:
    console = Typing("")
    confirmed(console, number, "settle")
    assert console.asked == f"Type the number to {asked}"
