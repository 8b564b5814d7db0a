"""The capability matrix for people: on a console of 80 columns, and as the table of the README."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from batchmail.cli.provider_facts import ProviderFacts
from batchmail.providers.base import Feature

_WIDTH = 80
_FEATURE_WIDTH = max(map(len, Feature))
_LABEL_WIDTH = 17
_GAP = 2


def matrix_text(providers: Sequence[ProviderFacts]) -> str:
    """Features in rows and providers in columns, as many as there is room for; then the limits of each provider."""
    tables = ["\n".join(_table(group)) for group in _groups(providers)]
    return "\n\n".join([*tables, *("\n".join(_limits(each)) for each in providers)])


def matrix_markdown(providers: Sequence[ProviderFacts]) -> str:
    """One table: features and limits in rows, providers in columns."""
    head = ["", *(f"`{each.kind.kind}`" for each in providers)]
    features = [[f"`{feature.value}`", *(_marked(each, feature, "–") for each in providers)] for feature in Feature]
    names = [name for name, _ in next((each.limits() for each in providers), ())]
    limits = zip(names, *([text for _, text in each.limits()] for each in providers), strict=True)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *features, *limits])


def _marked(provider: ProviderFacts, feature: Feature, no: str) -> str:
    support = provider.support(feature)
    return no if support == "no" else support


def _groups(providers: Sequence[ProviderFacts]) -> Iterator[Sequence[ProviderFacts]]:
    """The providers of each table, so that none is wider than the console."""
    group: list[ProviderFacts] = []
    for each in providers:
        if group and _FEATURE_WIDTH + sum(map(_width, [*group, each])) > _WIDTH:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _table(providers: Sequence[ProviderFacts]) -> Iterator[str]:
    yield _row("", providers, [each.kind.kind for each in providers])
    for feature in Feature:
        yield _row(feature.value, providers, [_cell(each, feature) for each in providers])


def _row(label: str, providers: Sequence[ProviderFacts], cells: Sequence[str]) -> str:
    padded = (f"{' ' * _GAP}{cell:<{_width(each) - _GAP}}" for each, cell in zip(providers, cells, strict=True))
    return f"{label:<{_FEATURE_WIDTH}}{''.join(padded)}".rstrip()


def _cell(provider: ProviderFacts, feature: Feature) -> str:
    return _plain(_marked(provider, feature, "-"))


def _plain(text: str) -> str:
    return text.replace("`", "")


def _width(provider: ProviderFacts) -> int:
    return _GAP + max(len(provider.kind.kind), *(len(_cell(provider, feature)) for feature in Feature))


def _limits(provider: ProviderFacts) -> Iterator[str]:
    source = f" · package {provider.kind.distribution}" if provider.kind.distribution else ""
    yield f"{provider.kind.kind} · {provider.kind.title}{source}"
    for label, text in provider.limits():
        start, *rest = wrap(_plain(text), _WIDTH - _LABEL_WIDTH - _GAP)
        yield f"{' ' * _GAP}{label:<{_LABEL_WIDTH}}{start}".rstrip()
        yield from (f"{' ' * (_GAP + _LABEL_WIDTH)}{line}" for line in rest)
