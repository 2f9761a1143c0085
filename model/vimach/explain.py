"""What is known of one name of the model, as plain data in the order in which a reader wants it.

Nothing here runs the model: values are central, and verdicts on targets are left to a run.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vimach import units, wording
from vimach.errors import BadInput, Place, Problem, nearest
from vimach.graph import State, Variable
from vimach.kernels.array import is_rate
from vimach.names import Names, body, dimensions
from vimach.parameters.table import Lever, Parameter, Target, UnitCost

if TYPE_CHECKING:
    from vimach.simulate import Model

NOT_KEPT = "not kept when the row was collected"
"""What is told of a passage that the evidence does not hold."""
MOST_LOOPS = 8
Facts = dict[str, Any]


class Witness(Protocol):
    """A row of the evidence, as far as it is told here."""

    @property
    def quantity(self) -> str: ...
    @property
    def segment(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def year(self) -> float: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def source_title(self) -> str: ...
    @property
    def source_url(self) -> str: ...
    @property
    def published_as(self) -> str: ...
    @property
    def grade(self) -> str: ...
    @property
    def words_read(self) -> str: ...
    @property
    def rung(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def origin(self) -> Place: ...


Evidence = Mapping[str, Witness]


def explain(name: str, model: "Model", targets: Sequence[Target], evidence: Evidence, names: Names) -> Facts:
    """All that is known of a variable, parameter, lever or target; BadInput with the nearest name if there is none.

    `names` are those of the model's graph and of the modules that it was traced from; `evidence` holds the rows by id.
    """
    aims = {target.name: target for target in targets}
    if name in model.table:
        return _parameter(model.table[name], names, evidence)
    if name in model.graph.variables:
        return _variable(model.graph.variables[name], names, model, targets)
    if name in aims:
        return _target(aims[name], evidence)
    known = [*model.graph.variables, *model.table, *aims, *evidence]
    message = "no variable, parameter, target or row of the evidence has this name"
    raise BadInput(Problem(message, None, name, nearest(name, known)))


# variables


def _variable(variable: Variable, names: Names, model: "Model", targets: Sequence[Target]) -> Facts:
    name = variable.name
    facts = {
        "name": name,
        "kind": variable.kind,
        "meaning": " ".join(variable.meaning.split()),
        "unit": units.text(variable.node.unit),
        "recorded": "summed over each calendar year" if is_rate(variable) else "at the end of each year",
        "dimensions": dimensions(variable.node),
        "stands in": names.place(name),
        "flows": "from {} to {}".format(*variable.route) if variable.route else "",
        "equation": names.equation(name),
        "inputs": [_input(other, model) for other in _written_inputs(variable, names)],
        "changed by": _changes(names.graph.states.get(name)),
        "starts as": [f"{body(start)}" for start in names.starts(name)],
        "used by": list(names.users.get(name, ())),
        "targets": [f"{target.name}: {_aim(target)}" for target in targets if target.variable == name],
        **_loops(name, names),
    }
    return {key: fact for key, fact in facts.items() if fact}


def _written_inputs(variable: Variable, names: Names) -> Sequence[str]:
    """What the equation names; for a state, what is not a flow that changes it."""
    changes = {change.flow for change in names.graph.states[variable.name].changes} if (
        variable.name in names.graph.states and variable.kind not in ("memory", "tally")) else set()  # fmt: skip
    found = variable.uses if variable.kind == "part" else names.needs[variable.name]
    return [name for name in found if name not in changes]


def _input(name: str, model: "Model") -> Facts:
    parameter = model.table.get(name)
    if parameter is not None:
        return {"name": name, "value": wording.measured(wording.value(parameter), parameter.unit), "kind": "parameter"}
    variable = model.graph.variables[name]
    return {"name": name, "value": wording.unit(units.text(variable.node.unit)), "kind": variable.kind}


def _changes(state: State | None) -> list[str]:
    if state is None or state.kind in ("memory", "tally"):
        return []
    found: dict[str, None] = {}
    for change in state.changes:
        where = ", ".join(label for _, label in change.where)
        found[f"{'+' if change.sign > 0 else '-'} {change.flow}" + (f"  ({where})" if where else "")] = None
    return list(found)


def _loops(name: str, names: Names) -> Facts:
    """The loops through a name; those of a stock and one flow of its own are told in one line."""
    loops = names.loops(name)
    short = [loop[1] for loop in loops if len(loop) == 3]
    long = [" > ".join(loop) for loop in loops if len(loop) > 3]
    more = [f"and {len(long) - MOST_LOOPS} more"] if len(long) > MOST_LOOPS else []
    return {"direct loops": short, "feedback loops": long[:MOST_LOOPS] + more}


# parameters and levers


def _parameter(parameter: Parameter, names: Names, evidence: Evidence) -> Facts:
    name = parameter.name
    readers = [*names.users.get(name, ())]
    facts = {
        "name": name,
        "kind": "lever" if parameter.lever else "parameter",
        "label": parameter.label.en,
        "label vi": parameter.label.vi,
        "value": wording.value(parameter),
        "unit": parameter.unit,
        "range": wording.range_(parameter),
        "drawn": wording.distribution(parameter),
        "dimensions": " x ".join(parameter.dimensions),
        "grade": parameter.grade,
        "judgment": parameter.judgment,
        "note": parameter.note,
        "counting": "a reading of a definition, not a fact" if parameter.counting else "",
        "announced": _announced(parameter),
        "stands in": str(parameter.place),
        **_lever(parameter, names),
        "read by": [{"name": reader, "meaning": _meaning(reader, names)} for reader in readers],
        "sources": _sources(parameter.source, evidence),
    }
    return {key: fact for key, fact in facts.items() if fact}


def _announced(parameter: Parameter) -> str:
    """What the law of announcements has to do with the number."""
    if parameter.announced:
        return f"{parameter.announced}; counts as far and as late as announcements of this kind came about"
    return f"says how much of what is announced ({parameter.realises}) comes about" if parameter.realises else ""


def _meaning(name: str, names: Names) -> str:
    variable = names.graph.variables[name]
    return " ".join(variable.meaning.split()) or variable.kind


def _lever(parameter: Parameter, names: Names) -> Facts:
    lever = parameter.lever
    if lever is None:
        return {}
    limits = [_smaller(where, terms) for where, terms in names.limits(parameter.name)]
    stated = [move for move in lever.moves if move.held_by]
    limits += [_held(parameter.name, limit, names) for limit in dict.fromkeys(move.held_by for move in stated)]
    return {
        "status": lever.status.replace("_", " "),
        "decided by": lever.decided_by.en,
        "instrument": lever.instrument,
        "first year": f"{lever.first_year:g}",
        "unit cost": unit_cost(lever.unit_cost),
        "moves": moving(lever),
        "held by": list(dict.fromkeys(limits)) or ["no minimum within two steps"],
    }


def moving(lever: Lever) -> list[str]:
    """What a lever moves, in words, scenario by scenario."""
    told: dict[str, list[str]] = {}
    for move in lever.moves:
        how = f"not, held by {move.held_by}" if move.since is None else f"{move.direction} from {move.since:g}"
        told.setdefault(move.at, []).append(f"{move.output} {how}")
    return [f"{at}: {'; '.join(moves)}" for at, moves in told.items()]


def _held(lever: str, limit: str, names: Names) -> str:
    """Where a lever meets a limit that it is stated to be held by."""
    where, terms = names.meeting(lever, limit)
    return _smaller(where, terms) if terms else f"{where}: beside {limit}"


def _smaller(where: str, terms: Sequence[str]) -> str:
    return f"{where}: the smaller of " + " and ".join(f"({term})" for term in terms)


def unit_cost(cost: UnitCost) -> str:
    """What one unit of a lever costs, in words, or why nothing."""
    if cost.none:
        return f"none: {cost.none}"
    if cost.parameter:
        return f"the parameter {cost.parameter}"
    origin = ", ".join(cost.source) or f"judgment: {cost.judgment}"
    return f"{wording.measured(wording.number(cost.value or 0.0), cost.unit or '')} ({origin})"


# targets


def _target(target: Target, evidence: Evidence) -> Facts:
    facts = {
        "name": target.name,
        "kind": "target",
        "label": target.label.en,
        "label vi": target.label.vi,
        "asks for": _aim(target),
        "variable": target.variable,
        "rung": target.rung,
        "note": target.note,
        "stands in": str(target.place),
        "verdict": "not computed here; `vimach run baseline` gives the probability",
        "sources": _sources(target.source, evidence),
    }
    return {key: fact for key, fact in facts.items() if fact}


def _aim(target: Target) -> str:
    return f"{wording.measured(wording.number(target.value), target.unit)} by {wording.edge(target.by)}"


# evidence


def row_named(word: str, evidence: Evidence) -> str:
    """The id of the row that `word` names, or ""; BadInput if it is the beginning of several.

    A word copied from a page may hold the invisible spaces at which it breaks, and end in dots where it was cut.
    """
    name = word.replace("\N{ZERO WIDTH SPACE}", "").replace("\N{HORIZONTAL ELLIPSIS}", "...")
    if name in evidence:
        return name
    begun = [row for row in evidence if row.startswith(name.removesuffix("..."))] if name.endswith("...") else []
    if len(begun) > 1:
        raise BadInput(Problem(f"{len(begun)} rows of the evidence begin so: {', '.join(begun)}", None, name))
    return begun[0] if begun else ""


def explain_row(
    name: str, evidence: Evidence, model: "Model", targets: Sequence[Target], counted: Mapping[str, Sequence[str]]
) -> Facts:
    """All that is known of a row of the evidence, and what rests on it.

    `counted` says for each way in which counts are used, such as "likelihood", which terms of it hold the row; it may
    say on which "rung" the row is counted where the row itself does not.
    """
    row = evidence[name]
    sourced = [parameter.name for parameter in model.table.values() if name in parameter.source]
    sourced += [target.name for target in targets if name in target.source]
    return {
        "name": name,
        "kind": "row of the evidence",
        "quantity": f"{row.quantity} ({row.segment}), {row.place}",
        "date": f"{row.year:g}",
        "value": amount(row),
        "what it is": row.kind,
        "rung": row.rung or "none",
        "grade": row.grade,
        "who": row.source_title,
        "published": row.published_as or "undated",
        "address": row.source_url or "none",
        "words read": row.words_read or NOT_KEPT,
        "note": row.note or "none",
        "stands in": str(row.origin),
        "source of": ", ".join(sourced) or "no parameter or target",
        "series": "none",
    } | {way: "; ".join(terms) or "does not use it" for way, terms in counted.items()}


def _sources(ids: Sequence[str], evidence: Evidence) -> list[Facts]:
    return [_source(row, evidence.get(row)) for row in ids]


def _source(row: str, witness: Witness | None) -> Facts:
    if witness is None:
        return {"id": row, "quantity": "no row of the evidence has this id"}
    return {
        "id": row,
        "quantity": f"{witness.quantity} ({witness.segment}), {witness.place}, {witness.year:g}: {amount(witness)}",
        "who": witness.source_title,
        "when": witness.published_as or "undated",
        "words read": witness.words_read or NOT_KEPT,
        "grade": witness.grade,
        "address": witness.source_url,
    }


def amount(witness: Witness) -> str:
    """The number of a row: a value, a range, or "at least"."""
    value, low, high = witness.value, witness.low, witness.high
    if value is not None and low == value and high is None:
        text = f"at least {wording.number(value)}"
    elif value is not None:
        text = wording.number(value)
    else:
        text = " to ".join(wording.number(end) for end in (low, high) if end is not None)
    return wording.measured(text, witness.unit)
