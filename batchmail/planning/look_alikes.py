"""Domains that look like another one that is far more frequent, or that everybody knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest

from batchmail.domain_name import unicode_domain
from batchmail.planning.confusables import disguised, mixes_scripts, skeleton
from batchmail.planning.mail_domains import FOREIGN, KNOWN, REAL, SLIPS

#: A domain is frequent from so many addresses on, and where it has so many times as many as the other.
FREQUENT = 20
#: So many frequent domains are compared with, which takes 15 MB.
_COMPARED = 2_000
#: Of a known provider's look-alike so few addresses are slips; more of them are a company's.
FEW = 2
#: Short names are near to too many others: from so many letters on, one letter more or less, or another one, counts.
_LEAST_KNOWN = 5
_LEAST_LONGER = 6
_LEAST_OTHER = 7
_LEAST_SWAPPED = 4

#: Labels before the last that are no names: `co.jp`, `or.kr`, `com.au`.
_SECOND_LEVEL = frozenset(
    {"co", "ne", "or", "ac", "go", "ad", "ed", "gr", "lg", "re", "pe", "com", "net", "org", "gov"}
)


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A domain, and what it is taken for; `other` is empty where its letters are mixed."""

    domain: str
    other: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A domain in its parts: `mail.` `example` `co.jp`."""

    below: str
    name: str
    ending: str

    @classmethod
    def of(cls, domain: str) -> "_Name":
        labels = unicode_domain(domain).split(".")
        length = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 1  # noqa: PLR2004
        return cls(".".join(labels[: -length - 1]), labels[-length - 1], ".".join(labels[-length:]))


def look_alikes(counts: Mapping[str, int]) -> Iterator[LookAlike]:
    """The suspicious ones among some domains in lower case, by how many addresses each has."""
    frequent = (domain for domain, count in counts.items() if count >= FREQUENT)
    near = _Neighbours({*KNOWN, *nlargest(_COMPARED, frequent, key=lambda domain: counts[domain])})
    for domain, count in counts.items():
        if domain in KNOWN or domain in REAL:
            continue
        taken_for = _strange(domain)
        if taken_for is not None:
            yield LookAlike(domain, taken_for)
            continue
        others = [other for other in near.of(domain) if _outweighs(other, count, counts.get(other, 0))]
        if others:
            yield LookAlike(domain, max(others, key=lambda other: (counts.get(other, 0), other)))


def _outweighs(other: str, count: int, others: int) -> bool:
    return others >= FREQUENT * count or (other in KNOWN and count <= FEW)


def _strange(domain: str) -> str | None:
    """What a domain of mixed or disguised letters is taken for; None where its letters are as they should be."""
    read = unicode_domain(domain)
    if read.isascii():
        return None
    labels = read.split(".")
    if any(map(mixes_scripts, labels)):
        return ""
    if not labels[-1].isascii():
        return None
    worn = [disguised(label) for label in labels]
    return ".".join(new or old for new, old in zip(worn, labels, strict=True)) if any(worn) else None


class _Neighbours:
    """Frequent domains, to be found by what differs from them by a letter: only the near ones are compared."""

    def __init__(self, domains: set[str]) -> None:
        self._index: dict[tuple[str, str, str], list[str]] = {}
        self._names = {domain: _Name.of(domain) for domain in domains}
        for domain, name in self._names.items():
            for key in _keys(name.name):
                self._index.setdefault((name.below, name.ending, key), []).append(domain)

    def of(self, domain: str) -> set[str]:
        """The frequent domains that a domain looks like."""
        name = _Name.of(domain)
        found = {other for other in self._around(name, name.ending) if self._alike(name, other)}
        meant = SLIPS.get(name.ending)
        if meant:
            found |= {other for other in self._around(name, meant) if self._names[other].name == name.name}
        foreign = FOREIGN.get(name.ending)
        if foreign and not name.below and len(name.name) >= _LEAST_KNOWN:
            found |= KNOWN.intersection((f"{name.name}.{foreign}",))
        return found - {domain}

    def _around(self, name: _Name, ending: str) -> set[str]:
        keys = ((name.below, ending, key) for key in _keys(name.name))
        return {other for key in keys for other in self._index.get(key, ())}

    def _alike(self, name: _Name, other: str) -> bool:
        frequent = self._names[other].name
        if skeleton(name.name) == skeleton(frequent):
            return True
        return _one_slip(name.name, frequent, known=other in KNOWN)


def _keys(name: str) -> set[str]:
    """What names one slip apart have in common: the name, with one letter taken out, and as a hasty reader sees it."""
    return {name, f"~{skeleton(name)}", *(name[:at] + name[at + 1 :] for at in range(len(name)))}


def _one_slip(name: str, frequent: str, *, known: bool) -> bool:
    """Whether one letter is too much, missing, another one, or has changed places with its neighbour."""
    start = next((at for at, (a, b) in enumerate(zip(name, frequent, strict=False)) if a != b), None)
    start = min(len(name), len(frequent)) if start is None else start
    a, b = name[start:], frequent[start:]
    if len(a) == len(b):
        if a[:2] == b[1::-1] and a[2:] == b[2:]:
            return len(frequent) >= _LEAST_SWAPPED
        least = _LEAST_KNOWN if known else _LEAST_OTHER
        return a[1:] == b[1:] and len(frequent) >= least and not (a[:1] + b[:1]).isdecimal()
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    least = _LEAST_KNOWN if known else _LEAST_LONGER
    return longer[1:] == shorter and len(frequent) >= least and not longer[:1].isdecimal()
