"""The names of the model as a reader meets them: where each is declared, what it needs, who needs it, and loops.

Names are what equations call one another; labels are not told apart, so a loop on names may lie in some labels only.
"""

import ast
import inspect
import textwrap
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vimach.declarations import Declarations, collect
from vimach.graph import Graph, Node, State, Variable
from vimach.structure import Chain, Memory, Part, Shadow, Stock, Tally

FINISHING = "_finishing"


@dataclass(frozen=True)
class Names:
    """The names that `modules`, files of equations and places, declare and the `graph` made of them."""

    graph: Graph
    modules: Sequence[Any]

    @cached_property
    def declared(self) -> Declarations:
        """Places, equations and starts by name."""
        return collect(*self.modules)

    @cached_property
    def _place_names(self) -> dict[int, str]:
        return {id(place): name for name, place in self.declared.places.items()}

    @cached_property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """What each name is computed from or, for a state, changed by."""
        return {name: tuple(dict.fromkeys(self._needs(variable))) for name, variable in self.graph.variables.items()}

    @cached_property
    def users(self) -> dict[str, tuple[str, ...]]:
        """Who needs each name; for a number that gives a start, the state that starts with it."""
        found: dict[str, list[str]] = {}
        for name, needed in self.needs.items():
            for other in (*needed, *self._start_names(name)):
                found.setdefault(other, []).append(name)
        return {name: tuple(dict.fromkeys(users)) for name, users in found.items()}

    def starts(self, name: str) -> list[Any]:
        """The functions that give a stock, or parts of it, their start."""
        return [f for f in self.declared.initials if self._target(f) == name]

    def _target(self, function: Any) -> str:
        target = function.vimach.target
        return self._place_names[id(target.whole if isinstance(target, Part) else target)]

    def _start_names(self, name: str) -> Iterator[str]:
        for function in self.starts(name):
            yield from inspect.signature(function).parameters

    def _needs(self, variable: Variable) -> Iterator[str]:
        state = self.graph.states.get(variable.name)
        place = self.declared.places.get(variable.name)
        if isinstance(place, Part):
            yield from _changing(self.graph.states[self._place_names[id(place.whole)]], place, self.graph)
            return
        if state and isinstance(place, Stock | Shadow):
            yield from _changing(state, None, self.graph)
        match place:
            case Chain(through=time):
                yield time
            case Shadow(of=stock, through=time):
                yield from (self._place_names[id(stock)], time)
            case Memory(of=source, over=time, initial=start):
                yield from (source, time, start)
            case Tally(of=source, since=since):
                yield from (source, since) if isinstance(since, str) else (source,)
            case None:
                yield from variable.uses
                chain = self.declared.places.get(variable.name.removesuffix(FINISHING))
                if variable.name.endswith(FINISHING) and isinstance(chain, Chain):
                    yield chain.through

    # what is written

    def place(self, name: str) -> str:
        """file:line of the declaration, or "" for what no page declares."""
        if name in self.declared.equations:
            return self.graph.variables[name].place
        found = self._statements.get(name)
        return f"{found[0]}:{found[1].lineno}" if found else ""

    def equation(self, name: str) -> str:
        """The equation as its author wrote it, without the docstring; for a place, its declaration."""
        if name in self.declared.equations:
            return body(self.declared.equations[name])
        if name.endswith(FINISHING):
            return self._finishing(name.removesuffix(FINISHING))
        found = self._statements.get(name)
        return ast.unparse(found[1]) if found else ""

    def _finishing(self, stock: str) -> str:
        match self.declared.places.get(stock):
            case Chain(through=time, stages=stages):
                return f"last stage of {stock} * {stages} / {time}"
            case _:
                return f"last year of {stock}, all of it in the step of promotion"

    @cached_property
    def _statements(self) -> dict[str, tuple[str, ast.stmt]]:
        """The file and the statement that assigns each name of a module."""
        found: dict[str, tuple[str, ast.stmt]] = {}
        for module in self.modules:
            for statement in ast.parse(inspect.getsource(module)).body:
                for target in statement.targets if isinstance(statement, ast.Assign) else []:
                    for node in ast.walk(target):
                        if isinstance(node, ast.Name):
                            found[node.id] = f"{module.__name__.replace('.', '/')}.py", statement
        return found

    # loops

    def loops(self, name: str) -> list[tuple[str, ...]]:
        """For each direct user of `name` the shortest way back to it, shortest first, each set of members once."""
        found: dict[frozenset[str], tuple[str, ...]] = {}
        for user in self.users.get(name, ()):
            way = self._way(user, name)
            if way:
                found.setdefault(frozenset(way), (name, *way))
        return sorted(found.values(), key=len)

    def _way(self, start: str, end: str) -> tuple[str, ...]:
        """The shortest chain of users from `start` to `end`, both included; () if there is none."""
        before: dict[str, str] = {start: ""}
        queue = deque([start])
        while queue:
            name = queue.popleft()
            if name == end:
                way = [name]
                while before[way[-1]]:
                    way.append(before[way[-1]])
                return tuple(reversed(way))
            for user in self.users.get(name, ()):
                if user not in before and name in self.needs.get(user, ()):
                    before[user] = name
                    queue.append(user)
        return ()

    # limits

    def limits(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        """Each `minimum` within two steps of `name` that it takes part in: where, and the competing terms."""
        near = self.users.get(name, ())
        steps = [(user, {name}) for user in near]
        steps += [(user, {first}) for first in near for user in self.users.get(first, ()) if user != name]
        found: dict[tuple[str, tuple[str, ...]], None] = {}
        for user, tracked in steps:
            if user in self.declared.equations:
                for terms in minima(self.declared.equations[user], tracked):
                    found[user, terms] = None
        return list(found)

    def meeting(self, name: str, limit: str) -> tuple[str, tuple[str, ...]]:
        """The nearest equation on the way from `name` that reads `limit`, and the terms of its `minimum` over it.

        An equation with such a `minimum` is preferred; ("", ()) if none on the way reads the limit.
        """
        seen, queue, beside = {name}, deque([name]), ""
        while queue:
            for user in self.users.get(queue.popleft(), ()):
                if user in seen:
                    continue
                seen.add(user)
                queue.append(user)
                if user in self.declared.equations and limit in self.needs[user]:
                    terms = next(minima(self.declared.equations[user], {limit}), ())
                    if terms:
                        return user, terms
                    beside = beside or user
        return beside, ()


def _changing(state: State, part: Part | None, graph: Graph) -> Iterator[str]:
    """The flows that change a state, or a part of it."""
    wanted = dict(part.where) if part else {}
    for change in state.changes:
        where = dict(change.where)
        apart = any(dimension in where and where[dimension] != label for dimension, label in wanted.items())
        if change.flow in graph.variables and not apart:
            yield change.flow


def _definition(function: Any) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def body(function: Any) -> str:
    """The statements of an equation without its docstring, as they stand in the file."""
    source = textwrap.dedent(inspect.getsource(function))
    statements = [s for s in _definition(function).body if not _is_docstring(s)]
    lines = source.splitlines()[statements[0].lineno - 1 : statements[-1].end_lineno] if statements else []
    return textwrap.dedent("\n".join(line.removesuffix("  # fmt: skip") for line in lines))


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def minima(function: Any, tracked: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The terms of every `minimum` of an equation that has one of the `tracked` names in a term."""
    known: dict[str, ast.expr] = {}
    wanted = set(tracked)
    for statement in _definition(function).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            known[statement.targets[0].id] = _Written(known).visit(statement.value)
        if isinstance(statement, ast.Return) and statement.value:
            whole = _Written(known).visit(statement.value)
            for call in ast.walk(whole):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "minimum":
                    names = {node.id for term in call.args for node in ast.walk(term) if isinstance(node, ast.Name)}
                    if names & wanted:
                        yield tuple(ast.unparse(term) for term in call.args)


class _Written(ast.NodeTransformer):
    """Puts in place of an equation's own short names what they stand for."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, node)


def dimensions(node: Node) -> str:
    """The dimensions of a value in words."""
    return " x ".join(dimension.name for dimension in node.dims)
