"""Faults that are put into a copy of the product on purpose: the test that is named for each finds it."""

import ast

import pytest

from tests.reliability.mutants import MUTANTS, PASSED, ROOT, Change, Stale, changed, survivors, unmutated
from tests.reliability.traced import STRACE

#: Some need what not every machine has.
POSSIBLE = [each for each in MUTANTS if STRACE is not None or "test_power_loss" not in each.test]


def test_there_are_enough_of_them_and_each_has_a_test_that_exists() -> None:
    assert len(MUTANTS) >= 20
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
    for each in MUTANTS:
        file, _, function = each.test.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, each.test


def test_the_tests_pass_without_any_mutant() -> None:
    code, said = unmutated(POSSIBLE)
    assert code == PASSED, said


@pytest.mark.timeout(300)
def test_every_mutant_is_found() -> None:
    alive = survivors(POSSIBLE)
    assert not alive, "\n".join(alive)


def test_a_mutant_whose_text_has_changed_is_told() -> None:
    with pytest.raises(Stale, match="has 0 times"), changed(ROOT, [Change("outcome.py", "no such text", "")]):
        pytest.fail("a text that is not there was replaced")
