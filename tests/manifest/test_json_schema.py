"""The JSON Schema tells editors what the loader takes: the same keys, defaults and words."""

import json
import re
from collections.abc import Iterator, Mapping

import pytest
import yaml

from batchmail.job import SendSpec
from batchmail.manifest import json_schema
from tests.manifest.desk import MINIMAL, SHAPES, Desk
from tests.manifest.test_loading import WHOLE

SCHEMA = json_schema(SHAPES)

#: Every key of the manifest, by the part that it stands in.
KEYS = {
    "": "version name edition provider recipients message send findings report",
    "recipients": "file rows sheet header encoding key where duplicates fields suppress",
    "recipients fields *": "type format required unique pattern min max choices",
    "message": "to cc bcc from replyTo subject body text textFromHtml inlineCss contentType userName isSaveSentMail "
    "isSaveTracking isSendSeparately securityLevel attachments headers listUnsubscribe",
    "message body": "file",
    "message text": "file",
    "message listUnsubscribe": "url mailto oneClick",
    "message attachments []": "path filename fileType cid optional several shared",
    "send": "concurrency rate attempts timeout combine canary stopAfter",
    "send stopAfter": "rejected inDoubt",
}

Schema = Mapping[str, object]


def as_schema(value: object) -> Schema:
    assert isinstance(value, Mapping), value
    return value


def alternatives(schema: Schema) -> Iterator[Schema]:
    """A schema without references, or those that it lets choose from."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        yield from alternatives({**as_schema(as_schema(SCHEMA["$defs"])[name]), **without(schema, "$ref")})
    elif choices := schema.get("oneOf") or (schema.get("anyOf") if "type" not in schema else None):
        assert isinstance(choices, list)
        for choice in choices:
            yield from alternatives({**as_schema(choice), **without(schema, "oneOf", "anyOf")})
    else:
        yield schema


def without(schema: Schema, *keys: str) -> dict[str, object]:
    return {key: value for key, value in schema.items() if key not in keys}


def at(path: str) -> list[Schema]:
    """The schemas of a part: `*` goes into a mapping with free keys, `[]` into a list."""
    found: list[Schema] = [SCHEMA]
    for step in path.split():
        key = {"*": "additionalProperties", "[]": "items"}.get(step)
        found = [
            choice
            for schema in found
            for inner in [schema.get(key) if key else as_schema(schema.get("properties", {})).get(step)]
            if inner is not None
            for choice in alternatives(as_schema(inner))
        ]
    return found


def objections(value: object, schema: Schema, path: str = "") -> Iterator[str]:
    """What a schema has against a value, as far as our schema goes; YAML's own types count."""
    choices = list(alternatives(schema))
    if len(choices) > 1:
        told = [list(objections(value, choice, path)) for choice in choices]
        if all(told):
            yield min(told, key=len)[0]
        return
    schema = choices[0]
    if "enum" in schema and value not in list(schema["enum"]):  # type: ignore[call-overload]  # a list of words
        yield f"{path}: {value} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value} is not {schema['const']}"
    match value:
        case dict():
            yield from object_objections(value, schema, path)
        case list():
            if schema["type"] != "array":
                yield f"{path}: a list"
            else:
                for item in value:
                    yield from objections(item, as_schema(schema["items"]), f"{path}[]")
        case _:
            yield from scalar_objections(value, schema, path)


def object_objections(value: Mapping[str, object], schema: Schema, path: str) -> Iterator[str]:
    if schema["type"] != "object":
        yield f"{path}: keys"
        return
    known, free = as_schema(schema.get("properties", {})), schema["additionalProperties"]
    required = schema.get("required", [])
    assert isinstance(required, list)
    yield from (f"{path}: {key} is missing" for key in required if key not in value)
    for key, inner in value.items():
        if key in known:
            yield from objections(inner, as_schema(known[key]), f"{path} {key}")
        elif free is False:
            yield f"{path}: {key} is not known"
        else:
            yield from objections(inner, as_schema(free), f"{path} {key}")


def scalar_objections(value: object, schema: Schema, path: str) -> Iterator[str]:
    types: dict[object, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(each in types and isinstance(value, types[each]) for each in wanted):
        yield f"{path}: {value!r} is not {wanted}"
    if isinstance(value, str) and "pattern" in schema and not re.search(str(schema["pattern"]), value):
        yield f"{path}: {value!r} does not match"
    if type(value) is int and "minimum" in schema:
        low, high = schema["minimum"], schema.get("maximum", value)
        assert isinstance(low, int)
        assert isinstance(high, int)
        if not low <= value <= high:
            yield f"{path}: {value} is out of range"


def test_it_is_json_of_draft_2020_12() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("part", KEYS)
def test_every_key_of_the_manifest_is_in_it_and_no_other(part: str) -> None:
    objects = [schema for schema in at(part) if schema.get("type") == "object"]
    assert len(objects) == 1
    assert set(as_schema(objects[0]["properties"])) == set(KEYS[part].split())
    assert objects[0]["additionalProperties"] is False


def test_every_key_is_described_and_has_its_own_name_for_a_title() -> None:
    for part, keys in KEYS.items():
        for key in keys.split():
            for schema in at(f"{part} {key}"):
                assert schema.get("description"), f"{part} {key}"
                assert schema["title"] == key


def test_every_provider_has_its_settings_in_it() -> None:
    post, pigeon = at("provider")
    assert set(as_schema(post["properties"])) == {
        *("kind", "userId", "accessToken", "consent", "baseUrl", "plan", "attachmentLimit", "port", "doors"),
        *("checkCertificates", "downgrade", "drafts", "archive"),
    }
    assert as_schema(as_schema(post["properties"])["kind"])["enum"] == ["post"]
    assert (post["required"], pigeon["required"]) == (["kind"], ["kind", "loft", "ringNumber"])
    assert {key for choice in at("provider accessToken") for key in as_schema(choice["properties"])} == {
        "env",
        "file",
        "keyring",
    }
    assert at("provider plan")[0]["enum"] == ["paid", "free"]


def test_nothing_in_it_may_be_null() -> None:
    assert '"null"' not in json.dumps(SCHEMA)
    assert "null" not in re.findall(r'"default": (\w+)', json.dumps(SCHEMA))


def test_the_defaults_in_it_are_those_of_the_job(desk: Desk) -> None:
    def defaults(part: str) -> Iterator[str]:
        for key, schema in as_schema(at(part)[0]["properties"]).items():
            if "default" in as_schema(schema):
                yield f"{key}: {json.dumps(as_schema(schema)['default'])}"

    written = {part: list(defaults(part)) for part in ("provider", "recipients", "message", "send")}
    assert {part: len(lines) for part, lines in written.items()} == {
        "provider": 8,
        "recipients": 2,
        "message": 7,
        "send": 4,
    }
    plain = desk.load(MINIMAL).whole
    assert desk.with_lines("provider", *written["provider"]).whole.provider.settings == plain.provider.settings
    assert desk.with_lines("send", *written["send"]).whole.send == SendSpec()
    assert desk.with_lines("recipients", *written["recipients"]).whole.recipients.encoding == "auto"
    message = desk.with_lines("message", *written["message"]).whole.message
    assert (message.content_type, message.save_sent, message.save_tracking, message.send_separately) == (
        plain.message.content_type,
        plain.message.save_sent,
        plain.message.save_tracking,
        plain.message.send_separately,
    )
    assert message.security_level == plain.message.security_level


@pytest.mark.parametrize("text", [MINIMAL, WHOLE])
def test_it_has_nothing_against_a_good_manifest(text: str) -> None:
    assert list(objections(yaml.safe_load(text), SCHEMA)) == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("version: 1", "version: 2"),
        ("name: invoices", "name: my invoices"),
        ("kind: post", "kind: pots"),
        ("  to:", "  too:"),
        ("subject: Hello", "subject: [Hello]"),
        ("subject: Hello", "subject: Hello\n  isSendSeparately: maybe"),
        ("subject: Hello", "subject: Hello\n  contentType: htm"),
        ("subject: Hello", "subject: Hello\nsend: {concurrency: 257}"),
        ("subject: Hello", "subject: Hello\nsend: {timeout: 120}"),
        ("subject: Hello", "subject: Hello\nsend: {rate: [200/minute]}"),
        ("kind: post", "kind: post\n  accessToken: s3cr3t"),
        ("kind: post", "kind: post\n  attachmentLimit: 20 MB"),
        ("kind: post", "kind: post\n  baseUrl: ftp://example.com"),
    ],
)
def test_what_the_loader_refuses_it_refuses_too(desk: Desk, written: str, instead: str) -> None:
    text = MINIMAL.replace(written, instead)
    assert desk.load(text).findings.blocking
    assert list(objections(yaml.safe_load(text), SCHEMA))


def test_recipients_have_a_file_or_rows() -> None:
    assert at("recipients")[0]["anyOf"] == [{"required": ["file"]}, {"required": ["rows"]}]
