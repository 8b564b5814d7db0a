"""Bodies in the manifest: a text, or the name of a file that holds it."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

from batchmail.job import TemplateText
from batchmail.manifest.faults import bad_value
from batchmail.manifest.parts import Part
from batchmail.manifest.scalars import JsonSchema, Template
from batchmail.manifest.tree import Scalar, Sequence
from batchmail.manifest.wording import named

_TEMPLATE = Template()
#: What no mail says, and what somebody writes who means a file.
_FILE_NAME = re.compile(r"\{\s*file\s*:.*\}|[^\s{}<>]+\.(html?|txt|mjml|md)", re.IGNORECASE)
_FILE = Template("the path of a file", blank=False)


class FileOfBody(Part):
    """A body that is kept in a file of its own."""

    file: Annotated[TemplateText, _FILE, Field(description="The file; a template.")]


@dataclass(frozen=True)
class InlineOrFile:
    """Reads a body: a text, or `{file: path}`."""

    takes: str = "a text, or {file: path}"

    def _read(self, node: object, of_file: ValidatorFunctionWrapHandler) -> object:
        if isinstance(node, Scalar) and node.in_cell and _FILE_NAME.fullmatch(node.text):
            hint = f"Write {named(node, 'file')} in column A for a body in a file of its own."
            raise bad_value(node, "the text itself", hint)
        return _TEMPLATE.validate(node) if isinstance(node, Scalar | Sequence) else of_file(node)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._read, handler.generate_schema(FileOfBody))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {"anyOf": [_TEMPLATE.json_schema(), handler(schema)]}
