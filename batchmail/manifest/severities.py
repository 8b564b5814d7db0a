"""How much the job's own findings matter: warnings and notes may be raised and lowered, errors never."""

from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from batchmail import rules
from batchmail.finding import Finding, Severity
from batchmail.manifest.faults import told
from batchmail.manifest.parts import findings_of, mapping_of
from batchmail.manifest.scalars import JsonSchema
from batchmail.manifest.tree import Node
from batchmail.manifest.wording import named, shown
from batchmail.wording import did_you_mean

_TAKES = "rules, each with error, warning or info"


@dataclass(frozen=True)
class RuleSeverities:
    """Reads a mapping of rules to severities."""

    def _entries(self, node: object, info: ValidationInfo) -> dict[str, Node]:
        entries = mapping_of(node, _TAKES).entries
        faults = [fault for value in entries.values() if (fault := _fault(value))]
        for fault in faults:
            findings_of(info).add(fault)
        if faults:
            raise told()
        return entries

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self._entries, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return {**handler(schema), "propertyNames": {"enum": _weighable()}}


def _weighable() -> list[str]:
    return sorted(rule.id for rule in rules.RULES.values() if rule.severity is not Severity.ERROR)


def _fault(value: Node) -> Finding | None:
    """What is wrong with the name of a rule."""
    name = str(value.route[-1])
    rule = rules.RULES.get(name)
    if rule is None:
        message = f"{named(value)}: there is no such rule"
        hint = did_you_mean(name, _weighable(), "`batchmail explain` lists all rules.")
    elif rule.severity is Severity.ERROR:
        message = f"{named(value)} is an error, and errors cannot be weighed otherwise"
        hint = "Take it out. `batchmail explain` lists the rules; those that are warnings or info may stand here."
    else:
        return None
    return rules.MANIFEST_BAD_VALUE.finding(message, value.key, hint, text=shown(name))
