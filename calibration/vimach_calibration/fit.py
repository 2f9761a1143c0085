"""Holds a central run against what was observed: statements from fit.yaml, a dataset, and one table out of both."""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

import pandas as pd
import xarray as xr

from vimach import library
from vimach.errors import BadInput, Place, VimachError
from vimach.yaml_reader import Block, Listing, Node
from vimach_calibration.expressions import Expression, read_expression
from vimach_calibration.series import COUNTS, build_series
from vimach_calibration.yaml_fields import Fields

COLUMNS = (
    "statement", "time", "observed", "low", "high", "tolerance", "unit", "model", "residual", "outcome", "ids",
    "wording",
)  # fmt: skip
OK, MISSED, NOT_OBSERVED, OUTSIDE = "ok", "missed", "not observed", "outside the run"

_KEYS = ("wording", "unit", "model", "observed", "at", "within", "not_observed", "source")


@dataclass(frozen=True)
class Tolerance:
    """How near the model must come. `kind` is sd, factor, absolute, between or "" (nothing observed)."""

    kind: str = ""
    size: float = 0.0
    sd: float | None = None
    low: float = -math.inf
    high: float = math.inf

    def band(self, observed: float, sd: float) -> tuple[float, float]:
        """The lowest and highest acceptable number for one observation, `sd` being its own standard deviation."""
        if self.kind == "between":
            return self.low, self.high
        if self.kind == "absolute":
            return observed - self.size, observed + self.size
        if not self.kind:
            return -math.inf, math.inf
        # standard deviations and factors act on the log scale
        factor = math.exp(self.size * (sd if self.sd is None else self.sd)) if self.kind == "sd" else self.size
        return observed / factor, observed * factor

    def text(self, sd: float) -> str:
        """The tolerance in words."""
        if self.kind == "between":
            ends = (("at least", self.low), ("at most", self.high))
            return " and ".join(f"{word} {end:g}" for word, end in ends if math.isfinite(end))
        if self.kind == "sd":
            return f"{self.size:g} sd of {sd if self.sd is None else self.sd:g} (log)"
        return {"factor": f"factor {self.size:g}", "absolute": f"within {self.size:g}"}.get(self.kind, "")


@dataclass(frozen=True)
class Observation:
    """One number to be met at one time; NaN where only a band is given. `ids` name rows of the evidence."""

    time: float
    value: float
    sd: float
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One thing the model is held to."""

    name: str
    wording: str
    unit: str
    model: Expression
    observations: tuple[Observation, ...]
    tolerance: Tolerance
    observed: bool
    origin: Place


def read_statements(
    file: Path | Traversable | None = None, series: pd.DataFrame | None = None
) -> tuple[Statement, ...]:
    """The statements of `file`, by default calibration/fit.yaml, with observations from `series` (default: the
    rows as they are now). BadInput lists every problem with its place."""
    series = build_series() if series is None else series
    fields = Fields()
    tree = fields.tree(library.file("fit.yaml") if file is None else file)
    fields.block(tree, "", ("statements",), ("statements",))
    listed = fields.block(tree.get("statements"), "statements").entries
    statements = tuple(_statement(fields, entry.key.text, entry.value, series) for entry in listed)
    fields.finish()
    return statements


def evaluate(statements: Iterable[Statement], run: xr.Dataset) -> pd.DataFrame:
    """The table of statements against a central run, columns as in COLUMNS.

    `run` follows the schema of vimach's results, with one member or none. `residual` is model minus observed, or the
    distance to the nearer end where a band was given. `outcome` is ok, missed, not observed or outside the run.
    BadInput if a statement names a variable or label that the run does not have.
    """
    if run.sizes.get("member", 1) != 1:
        raise BadInput(f"a central run has one member, this dataset has {run.sizes['member']}")
    listed = tuple(statements)
    problems = [problem for statement in listed for problem in statement.model.check(run)]
    if problems:
        raise BadInput(problems)
    central = run.squeeze("member") if "member" in run.dims else run
    lines = [_line(statement, found, central) for statement in listed for found in statement.observations]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def write_fit(table: pd.DataFrame, file: Path) -> None:
    """Write the table as CSV: UTF-8, LF, ten significant digits."""
    table.to_csv(file, index=False, encoding="utf-8", lineterminator="\n", float_format="%.10g")


def _line(statement: Statement, found: Observation, run: xr.Dataset) -> tuple[object, ...]:
    model = float(statement.model.at(found.time, run))
    low, high = statement.tolerance.band(found.value, found.sd)
    beyond = 0.0 if low <= model <= high else model - (low if model < low else high)
    residual = model - found.value if math.isfinite(found.value) else beyond
    if not math.isfinite(model):
        outcome, residual = OUTSIDE, math.nan
    elif not statement.observed:
        outcome, residual = NOT_OBSERVED, math.nan
    else:
        outcome = OK if low <= model <= high else MISSED
    ends = (end if math.isfinite(end) else math.nan for end in (low, high))
    words = statement.tolerance.text(found.sd)
    ids = " ".join(found.ids)
    return (
        statement.name, found.time, found.value, *ends, words, statement.unit, model, residual, outcome, ids,
        statement.wording,
    )  # fmt: skip


def _statement(fields: Fields, name: str, node: Node, series: pd.DataFrame) -> Statement:
    block = fields.block(node, name, _KEYS, ("wording", "unit", "model"))
    unobserved = fields.one_of(block.get("not_observed"), f"{name}.not_observed", ("true", "false")) == "true"
    if not unobserved and block.get("within") is None:
        fields.complain(block.place, "'within' is missing", name)
    observations = _observations(fields, name, block, series)
    if not observations:
        fields.complain(block.place, "no time: write `at`, or name a series that has counts in the span", name)
    return Statement(
        name=name,
        wording=fields.text(block.get("wording"), f"{name}.wording"),
        unit=fields.text(block.get("unit"), f"{name}.unit"),
        model=read_expression(fields, block.get("model"), f"{name}.model"),
        observations=observations,
        tolerance=_tolerance(fields, name, block.get("within")),
        observed=not unobserved,
        origin=block.place,
    )


def _observations(fields: Fields, name: str, block: Block, series: pd.DataFrame) -> tuple[Observation, ...]:
    observed = block.get("observed")
    if isinstance(observed, Block):
        return _from_series(fields, name, observed, series)
    value = fields.number(observed, f"{name}.observed")
    ids = fields.texts(block.get("source"), f"{name}.source")
    times = (fields.number(item, f"{name}.at") for item in fields.items(block.get("at"), f"{name}.at"))
    return tuple(Observation(t, math.nan if value is None else value, 0.0, ids) for t in times if t is not None)


def _from_series(fields: Fields, name: str, node: Block, series: pd.DataFrame) -> tuple[Observation, ...]:
    fields.block(node, f"{name}.observed", ("series", "scope", "from", "until"), ("series", "from", "until"))
    known = list(dict.fromkeys(series["series"]))
    wanted = fields.one_of(node.get("series"), f"{name}.observed.series", known)
    first, last = (fields.number(node.get(key), f"{name}.observed.{key}") for key in ("from", "until"))
    if first is None or last is None:
        return ()
    rows = series[(series["series"] == wanted) & series["status"].isin(COUNTS)]
    rows = rows[(rows["time"] >= first) & (rows["time"] < last)]
    if node.get("scope") is not None:
        rows = rows[rows["scope"] == fields.text(node.get("scope"), f"{name}.observed.scope")]
    columns = (rows[column].tolist() for column in ("time", "value", "sd", "ids"))
    return tuple(
        Observation(float(t), float(v), float(sd), tuple(ids.split())) for t, v, sd, ids in zip(*columns, strict=True)
    )


def _tolerance(fields: Fields, name: str, node: Node | None) -> Tolerance:
    key = f"{name}.within"
    block = fields.block(node, key, ("sd", "of", "factor", "absolute", "between"))
    for kind in ("sd", "factor", "absolute"):
        size = fields.number(block.get(kind), key)
        if size is not None:
            return Tolerance(kind, size, sd=fields.number(block.get("of"), key))
    ends = block.get("between")
    if not isinstance(ends, Listing) or len(ends.items) != 2:
        if node is not None:
            fields.complain(node.place, "write sd, factor, absolute or between: [low, high]", key)
        return Tolerance()
    low, high = (fields.number(item, key) for item in ends.items)
    return Tolerance("between", low=-math.inf if low is None else low, high=math.inf if high is None else high)


def main() -> int:
    """Run the baseline's central case and write the residual table, calibration/fit.csv; the exit code."""
    from vimach.scenario import read_scenario
    from vimach.simulate import Settings, built_in, simulate

    try:
        target = library.own("evidence").with_name("fit.csv")
        model = built_in()
        scenario = read_scenario("baseline", model.table, model.labels)
        table = evaluate(read_statements(), simulate(model, scenario, Settings(members=0)))
    except VimachError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    write_fit(table, target)
    print(table["outcome"].value_counts().to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
