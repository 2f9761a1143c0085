"""Bottlenecks: for each year and track, which limits bind, in how many members, and which cuts most.

A limit is one side of a `minimum` of the equations, or of the matching of posts and juniors, whose two sides are
compared in each region. It cuts its stage by the share of what the other side alone would let through; where two limits
share a stage, the smaller one is charged. Stocks are read at the end of the year, flows over it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.targets import Array
from vimach.analysis.variants import Run, with_more
from vimach.analysis.verdicts import FIRST_YEAR, SWITCHES, fixed
from vimach.fields import Label
from vimach.graph import Graph, Node, Variable
from vimach.scenario import Scenario
from vimach.simulate import Model

ALL, NONE = "all", "none"
FELT: Final = 0.01
"""Cut of a stage from which a limit is said to bind."""
COLUMNS: Final[Mapping[str, str]] = {
    "year": "calendar year",
    "track": "design, atp or fab",
    "structure": "all, or the position of one structural switch",
    "limit": "what binds; none: no limit cuts its stage by a hundredth",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "share": "share of members in which it cuts its stage by a hundredth or more; several can",
    "held_back": "mean cut of its stage",
    "first": "share of members in which it cuts most of all limits; with none they add up to 1",
}
LABELS: Final[Mapping[str, Label]] = {
    "places": Label("Places", "Chỉ tiêu tuyển sinh"),
    "lecturers": Label("Lecturers", "Giảng viên"),
    "laboratories": Label("Laboratories", "Phòng thí nghiệm"),
    "vacancies": Label("Entry posts", "Vị trí cho người mới"),
    "juniors": Label("Employable juniors", "Người mới đủ năng lực"),
    "mentors": Label("Mentors", "Người hướng dẫn"),
    "money": Label("Money", "Kinh phí"),
    "plants": Label("Plants and fabs", "Nhà máy"),
    NONE: Label("None", "Không"),
}
_ENTERING: Final = ("entering_dedicated", "entering_specialisation")
MENTORED: Final = "becoming_independent"
TERMS: Final[Mapping[str, str]] = {
    "entering_dedicated": "dedicated_places",
    "entering_specialisation": "specialisation_places",
    MENTORED: "mentors_available",
}
"""Equations whose `minimum` is taken apart -> a name that only the limiting side holds."""
NAMED: Final = (
    "taught_by_lecturers", "taught_in_laboratories", "chip_students", "teaching_adequacy", "intake_let_in",
    "novice_hires", "junior_reach", "posts_for_novices", "funded_share", "engineers", "job_seekers",
    "experienced_seekers", "atp_engineers_planned", "fab_engineers_wanted",
)  # fmt: skip
"""Variables that the other limits are read from."""


def bottlenecks(
    scenario: Scenario, run: Run, progress: Callable[[int], None] = lambda runs: None, first: int = FIRST_YEAR
) -> pd.DataFrame:
    """Which limit binds, by year, track and structure; columns as in COLUMNS.

    `run` must keep `records` of a model made by `taken_apart`. It is asked once for the ensemble as drawn, and once for
    each position of each structural switch.
    """
    structures = {ALL: scenario} | {
        f"{switch.parameter}={position}": with_more(scenario, [fixed(switch.parameter, position)])
        for switch in SWITCHES
        for position in (0, 1)
    }
    rows = []
    for structure, each in structures.items():
        data = run(each)
        progress(1)
        cuts = _cuts(data)
        rows += [row | {"structure": structure} for row in _rows(data, cuts, first)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {name: place for place, name in enumerate(structures)}
    return table.sort_values("structure", key=lambda column: column.map(order), kind="stable", ignore_index=True)


def runs_of_bottlenecks() -> int:
    """How many runs a table of bottlenecks takes."""
    return 1 + 2 * len(SWITCHES)


def records() -> list[str]:
    """The variables that a table of bottlenecks is read from."""
    return [*NAMED, *TERMS, *(name for equation in TERMS for name in _names(equation))]


def taken_apart(model: Model) -> Model:
    """The model with two more variables for each equation in TERMS: what it would give by either side of its `minimum`.

    It runs to the same bits.
    """
    graph = copy(model.graph)
    graph.nodes, graph.variables, graph._known = list(graph.nodes), dict(graph.variables), dict(graph._known)
    for equation, name in TERMS.items():
        whole = graph.variables[equation].node
        minimum, limiting, other = sides(model.graph, equation, name)
        for title, side in zip(_names(equation), (limiting, other), strict=True):
            node = _put(graph, whole, minimum, side)
            graph.variables[title] = Variable(title, "auxiliary", node, f"{equation} by one side of its minimum alone.")
    return replace(model, graph=graph)


def sides(graph: Graph, equation: str, name: str) -> tuple[Node, Node, Node]:
    """The `minimum` of an equation of which one side alone depends on `name`; that side, and the other.

    ValueError if the equation has none.
    """
    own = graph.variables[equation].node
    named = {variable.node.number: key for key, variable in graph.variables.items()}
    for node in _inside(own, set(named)):
        if node.op == "minimum":
            holds = [_reads(side, name, named) for side in node.arguments]
            if holds.count(True) == 1:
                limiting, other = node.arguments if holds[0] else node.arguments[::-1]
                return node, limiting, other
    raise ValueError(f"{equation} has no minimum of which one side alone names {name}")


def _put(graph: Graph, node: Node, old: Node, new: Node) -> Node:
    """`node` with `new` in the place of `old`, wherever it stands below."""
    if node is old:
        return new
    arguments = tuple(_put(graph, below, old, new) for below in node.arguments)
    if all(one is other for one, other in zip(arguments, node.arguments, strict=True)):
        return node
    return graph.make(node.op, arguments, node.dims, node.unit, node.payload)


def _inside(node: Node, stops: set[int]) -> Iterator[Node]:
    """The nodes of one equation: down to, but not into, other variables."""
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        yield each
        stack.extend(below for below in each.arguments if below.number not in stops)


def _reads(side: Node, name: str, named: Mapping[int, str]) -> bool:
    return any(
        named.get(below.number) == name or below.payload == name
        for node in _inside(side, set(named))
        for below in (node, *node.arguments)
    )


def _names(equation: str) -> tuple[str, str]:
    return f"{equation}_limit", f"{equation}_otherwise"


# what each limit cuts, by year, track and member


def _cuts(data: xr.Dataset) -> dict[str, Array]:
    """The share that each limit cuts of its stage: shape (years, tracks, members)."""
    ends = data["edge"].to_numpy()[1:]
    years, tracks = len(ends), list(data["track"].to_numpy())

    def of(name: str, *kept: str) -> Array:
        """A variable as (years, *kept, members), summed over all else."""
        values = data[name]
        time = "period" if "period" in values.dims else "edge"
        if time == "edge":
            values = values.sel(edge=ends)
        values = values.sum([dim for dim in values.dims if dim not in (time, "member", *kept)])
        return np.asarray(values.transpose(time, *kept, "member").values, dtype=np.float64)

    def everywhere(cut: Array) -> Array:
        return np.broadcast_to(cut[:, None, :], (years, len(tracks), cut.shape[-1]))

    entering, wanted = (
        np.sum([of(name) for name in names], axis=0)
        for names in (_ENTERING, [_names(equation)[1] for equation in _ENTERING])
    )
    lecturers, laboratories = of("taught_by_lecturers", "region"), of("taught_in_laboratories", "region")
    students, let_in = of("chip_students", "region"), of("intake_let_in", "region")
    untaught = students * (1.0 - of("teaching_adequacy", "region") * let_in)
    scarce = lecturers < laboratories
    hires, posts = of("novice_hires", "region", "track"), of("posts_for_novices", "region", "track")
    reach = of("junior_reach", "region", "track")
    few_posts = posts < reach
    mentored, unlimited = (of(name, "track") for name in (MENTORED, _names(MENTORED)[1]))
    people = of("engineers", "track") + of("job_seekers", "track") + of("experienced_seekers", "track")
    jobs = people.copy()  # in design no plant limits anything
    for track, name in (("atp", "atp_engineers_planned"), ("fab", "fab_engineers_wanted")):
        jobs[:, tracks.index(track)] = of(name)
    return {
        "places": everywhere(_part(wanted - entering, wanted)),
        "lecturers": everywhere(_part((untaught * scarce).sum(axis=1), students.sum(axis=1))),
        "laboratories": everywhere(_part((untaught * ~scarce).sum(axis=1), students.sum(axis=1))),
        "vacancies": _part(((reach - hires) * few_posts).sum(axis=1), reach.sum(axis=1)),
        "juniors": _part(((posts - hires) * ~few_posts).sum(axis=1), posts.sum(axis=1)),
        "mentors": _part(unlimited - mentored, unlimited),
        "money": everywhere(1.0 - of("funded_share")),
        "plants": _part(np.maximum(people - jobs, 0.0), people),
    }


def _part(part: Array, whole: Array) -> Array:
    """part / whole, and nothing where there is no whole."""
    there = whole > 0.0
    return np.where(there, part / np.where(there, whole, 1.0), 0.0)


def _rows(data: xr.Dataset, cuts: Mapping[str, Array], first: int) -> Iterable[dict[str, object]]:
    every = np.stack(list(cuts.values()))  # limits, years, tracks, members
    felt = every >= FELT
    worst = np.where(felt.any(axis=0), np.argmax(every, axis=0), len(cuts))
    names: Sequence[str] = [*cuts, NONE]
    for year_at, year in enumerate(data["period"].to_numpy().tolist()):
        for track_at, track in enumerate(data["track"].to_numpy().tolist()) if year >= first else ():
            for number, name in enumerate(names):
                where = (number, year_at, track_at)
                known = {"share": np.nan, "held_back": np.nan}
                if name != NONE:
                    known = {"share": float(felt[where].mean()), "held_back": float(every[where].mean())}
                about = {"year": int(year), "track": str(track), "limit": name}
                about |= {"label_en": LABELS[name].en, "label_vi": LABELS[name].vi}
                yield about | known | {"first": float((worst[year_at, track_at] == number).mean())}
