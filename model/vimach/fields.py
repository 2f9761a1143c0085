"""What the fields of a YAML block may hold, as pydantic types, and pydantic's complaints as problems with places."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass, is_pydantic_dataclass

from vimach.errors import BadInput, Place, Problem, nearest
from vimach.units import unit
from vimach.values import decimal_year, number
from vimach.yaml_reader import Block, Listing, Node, Scalar

Shape = TypeVar("Shape")

STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _text(given: Any) -> Any:
    if isinstance(given, str) and not given.strip():
        raise ValueError("is blank; write a text")
    return given


def _number(given: Any) -> Any:
    return number(given) if isinstance(given, str) else given


def _year(given: Any) -> Any:
    return decimal_year(given) if isinstance(given, str) else given


def _flag(given: Any) -> Any:
    if isinstance(given, str) and given not in ("true", "false"):
        raise ValueError(f"{given!r} is neither true nor false" if given else "is empty; write true or false")
    return given == "true" if isinstance(given, str) else given


def is_unit(text: str) -> bool:
    """Whether `text` names a unit."""
    try:
        return bool(text.strip()) and unit(text) is not None
    except BadInput:
        return False


def _unit(given: Any) -> Any:
    if isinstance(_text(given), str):
        try:
            unit(given)
        except BadInput as error:
            raise ValueError(str(error)) from error
    return given


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[float, BeforeValidator(_number)]
Year = Annotated[float, BeforeValidator(_year)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Unit = Annotated[str, BeforeValidator(_unit)]
Listed = Annotated[tuple[Text, ...], BeforeValidator(_listed)]  # a text stands for a list of one


@dataclass(frozen=True, config=STRICT)
class Label:
    """A name to print, in English and Vietnamese."""

    en: Text
    vi: Text


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def fill(
    shape: type[Shape], node: Node, key: str, problems: list[Problem], holder: Place | None = None
) -> Shape | None:
    """`node` as a pydantic dataclass `shape`; None if it does not fit, and all that is wrong goes to `problems`.

    `key` is put before the keys of the problems; `holder` is the place of the key that holds `node`, where missing
    fields are reported.
    """
    try:
        adapter: TypeAdapter[Shape] = _adapter(cast(Any, shape))
        return adapter.validate_python(plain(node))
    except ValidationError as error:
        problems += [_problem(complaint, shape, node, key, holder or node.place) for complaint in error.errors()]
        return None


def plain(node: Node) -> Any:
    """The node as dict, list and str."""
    if isinstance(node, Block):
        return {entry.key.text: plain(entry.value) for entry in node.entries}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return node.text


def _problem(complaint: Mapping[str, Any], shape: Any, node: Node, key: str, holder: Place) -> Problem:
    kind, location = complaint["type"], complaint["loc"]
    names = [key] if key else []
    found, place = node, holder
    for part in location:
        entry = found.entry(part) if isinstance(found, Block) else None
        if entry:
            place, found = entry.key.place, entry.value
            names.append(part)
        elif isinstance(found, Listing) and isinstance(part, int) and part < len(found.items):
            found = found.items[part]
            place = found.place
            names[-1] = f"{names[-1]}[{part}]" if names else f"[{part}]"
    if kind == "missing" and isinstance(found, Block):
        return Problem("is missing", place, ".".join([*names, str(location[-1])]))
    if kind == "unexpected_keyword_argument":
        known = _known(shape, location[:-1])
        return Problem(f"unknown key; known: {', '.join(known)}", place, ".".join(names), nearest(location[-1], known))
    suggestion = nearest(str(complaint["input"]), _options(complaint)) if kind == "literal_error" else ""
    return Problem(_message(complaint, found), found.place, ".".join(names), suggestion)


def _options(complaint: Mapping[str, Any]) -> list[str]:
    """The values that a literal field allows."""
    return str(complaint["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")


def _message(complaint: Mapping[str, Any], node: Node) -> str:
    found = "nothing" if isinstance(node, Scalar) and not node.text else node.kind
    match complaint["type"]:
        case "value_error":
            return str(complaint["ctx"]["error"])
        case "dataclass_type" | "dict_type":
            return f"{found} where a mapping (lines of `key: value`) belongs"
        case "list_type" | "tuple_type":
            return f"{found} where a list belongs; write [a, b]"
        case "string_type":
            return f"{found} where a text belongs"
        case "float_type" | "bool_type" | "int_type":
            return f"{found} where {'true or false' if complaint['type'] == 'bool_type' else 'a number'} belongs"
        case "literal_error":
            written = "is empty" if found == "nothing" else f"{complaint['input']!r} is not allowed"
            return f"{written}; write {complaint['ctx']['expected'].replace(chr(39), '')}"
        case "missing" | "too_short" | "too_long":
            return "has too few or too many items"
        case _:
            return str(complaint["msg"])


def _known(shape: Any, location: tuple[Any, ...]) -> list[str]:
    """The keys of the block at `location` inside a pydantic dataclass."""
    block = _block(shape)
    for part in location:
        for name, field in getattr(block, "__pydantic_fields__", {}).items():
            if part == (field.alias or name):
                block = _block(field.annotation)
    return [field.alias or name for name, field in getattr(block, "__pydantic_fields__", {}).items()]


def _block(annotation: Any) -> Any:
    """The pydantic dataclass inside an annotation such as tuple[Move, ...] or Label | None."""
    if isinstance(annotation, type) and is_pydantic_dataclass(annotation):
        return annotation
    return next(filter(None, map(_block, get_args(annotation))), None)
