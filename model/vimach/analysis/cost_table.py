"""The cost table: who pays for what, in which year, capital or recurrent, estimated, allocated and disbursed.

Amounts are means over members, because means add up: lines to payers, payers to the whole, years to the run. They are
as spent, in VND of PRICE_YEAR; dollars are the same amounts at one rate for all years. Money of the programme stands at
three stages; what has no budget of its own stands as it is spent. Shares of payers and lines at the two earlier stages
are those of what is spent in the same year, as nobody allocates by line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from vimach.analysis.compare import check_comparable
from vimach.analysis.cost import ratio_of_means
from vimach.analysis.targets import INTERVAL, Array
from vimach.parameters.table import Parameter, read_parameters

PRICE_YEAR: Final = 2025
CENTRAL, LOCAL, FAMILIES, FIRMS, PARTNERS = "central budget", "local budgets", "families", "firms", "foreign partners"
CAPITAL, RECURRENT = "capital", "recurrent"
ESTIMATE, ALLOCATED, DISBURSED = "estimate", "allocated", "disbursed"
STAGES: Final[Mapping[str, str]] = {
    ESTIMATE: "programme_money_estimated",
    ALLOCATED: "programme_money_allocated",
    DISBURSED: "programme_cost",
}
"""Stages of programme money -> the variable that holds all of it."""
PROGRAMME: Final[Mapping[str, str]] = {
    "lecturer_training_paid": RECURRENT,
    "lecturer_pay_topup_paid": RECURRENT,
    "laboratories_paid": CAPITAL,
    "conversion_paid": RECURRENT,
    "scholarships_paid": RECURRENT,
    "firm_incentives_paid": RECURRENT,
    "retention_pay_paid": RECURRENT,
    "return_grants_paid": RECURRENT,
    "technician_training_paid": RECURRENT,
    "chief_posts_paid": RECURRENT,
    "diaspora_paid": RECURRENT,
    "research_paid": RECURRENT,
    "partnerships_paid": RECURRENT,
}
"""Lines of the programme, shared by central and local budgets."""
BESIDE: Final[Mapping[str, tuple[str, str]]] = {
    "tax_relief_cost": (CENTRAL, RECURRENT),
    "test_chip_runs_paid": (CENTRAL, RECURRENT),
    "fab_support_paid": (CENTRAL, CAPITAL),
    "plant_support_paid": (CENTRAL, RECURRENT),
    "cost_to_families": (FAMILIES, RECURRENT),
    "cost_to_firms": (FIRMS, RECURRENT),
    "intense_support_cost": (PARTNERS, RECURRENT),
    "design_tools_cost": (PARTNERS, RECURRENT),
    "paid_by_partners": (PARTNERS, RECURRENT),
}
"""Lines beside the programme: their payer, and their kind."""
PAYERS: Final[Mapping[str, str]] = {
    CENTRAL: "cost_to_central_budget",
    LOCAL: "cost_to_local_budgets",
    FAMILIES: "cost_to_families",
    FIRMS: "cost_to_firms",
    PARTNERS: "cost_to_foreign_partners",
}
"""Payers -> the variable that holds all they spend."""
COLUMNS: Final[Mapping[str, str]] = {
    "scenario": "name of the scenario; second - first for the difference, member by member",
    "year": "budget year",
    "line": "variable of the dataset: what the money is for",
    "payer": "central budget, local budgets, families, firms or foreign partners",
    "kind": "capital or recurrent",
    "stage": "estimate, allocated or disbursed; lines without a budget of their own stand as disbursed",
    "vnd": "mean over members, VND",
    "usd": "the same at vnd_per_usd",
    "twd": "the same at vnd_per_twd",
    "low": "10 % quantile over members, VND; quantiles do not add up",
    "high": "90 % quantile over members, VND",
    "price_year": "prices of this year, not discounted",
    "vnd_per_usd": "exchange rate, central value of dong_per_dollar",
    "vnd_per_twd": "exchange rate, central value of dong_per_taiwan_dollar",
}
AMOUNTS: Final = ("low", "median", "estimate", "high")
"""Columns that hold amounts of money in tables of one amount a row."""
PLACES: Final = ("university_place", "conversion_place", "intense_place")
MONEY_TO_PEOPLE: Final = (
    "chip_share_of_additional",
    "programme_realisation_ratio",
    "budget_absorption_share",
    "scholarship_effect",
    "recruitment_effect_of_topup",
    "pay_elasticity_of_lecturers",
    "training_target_realisation_ratio",
    "entry_gain_from_incentives",
    "retention_effect",
    "return_incentive_unit_cost",
    "diaspora_post_additional_share",
    "knowledge_elasticity_of_entry",
    "knowledge_elasticity_of_growth",
    "start_ups_per_prototype",
)
"""Numbers through which money becomes people, the one without any evidence that matters most first."""


@dataclass(frozen=True)
class Rates:
    """VND for a dollar and for a Taiwan dollar: central values of two parameters, one rate for all years."""

    usd: Parameter
    twd: Parameter

    @property
    def vnd_per_usd(self) -> float:
        """VND for one dollar of the United States."""
        return _single(self.usd)

    @property
    def vnd_per_twd(self) -> float:
        """VND for one Taiwan dollar."""
        return _single(self.twd)


@cache
def rates() -> Rates:
    """The exchange rates of the built-in parameters, with what they rest on."""
    table = read_parameters()
    return Rates(table["dong_per_dollar"], table["dong_per_taiwan_dollar"])


@cache
def money_to_people() -> tuple[Parameter, ...]:
    """The parameters of MONEY_TO_PEOPLE, each with its evidence or judgment."""
    table = read_parameters()
    return tuple(table[name] for name in MONEY_TO_PEOPLE)


def cost_table(first: xr.Dataset, second: xr.Dataset) -> pd.DataFrame:
    """Each cost of both scenarios and of their difference, a row by year, line, payer, kind and stage (COLUMNS).

    At each stage the programme's lines add up to the whole of STAGES, and all that is disbursed to PAYERS and to
    cost_to_the_economy. BadInput if the runs cannot be compared.
    """
    check_comparable(first, second)
    names = [str(data.attrs["scenario"]) for data in (first, second)]
    frames = []
    for one, other in zip(_amounts(first), _amounts(second), strict=True):
        about, values = one[0], (one[1], other[1], other[1] - one[1])
        for scenario, money in zip((*names, f"{names[1]} - {names[0]}"), values, strict=True):
            low, high = np.quantile(money, INTERVAL[::2], axis=-1)
            years = {"scenario": scenario, "year": first["period"].to_numpy()} | about
            frames.append(pd.DataFrame(years | {"vnd": money.mean(axis=-1), "low": low, "high": high}))
    table = pd.concat(frames, ignore_index=True)
    found = rates()
    table["usd"], table["twd"] = table["vnd"] / found.vnd_per_usd, table["vnd"] / found.vnd_per_twd
    table["price_year"], table["vnd_per_usd"], table["vnd_per_twd"] = PRICE_YEAR, found.vnd_per_usd, found.vnd_per_twd
    order = {name: place for place, name in enumerate((*names, f"{names[1]} - {names[0]}"))}
    rank = table["scenario"].map(order)
    return table.iloc[np.lexsort((np.arange(len(table)), table["year"], rank))].reset_index(drop=True)[list(COLUMNS)]


def priced(table: pd.DataFrame) -> pd.DataFrame:
    """A table of VND as spent, with the year of its prices, the rate it is discounted at (0) and its amounts in USD."""
    rate = rates().vnd_per_usd
    dollars = {f"{name}_usd": table[name] / rate for name in AMOUNTS if name in table}
    return table.assign(**dollars, price_year=PRICE_YEAR, discount_rate=0.0, vnd_per_usd=rate)


def priced_units(amount: str = "USD") -> dict[str, str]:
    """Units of the columns that `priced` adds, where amounts are in `amount`."""
    about = {"price_year": "year", "discount_rate": "1/year", "vnd_per_usd": "VND/USD"}
    return about | {f"{name}_usd": amount for name in AMOUNTS}


def has_costs(data: xr.Dataset) -> bool:
    """Whether a dataset holds every variable of the cost table."""
    return all(name in data for name in (*STAGES.values(), *PROGRAMME, *BESIDE, *PAYERS.values()))


def _amounts(data: xr.Dataset) -> Iterator[tuple[dict[str, str], Array]]:
    """Each line with its payer, kind and stage, and its amount, shape (year, member)."""
    lines = {name: _money(data, name) for name in PROGRAMME}
    spent, local = sum(lines.values(), np.zeros(1)), _money(data, PAYERS[LOCAL])
    somewhere = spent > 0.0
    share_of_local = np.where(somewhere, local / np.where(somewhere, spent, 1.0), 0.0)
    for stage, name in STAGES.items():
        whole = spent if stage == DISBURSED else _money(data, name)
        for line, kind in PROGRAMME.items():
            part = np.where(somewhere, lines[line] / np.where(somewhere, spent, 1.0), 1.0 / len(lines))
            amount = lines[line] if stage == DISBURSED else whole * part
            paid = amount * share_of_local
            for payer, money in ((CENTRAL, amount - paid), (LOCAL, paid)):
                yield {"line": line, "payer": payer, "kind": kind, "stage": stage}, money
    for line, (payer, kind) in BESIDE.items():
        yield {"line": line, "payer": payer, "kind": kind, "stage": DISBURSED}, _money(data, line)


def _money(data: xr.Dataset, name: str) -> Array:
    return np.asarray(data[name].transpose("period", "member").values, dtype=np.float64)


def _single(parameter: Parameter) -> float:
    assert parameter.number is not None
    return parameter.number


def whole_life(data: xr.Dataset, edge: float) -> pd.DataFrame:
    """What a place of each kind costs over its life and how many engineers it adds, in the market of one date.

    Columns: place, cost_low, cost, cost_high (VND for a place that takes one person a year; mean, 80 % interval),
    engineers (mean, discounted), and for one engineer more no_gain, low, estimate and high as in
    vimach.analysis.cost.COLUMNS.
    """
    rows = []
    for place in PLACES:
        cost, people = (
            np.asarray(data[f"{what}_of_{place}"].sel(edge=edge).values, dtype=np.float64)
            for what in ("whole_life_cost", "engineers")
        )
        low, high = np.quantile(cost, INTERVAL[::2])
        about = {"place": place, "cost_low": low, "cost": cost.mean(), "cost_high": high, "engineers": people.mean()}
        found = ratio_of_means(cost, people)
        rows.append(about | {name: found[name] for name in ("no_gain", "low", "estimate", "high")})
    return pd.DataFrame(rows)
