"""The scenario file as a JSON Schema, so that an editor completes names and marks what is wrong while one writes.

Made from the parameter table: names, units, ranges, dimensions, and which of value, raise_to and lower_to a parameter
takes. What a schema cannot say (units that convert, a scenario that extends itself) `vimach validate` still checks.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from vimach.parameters.table import Parameter, ParameterTable
from vimach.paths import PATHS, Constant, Table
from vimach.scenario import LAWS
from vimach.values import ALL, FIRST_YEAR, LAST_YEAR, Labels

FILE: Final = "scenario.schema.json"

Schema = dict[str, Any]
_NUMBER: Final = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_AMOUNT: Final = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": rf"^\s*{_NUMBER}(\s*(%|1\s*/|[A-Za-z]).*)?$"}],
    "description": "A number, alone in the parameter's unit or with a unit: 0.85, 85 %, 260 person/year.",
}
_YEAR: Final = {"type": "number", "minimum": FIRST_YEAR, "maximum": LAST_YEAR, "description": "2031.0 is end 2030"}
_TEXT: Final = {"type": "string", "pattern": r"\S"}


def schema(
    table: ParameterTable, dimensions: Labels, scenarios: Iterable[str], told: Callable[[Parameter], str]
) -> str:
    """The schema (draft 2020-12) as JSON text.

    `scenarios` are the names that `extends` may take beside files; `told` describes a parameter to the writer.
    """
    shapes: dict[str, Schema] = {"amount": dict(_AMOUNT), "year": dict(_YEAR), "text": dict(_TEXT), "path": _path()}
    settings = {
        name: {"description": told(parameter), **_setting(parameter, dimensions, shapes)}
        for name, parameter in sorted(table.items())
    }
    word = {"anyOf": [{"enum": list(scenarios)}, {"type": "string", "pattern": r"\.ya?ml$|/"}]}
    whole: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vimach scenario",
        "type": "object",
        "additionalProperties": False,
        "required": ["because"],
        "properties": {
            "extends": {
                "anyOf": [word, {"type": "array", "items": word}],
                "description": "The scenario or scenarios that this one builds upon: a name, or a path.",
            },
            "title": {
                "type": "object",
                "additionalProperties": False,
                "required": ["en", "vi"],
                "properties": {"en": _ref("text"), "vi": _ref("text")},
            },
            "because": _ref("text") | {"description": "What the scenario is for."},
            "set": {"type": ["object", "null"], "additionalProperties": False, "properties": settings},
        },
        "$defs": dict(sorted(shapes.items())),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _path() -> Schema:
    """A path over time, one of the words of `paths`."""
    kinds = []
    for word, kind in PATHS.items():
        inside: Schema
        if word == Constant.word:
            inside = _ref("amount")
        elif word == Table.word:
            inside = {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": r"^\d{4}(\.\d*)?$"},
                "additionalProperties": _ref("amount"),
            }
        else:
            names = [field.name for field in fields(kind)]
            properties = {name: _ref("amount" if name == "to" else "year") for name in names}
            inside = {"type": "object", "additionalProperties": False, "required": names, "properties": properties}
        one: Schema = {"type": "object", "additionalProperties": False, "required": [word]}
        kinds.append(one | {"properties": {word: inside}})
    return {"anyOf": kinds}


def _values(names: tuple[str, ...], dimensions: Labels, shapes: dict[str, Schema]) -> Schema:
    """A number, a path, or one of these by label; kept once for each list of dimensions."""
    plain: list[Schema] = [_ref("amount"), _ref("path")]
    if not names:
        shapes.setdefault("values", {"anyOf": plain})
        return _ref("values")
    key = "values_by_" + "_and_".join(names)
    if key not in shapes:
        inner = _values(names[1:], dimensions, shapes)
        labels = dict.fromkeys((ALL, *dimensions[names[0]]), inner)
        by_label = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": labels}
        shapes[key] = {"anyOf": [*plain, by_label]}
    return _ref(key)


def _setting(parameter: Parameter, dimensions: Labels, shapes: dict[str, Schema]) -> Schema:
    low, high = parameter.range
    # bounds hold for plain numbers alone, and a number alone is in the parameter's unit
    value = {**_values(parameter.dimensions, dimensions, shapes), "minimum": low, "maximum": high}
    laws = LAWS if parameter.lever else LAWS[:1]
    properties: dict[str, Any] = dict.fromkeys(laws, value)
    properties |= {"because": _ref("text"), "certain": {"type": "boolean"}}
    found: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["because"] if parameter.lever else ["because", LAWS[0]],
        "properties": properties,
    }
    if parameter.lever:
        exactly: Mapping[str, Any] = {"required": ["certain"], "properties": {"certain": {"const": True}}}
        found["oneOf"] = [{"required": [law], **(exactly if law == LAWS[0] else {})} for law in laws]
    return found
