"""The state machine of a delivery: which state may follow which, whoever keeps the journal."""

from collections.abc import Mapping

from batchmail.delivery import DeliveryState, Transition
from batchmail.journal.base import IllegalTransition

_QUEUED, _SENDING, _IN_DOUBT = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.IN_DOUBT
_SENT, _REJECTED, _FAILED = DeliveryState.SENT, DeliveryState.REJECTED, DeliveryState.FAILED
_SKIPPED, _ABANDONED = DeliveryState.SKIPPED, DeliveryState.ABANDONED

#: What a run may record, and whoever settles a doubt. Nothing leads from here to a mail that was sent already:
#: out of doubt, a delivery is queued again only because somebody said so. It stays in doubt, with another reason, where
#: it was looked for in vain.
STEPS: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    _QUEUED: frozenset({_SENDING, _FAILED, _SKIPPED}),
    _SENDING: frozenset({_SENT, _REJECTED, _QUEUED, _FAILED, _IN_DOUBT}),
    _IN_DOUBT: frozenset({_SENT, _QUEUED, _ABANDONED, _IN_DOUBT}),
    _SENT: frozenset(),
    _REJECTED: frozenset(),
    _FAILED: frozenset(),
    _SKIPPED: frozenset(),
    _ABANDONED: frozenset(),
}

#: Why a delivery is in doubt whose run died.
RUN_ENDED = "the run ended before an answer came"
#: Why a delivery is skipped that was queued and has no row any more.
NOT_PLANNED = "no longer in the plan"


def check(state: DeliveryState, attempts: int, step: Transition) -> None:
    """Raises IllegalTransition unless a delivery in this state, after so many attempts, may take the step.

    An intent begins the next attempt; every other step belongs to the last one.
    """
    attempt = attempts + 1 if step.state is _SENDING else attempts
    if step.state not in STEPS[state] or step.attempt != attempt:
        raise IllegalTransition(
            f"delivery {step.delivery}: {state} after {attempts} attempts, "
            f"cannot become {step.state} in attempt {step.attempt}"
        )


def unknown(step: Transition) -> IllegalTransition:
    """The refusal of a step whose delivery the mailing does not have."""
    return IllegalTransition(f"delivery {step.delivery}: the mailing has none with this id")
