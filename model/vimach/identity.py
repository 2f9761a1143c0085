"""What a model is made of, as one word: workers and unfinished runs are held to it.

The word is made from the graph and the parameters, not from files: comments, layout and places change nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from vimach import units
from vimach.graph import Graph, Node
from vimach.parameters.table import ParameterTable

LENGTH = 16


def digest(graph: Graph, table: ParameterTable) -> str:
    """16 hexadecimal digits that change with any equation, dimension, start or number of the model."""
    unit_of = cache(units.text)
    nodes = [
        (node.op, [each.number for each in node.arguments], [dim.name for dim in node.dims], unit_of(node.unit))
        for node in graph.nodes
    ]
    payloads = [node.payload for node in graph.nodes]
    variables = [(name, variable.kind, variable.node.number) for name, variable in graph.variables.items()]
    rest = _plain((graph.dimensions, payloads, list(graph.states.values()), graph.delays, dict(table)))
    return word((nodes, variables, rest))


def word(plain: object) -> str:
    """16 hexadecimal digits for something whose repr says all of it."""
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:LENGTH]


def _plain(value: Any) -> Any:
    """`value` as tuples, texts and numbers; a node is its number, and what takes no part in comparing is left out."""
    if isinstance(value, Node):
        return value.number
    if is_dataclass(value):
        told = tuple((field.name, _plain(getattr(value, field.name))) for field in fields(value) if field.compare)
        return (type(value).__name__, *told)
    if isinstance(value, Mapping):
        return tuple((_plain(key), _plain(each)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_plain(each) for each in value)
    assert value is None or isinstance(value, str | int | float), f"{type(value).__name__} has no plain form"
    return value
