"""Made-up results for tests of tables and figures: the shape of a run's dataset, numbers of a plausible size."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from vimach.fields import Label
from vimach.parameters.table import Target

MEMBERS = 200


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
    titles = {
        "baseline": ("Baseline", "Kịch bản cơ sở"),
        "accelerated_funding": ("Accelerated funding", "Tăng tốc đầu tư"),
    }
    english, vietnamese = titles.get(scenario, (scenario, scenario))
    return xr.Dataset(
        variables,
        coords={"edge": edges, "period": periods, "member": np.arange(members)},
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
            "scenario_text": "because: a test\n",
            "origins": "{}",
        },
    )


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
