"""What each provider can do, as `batchmail providers` and the README tell it: drawn from the code."""

from collections.abc import Iterator
from dataclasses import dataclass

from batchmail.cli.words import count, grouped, size
from batchmail.providers import ProviderKind
from batchmail.providers.base import Capabilities, Feature
from batchmail.rate import Rate
from batchmail.rehearsal import rehearsal_of

UNLIMITED = "no known limit"


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """A kind of provider, where its settings are left to their defaults."""

    kind: ProviderKind

    @property
    def rehearsed(self) -> bool:
        """Whether there is an emulator of it."""
        return rehearsal_of(self.kind) is not None

    def support(self, feature: Feature) -> str:
        """How a feature is there: yes, required, by a setting, or not at all. Backticks are around what is literal."""
        if feature in self.kind.capabilities.required:
            return "required"
        if feature in self.kind.capabilities.features:
            return "yes"
        if feature in self.kind.converts:
            return f"`{self.kind.converts[feature]}`"
        return "one by one" if feature is Feature.SEND_SEPARATELY else "no"

    def limits(self) -> Iterator[tuple[str, str]]:
        """Everything that is no feature, each with its name; the same names in the same order for every provider.

        `inside_domain` is left aside: it is a setting's alone.
        """
        can = self.kind.capabilities
        yield "subject", _subject(can)
        yield "attachments", f"{size(can.attachment_bytes)} together" if can.attachment_bytes else UNLIMITED
        yield "file names", "; ".join(_file_names(can)) or UNLIMITED
        yield "recipients", f"{can.recipients_per_request:,} a request" if can.recipients_per_request else UNLIMITED
        yield "in-house only", ", ".join(sorted(can.inside_levels)) or "nothing"
        yield "rate", ", ".join(map(_rate, can.rates)) or UNLIMITED
        yield "look-up in Sent", "yes" if can.look_up else "no"
        yield "OAuth", "yes" if self.kind.signs_in else "no"
        yield "rehearsal", "yes" if self.rehearsed else "no"


def _subject(can: Capabilities) -> str:
    if can.subject_characters is None:
        return UNLIMITED
    beyond = "the rest is cut" if can.subject_is_cut else "longer ones fail"
    return f"{grouped(can.subject_characters)} characters, {beyond}"


def _file_names(can: Capabilities) -> Iterator[str]:
    if can.filename_characters is not None:
        yield count(can.filename_characters, "character")
    if can.distinct_filenames:
        yield "none twice"
    if can.unfit_in_filenames:
        yield f"without {' '.join(f'`{each}`' for each in can.unfit_in_filenames)}"
    if can.reserved_filenames:
        yield f"not {', '.join(sorted(can.reserved_filenames))}"


def _rate(rate: Rate) -> str:
    if rate.sustained == 1:
        return str(rate)
    return f"{rate} ({round(rate.count * rate.sustained):,} in long runs)"
