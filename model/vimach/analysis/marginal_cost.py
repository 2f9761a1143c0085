"""Marginal cost: what the next 1,000 engineers cost by each lever, and from where on the lever gives no more.

Each lever is pulled alone, in steps up to the end of its range. Money is no limit in these runs, with or without the
lever, so that its cost is what it needs and not what it pushes out. Costs are whole: all that is spent more until the
date at which people are counted, by the programme, the state, or all payers; discounted to PRESENT at one rate.

A price is the median of the members' own, so that it lies inside their interval: a ratio of means need not, where some
members gain very little.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.cost import PEOPLE, PRESENT, RATE, STATE, WHOLE, spent_until
from vimach.analysis.cost_table import PRICE_YEAR
from vimach.analysis.doses import Dial
from vimach.analysis.reach import allowed
from vimach.analysis.targets import HORIZONS, INTERVAL, Array
from vimach.analysis.variants import Run, with_more
from vimach.errors import BadInput, Place, Problem
from vimach.parameters.table import Parameter
from vimach.paths import Step
from vimach.scenario import Override, Scenario
from vimach.simulate import Model

COSTS: Final = ("programme_cost", STATE, WHOLE)
DOSES: Final = (0.0, 0.125, 0.25, 0.5, 0.75, 1.0)
SATURATED_BELOW: Final = 0.1
"""Share of the steepest step's people below which a lever gives no more."""
FEWEST_PEOPLE: Final = 1.0
"""People gained by a step below which it has no price."""
MONEY, FUNDING = "programme_budget_extra", "funding"
COLUMNS: Final[Mapping[str, str]] = {
    "lever": "name of the parameter",
    "label_en": "its English label",
    "label_vi": "its Vietnamese label",
    "variable": "whom one more is counted of",
    "edge": "the date at which people are counted and until which costs run, as an edge",
    "unit": "unit of engineers",
    "dose": "how far the lever is moved: 0 not at all, 1 to the end of its range",
    "setting": "its setting at this dose, central value",
    "setting_unit": "unit of setting",
    "own_cost": "whether a unit of the lever has a cost; if not, only what it causes elsewhere is charged",
    "cost": "which cost is charged: that of the programme, that to the state, or that of all payers to the economy",
    "engineers_low": "people more than without the lever, 10 % quantile over members",
    "engineers": "mean over members",
    "engineers_high": "90 % quantile",
    "extra_cost": "mean extra cost until the edge, discounted, VND",
    "next_1000_low": "10 % quantile of the members' own prices of the next 1,000; a member that gains nobody pays inf",
    "next_1000": "their median, VND for the next 1,000 people, to the next dose; empty where half gain nobody",
    "next_1000_high": "90 % quantile",
    "next_1000_usd_low": "the same three in USD",
    "next_1000_usd": "median",
    "next_1000_usd_high": "90 % quantile",
    "saturated": "whether the next step gives under a tenth of the steepest step's people",
    "saturation": "people more where the lever is first saturated; empty if it never is",
}


def marginal_costs(
    model: Model, base: Scenario, dials: Sequence[Dial], run: Run, people: Sequence[str] = PEOPLE,
    horizons: Sequence[float] = HORIZONS, progress: Callable[[int], None] = lambda runs: None,
) -> pd.DataFrame:  # fmt: skip
    """A curve for each lever, cost, variable and edge; columns as in COLUMNS. `progress` is told of each run.

    `run` must keep COSTS and `people`. The frame's attributes hold rate, exchange rate and price year.
    """
    rate, dollar = _number(model, RATE), _number(model, "dong_per_dollar")
    funded = with_more(base, [enough_money(model)])
    start = run(funded)
    progress(1)
    rows = []
    for dial in dials:
        data = [start]
        for dose in DOSES[1:]:
            data.append(run(with_more(funded, [dial.override(dose)])))
            progress(1)
        for cost in COSTS:
            for variable in people:
                for edge in (edge for edge in horizons if edge in start["edge"]):
                    gained = np.stack([_people(each, variable, edge) for each in data])
                    spent = np.stack([spent_until(each, cost, edge, rate) for each in data])
                    about: dict[str, object] = {"lever": dial.name, "own_cost": _has_own_cost(dial.lever)}
                    about |= {"label_en": dial.lever.label.en, "label_vi": dial.lever.label.vi}
                    where = {"variable": variable, "edge": edge, "unit": str(start[variable].attrs["unit"])}
                    curve = _curve(gained - gained[0], spent - spent[0], dollar)
                    for dose, point in zip(DOSES, curve, strict=True):
                        setting = {"dose": dose, "setting": dial.setting(dose), "setting_unit": dial.lever.unit}
                        rows.append(about | where | setting | {"cost": cost} | point)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.attrs |= {"discount_rate": rate, "vnd_per_usd": dollar, "price_year": PRICE_YEAR, "present": PRESENT}
    return table


def runs_of_marginal_costs(levers: int) -> int:
    """How many runs a table of so many levers takes."""
    return 1 + levers * (len(DOSES) - 1)


def with_a_price(model: Model, names: Sequence[str]) -> list[str]:
    """The levers to price: those named, else all but those that only bring money, which is no limit here.

    BadInput for a name that is no lever, or that only brings money.
    """
    found = allowed(model.table, names, others_too=True)
    money = [name for name in found if model.table[name].sector == FUNDING]
    if names and money:
        message = "only brings money, which is no limit where costs are measured"
        raise BadInput([Problem(message, None, name) for name in money])
    return [name for name in found if name not in money]


def enough_money(model: Model) -> Override:
    """A budget at the most that its range allows, from the first year in which anything can be decided."""
    most = model.table[MONEY].range[1]
    return Override(MONEY, None, "raise_to", False, Step(most, 2027.0), "money is no limit", Place(""))


def _curve(gained: Array, spent: Array, dollar: float) -> list[dict[str, object]]:
    """The points of one curve from people and cost by dose and member."""
    more = np.diff(gained.mean(axis=1))
    steps = more / np.diff(DOSES)
    spent_out = ((steps < SATURATED_BELOW * steps.max()) | (more.max() < FEWEST_PEOPLE)).tolist()
    spent_out.append(spent_out[-1])
    reached = [float(gained[number].mean()) for number, out in enumerate(spent_out) if out]
    points: list[dict[str, object]] = []
    for number in range(len(DOSES)):
        low, high = np.quantile(gained[number], INTERVAL[::2])
        point: dict[str, object] = {"engineers_low": float(low), "engineers": float(gained[number].mean())}
        point |= {"engineers_high": float(high), "extra_cost": float(spent[number].mean())}
        prices = (np.nan, np.nan, np.nan)
        if number + 1 < len(DOSES):
            prices = _prices(gained[number + 1] - gained[number], spent[number + 1] - spent[number])
        for name, price in zip(("next_1000_low", "next_1000", "next_1000_high"), prices, strict=True):
            point |= {name: price, name.replace("1000", "1000_usd"): price / dollar}
        points.append(point | {"saturated": spent_out[number], "saturation": reached[0] if reached else np.nan})
    return points


def _prices(people: Array, cost: Array) -> tuple[float, float, float]:
    """Low, median and high price of 1,000 people over members; NaN where half of them or more gain nobody."""
    if people.mean() < FEWEST_PEOPLE:
        return (np.nan, np.nan, np.nan)
    own = np.where(people > 0.0, cost / np.where(people > 0.0, people, 1.0), np.inf)
    low, median, high = (1000.0 * float(price) for price in np.quantile(own, INTERVAL, method="higher"))
    return (low, median, high) if np.isfinite(median) else (np.nan, np.nan, np.nan)


def _people(data: xr.Dataset, variable: str, edge: float) -> Array:
    return np.asarray(data[variable].sel(edge=edge).values, dtype=np.float64)


def _has_own_cost(parameter: Parameter) -> bool:
    return parameter.lever is not None and not parameter.lever.unit_cost.none


def _number(model: Model, name: str) -> float:
    number = model.table[name].number
    assert number is not None
    return number
