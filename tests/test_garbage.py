"""How often a process looks for garbage, told by processes of their own: it holds for all that is in one."""

import subprocess
import sys


def said(code: str) -> str:
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    return ended.stdout.strip().splitlines()[-1]


def test_a_command_looks_for_garbage_rarely_and_at_its_end_not_at_all() -> None:
    told = said(
        "import atexit, gc, sys\n"
        "from batchmail.cli import main\n"
        "def tell():\n"
        "    old = gc.get_freeze_count()\n"
        "    print(gc.get_threshold() >= (10_000, 10, 10), old > 10 * len(gc.get_objects()))\n"
        "atexit.register(tell)\n"
        "sys.argv = ['batchmail', '--version']\n"
        "main()\n"
    )

    assert told == "True True"


def test_the_modules_of_a_command_are_not_searched_when_they_come_nor_ever_after() -> None:
    told = said(
        "import gc\n"
        "from batchmail.cli import batchmail\n"
        "searched = []\n"
        "gc.callbacks.append(lambda phase, told: searched.append(phase))\n"
        "batchmail.get_command(None, 'explain')\n"
        "gc.callbacks.clear()\n"
        "from batchmail.cli.explain import command\n"
        "print(searched, gc.isenabled(), any(each is command for each in gc.get_objects()))\n"
    )

    assert told == "[] True False"
