"""What is asked before mails leave: the number, typed."""

import pytest

from batchmail.cli.confirming import confirmed
from batchmail.cli.console import Console


class Typing(Console):
    """A terminal at which somebody types one line."""

    def __init__(self, line: str, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self.line = line
        self.asked = ""

    def ask(self, question: str) -> str:
        self.asked = question
        return self.line


def asked(console: Console, number: int) -> bool:
    return confirmed(console, f"{number:,} mails.", number, "send", otherwise="nothing was sent")


@pytest.mark.parametrize("line", ["1234", "1,234", " 1234 \n"])
def test_the_number_is_taken_however_it_is_written(line: str) -> None:
    assert asked(Typing(line), 1_234)


@pytest.mark.parametrize("line", ["", "y", "yes", "123", "12345", "1.234", "-1234"])
def test_nothing_else_is_a_yes(line: str) -> None:
    assert not asked(Typing(line), 1_234)


@pytest.mark.parametrize(("number", "act"), [(1, "settle it: "), (2, "settle them: ")])
def test_the_question_says_what_will_be_done(number: int, act: str) -> None:
    console = Typing("")
    confirmed(console, "What is in doubt.", number, "settle", otherwise="nothing was changed")
    assert console.asked == f"What is in doubt.\nType the number to {act}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1235", "1235 is not 1,234: nothing was sent."),
        ("yes", "yes is not 1,234: nothing was sent."),
        (" \n", "Nothing was sent."),
        ("9" * 41, f"{'9' * 40}… is not 1,234: nothing was sent."),
    ],
)
def test_whoever_types_another_number_is_told_why_nothing_happens(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(Typing(line, quiet=True), 1_234)
    assert capsys.readouterr().err == f"{told}\n"


def test_what_was_typed_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    asked(Typing("\x1b[2J"), 1_234)
    assert "\x1b" not in capsys.readouterr().err
