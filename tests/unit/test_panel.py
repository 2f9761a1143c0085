"""The panel of other economies: what is read and refused, the small graph by hand, and an economy added by a folder."""

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from vimach.errors import BadInput
from vimach.sectors import design_firms, workforce
from vimach_calibration import panel as panel_module
from vimach_calibration.economies import COLUMNS, Economy, read_economies
from vimach_calibration.panel import STEP, panel, simulated
from vimach_calibration.panel_fit import errors, fitted, lacking, parameters, unknowns

HEADER = ",".join(COLUMNS)
YAML = """
label: {en: Made-up island, vi: Đảo bịa}
note: Invented for a test.
counts:
  design_firms: {counted_by: Nobody, when: Every January, what: All firms., sd: 0.02}
  engineers: {counted_by: Nobody, when: Every January, what: All engineers., sd: 0.02}
estimated:
  firm_entry_base: {median: 1, p05: 0.2, p95: 5, because: invented}
  plan_growth_rate: {median: 0.1, p05: 0.03, p95: 0.3, because: invented}
given:
  firms_at_half_entry: {value: 400, because: invented}
"""
FIRMS = "design_firms,{},{},,2024,A page,https://example.org,B,"
Reader = Callable[..., tuple[Economy, ...]]


@pytest.fixture
def island(tmp_path: Path) -> Reader:
    """Reads the made-up economy, its files changed as asked."""

    def read(*lines: str, yaml: str = YAML) -> tuple[Economy, ...]:
        place = tmp_path / "island"
        place.mkdir(exist_ok=True)
        (place / "economy.yaml").write_text(yaml, encoding="utf-8")
        (place / "series.csv").write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        return read_economies(panel().parameters, tmp_path)

    return read


def both(firms: list[float], people: list[float], start: int = 2012) -> list[str]:
    lines = [FIRMS.format(start + year, value) for year, value in enumerate(firms)]
    others = [FIRMS.format(start + year, value) for year, value in enumerate(people)]
    return [*lines, *(line.replace("design_firms", "engineers") for line in others)]


@pytest.fixture(scope="module")
def members() -> dict[str, Economy]:
    return {economy.name: economy for economy in read_economies(panel().parameters)}


# --- reading ---


def test_every_committed_economy_says_who_counts_what(members: dict[str, Economy]) -> None:
    assert list(members) == sorted(members)
    assert {"china", "korea"} <= set(members)
    china = members["china"].of("design_firms")
    assert [count.value for count in china][:2] == [582, 534]
    assert china[-1].value == 3626
    assert {round(count.time, 1) for count in china}.isdisjoint({2012.9, 2013.9})  # no page gives these counts


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("design_firms: {", "desing_firms: {", "did you mean 'design_firms'"),
        ("plan_growth_rate: {", "plan_growth: {", "did you mean 'plan_growth_rate'"),
        ("p05: 0.2, p95: 5", "p05: 2, p95: 5", "economy.yaml:8:3: estimated.firm_entry_base: p05, median and p95"),
        ("value: 400", "value: 4OO", "given.firms_at_half_entry.value"),
        ("firms_at_half_entry", "firm_entry_base", "is estimated as well"),
        ("what: All firms., sd: 0.02", "what: All firms., sd: 2", "sd 2 is not between 0 and 1"),
        ("note: Invented for a test.\n", "", "note: is missing"),
        (", vi: Đảo bịa", "", "label.vi: is missing"),
    ],
)
def test_a_wrong_economy_is_named_with_its_line(island: Reader, old: str, new: str, message: str) -> None:
    assert old in YAML
    with pytest.raises(BadInput) as caught:
        island(*both([10, 11, 12], [100, 110, 120]), yaml=YAML.replace(old, new, 1))
    assert message in str(caught.value)
    assert "economy.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (FIRMS.format(2013, "1O"), "series.csv:3: value"),
        (FIRMS.format(2013, -4), "series.csv:3: value: a count is a number above zero"),
        (FIRMS.format(2012, 11), "series.csv:3: time: 2012 does not come after 2012"),
        (FIRMS.format(2013, 11).replace("2024", "2011"), "before the time it speaks of"),
        (FIRMS.format(2013, 11).replace("2024", "2024-13"), "series.csv:3: published: '2024-13' is not a date"),
        (FIRMS.format(2013, 11).replace("https://example.org", ""), "series.csv:3: source_url: is missing"),
        (FIRMS.format(2013, 11).replace(",B,", ",E,"), "series.csv:3: grade"),
        (FIRMS.format(2013, 11).replace("design_firms", "plants"), "series.csv:3: series"),
        (FIRMS.format(2013, 11) + ",", "series.csv:3: 10 fields where 9 belong"),
    ],
)
def test_a_wrong_count_is_named_with_its_line(island: Reader, wrong: str, message: str) -> None:
    first, _, *rest = both([10, 11, 12], [100, 110, 120])
    with pytest.raises(BadInput) as caught:
        island(first, wrong, *rest)
    assert message in str(caught.value)


def test_a_series_of_one_count_or_a_late_start_is_refused(island: Reader) -> None:
    with pytest.raises(BadInput, match="engineers has 1 counts; two are needed"):
        island(*both([10, 11, 12], [100]))
    late = [line.replace(",2012,", ",2015,") for line in both([10], [])]
    with pytest.raises(BadInput, match="design_firms begins after the other series"):
        island(*late, FIRMS.format(2016, 11), *both([], [100, 110]))


def test_a_scope_may_not_come_back(island: Reader) -> None:
    lines = both([10, 11, 12], [100, 110, 120])
    scoped = [line.replace(",,2024", f",{scope},2024") for line, scope in zip(lines, ("a", "b", "a"), strict=False)]
    with pytest.raises(BadInput, match=r"series.csv:4: scope: scope 'a' was given up before"):
        island(*scoped, *lines[3:])


# --- the small graph ---


def test_the_equations_are_those_of_the_sectors() -> None:
    def declared(module: ModuleType) -> set[str]:
        return {name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__
                and hasattr(thing, "vimach")}  # fmt: skip

    traced = {name for name, variable in panel().graph.variables.items() if variable.kind in ("flow", "auxiliary")}
    own = declared(panel_module)
    assert own == {"hiring"}
    assert declared(design_firms) - {"design_firms_at_start"} <= traced
    assert {"becoming_independent", "becoming_senior", "quitting", "replacement_demand"} <= declared(workforce) & traced


def made_up(island: Reader, **given: float) -> Economy:
    told = "\n".join(f"  {name}: {{value: {value}, because: invented}}" for name, value in given.items())
    text = YAML.replace("  firms_at_half_entry: {value: 400, because: invented}\n", told + "\n")
    return island(*both([90, 95, 99], [900, 990, 999]), yaml=text)[0]


def test_one_step_of_entry_crowding_and_exit_by_hand(island: Reader) -> None:
    economy = made_up(island, firms_at_half_entry=180, spin_out_rate=0, firm_exit_rate=2)
    given = {"firm_entry_base": np.array([3.0]), "plan_growth_rate": np.array([0.1])}
    ones = {name: np.ones(1) for name in economy.counts}
    after = simulated(economy, given, [2012 + STEP], ones)["design_firms"][0, 0]
    central = panel().central
    entries = 3 * central["firm_entry_base"].sum() / (1 + 90 / 180)
    exits = 90 * 2 * (central["firm_exit_rate"] * central["firm_age_share"]).sum()
    assert after == pytest.approx(90 + STEP * (entries - exits))


def test_without_firms_people_grow_at_the_planned_rate(island: Reader) -> None:
    """Every leaver is replaced and nobody opens posts but in proportion, whatever the ladder does."""
    yaml = YAML.replace("  design_firms: {counted_by: Nobody, when: Every January, what: All firms., sd: 0.02}\n", "")
    yaml = yaml.replace("  firm_entry_base: {median: 1, p05: 0.2, p95: 5, because: invented}\n", "")
    yaml = yaml.replace("firms_at_half_entry: {value: 400,", "firm_entry_base: {value: 0,")
    yaml += "  spin_out_rate: {value: 0, because: invented}\n"
    economy = island(*both([], [900, 990, 999]), yaml=yaml)[0]
    rates = {"plan_growth_rate": np.array([0.0, 0.08])}
    found = simulated(economy, rates, [2012, 2015], {"engineers": np.ones(2)})["engineers"]
    np.testing.assert_allclose(found, [[900, 900], [900, 900 * (1 + 0.08 * STEP) ** (3 / STEP)]], rtol=1e-12)


# --- fits ---


@pytest.fixture
def known(island: Reader) -> Economy:
    """Counts that the panel's own equations made, with an entry base of 1.7 and growth of 6 percent."""
    economy = island(*both([60.0] * 8, [3000.0] * 8))[0]
    truth = {"firm_entry_base": np.array([1.7]), "plan_growth_rate": np.array([0.06])}
    times = [count.time for count in economy.of("engineers")]
    made = simulated(economy, truth, times, {name: np.ones(1) for name in economy.counts})
    return island(*both(made["design_firms"][:, 0].tolist(), made["engineers"][:, 0].tolist()))[0]


def test_an_economy_is_added_by_a_folder_and_its_parameters_are_found(known: Economy) -> None:
    fit = fitted(known)
    assert [unknown.name for unknown in fit.unknowns] == ["firm_entry_base", "plan_growth_rate"]
    np.testing.assert_allclose(np.exp(fit.logs), [1.7, 0.06], rtol=0.02)  # the prior pulls a little
    assert fit.counts == 14
    assert fit.rmse < 0.002
    table = parameters([known])
    assert set(table["supports"]) == {"the counts decide"}
    assert ((table["p05"] < table["estimate"]) & (table["estimate"] < table["p95"])).all()
    out = errors([known]).set_index(["series", "horizon"])
    assert out.loc[("design_firms", 1), "n"] == 5  # origins 2014 to 2018: counts enough, and one a year later
    assert (out["mape_model"] < 0.02).all()
    assert (out["mape_model"] < out["mape_random_walk_with_drift"]).all()


def test_a_change_of_scope_is_a_ratio_and_not_growth(known: Economy, island: Reader) -> None:
    scoped = []
    for count in known.series:
        old = count.series == "design_firms" and count.time < 2016
        value, scope = (count.value / 2, "old") if old else (count.value, "")
        line = FIRMS.format(count.time, value).replace("design_firms", count.series)
        scoped.append(line.replace(",,2024", f",{scope},2024"))
    economy = island(*scoped)[0]
    assert [unknown.name for unknown in unknowns(economy)][-1] == "design_firms: old"
    fit = fitted(economy)
    np.testing.assert_allclose(np.exp(fit.logs), [1.7, 0.06, 0.5], rtol=0.05)


def test_too_few_counts_are_said_and_never_fitted(members: dict[str, Economy]) -> None:
    taiwan = members["taiwan"]
    assert lacking(taiwan) == "not estimable: 3 counts beyond the first, 4 needed"
    with pytest.raises(ValueError, match="not estimable"):
        fitted(taiwan)
    table = parameters([taiwan])
    assert table["estimate"].isna().all()
    assert all(math.isnan(value) for value in errors([taiwan])["mape_model"])
