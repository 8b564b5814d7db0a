"""The manifest's shape for editors: JSON Schema, draft 2020-12."""

from collections.abc import Mapping

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema

from batchmail.job import ProviderShape, UnusableProvider
from batchmail.manifest.shape import manifest_type


class _Generator(GenerateJsonSchema):
    """Leaves out what only says that a key may be left out: None as its default and as its value."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", "") in (None, [], {}):
            del made["default"]
        return made


def json_schema(shapes: Mapping[str, ProviderShape | UnusableProvider]) -> dict[str, object]:
    """The JSON Schema of a manifest whose provider has one of these shapes, keys not yet available included.

    Providers that cannot be used are left out.
    """
    made = manifest_type(shapes).model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, **made}
