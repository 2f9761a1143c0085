"""Made-up tables of analysis in the shape that figures draw from, and what a sheet of such numbers lacks."""

import numpy as np
import pandas as pd

from vimach_reports.briefing.workbook import Sheet, cell, unit_of
from vimach_reports.hindcast import BENCHMARK, MODEL

GROUPS = (
    ("conversion", "Conversion courses", "Khóa đào tạo chuyển đổi", "ours", 3300.0),
    ("teaching", "Lecturers, laboratories and curricula", "Giảng viên, phòng thí nghiệm và chương trình đào tạo",
     "ours", 420.0),
    ("places", "Places and scholarships in dedicated programmes", "Chỉ tiêu và học bổng chương trình chuyên ngành",
     "ours", 90.0),
    ("money", "Money and its spending", "Kinh phí và giải ngân", "ours", 700.0),
    ("retention", "Retention and return of engineers", "Giữ chân và thu hút kỹ sư trở về", "ours", -210.0),
    ("firms", "Support for firms and permits", "Hỗ trợ doanh nghiệp và cấp phép", "others", 160.0),
    ("partners", "Partners abroad", "Đối tác nước ngoài", "others", 0.0),
)  # fmt: skip


def attribution() -> pd.DataFrame:
    """Two targets at two dates; groups add up to the difference."""
    rows = []
    for target, rung, base in (
        ("trained_by_2030", "trained_cumulative", 31250.0), ("employed_by_2030", "employed_in_sector", 18400.0)
    ):  # fmt: skip
        for edge, times in ((2031.0, 1.0), (2036.0, 2.2)):
            about = {"target": target, "rung": rung, "unit": "person", "measure": "value", "edge": edge}

            def row(kind: str, group: str, en: str, vi: str, block: str, value: float, about: dict = about) -> dict:  # type: ignore[type-arg]
                half = 0.3 * abs(value) + 20
                words = {"kind": kind, "group": group, "label_en": en, "label_vi": vi, "block": block}
                return about | words | {"levers": "", "low": value - half, "value": value, "high": value + 1.2 * half}

            parts = [row("group", *group[:4], value=group[4] * times) for group in GROUPS]
            gain = sum(part["value"] for part in parts)
            rows += [row("base", "baseline", "Baseline", "Cơ sở", "", base * times), *parts]
            rows.append(row("difference", "difference", "Difference", "Chênh lệch", "", gain))
            rows.append(
                row("other", "accelerated_funding", "Accelerated funding", "Tăng tốc đầu tư", "", base * times + gain)
            )
    table = pd.DataFrame(rows)
    table.attrs |= {"members": 250}
    return table


FACTORS = (
    ("adjacent_applicants", "J", "", 0.31), ("quit_rate", "C", "", 0.15), ("relocation_ratio", "D", "", 0.12),
    ("conversion_places", "J", "Ministry of Finance", 0.10), ("juniors_bind", "J", "", 0.07),
    ("novices_per_mentor", "J", "", 0.05), ("time_to_independent", "C", "", 0.03), ("emigration_rate", "D", "", 0.02),
)  # fmt: skip


def sensitivity(labels: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Sobol' indices of three outputs at two dates; `labels` gives each parameter's label in both languages."""
    rows = []
    outputs = (("trained_cumulative", "person"), ("employed_in_sector", "person"), ("design_firms_active", "firm"))
    for shift, (output, unit) in enumerate(outputs):
        rung = output if unit == "person" else ""
        for edge in (2031.0, 2036.0):
            total = np.array([factor[3] for factor in FACTORS])
            total = np.roll(total, shift) * (1.0 if edge == 2031.0 else 0.8)
            order = np.argsort(-total)
            for place in order:
                name, grade, owner, _ = FACTORS[int(place)]
                rows.append(_index(output, rung, unit, edge, name, *labels[name], grade, owner, float(total[place])))
            others = ("others", "All other assumptions", "Mọi giả định khác", "", "")
            rows.append(_index(output, rung, unit, edge, *others, 0.38))
    return pd.DataFrame(rows)


def _index(
    output: str, rung: str, unit: str, edge: float, factor: str, en: str, vi: str, grade: str, owner: str, total: float
) -> dict[str, object]:
    about = {"output": output, "rung": rung, "unit": unit, "edge": edge, "factor": factor, "label_en": en}
    about |= {"label_vi": vi, "sector": "", "grade": grade, "owner": owner}
    first = {"first_low": 0.6 * total, "first": 0.8 * total, "first_high": total}
    return about | first | {"total_low": 0.8 * total, "total": total, "total_high": 1.2 * total + 0.01}


def switching(labels: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Switching values of four targets; one is turned by no single assumption."""
    nan = float("nan")
    rows = [
        ("design_firms_100", "", "firm", 100, 112, "reached", "quit_rate", "C", "1/year", 0.05, 0.061, 0.09, 0.57),
        ("design_firms_100", "", "firm", 100, 112, "reached", "relocation_ratio", "D", "1", 1.0, 0.71, 0.5, 0.86),
        ("trained_50000", "trained_cumulative", "person", 50000, 31250, "missed", "", "", "", nan, nan, nan, nan),
        ("atp_plants_10", "", "plant", 10, 9, "missed", "time_to_independent", "C", "year", 2.0, 1.6, 1.1, 0.39),
        ("employed_50000", "employed_in_sector", "person", 50000, 29800, "missed", "adjacent_applicants",
         "J", "person/year", 4000, 9100, 9800, 0.96),
    ]  # fmt: skip
    names = ("target", "rung", "unit", "target_value", "central", "verdict", "parameter", "grade", "parameter_unit",
             "value", "switch", "end", "share_of_way")  # fmt: skip
    found = []
    for row in rows:
        record = dict(zip(names, row, strict=True))
        en, vi = labels.get(str(record["parameter"]), ("", ""))
        record |= {"by": 2031.0, "label_en": en, "label_vi": vi, "sector": "", "owner": ""}
        record |= {"quantile": 0.9, "at_end": 1.0, "kind": "assumption" if record["parameter"] else ""}
        found.append(record)
    return pd.DataFrame(found)


def marginal_cost(labels: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Curves of five levers, growing dearer; some saturate."""
    rows = []
    levers = ("conversion_places", "dedicated_places", "lecturers_trained_a_year", "retention_pay_share",
              "return_incentive_share")  # fmt: skip
    for place, lever in enumerate(levers):
        doses = np.array([0, 0.125, 0.25, 0.5, 0.75, 1.0])
        people = 6000 / (1 + place) * (1 - np.exp(-3.0 * doses))
        cost = 3e12 / (1 + 0.3 * place) * (0.3 + place) * doses
        slope = np.append(np.diff(cost) / np.diff(people) * 1000, np.nan)
        limit = float(people[4]) if place % 2 == 0 else float("nan")
        en, vi = labels[lever]
        for dose, n, c, y in zip(doses, people, cost, slope, strict=True):
            high = np.inf if dose >= 0.5 and place == 0 else 1.8 * y
            rows.append(
                {
                    "lever": lever, "label_en": en, "label_vi": vi, "variable": "employed_in_sector", "edge": 2036.0,
                    "unit": "person", "dose": dose, "setting": 1000 * dose, "setting_unit": "person/year",
                    "own_cost": True, "cost": "cost_to_the_state",
                    "engineers_low": 0.6 * n, "engineers": n, "engineers_high": 1.4 * n,
                    "extra_cost": c, "next_1000_low": 0.6 * y, "next_1000": y, "next_1000_high": high,
                    "next_1000_usd_low": 0.6 * y / 25e3, "next_1000_usd": y / 25e3, "next_1000_usd_high": high / 25e3,
                    "saturated": bool(n >= limit), "saturation": limit,
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    table.attrs |= {"members": 250, "price_year": 2025, "discount_rate": 0.08, "vnd_per_usd": 25000.0}
    return table


COUNTS = {("employed_design", ""): (7000.0, "person"), ("design_firms_active", ""): (55.0, "firm")}
_SPREAD = {10: 0.8, 25: 0.9, 75: 1.1, 90: 1.2}


def forecasts() -> pd.DataFrame:
    """A backtest's forecasts of two counts from two vintages, by the model and by a benchmark not always fitted."""
    rows = []
    for (series, scope), (observed, unit) in COUNTS.items():
        for origin, share in (("2023-12-31", 0.9), ("2024-12-31", 0.97)):
            for forecaster, reason in ((MODEL, ""), (BENCHMARK, "" if share > 0.95 else "1 points, 2 needed")):
                spread = {f"q{level}": observed * share * factor for level, factor in _SPREAD.items()}
                rows.append(
                    {
                        "panel": "real", "levers": "as they happened", "series": series, "scope": scope, "unit": unit,
                        "origin": origin, "time": 2025.6, "forecaster": forecaster, "observed": observed, **spread,
                        "median": observed * share, "percentage": 100 * (1 - share), "covered80": True,
                        "not_estimable": reason, "effective_size": 40.0,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def without_unit(sheet: Sheet) -> list[str]:
    """The columns of a sheet that hold numbers and have no unit."""

    def holds_numbers(name: str) -> bool:
        held = (cell(value, unit_of(name, sheet)) for value in sheet.data[name])
        return any(isinstance(value, int | float) and not isinstance(value, bool) for value in held)

    return [name for name in map(str, sheet.data) if holds_numbers(name) and not unit_of(name, sheet)]
