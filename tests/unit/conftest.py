"""Made-up results for tests of tables and figures: the shape of a run's dataset, numbers of a plausible size."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from vimach.fields import Label
from vimach.parameters.table import Target

MEMBERS = 200
TRACKS, REGIONS = ("design", "atp", "fab"), ("north", "central", "south")


def made_up_results(scenario: str = "baseline", boost: float = 0.0, members: int = MEMBERS) -> xr.Dataset:
    """Results of one made-up scenario; `boost` scales what the accelerated one adds from 2028 on."""
    edges, periods = np.arange(2015.0, 2037.0), np.arange(2015, 2036)
    luck = np.random.default_rng(7)
    spread = {
        name: np.exp(0.22 * luck.standard_normal(members)) for name in ("train", "work", "firm", "plant", "money")
    }
    t = edges[:, None]
    late = np.clip(t - 2028.0, 0, None)
    since = np.clip(t - 2024.0, 0, None)
    trained = (2600 * since + 3300 * np.clip(t - 2028, 0, None) ** 1.7 + boost * 750 * late**1.6) * spread["train"]
    work = 6000 * np.exp(0.15 * (t - 2022)) * spread["work"] ** np.clip((t - 2020) / 10, 0.05, 1.2)
    work = work * (1 + boost * 0.012 * late)
    firms = np.floor(30 * np.exp(0.13 * (t - 2022)) * spread["firm"] ** np.clip((t - 2021) / 9, 0.05, 1)) + boost * late
    plants = np.floor(7 + np.clip(t - 2025, 0, None) * 0.62 * spread["plant"] + 0.1 * boost * late)
    cost = (800e9 + boost * 1.6e12 * np.clip(periods[:, None] - 2027, 0, 3)) * spread["money"]
    headcounts = {
        "trained_cumulative": (trained, "trained_cumulative"),
        "employed_in_sector": (work, "employed_in_sector"),
        "trained_with_intense": (1.02 * trained, "trained_cumulative"),
        "graduates_of_related_majors": (60_000 * since * spread["firm"], ""),
        "trained_design": (0.28 * trained, "trained_cumulative"),
    }
    variables: dict[str, xr.DataArray] = {}
    for name, (values, rung) in headcounts.items():
        variables[name] = _array(values, "edge", name, "person", rung)
    variables["design_firms_active"] = _array(firms, "edge", "design firms", "firm", "")
    variables["atp_plants_operating"] = _array(plants, "edge", "plants", "plant", "")
    variables["base_labs_open"] = _array(
        np.floor(np.clip((t - 2024.5) * (2.2 + boost) * spread["plant"], 0, 18)), "edge", "labs", "laboratory", ""
    )
    for name in ("programme_cost", "cost_to_the_state", "cost_to_the_economy"):
        variables[name] = _array(cost, "period", "cost", "VND", "")
    variables |= _flows(periods, edges, boost, spread)
    titles = {
        "baseline": ("Baseline", "Kịch bản cơ sở"),
        "accelerated_funding": ("Accelerated funding", "Tăng tốc đầu tư"),
    }
    english, vietnamese = titles.get(scenario, (scenario, scenario))
    return xr.Dataset(
        variables,
        coords={
            "edge": edges,
            "period": periods,
            "member": np.arange(members),
            "track": list(TRACKS),
            "region": list(REGIONS),
        },
        attrs={
            "scenario": scenario,
            "scenario_title_en": english,
            "scenario_title_vi": vietnamese,
            "scenario_hash": f"{sum(scenario.encode()) * 7919:012x}",
            "seed": 1017,
            "members": members,
            "model_version": "0.1.0",
            "data_vintage": "2026-01-01",
            "forecast_origin": 2026.0,
            "calibration": "prior, not calibrated",
            "step": 0.0625,
            "scenario_text": json.dumps({"overrides": _overrides(boost)}),
            "origins": "{}",
        },
    )


def _flows(
    periods: np.ndarray, edges: np.ndarray, boost: float, spread: dict[str, np.ndarray]
) -> dict[str, xr.DataArray]:
    """People between admission and work, posts and mentors; in each stage of the pipeline somebody is lost."""
    growth = np.exp(0.08 * (periods[:, None] - 2015)) * (1 + boost * 0.1 * np.clip(periods[:, None] - 2027, 0, None))
    people = growth * spread["work"]
    of_track = np.array([1.0, 0.8, 0.02])[None, :, None]
    of_cell = (of_track[:, None] * np.array([0.3, 0.1, 0.6])[None, :, None, None]) * people[:, None, None, :]
    national = {
        "chip_entrants": 3000, "chip_graduates": 1800, "chip_dropouts": 400, "graduates_looking": 500,
        "graduates_elsewhere": 1200, "related_graduates_looking": 700, "converted_looking": 200,
        "juniors_giving_up": 600, "experienced_hired": 900, "quitting_the_sector": 400, "emigrating_engineers": 150,
        "retiring_or_teaching": 100,
    }  # fmt: skip
    cells = {"posts_opened": 1100.0, "replacement_demand": 400.0, "posts_for_novices": 500.0, "novice_hires": 400.0,
             "posts_for_experienced": 550.0, "lateral_hires": 500.0}  # fmt: skip
    found = {name: _array(size * people, "period", name, "person", "") for name, size in national.items()}
    for name, size in cells.items():
        found[name] = _cells(size * of_cell, ("period", "region", "track", "member"), name)
    looking = 1000 * of_track * people[:, None, :]
    found["people_looking"] = _cells(looking, ("period", "track", "member"), "people_looking")
    stock = np.concatenate([of_cell[:1], of_cell])
    for name, size in (("mentors_available", 300.0), ("mentors_needed", 350.0)):
        found[name] = _cells(size * stock, ("edge", "region", "track", "member"), name)
    return found


def _cells(values: np.ndarray, dims: tuple[str, ...], name: str) -> xr.DataArray:
    return xr.DataArray(values, dims=dims, attrs={"unit": "person", "label_en": name, "label_vi": name, "rung": ""})


def _overrides(boost: float) -> list[dict[str, object]]:
    """Three levers that the accelerated scenario sets."""
    paths: dict[str, dict[str, object]] = {
        "conversion_places": {"ramp": {"to": 4000.0, "starts": 2028.0, "ends": 2029.0}},
        "budget_absorption_share": {"step": {"to": 0.85, "starts": 2027.0}},
        "st_budget_share": {"table": {"times": [2027.0, 2029.0], "values": [0.02, 0.03]}},
    }
    return [
        {"name": name, "labels": None, "law": "raise_to", "certain": False, "path": path, "because": "a test"}
        for name, path in paths.items()
        if boost
    ]


def _array(values: np.ndarray, time: str, name: str, unit: str, rung: str) -> xr.DataArray:
    about = {"unit": unit, "label_en": name, "label_vi": name, "rung": rung, "kind": "auxiliary"}
    return xr.DataArray(values, dims=(time, "member"), attrs=about)


def made_up_targets() -> tuple[Target, ...]:
    """Targets on the variables of `made_up_results`, of the Decisions' sizes."""
    rows = [
        ("trained_50000", "50,000 trained", "50.000 người được đào tạo", "trained_cumulative", 50000, "person", True),
        ("trained_design_15000", "15,000 trained in design", "15.000 người được đào tạo về thiết kế",
         "trained_design", 15000, "person", True),
        ("employed_50000", "50,000 engineers at work in the sector", "50.000 kỹ sư làm việc trong ngành bán dẫn",
         "employed_in_sector", 50000, "person", True),
        ("design_firms_100", "100 design firms", "100 doanh nghiệp thiết kế",
         "design_firms_active", 100, "firm", False),
        ("atp_plants_10", "10 assembly, packaging and testing plants", "10 nhà máy đóng gói, kiểm thử",
         "atp_plants_operating", 10, "plant", False),
        ("base_labs_18", "18 base laboratories at universities", "18 phòng thí nghiệm cơ sở tại các trường đại học",
         "base_labs_open", 18, "laboratory", False),
    ]  # fmt: skip
    rungs = {"trained_design": "trained_cumulative"}
    return tuple(
        Target(
            name=name,
            label=Label(en=english, vi=vietnamese),
            variable=variable,
            value=float(value),
            unit=unit,
            by=2031.0,
            source=("a_row",),
            rung=rungs.get(variable, variable) if ladder else "",
        )
        for name, english, vietnamese, variable, value, unit, ladder in rows
    )


@pytest.fixture(scope="session")
def baseline() -> xr.Dataset:
    """A made-up baseline."""
    return made_up_results()


@pytest.fixture(scope="session")
def accelerated() -> xr.Dataset:
    """A made-up accelerated scenario on the members of `baseline`."""
    return made_up_results("accelerated_funding", boost=1.0)


@pytest.fixture(scope="session")
def targets() -> tuple[Target, ...]:
    """Six targets: three headcounts and three counts of whole things."""
    return made_up_targets()


@pytest.fixture(scope="session")
def observations() -> pd.DataFrame:
    """Observed counts of engineers at work."""
    return pd.DataFrame(
        {"series": "employed_in_sector", "time": [2022.5, 2024.0, 2025.6], "value": [6200.0, 7400.0, 9100.0]}
    )
