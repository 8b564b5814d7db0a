"""How pydantic's JSON Schema is said more simply."""

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema


class SchemaGenerator(GenerateJsonSchema):
    """Leaves out what only says that a key may be left out: None as its default and as its value."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", "") in (None, [], {}):
            del made["default"]
        return made
