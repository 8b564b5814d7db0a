"""Attachments' files: read once, and only sent as they were planned."""

from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.errors import InputChanged
from batchmail.message import Attachment
from batchmail.providers.files import FileStore


@pytest.fixture
def planned(tmp_path: Path) -> Callable[[str, bytes], Attachment]:
    """Writes a file and measures it as a plan does."""

    def make(name: str, content: bytes) -> Attachment:
        path = tmp_path / name
        path.write_bytes(content)
        return Attachment(path, name, "application/pdf", len(content), sha256(content).hexdigest())

    return make


def test_a_file_is_given_as_it_is_and_in_base64(planned: Callable[[str, bytes], Attachment]) -> None:
    content = bytes(range(256)) * 10
    store, offer = FileStore(), planned("offer.pdf", content)
    assert store.content(offer) == content
    assert b"\n" not in store.base64(offer)
    assert b64decode(store.base64(offer), validate=True) == content


def test_a_file_is_read_and_encoded_once(planned: Callable[[str, bytes], Attachment]) -> None:
    store, offer = FileStore(), planned("offer.pdf", b"offer")
    first = store.content(offer), store.base64(offer)
    offer.path.unlink()
    assert store.content(offer) is first[0]
    assert store.base64(offer) is first[1]


def test_two_files_with_one_content_are_one(planned: Callable[[str, bytes], Attachment]) -> None:
    store = FileStore()
    assert store.base64(planned("a.pdf", b"same")) is store.base64(planned("b.pdf", b"same"))


@pytest.mark.parametrize("now", [b"OFFER", b"offe", b"offer!", b"", bytes(1_000_000)])
def test_a_file_that_changed_is_not_given(now: bytes, planned: Callable[[str, bytes], Attachment]) -> None:
    store, offer = FileStore(), planned("offer.pdf", b"offer")
    offer.path.write_bytes(now)
    for read in (store.content, store.base64):
        with pytest.raises(InputChanged, match=r"offer\.pdf changed after the plan was made"):
            read(offer)


def test_a_file_that_is_gone_has_changed(planned: Callable[[str, bytes], Attachment]) -> None:
    offer = planned("offer.pdf", b"offer")
    offer.path.unlink()
    with pytest.raises(InputChanged, match=r"offer\.pdf \(it cannot be read now: No such file or directory\) changed"):
        FileStore().base64(offer)


def test_a_file_that_became_a_folder_has_changed(planned: Callable[[str, bytes], Attachment]) -> None:
    offer = planned("offer.pdf", b"offer")
    offer.path.unlink()
    offer.path.mkdir()
    with pytest.raises(InputChanged, match=r"offer\.pdf \(it cannot be read now: "):
        FileStore().content(offer)


def test_a_file_that_came_back_is_given_again(planned: Callable[[str, bytes], Attachment]) -> None:
    store, offer = FileStore(), planned("offer.pdf", b"offer")
    offer.path.write_bytes(b"OFFER")
    with pytest.raises(InputChanged):
        store.content(offer)
    offer.path.write_bytes(b"offer")
    assert store.content(offer) == b"offer"


def test_a_file_larger_than_the_budget_is_still_read_once(planned: Callable[[str, bytes], Attachment]) -> None:
    store, film = FileStore(budget=10), planned("film.mp4", bytes(1_000))
    assert store.content(film) is store.content(film)


@given(sizes=st.lists(st.integers(1, 60), min_size=1, unique=True), asked=st.lists(st.integers(0), max_size=40))
def test_no_more_than_the_budget_is_kept(
    sizes: list[int], asked: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is still kept can be given though its file is gone: that shows what the store holds."""
    folder = tmp_path_factory.mktemp("files")
    store = FileStore(budget=100)
    attachments = [_written(folder, size) for size in sizes]
    last = [attachments[n % len(attachments)] for n in asked] or attachments[:1]
    for attachment in last:
        assert store.content(attachment) == bytes(attachment.size)
    for attachment in attachments:
        attachment.path.unlink()
    recent = _recent(last, 100)
    assert [each.filename for each in attachments if _kept(store, each)] == [
        each.filename for each in attachments if each in recent
    ]


def _written(folder: Path, size: int) -> Attachment:
    path = folder / f"{size}.bin"
    path.write_bytes(bytes(size))
    return Attachment(path, path.name, "application/octet-stream", size, sha256(bytes(size)).hexdigest())


def _kept(store: FileStore, attachment: Attachment) -> bool:
    try:
        store.content(attachment)
    except InputChanged:
        return False
    return True


def _recent(asked: list[Attachment], budget: int) -> list[Attachment]:
    """The most recently asked ones that an honest store has kept: it forgets the oldest until the rest fits."""
    kept: list[Attachment] = []
    for attachment in asked:
        kept = [*(each for each in kept if each != attachment), attachment]
        while sum(each.size for each in kept) > budget:
            kept.pop(0)
    return kept
