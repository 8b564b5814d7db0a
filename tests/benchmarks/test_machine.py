import json

from tests.benchmarks.machine import busy_warning, machine


def test_a_busy_machine_is_told_and_a_resting_one_not() -> None:
    assert "load 3.2, 2 processors" in busy_warning(3.2, 2)
    assert busy_warning(0.4, 2) == busy_warning(None, 2) == ""


def test_the_machine_is_told_as_json() -> None:
    found = machine()
    assert json.loads(json.dumps(found)) == found
    assert str(found["python"]).startswith(("CPython 3", "PyPy 3"))
