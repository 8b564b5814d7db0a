"""The manifest's whole type: the schema, completed by the providers that there are."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field, create_model

from batchmail.job import ProviderShape, UnusableProvider
from batchmail.manifest.schema import Manifest
from batchmail.manifest.settings import provider_choice


def manifest_type(
    shapes: Mapping[str, ProviderShape | UnusableProvider], kinds: Iterable[str] | None = None
) -> type[Manifest]:
    """The type of manifests whose provider has one of these shapes; `kinds` are those to be read, None for all."""
    described = Field(description="Through whom the mails are sent.")
    provider = Annotated[object, provider_choice(shapes, kinds), described]
    return create_model("Manifest", __base__=Manifest, __doc__=Manifest.__doc__, provider=(provider, ...))
