"""The year in which as many people as asked for are reached, on each rung of the ladder that they might be read on."""

from typing import Final

import pandas as pd

from vimach.analysis.definition import TRAINED
from vimach_reports.briefing.blocks import Table
from vimach_reports.briefing.facts import Voice
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.questions import COUNTS, count_name

YEARS: Final = (2028, 2030, 2032, 2035)


def years_by_rung(table: pd.DataFrame, material: Material, say: Voice) -> list[Table]:
    """The chance of having been there by the end of some years, by rung and scenario; every target stands in the data.

    `table` comes from vimach.analysis.verdicts.years_reached. Without a target of people trained there is no table.
    """
    target = material.target_on(TRAINED)
    if target is None:
        return []
    own = table[(table["target"] == target.name) & table["year"].isin(YEARS)]
    rows, beside = [], list(own["reached"])
    held = [str(name) for name in own["variable"].unique()]
    for variable in [*(name for name in COUNTS if name in held), *(name for name in held if name not in COUNTS)]:
        for dataset in (material.base, material.other):
            here = own[(own["variable"] == variable) & (own["scenario"] == dataset.attrs["scenario"])]
            chances = say.chances([float(row["reached"]) for row in rows_of(here)], beside)
            rows.append((_rung(variable, material, say), say.title(dataset), *chances))
    years = sorted({int(year) for year in own["year"]})
    return [
        Table(
            name="annex_i_years_by_rung",
            title=say("rungs.title", value=say.number(target.value)),
            head=(say("ladder.rung"), say("q6.scenario"), *(say("rungs.by", year=str(year)) for year in years)),
            rows=tuple(rows),
            data=table,
            source=say("source.results"),
            rung=", ".join(dict.fromkeys(str(rung) for rung in table["rung"] if rung)),
            widths=(2.6, 1.2, *(1.0,) * len(years)),
            size="small",
            note=say("rungs.note"),
        )
    ]


def _rung(variable: str, material: Material, say: Voice) -> str:
    return count_name(variable, material, say) if variable in COUNTS else say.rung(variable)
