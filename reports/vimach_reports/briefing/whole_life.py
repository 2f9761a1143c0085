"""What a place of each kind costs over its life, and each engineer who would not be employed without it."""

import pandas as pd

from vimach.analysis.cost_table import PLACES, PRICE_YEAR, rates, whole_life
from vimach_reports import catalogue
from vimach_reports.briefing.blocks import Table
from vimach_reports.briefing.facts import Voice
from vimach_reports.briefing.material import Material, rows_of
from vimach_reports.briefing.questions import cost_cell, edges_of


def whole_life_costs(material: Material, say: Voice) -> list[Table]:
    """The table, in the market of each date; none where the runs did not keep what it needs."""
    if any(f"{what}_of_{place}" not in material.base for place in PLACES for what in ("whole_life_cost", "engineers")):
        return []
    rows, parts, rate = [], [], rates().vnd_per_usd
    for edge in edges_of(material):
        found = whole_life(material.base, edge)
        parts.append(found.assign(edge=edge))
        for row in rows_of(found):
            low, cost, high = (say.number(row[name] / 1e6) for name in ("cost_low", "cost", "cost_high"))
            within = say("with_interval", value=cost, interval=say("between", low=low, high=high))
            place = catalogue.text(f"place.{row['place']}", say.language)
            cells = say.edge(edge), within, say.number(row["engineers"], 2), cost_cell(row, say)
            rows.append((place[0].upper() + place[1:], *cells))
    heads = [catalogue.text(f"costs.{key}", say.language) for key in ("life_cost", "engineers", "each_engineer")]
    data = pd.concat(parts, ignore_index=True)
    amounts = {name: data[name] / rate for name in ("cost_low", "cost", "cost_high", "low", "estimate", "high")}
    data = data.assign(**{f"{name}_usd": amount for name, amount in amounts.items()})
    return [
        Table(
            name="annex_i_whole_life",
            title=say("life.title"),
            head=(catalogue.text("costs.place", say.language), say("each.until"), *heads),
            rows=tuple(rows),
            data=data.assign(price_year=PRICE_YEAR, vnd_per_usd=rate),
            units=_units(),
            source=say("source.results"),
            rung="employed_in_sector",
            widths=(1.0, 0.8, 1.8, 1.0, 1.8),
            numeric=3,
            size="small",
            note=say(
                "life.note",
                year=str(PRICE_YEAR),
                rate=say.percent(material.parameters["discount_rate"].number or 0.0),
                usd=say.number(rate),
                note=catalogue.text("costs.place_note", say.language),
            ),
        )
    ]


def _units() -> dict[str, str]:
    told = {"engineers": "person", "price_year": "year", "vnd_per_usd": "VND/USD"}
    for money in ("VND", "USD"):
        end = "" if money == "VND" else "_usd"
        told |= {f"{name}{end}": money for name in ("cost_low", "cost", "cost_high")}
        told |= {f"{name}{end}": f"{money}/person" for name in ("low", "estimate", "high")}
    return told
