"""Emulators that stand on their own have the ports that they are given, and keep what they accept."""

import socket
import threading
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from batchmail.emulator import REHEARSALS
from batchmail.emulator.server import PortUnusable
from batchmail.emulator.standalone import HIGHEST_PORT, STANDALONE, Ports, Start
from tests.emulator.steering import Steering


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_every_kind_that_can_be_rehearsed_can_stand_alone() -> None:
    servers = set(REHEARSALS) - {"outbox"}  # a folder, which no server stands in for
    assert servers <= set(STANDALONE)


def test_the_kinds_have_ports_in_a_row() -> None:
    ports = Ports(8025)
    assert [ports.take() for _ in range(3)] == [8025, 8026, 8027]
    free = Ports(0)
    assert [free.take() for _ in range(3)] == [0, 0, 0]


def test_behind_the_highest_port_there_is_none() -> None:
    ports = Ports(HIGHEST_PORT)
    ports.take()
    with pytest.raises(PortUnusable, match="the highest port is 65535"):
        ports.take()


@pytest.mark.parametrize("kind", STANDALONE)
def test_an_emulator_listens_where_it_was_told_and_not_after_its_end(kind: str) -> None:
    port = free_port()
    threads = set(threading.enumerate())
    with STANDALONE[kind](Start(Ports(port))) as emulator:
        url = urlsplit(emulator.control_url)
        assert (url.hostname, url.port, url.path) == ("127.0.0.1", port, "/_emulator")
        assert Steering(emulator).get("").status == 200
    assert set(threading.enumerate()) == threads
    socket.create_server(("127.0.0.1", port)).close()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        with (
            pytest.raises(PortUnusable, match=f"127.0.0.1:{port}: the emulator cannot listen here"),
            ExitStack() as all_of,
        ):
            all_of.enter_context(STANDALONE["works"](Start(Ports(port))))


def test_with_a_folder_the_mails_are_files_too_and_outlive_the_inbox(tmp_path: Path) -> None:
    with STANDALONE["works"](Start(Ports(0), tmp_path / "works")) as emulator:
        works = Steering(emulator)
        assert works.outcome() == 202
        works.change("DELETE", "/mails")
        assert works.mails() == []
    assert sorted(path.name for path in (tmp_path / "works").iterdir()) == ["00001.eml", "00001.json", "index.jsonl"]


@pytest.mark.parametrize("kind", STANDALONE)
def test_mails_come_from_the_account_that_was_named(kind: str) -> None:
    with STANDALONE[kind](Start(Ports(0), account="billing@office.example")) as emulator:
        steering = Steering(emulator)
        steering.send()
        assert [mail["account"] for mail in steering.mails()] == ["billing@office.example"]
