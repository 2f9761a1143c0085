"""Twenty-five faults that a model of this kind is likely to have.

Each is a small edit: of an equation's text, of how flows are booked, or of what a scenario makes of the numbers.
With it stand the checks that see it: every check under one fault, where there are several under one few checks see.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
    makes other inputs. `seen_by` names checks that fail under it."""

    what: str
    equation: str = ""
    old: str = ""
    new: str = ""
    wiring: Callable[[Graph], None] | None = None
    drawing: Callable[[Model, Checklist, Given], Given] | None = None
    seen_by: tuple[str, ...] = field(kw_only=True)

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
    "leavers_short": Fault(
        "of those who leave a stock one in a thousand stays in it", wiring=_short,
        seen_by=("independents_add_up", "seniors_add_up", "leads_add_up", "students_add_up",
                 "relabelled_students_add_up", "dedicated_students_add_up", "late_students_add_up", "masters_add_up",
                 "doctoral_candidates_add_up", "lecturers_add_up", "trained_lecturers_add_up", "trainees_add_up",
                 "intense_students_add_up", "intense_bonds_add_up", "intense_graduates_add_up",
                 "juniors_looking_add_up", "converted_looking_add_up", "experienced_looking_add_up",
                 "engineers_abroad_add_up", "returners_looking_add_up", "technicians_add_up", "firms_add_up",
                 "laboratories_add_up", "money_adds_up")),
    "hires_twice": Fault(
        "a flow counted twice: first jobs enter twice", wiring=_booked_twice("starting_work"),
        seen_by=("engineers_add_up", "novices_add_up")),
    "intense_from_nowhere": Fault(
        "one side of a flow dropped: INTENSE takes nobody from home",
        wiring=_booked_on_one_side("leaving_for_intense", +1),
        seen_by=("graduates_add_up", "people_add_up", "intense_lowers_employment_first")),
    "leavers_stay_counted": Fault(
        "those who quit stay in the count by tenure", wiring=_booked_on_one_side("quitting", +1, "shadow"),
        seen_by=("tenure_adds_up", "retained_are_employed", "newcomers_are_not_retained", "people_stay_if_paid")),
    "counts_backwards": Fault(
        "a swapped sign: counts run backwards", wiring=_backwards,
        seen_by=("no_stock_is_negative", "first_jobs_are_counted_once", "count_a_lies_in_b", "count_b_lies_in_c",
                 "count_c_lies_in_d", "relabelled_lie_in_a", "counts_never_fall", "only_new_degree_holders_count",
                 "no_money_fewer_trained", "money_that_lapses_helps_nobody", "no_conversion_fewer_at_work",
                 "accelerated_trains_more")),
    "base_date_forgotten": Fault(
        "counts begin with the run", wiring=_base_date_forgotten,
        seen_by=("nothing_is_counted_before_the_base_date",)),
    "year_skipped": Fault(
        "a delay lost: dedicated studies and bonds begin with their second year", wiring=_year_skipped,
        seen_by=("four_years_are_four_years", "intense_of_2027_bound_until_2031")),
    "settings_ignored": Fault(
        "levers without effect: every scenario is the baseline", drawing=_settings_ignored,
        seen_by=("few_technicians_are_few", "lines_wait_for_technicians", "seats_without_jobs_lower_placement",
                 "unlimited_demand_takes_all", "no_conversion_nobody_converted", "no_related_nobody_related",
                 "no_related_fewer_at_work", "teams_without_seniors", "no_entry_firms_decline",
                 "no_entry_no_young_firms", "faster_permits_bring_firms", "faster_permits_bring_plants_forward",
                 "late_plants_are_late", "intense_of_2027_free_in_2031", "people_come_home_if_paid",
                 "lecturers_stay_if_paid", "scholarships_draw_applicants", "curricula_follow_posts")),
    "dates_ignored": Fault(
        "a delay lost: every decision acts from the start of the run", drawing=_dates_ignored,
        seen_by=("accelerated_changes_no_past",)),
    "luck_of_its_own": Fault(
        "each scenario draws its own luck", drawing=_luck_of_its_own,
        seen_by=("intense_before_it_began", "the_same_is_the_same")),
    "hires_beyond_posts": Fault(
        "a limit lost: every junior within reach is hired, half of them twice", "novice_hires",
        "junior_reach * matched_share(reach, posts_for_novices, matching_sharpness)", "junior_reach * 1.5",
        seen_by=("no_more_juniors_hired_than_posts", "no_more_juniors_hired_than_within_reach", "no_plants_no_jobs",
                 "few_jobs_few_placed")),
    "lateral_hires_beyond_posts": Fault(
        "a limit lost: everybody with experience is hired", "experienced_match_share",
        "matched_share(experienced_reach, posts_for_experienced, matching_sharpness)",
        "power(matched_share(experienced_reach, posts_for_experienced, matching_sharpness), 0)",
        seen_by=("no_more_experienced_hired_than_posts", "courses_without_jobs_lower_placement", "teams_need_seniors")),
    "posts_counted_twice": Fault(
        "a doubled count: posts for novices are offered to the experienced too", "posts_for_experienced",
        "(1 - novice_post_share)", "1",
        seen_by=("no_more_posts_advertised_than_opened",)),
    "quitters_replaced_twice": Fault(
        "a doubled count: who quits is replaced twice", "replacement_demand",
        "quitting + total(emigrating, HOST),", "quitting + quitting + total(emigrating, HOST),",
        seen_by=("replacement_is_what_leaves", "replacement_in_detail_adds_up")),
    "technicians_are_engineers": Fault(
        "the wrong stock: one in eight technicians is counted at each level of each track", "employed_in_sector",
        "(engineers: People) -> People:\n",
        "(engineers: People, technicians: People) -> People:\n    engineers = engineers + technicians / 8\n",
        seen_by=("the_target_gap_in_detail_adds_up", "tracks_make_the_sector", "technicians_are_no_engineers",
                 "all_emigrate_nobody_left")),
    "senior_joiners_twice": Fault(
        "a flow counted twice: who joins as a senior joins as an independent too", "joining_as_independent",
        "experienced_match_share * (1 - lateral_senior_share)", "experienced_match_share * 1",
        seen_by=("moves_between_firms_are_no_hires", "books_balance_with_luck")),
    "lapsing_turned": Fault(
        "a swapped sign: what is disbursed lapses again", "lapsing", "- disbursing", "+ disbursing",
        seen_by=("money_is_spent_or_lapses", "what_is_not_absorbed_lapses")),
    "upskilling_counts": Fault(
        "a factor lost: upskilling of the sector's own staff is counted", "completing_net_new",
        "conversion_net_new_share * conversion_degree_share", "1",
        seen_by=("upskilling_is_no_conversion",)),
    "places_do_not_limit": Fault(
        "a limit lost: all who apply to dedicated programmes enter", "entering_dedicated",
        "minimum(dedicated_applicants * intake_let_in, dedicated_places * students_region_share)",
        "dedicated_applicants * 1",
        seen_by=("no_more_enter_than_places", "no_more_enter_than_apply", "seats_without_jobs_discourage")),
    "larger_teaching_limit": Fault(
        "the wrong one of two: the larger limit of teaching holds", "teaching_capacity",
        "minimum(taught", "maximum(taught",
        seen_by=("lecturers_or_laboratories_limit", "laboratories_limit", "no_teachers_no_skills")),
    "larger_money_limit": Fault(
        "the wrong one of two: what is wanted is spent if it is more", "disbursing", "minimum(", "maximum(",
        seen_by=("no_flow_runs_backwards", "no_more_is_spent_than_is_wanted", "no_money_no_programme",
                 "nothing_negative_with_luck")),
    "learning_too_fast": Fault(
        "a factor doubled: novices learn twice as fast", "becoming_independent",
        "/ time_to_independent", "/ time_to_independent * 2",
        seen_by=("mentors_limit_learning", "more_seniors_more_learners", "many_mentors_do_not_limit",
                 "novices_are_never_outrun")),
    "share_above_one": Fault(
        "a clip lost: more than all of the programme is funded", "funded_share", "minimum(1", "minimum(2",
        seen_by=("shares_are_shares",)),
    "plants_grow_in_number": Fault(
        "a clip lost: a plant is one more each quarter", "plant_running", "opened = minimum(1,", "opened = minimum(4,",
        seen_by=("plants_are_plants", "plants_are_counted_once", "unlimited_demand_pays_more", "a_trough_takes_jobs")),
    "pay_without_curve": Fault(
        "a table lost: pay follows tightness itself", "novice_pay_wanted",
        "lookup(ratio(posts, reach, 1), pay_by_tightness)", "ratio(posts, reach, 1)",
        seen_by=("pay_stays_in_its_curve",)),
}  # fmt: skip
