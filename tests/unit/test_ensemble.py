"""Draws: what each member gets, and what a scenario makes of it."""

from pathlib import Path

import numpy as np
import pytest

from vimach.ensemble import CENTRAL, Block, Sample, calendar, inputs
from vimach.graph import Dimension
from vimach.kernels.array import Array, Inputs, Schedule
from vimach.parameters.table import ParameterTable, read_parameters
from vimach.scenario import Scenario, read_scenario

from .small_models import TRACK

DOOR = Dimension("door", ("front", "back", "side"))
LABELS = {dim.name: dim.labels for dim in (TRACK, DOOR)}
SCHEDULE = Schedule(2026.0, 1 / 16, 64, (0, 64))
MANY = Block(1017, 0, 400)

HEAD = "label: {en: x, vi: x}, judgment: a number for a test, grade: J"
NUMBERS = f"""
delay_time: {{{HEAD}, unit: month, value: 24, range: [12, 60], distribution: {{family: lognormal, p05: 18, p95: 32}}}}
odd: {{{HEAD}, unit: '1', value: 0.7, range: [0, 5], distribution: {{family: normal, p05: 0.4, p95: 1.1}}}}
drift: {{{HEAD}, unit: '1', value: 0, range: [-5, 5], distribution: {{family: normal, p05: -1, p95: 1}}}}
fixed_share: {{{HEAD}, unit: percent, value: 40, range: [0, 100], certain: a definition}}
by_track: {{{HEAD}, unit: '1', dimensions: [track], value: {{design: 2, atp: 4}}, range: [0, 20],
  factor: {{family: lognormal, p05: 0.5, p95: 2}}}}
apart: {{{HEAD}, unit: '1', dimensions: [track], value: {{all: 1}}, range: [0, 20], independent: true,
  factor: {{family: lognormal, p05: 0.5, p95: 2}}}}
noise: {{{HEAD}, unit: '1', value: 1, range: [0, 20], redrawn: yearly,
  distribution: {{family: lognormal, p05: 0.5, p95: 2}}}}
built: {{{HEAD}, unit: '1', dimensions: [track], value: {{design: 0.3, atp: 1}}, range: [0, 1], chance: true,
  independent: true}}
turned: {{{HEAD}, unit: '1', dimensions: [door, track], value: {{front: {{design: 1, atp: 2}},
  back: {{design: 3, atp: 4}}, side: {{design: 5, atp: 6}}}}, range: [0, 20], certain: a test}}
rising: {{{HEAD}, unit: '1', value: {{table: {{2026.0: 1, 2030.0: 5}}}}, range: [0, 20],
  factor: {{family: lognormal, p05: 0.5, p95: 2}}}}
seats: {{{HEAD}, unit: person/year, value: 100, range: [0, 400],
  distribution: {{family: lognormal, p05: 70, p95: 140}},
  lever: {{status: law, decided_by: {{en: x, vi: x}}, instrument: a test, first_year: 2027,
    moves: [{{output: seats, direction: up, from: 2028, at: baseline}}], unit_cost: {{none: a test}}}}}}
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ParameterTable:
    folder = tmp_path_factory.mktemp("parameters")
    (folder / "numbers.yaml").write_text(NUMBERS, encoding="utf-8")
    return read_parameters(folder)


class Drawing:
    """Inputs of blocks under scenarios given as --set texts."""

    def __init__(self, table: ParameterTable, file: Path) -> None:
        file.write_text("because: nothing is changed\n", encoding="utf-8")
        self.table, self.file = table, file

    def scenario(self, *settings: str) -> Scenario:
        return read_scenario(self.file, self.table, LABELS, settings)

    def inputs(self, *settings: str, block: Block = MANY, schedule: Schedule = SCHEDULE) -> Inputs:
        return inputs(self.table, [TRACK, DOOR], self.scenario(*settings), block, schedule)

    def __call__(self, name: str, *settings: str, block: Block = MANY) -> Array:
        given = self.inputs(*settings, block=block)
        return given.fixed[name] if name in given.fixed else given.varying[name]


@pytest.fixture
def drawn(table: ParameterTable, tmp_path: Path) -> Drawing:
    return Drawing(table, tmp_path / "test.yaml")


# what a member draws


def test_draws_have_the_quantiles_that_were_declared_in_base_units(drawn: Drawing) -> None:
    years = drawn("delay_time")
    assert years.shape == (400,)
    assert np.quantile(years, [0.05, 0.5, 0.95]) == pytest.approx(np.array([18, 24, 32]) / 12, rel=0.05)
    assert years.min() >= 1.0
    assert years.max() <= 5.0


def test_a_certain_number_is_the_same_for_all_and_in_its_base_unit(drawn: Drawing) -> None:
    assert drawn("fixed_share").tolist() == [0.4]


def test_the_central_run_takes_every_central_value(drawn: Drawing) -> None:
    block = Block(1017, CENTRAL, 1)
    assert drawn("delay_time", block=block).tolist() == [2.0]
    assert drawn("by_track", block=block).tolist() == [[2.0], [4.0]]
    assert np.unique(drawn("noise", block=block)).tolist() == [1.0]
    assert drawn("rising", block=block)[[0, 32, 64], 0].tolist() == [1.0, 3.0, 5.0]


def test_one_draw_for_all_labels_unless_they_are_independent(drawn: Drawing) -> None:
    by_track, apart = drawn("by_track"), drawn("apart")
    assert by_track[1] == pytest.approx(2 * by_track[0], rel=1e-15)
    assert abs(np.corrcoef(apart)[0, 1]) < 0.15


def test_a_draw_each_year_holds_within_the_year_and_is_new_in_the_next(drawn: Drawing) -> None:
    noise = drawn("noise")
    years = noise[:64].reshape(4, 16, 400)
    assert np.array_equal(years, np.broadcast_to(years[:, :1], years.shape))
    assert abs(np.corrcoef(years[0, 0], years[1, 0])[0, 1]) < 0.15
    assert np.quantile(years[:, 0], [0.05, 0.5, 0.95]) == pytest.approx([0.5, 1.0, 2.0], rel=0.1)


def test_a_yearly_draw_does_not_depend_on_when_the_run_begins(drawn: Drawing) -> None:
    later = drawn.inputs(schedule=Schedule(2028.0, 1 / 16, 16, (0, 16))).varying["noise"]
    assert np.array_equal(later[0], drawn("noise")[32])


def test_chance_is_a_yes_or_no_with_the_probability_declared(drawn: Drawing) -> None:
    built = drawn("built")
    assert set(np.unique(built)) == {0.0, 1.0}
    assert built[0].mean() == pytest.approx(0.3, abs=0.07)
    assert built[1].min() == 1.0


def test_doubt_about_a_chance_is_shared_by_all_labels_and_luck_is_not(tmp_path: Path) -> None:
    text = f"built: {{{HEAD}, unit: '1', dimensions: [track], value: {{all: 0.4}}, range: [0, 1], chance: true, "
    text += "factor: {family: lognormal, p05: 0.1, p95: 2}, independent: true}"
    (tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    drawing = Drawing(read_parameters(tmp_path), tmp_path / "test.yaml")
    built = drawing("built")
    assert set(np.unique(built)) == {0.0, 1.0}
    assert built.mean() == pytest.approx(0.4, abs=0.06)
    assert 0.15 < np.corrcoef(built)[0, 1] < 0.7, "members with a high chance build both, but not always"
    assert drawing("built", block=Block(1017, CENTRAL, 1)).tolist() == [[0.4], [0.4]]
    assert drawing("built", "built={value: 1, certain: true}").min() == 1.0


def test_a_chance_of_nobody_knows_what_is_neither_yes_nor_no(table: ParameterTable, tmp_path: Path) -> None:
    sample = Sample(1017, np.arange(3), {"built/design": np.array([0.2, np.nan, 0.9])})
    scenario = Drawing(table, tmp_path / "test.yaml").scenario()
    found = inputs(table, [TRACK, DOOR], scenario, Block(1017, 0, 3), SCHEDULE, sample=sample).fixed["built"]
    assert np.isnan(found).tolist() == [[False, True, False], [False] * 3]


def test_dimensions_stand_in_the_order_of_the_model_whatever_order_the_file_has(drawn: Drawing) -> None:
    assert drawn("turned")[..., 0].tolist() == [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]


@pytest.mark.parametrize("first", [0, 1, 123, 399])
def test_blocks_made_anywhere_give_the_same_numbers(drawn: Drawing, first: int) -> None:
    whole, alone = drawn.inputs(), drawn.inputs(block=Block(1017, first, 1))
    for kind in ("fixed", "varying"):
        for name, values in getattr(alone, kind).items():
            everybody = getattr(whole, kind)[name]
            here = everybody[..., [first]] if everybody.shape[-1] > 1 else everybody
            assert np.array_equal(values, here), name


def test_another_seed_gives_other_draws(drawn: Drawing) -> None:
    assert not np.any(drawn("delay_time") == drawn("delay_time", block=Block(1018, 0, 400)))


# what a scenario makes of it


def test_a_scenario_changes_the_probability_of_a_chance_and_luck_still_decides(drawn: Drawing) -> None:
    before, after = drawn("built"), drawn("built", "built={design: 0.6}")
    assert set(np.unique(after)) == {0.0, 1.0}
    assert after[0].mean() == pytest.approx(0.6, abs=0.07)
    assert np.all(after[0] >= before[0]), "who had it keeps it"
    assert np.all(drawn("built", "built={value: 0, certain: true}") == 0.0)
    assert drawn("built", "built={design: 0.6}", block=Block(1017, CENTRAL, 1))[:, 0].tolist() == [0.6, 1.0]


def test_scenarios_share_their_luck(drawn: Drawing) -> None:
    settings = ("drift=1", "fixed_share=80")
    before, after = drawn.inputs(), drawn.inputs(*settings)
    untouched = set(before.fixed) | set(before.varying)
    for name in untouched - {"drift", "fixed_share"}:
        kind = "fixed" if name in before.fixed else "varying"
        assert np.array_equal(getattr(before, kind)[name], getattr(after, kind)[name]), name


def test_a_plain_value_keeps_each_members_relative_deviation(drawn: Drawing) -> None:
    assert drawn("delay_time", "delay_time=30") == pytest.approx(drawn("delay_time") * 30 / 24, rel=1e-14)


def test_a_plain_value_is_clipped_to_the_range(drawn: Drawing) -> None:
    high, own = drawn("delay_time", "delay_time=48"), drawn("delay_time")
    assert np.array_equal(high, np.minimum(5.0, own * 2.0))
    assert (high == 5.0).any()


def test_at_a_central_value_of_nothing_the_difference_is_kept(drawn: Drawing) -> None:
    assert drawn("drift", "drift=2") == pytest.approx(np.minimum(5.0, drawn("drift") + 2.0), rel=1e-14)


def test_a_certain_value_is_exactly_itself(drawn: Drawing) -> None:
    assert np.unique(drawn("delay_time", "delay_time={value: 30, certain: true}")).tolist() == [2.5]
    assert np.unique(drawn("seats", "seats={value: 30, certain: true}")).tolist() == [30.0]


def test_one_label_is_changed_and_the_others_keep_their_bits(drawn: Drawing) -> None:
    before, after = drawn("by_track"), drawn("by_track", "by_track={design: 3}")
    assert after[0] == pytest.approx(before[0] * 1.5, rel=1e-14)
    assert np.array_equal(after[1], before[1])


def test_raise_to_never_lowers_anybody(drawn: Drawing) -> None:
    own, raised = drawn("seats"), drawn("seats", "seats={raise_to: 120}")
    assert np.array_equal(raised, np.maximum(own, 120.0))
    assert (own > 120.0).any()


def test_lower_to_never_raises_anybody(drawn: Drawing) -> None:
    own, lowered = drawn("seats"), drawn("seats", "seats={lower_to: 90}")
    assert np.array_equal(lowered, np.minimum(own, 90.0))


def test_a_ramp_leaves_every_member_as_he_was_until_it_starts(drawn: Drawing) -> None:
    own = drawn("seats")
    raised = drawn("seats", "seats={raise_to: {ramp: {to: 150, starts: 2027.0, ends: 2028.0}}}")
    assert np.array_equal(raised[:17], np.broadcast_to(own, (17, 400)))
    assert np.array_equal(raised[32], np.maximum(own, 150.0))
    assert np.all(np.diff(raised, axis=0) >= 0.0)


def test_a_step_on_a_plain_number_begins_at_its_date_and_keeps_deviations(drawn: Drawing) -> None:
    own = drawn("odd")
    stepped = drawn("odd", "odd={step: {to: 1.4, starts: 2027.0}}")
    assert np.array_equal(stepped[15], own)
    assert stepped[16] == pytest.approx(np.minimum(own * 2, 5.0), rel=1e-14)


def test_later_layers_work_on_what_earlier_ones_left(drawn: Drawing) -> None:
    twice = drawn("delay_time", "delay_time=30", "delay_time=36")
    assert twice == pytest.approx(np.minimum(5.0, drawn("delay_time") * 1.5), rel=1e-14)


def test_the_school_calendar_is_one_step_of_intake_and_one_of_promotion_a_year() -> None:
    series = calendar(SCHEDULE)
    times = SCHEDULE.times
    assert times[series["school_intake"][:, 0] == 1.0].tolist() == [2026.6875, 2027.6875, 2028.6875, 2029.6875]
    assert times[series["school_promotion"][:, 0] == 1.0].tolist() == [2026.5625, 2027.5625, 2028.5625, 2029.5625]
    assert set(np.unique(np.concatenate(list(series.values())))) == {0.0, 1.0}
