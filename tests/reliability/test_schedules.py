"""Ten thousand lives of a mailing, in simulated time: whatever happens in whatever order, I1 to I10 hold.

`python -m tests.reliability.schedules 100000` lives more of them, other ones every time.
"""

import pytest

from tests.reliability.schedules import IN_FILES, IN_MEMORY, LIVES, live_at_once, shares


def test_the_shares_are_ten_thousand_lives() -> None:
    assert sum(share.lives for share in shares(LIVES)) == LIVES == IN_MEMORY + IN_FILES == 10_000


@pytest.mark.timeout(600)
def test_whatever_happens_in_whatever_order_nobody_gets_a_mail_twice_and_nobody_is_forgotten() -> None:
    failures = live_at_once(LIVES)
    assert not failures, "\n".join(failures)
