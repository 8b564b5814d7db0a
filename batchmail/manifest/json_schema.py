"""The manifest's shape for editors: JSON Schema, draft 2020-12."""

from collections.abc import Mapping

from batchmail.job import ProviderShape, UnusableProvider
from batchmail.manifest.shape import manifest_type


def json_schema(shapes: Mapping[str, ProviderShape | UnusableProvider]) -> dict[str, object]:
    """The JSON Schema of a manifest whose provider has one of these shapes, keys not yet available included.

    Providers that cannot be used are left out.
    """
    from batchmail.manifest.schema_generator import SchemaGenerator  # noqa: PLC0415  no other command needs pydantic's

    made = manifest_type(shapes).model_json_schema(schema_generator=SchemaGenerator)
    return {"$schema": SchemaGenerator.schema_dialect, **made}
