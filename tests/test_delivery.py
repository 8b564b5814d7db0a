"""What a mail is known by, the same in every run."""

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import Mailing

TEXT = st.text(alphabet="ab김\ud800", max_size=3)


@given(job=TEXT, edition=TEXT, keys=st.lists(TEXT, min_size=1, max_size=3))
def test_the_identity_of_a_mail_is_that_which_earlier_versions_gave_it(job: str, edition: str, keys: list[str]) -> None:
    digest = blake2b(digest_size=16)
    for part in (job, edition, *keys):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    assert Mailing(job, edition).identity(keys) == digest.hexdigest()
