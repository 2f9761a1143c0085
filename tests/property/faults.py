"""Twenty-five faults that a model of this kind is likely to have.

Each is a small edit: of an equation's text, of how flows are booked, or of what a scenario makes of the numbers.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vimach.analysis.proving import LUCK, SEED, Column, drawn, schedule
from vimach.analysis.statements import Checklist
from vimach.dry_run import dry_run
from vimach.ensemble import Block, inputs
from vimach.graph import Change, Graph
from vimach.kernels.array import Inputs
from vimach.paths import Ramp, Step
from vimach.scenario import Override
from vimach.sectors import MODULES
from vimach.simulate import Model

Given = dict[Column, Inputs]


@dataclass(frozen=True)
class Fault:
    """One fault. Of an equation: `old` is replaced by `new` in its text. Else `wiring` changes the graph, or `drawing`
    makes other inputs."""

    what: str
    equation: str = ""
    old: str = ""
    new: str = ""
    wiring: Callable[[Graph], None] | None = None
    drawing: Callable[[Model, Checklist, Given], Given] | None = None

    def model(self, sound: Model) -> Model:
        """The model with the fault in its equations or wiring, the sound one if the fault is not there."""
        if self.drawing:
            return sound
        graph = dry_run([self._edited(module) for module in MODULES], sound.table)
        if self.wiring:
            self.wiring(graph)
        return replace(sound, graph=graph)

    def given(self, model: Model, checklist: Checklist, sound: Given) -> Given:
        """The inputs, faulty or not."""
        return self.drawing(model, checklist, sound) if self.drawing else sound

    def _edited(self, module: Any) -> Any:
        """The module as a mapping, with the faulty equation in it."""
        if not hasattr(module, self.equation):
            return module
        source = inspect.getsource(getattr(module, self.equation))
        assert source.count(self.old) == 1, f"{self.equation} no longer says {self.old!r} once; write the fault anew"
        names = dict(vars(module))
        exec(source.replace(self.old, self.new), names)
        return {name: value for name, value in names.items() if not name.startswith("__")}


# wiring


def _short(graph: Graph) -> None:
    for state in graph.states.values():
        if state.kind == "stock":
            state.changes = [replace(c, node=c.node * 0.999) if c.sign < 0 else c for c in state.changes]


def _booked_twice(flow: str) -> Callable[[Graph], None]:
    def wiring(graph: Graph) -> None:
        for state in graph.states.values():
            state.changes += [c for c in state.changes if c.flow == flow and c.sign > 0 and state.kind == "stock"]

    return wiring


def _booked_on_one_side(flow: str, kept: int, kind: str = "stock") -> Callable[[Graph], None]:
    def wiring(graph: Graph) -> None:
        for state in graph.states.values():
            if state.kind == kind:
                state.changes = [c for c in state.changes if c.flow != flow or c.sign == kept]

    return wiring


def _backwards(graph: Graph) -> None:
    for state in graph.states.values():
        if state.kind == "tally":
            state.changes = [replace(change, sign=-1) for change in state.changes]


def _base_date_forgotten(graph: Graph) -> None:
    for state in graph.states.values():
        if state.kind == "tally":
            state.changes = [replace(change, node=change.node.arguments[0]) for change in state.changes]


def _year_skipped(graph: Graph) -> None:
    def later(change: Change) -> Change:
        if change.sign < 0 or change.flow not in ("entering_dedicated", "beginning_bond"):
            return change
        return replace(change, where=tuple((d, "2" if d.name.endswith("_year") else one) for d, one in change.where))

    for state in graph.states.values():
        state.changes = [later(change) for change in state.changes]


# what a scenario makes of the numbers


def _settings_ignored(model: Model, checklist: Checklist, sound: Given) -> Given:
    return {column: sound["baseline", column[1]] for column in sound}


def _dates_ignored(model: Model, checklist: Checklist, sound: Given) -> Given:
    def early(override: Override) -> Override:
        path = override.path
        return replace(override, path=Step(path.to, 2015.0)) if isinstance(path, Step | Ramp) else override

    scenarios = {
        name: replace(scenario, overrides=tuple(map(early, scenario.overrides)))
        for name, scenario in checklist.scenarios.items()
    }
    return {column: drawn(model, scenarios[column[0]], column[1]) for column in sound}


def _luck_of_its_own(model: Model, checklist: Checklist, sound: Given) -> Given:
    made = dict(sound)
    for number, (name, luck) in enumerate(sound):
        if luck:
            block = Block(SEED + number, 0, LUCK)
            scenario = checklist.scenarios[name]
            made[name, luck] = inputs(model.table, model.graph.dimensions, scenario, block, schedule())
    return made


FAULTS: Mapping[str, Fault] = {
    "leavers_short": Fault("of those who leave a stock one in a thousand stays in it", wiring=_short),
    "hires_twice": Fault("a flow counted twice: first jobs enter twice", wiring=_booked_twice("starting_work")),
    "intense_from_nowhere": Fault(
        "one side of a flow dropped: INTENSE takes nobody from home",
        wiring=_booked_on_one_side("leaving_for_intense", +1),
    ),
    "leavers_stay_counted": Fault(
        "those who quit stay in the count by tenure", wiring=_booked_on_one_side("quitting", +1, "shadow")
    ),
    "counts_backwards": Fault("a swapped sign: counts run backwards", wiring=_backwards),
    "base_date_forgotten": Fault("counts begin with the run", wiring=_base_date_forgotten),
    "year_skipped": Fault(
        "a delay lost: dedicated studies and bonds begin with their second year", wiring=_year_skipped
    ),
    "settings_ignored": Fault("levers without effect: every scenario is the baseline", drawing=_settings_ignored),
    "dates_ignored": Fault("a delay lost: every decision acts from the start of the run", drawing=_dates_ignored),
    "luck_of_its_own": Fault("each scenario draws its own luck", drawing=_luck_of_its_own),
    "hires_beyond_posts": Fault(
        "a limit lost: every junior within reach is hired, half of them twice", "novice_hires",
        "junior_reach * matched_share(reach, posts_for_novices, matching_sharpness)", "junior_reach * 1.5"),
    "lateral_hires_beyond_posts": Fault(
        "a limit lost: everybody with experience is hired", "experienced_match_share",
        "matched_share(experienced_reach, posts_for_experienced, matching_sharpness)",
        "power(matched_share(experienced_reach, posts_for_experienced, matching_sharpness), 0)"),
    "posts_counted_twice": Fault(
        "a doubled count: posts for novices are offered to the experienced too", "posts_for_experienced",
        "(1 - novice_post_share)", "1"),
    "quitters_replaced_twice": Fault(
        "a doubled count: who quits is replaced twice", "replacement_demand",
        "quitting + total(emigrating, HOST),", "quitting + quitting + total(emigrating, HOST),"),
    "technicians_are_engineers": Fault(
        "the wrong stock: one in eight technicians is counted at each level of each track", "employed_in_sector",
        "(engineers: People) -> People:\n",
        "(engineers: People, technicians: People) -> People:\n    engineers = engineers + technicians / 8\n"),
    "senior_joiners_twice": Fault(
        "a flow counted twice: who joins as a senior joins as an independent too", "joining_as_independent",
        "experienced_match_share * (1 - lateral_senior_share)", "experienced_match_share * 1"),
    "lapsing_turned": Fault(
        "a swapped sign: what is disbursed lapses again", "lapsing", "- disbursing", "+ disbursing"),
    "upskilling_counts": Fault(
        "a factor lost: upskilling of the sector's own staff is counted", "completing_net_new",
        "conversion_net_new_share * conversion_degree_share", "1"),
    "places_do_not_limit": Fault(
        "a limit lost: all who apply to dedicated programmes enter", "entering_dedicated",
        "minimum(dedicated_applicants * intake_let_in, dedicated_places * students_region_share)",
        "dedicated_applicants * 1"),
    "larger_teaching_limit": Fault(
        "the wrong one of two: the larger limit of teaching holds", "teaching_capacity",
        "minimum(taught", "maximum(taught"),
    "larger_money_limit": Fault(
        "the wrong one of two: what is wanted is spent if it is more", "disbursing", "minimum(", "maximum("),
    "learning_too_fast": Fault(
        "a factor doubled: novices learn twice as fast", "becoming_independent",
        "/ time_to_independent", "/ time_to_independent * 2"),
    "share_above_one": Fault(
        "a clip lost: more than all of the programme is funded", "funded_share", "minimum(1", "minimum(2"),
    "plants_grow_in_number": Fault(
        "a clip lost: a plant is one more each quarter", "plant_running", "opened = minimum(1,", "opened = minimum(4,"),
    "pay_without_curve": Fault(
        "a table lost: pay follows tightness itself", "novice_pay_wanted",
        "lookup(ratio(posts, reach, 1), pay_by_tightness)", "ratio(posts, reach, 1)"),
}  # fmt: skip
