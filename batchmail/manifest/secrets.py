"""References to secrets: `{env: NAME}`, `{file: path}`, `{keyring: service/user}`.

A secret itself is never repeated, whatever stands there.
"""

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.alias_generators import to_snake
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from batchmail import rules
from batchmail.job import Route
from batchmail.manifest.faults import bad_value, fault, no_value, told
from batchmail.manifest.scalars import JsonSchema, scalar_of
from batchmail.manifest.tree import Mapping, Node, Scalar, Unreadable, in_workbook
from batchmail.manifest.wording import named
from batchmail.secret import Secret
from batchmail.wording import nearest

_TAKES = "a reference to a secret: {env: NAME}, {file: path} or {keyring: service/user}"
_SCHEMES = ("env", "file", "keyring")
#: What stands in a cell where somebody has copied it from a manifest in YAML.
_AS_IN_YAML = re.compile(r"\{\s*(?P<scheme>env|file|keyring)\s*:.*\}")
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_PATH = r"[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*"
_KEYRING = r"[^/\s][^/]*/.*\S"


@dataclass(frozen=True)
class SecretReference:
    """Reads a reference to a secret; a path begins at the manifest's folder."""

    def validate(self, node: object) -> Secret:
        """The reference at a node. Raises its fault."""
        match node:
            case Unreadable():
                raise told()
            case Scalar() if node.nothing:
                raise no_value(node, _takes(node))
            case Scalar() if node.in_cell and (found := _AS_IN_YAML.fullmatch(node.text)):
                raise bad_value(node, _takes(node), _row_hint(node, found["scheme"]), hidden=True)
            case Scalar():
                raise _literal(node)
            case Mapping(entries=entries) if len(entries) == 1:
                return _reference(node, *next(iter(entries.items())))
            case _:
                assert isinstance(node, Node)
                raise bad_value(node, _takes(node), "Write one of the three, and nothing beside it.", hidden=True)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {
            "description": "A reference to a secret, never the secret itself.",
            "oneOf": [
                _scheme("env", "The name of an environment variable.", f"^{_VARIABLE}$"),
                _scheme("file", "The path of a file with nothing but the secret.", r"\S"),
                _scheme("keyring", "An entry of the system's keyring, as `service/user`.", f"^{_KEYRING}$"),
            ],
        }


def _scheme(name: str, description: str, pattern: str) -> JsonSchema:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": description, "pattern": pattern}},
        "required": [name],
        "additionalProperties": False,
    }


def _reference(node: Mapping, scheme: str, value: Node) -> Secret:
    if scheme not in _SCHEMES:
        # The word itself may be the secret: {s3cr3t}.
        close = nearest(scheme, _SCHEMES)
        takes = _takes(node)
        raise bad_value(node, takes, f"Did you mean `{close}`?" if close else f"Write {takes}.", hidden=True)
    scalar = scalar_of(value, _takes(node), hidden=True)
    match scheme:
        case "env":
            _check(scalar, _VARIABLE, "the name of an environment variable: letters, digits and _")
            return Secret("env", scalar.text, node.where)
        case "file":
            _check(scalar, _PATH, "the path of a file")
            return Secret("file", str(node.where.path.parent / scalar.text), node.where)
        case _:
            _check(scalar, _KEYRING, "`service/user`")
            return Secret("keyring", scalar.text, node.where)


def _check(scalar: Scalar, pattern: str, takes: str) -> None:
    if not re.fullmatch(pattern, scalar.text):
        raise bad_value(scalar, takes, f"Write {takes}.", hidden=True)


def _literal(scalar: Scalar) -> PydanticCustomError:
    key = str(scalar.route[-1])
    hint = (
        f"Put it into an environment variable and write here  {key}: {{env: {_variable(scalar.route)}}}  or into a "
        f"file and write  {key}: {{file: path}}. Whoever has seen this manifest knows the secret: renew it."
    )
    if scalar.in_cell:
        hint = (
            f"Put it into an environment variable. {_row_hint(scalar, 'env')} "
            "Whoever has seen this workbook knows the secret: renew it."
        )
    message = f"{named(scalar)} holds the secret itself"
    return fault(rules.MANIFEST_LITERAL_SECRET.finding(message, scalar.where, hint))


def _takes(node: Node) -> str:
    """What is to be written for a reference, in YAML or in rows."""
    if not in_workbook(node):
        return _TAKES
    env, file, keyring = (named(node, scheme) for scheme in _SCHEMES)
    return f"a reference to a secret, in a row {env}, {file} or {keyring}"


def _row_hint(node: Node, scheme: str) -> str:
    meant = {"env": f"{_variable(node.route)} or the like", "file": "a path", "keyring": "service/user"}
    return f"Write {named(node, scheme)} into column A, and {meant[scheme]} into column B."


def _variable(route: Route) -> str:
    return to_snake(str(route[-1])).upper()
