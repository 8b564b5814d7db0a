"""What a look-up came to, in words: whoever is not named can be, and who may have two mails is named at once."""

from pathlib import Path

from batchmail.cli.looking import looked_text, repeated_text
from batchmail.cli.onward import Onward
from batchmail.delivery import Delivery, DeliveryState
from batchmail.lookup import Found, Missing, Trace
from batchmail.settling import LookedUp

ONWARD = Onward(Path("job.yaml"), "2")


def trace(number: int) -> Trace:
    delivery = Delivery(number, f"p{number}", number, (f"p{number}@example.com",), b"", 1)
    return Trace(delivery, DeliveryState.IN_DOUBT, b"", ())


def test_beyond_ten_the_command_is_told_that_names_those_in_doubt() -> None:
    told = looked_text(LookedUp(tuple(Missing(trace(n)) for n in range(12))), ONWARD)
    assert "  … and 2 more; those in doubt by name:  batchmail status job.yaml --edition 2\n" in told
    assert "--key p0 --resend  (or --sent, --abandon; for all 12 at once: --all in place of --key)" in told


def test_up_to_ten_all_are_named() -> None:
    assert "more" not in looked_text(LookedUp(tuple(Missing(trace(n)) for n in range(10))), ONWARD)


def test_only_those_found_more_often_than_once_may_have_two_mails() -> None:
    assert repeated_text([Found(trace(1), 1, "a"), Missing(trace(2))]) == ""
    assert repeated_text([Found(trace(1), 1, "a"), Found(trace(2), 3, "")]).splitlines() == [
        "  sent     p2  p2@example.com",
        "           found 3 times in Sent: it may have arrived more than once",
    ]


def test_who_may_have_two_mails_is_told_in_bounds() -> None:
    told = repeated_text([Found(trace(n), 2, "") for n in range(15)])
    assert told.splitlines()[-1] == "  … and 5 more, in a report's `mail_reason`"
