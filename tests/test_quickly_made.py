"""What is made quickly is what it would be otherwise."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.quickly_made import quickly_made


@dataclass(frozen=True, slots=True)
class Plain:
    """Two fields that must be given, and two that need not."""

    one: object
    self_: object
    three: object = "three"
    four: object = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    """The same."""

    one: object
    self_: object
    three: object = "three"
    four: object = ()


GIVEN = st.lists(st.integers(), max_size=5)
NAMED = st.dictionaries(st.sampled_from(("one", "self_", "three", "four", "five")), st.integers())


def made(cls: type[Plain | Quick], given_: list[int], named: dict[str, Any]) -> tuple[object, ...] | str:
    """The fields of an instance, or why there is none."""
    try:
        instance = cls(*given_, **named)
    except TypeError as error:
        return str(error).replace("Quick", "Plain")
    return (instance.one, instance.self_, instance.three, instance.four)


@given(given_=GIVEN, named=NAMED)
def test_it_takes_and_refuses_what_the_plain_one_does(given_: list[int], named: dict[str, Any]) -> None:
    assert made(Quick, given_, named) == made(Plain, given_, named)


def test_it_is_as_frozen_and_as_equal_and_can_be_copied() -> None:
    quick = Quick(1, 2, four=(3,))
    with pytest.raises(FrozenInstanceError):
        quick.one = 2  # type: ignore[misc]  # that is what is tried
    assert quick == Quick(1, 2, "three", (3,)) == pickle.loads(pickle.dumps(quick))  # noqa: S301  made on this line
    assert hash(quick) == hash(Quick(1, 2, four=(3,)))
    assert replace(quick, one=5) == Quick(5, 2, four=(3,))
    assert repr(quick) == "Quick(one=1, self_=2, three='three', four=(3,))"


@dataclass(frozen=True, slots=True)
class Factory:
    """A field is made anew for each."""

    one: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checked:
    """Something is done when all is set."""

    one: int

    def __post_init__(self) -> None:
        assert self.one


class Bare:
    """No dataclass."""


@pytest.mark.parametrize("cls", [Factory, Checked, Bare])
def test_a_class_that_wants_more_is_refused(cls: type) -> None:
    with pytest.raises(TypeError):
        quickly_made(cls)
