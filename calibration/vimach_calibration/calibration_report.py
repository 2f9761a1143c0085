"""What a calibration found, in one page of Markdown: how far it may be trusted, what moved and what did not."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.special import ndtri  # type: ignore[import-untyped]

from vimach.analysis.targets import INTERVAL, is_whole
from vimach.draws import uniforms
from vimach.ensemble import Sample
from vimach_calibration.calibrate import HEADLINES, SWITCHES, Calibration, Calibrator, Plan
from vimach_calibration.coordinates import Coordinate, prior_values
from vimach_calibration.importance import weighted_quantiles

Array = npt.NDArray[np.float64]

BAND = np.array(INTERVAL)
STAYS, MOVES = 0.9, 0.2
"""A parameter stays at its prior if its spread is above this share of it and its middle moves by less than so many of
its standard deviations: below that, a thousand members cannot tell it from chance."""
TIED = 0.3
"""Two estimated parameters cannot be told apart if their correlation under the posterior is beyond this; a priori
there is none."""
OFFICIAL = 2025.6
"""August 2025, of which the official total of 15,000 engineers speaks."""


PRIOR = 4_000
"""Members of the prior ensemble that are run to tell what was thought before."""


def before(calibrator: Calibrator) -> xr.Dataset:
    """Runs of members as the priors draw them."""
    return calibrator.forecast(Sample(calibrator.plan.seed, np.arange(PRIOR, dtype=np.int64)))


def report(found: Calibration, prior: xr.Dataset, plan: Plan, counts: str) -> str:
    """The page, `prior` being runs `before`; same calibration, same text."""
    blocks = [
        "# Calibration",
        "Written by `vimach calibrate`; never edited by hand. Intervals are 80 %.",
        *_trust(found, plan, counts),
        *_structures(found, plan),
        *_counts(found, prior),
        *_headlines(found, prior, plan),
        *_parameters(found),
        *_pairs(found),
        *_fit(found),
    ]
    return "\n\n".join(blocks) + "\n"


def moments(found: Calibration) -> tuple[Array, Array]:
    """Mean and spread of every coordinate under the posterior; a priori they are 0 and 1."""
    values = prior_values(found.sample, found.axes)
    weights = found.weights.normal
    mean = weights @ values
    return mean, np.sqrt(weights @ (values - mean) ** 2)


def at_prior(found: Calibration) -> list[str]:
    """The draws that the counts leave at their prior."""
    mean, spread = moments(found)
    still = (spread > STAYS) & (np.abs(mean) < MOVES)
    return [axis.name for axis, stays in zip(found.axes, still, strict=True) if stays]


def covered(found: Calibration) -> list[tuple[float, float, float, bool]]:
    """For each count: 10 %, 50 % and 90 % of what would have been published, and whether the count lies in between.

    Here, where a number is compared with a published one, the error of a count is added.
    """
    logs = found.likelihood.logs(found.runs)
    weights, told = found.weights.normal, []
    for number, count in enumerate(found.observed.counts):
        rows = np.flatnonzero(found.likelihood.owner == number)
        luck = uniforms(found.sample.seed, f"published/{number}", 0, len(found.sample))
        moment = (uniforms(found.sample.seed, f"moment/{number}", 0, len(found.sample)) * len(rows)).astype(int)
        published = np.exp(logs[rows][moment, np.arange(len(luck))] + count.sd * ndtri(luck))
        low, middle, high = weighted_quantiles(published, weights, BAND)
        told.append((low, middle, high, bool(low <= count.high and count.low <= high)))
    return told


def _trust(found: Calibration, plan: Plan, counts: str) -> Iterable[str]:
    yield "## How far it may be trusted"
    weights = found.weights
    broken = int(np.isneginf(weights.log_weights).sum())
    kept = len(np.unique(weights.chosen(plan.entries)))
    yield _bullets(
        f"{len(found.observed.counts)} counts, {counts}; {len(found.estimated)} parameters estimated, "
        f"{len(found.axes) - len(found.estimated)} draws left to their priors, all joint.",
        f"{plan.trials:,} members weighted are worth {weights.effective:,.0f} "
        f"({weights.effective / plan.trials:.1%}); the largest weight is {weights.largest:.2%}; {broken} broke.",
        f"{kept:,} different members stand behind {plan.entries:,} entries.",
        f"Log of the probability of the counts: {weights.log_evidence:.2f}.",
        *(f"Left out: {words}" for words in found.observed.excluded),
    )


def _structures(found: Calibration, plan: Plan) -> Iterable[str]:
    yield "## Structures"
    yield (
        "Which structure holds, the counts may say; a weight near its prior says that they do not. Then the headlines "
        f"at the end of {plan.until} under each alone."
    )
    after = found.weights.normal
    rows = []
    for name, values in zip(SWITCHES, prior_values(found.sample, _axes(found, SWITCHES)).T, strict=True):
        yes = values > 0.0
        chance = next(axis.chance for axis in found.axes if axis.name == name)
        rows.append((f"{name} = 1", f"{chance:.2f}", f"{after[yes].sum():.2f}"))
    for number, structure in enumerate(found.structures):
        mine = found.structure == number
        rows.append((str(structure), f"{mine.mean():.2f}", f"{after[mine].sum():.2f}"))
    yield _table(("structure", "prior weight", "posterior weight"), rows)
    lines = []
    for name, value in ((name, value) for name in SWITCHES for value in (0, 1)):
        mine = (prior_values(found.sample, _axes(found, [name]))[:, 0] > 0.0) == bool(value)
        alone = np.where(mine, after, 0.0)
        lines.append((f"{name} = {value}", *(_band(found.runs, each, alone, plan.until + 1.0) for each in HEADLINES)))
    yield _table(("alone", *HEADLINES), lines)


def _counts(found: Calibration, runs: xr.Dataset) -> Iterable[str]:
    yield "## The counts"
    checked = covered(found)
    inside = sum(line[3] for line in checked)
    yield (
        f"What would have been published, errors of counting added, against what was: {inside} of {len(checked)} "
        "counts meet the 80 % interval. A count whose rows a prior cites too is marked *: it is used twice."
    )
    logs = found.likelihood.logs(runs)
    rows = []
    for number, (count, (low, middle, high, hit)) in enumerate(zip(found.observed.counts, checked, strict=True)):
        row = np.flatnonzero(found.likelihood.owner == number)[len(count.moments) // 2]
        prior = weighted_quantiles(np.exp(logs[row]), np.ones(logs.shape[1]), BAND)[1]
        said = f"{_number(count.low)} to {_number(count.high)}" if np.isfinite(count.high) else f"over {count.low:g}"
        star = "*" if _cited(found, count.ids) else ""
        told = f"{_number(middle)} ({_number(low)} to {_number(high)})"
        rows.append((count.term + star, f"{count.time:g}", said, _number(prior), told, "yes" if hit else "no"))
    yield _table(("count", "time", "published", "prior median", "posterior, as published", "met"), rows)


def _headlines(found: Calibration, prior: xr.Dataset, plan: Plan) -> Iterable[str]:
    yield "## Before and after"
    rows = []
    for edge in (OFFICIAL, 2026.0, plan.until + 1.0):
        for name in HEADLINES:
            alike = np.ones(prior.sizes["member"])
            pair = (_band(prior, name, alike, edge), _band(found.runs, name, found.weights.normal, edge))
            rows.append((name, f"{edge:g}", *pair))
    yield _table(("headline", "time", "prior", "posterior"), rows)
    yield (
        "The official 15,000 engineers of August 2025 are 7,000 in design and 7,000 to 8,000 in assembly and test by "
        f"the wide definition. The prior is spoken for by {PRIOR:,} other runs."
    )


def _parameters(found: Calibration) -> Iterable[str]:
    yield "## Estimated parameters"
    mean, spread = moments(found)
    rows = []
    position = {axis.name: number for number, axis in enumerate(found.axes)}
    weight = [found.weights.normal[found.structure == number].sum() for number in range(len(found.structures))]
    falls = 1.0 / found.structures[int(np.argmax(weight))].results.bse ** 2
    for number, axis in enumerate(found.estimated):
        at = position[axis.name]
        drawn = found.sample.uniforms(axis.name, 0, len(found.sample))
        bands = [_natural(axis, each) for each in (BAND, weighted_quantiles(drawn, found.weights.normal, BAND))]
        moved = "stays at its prior" if spread[at] > STAYS and abs(mean[at]) < MOVES else ""
        cells = (f"{mean[at]:+.2f}", f"{spread[at]:.2f}", f"{falls[number] - 1:.2f}", moved)
        rows.append((axis.name, text_of_unit(axis), *bands, *cells))
    heads = ("parameter", "unit", "prior", "posterior", "moved by (prior sd)", "spread over prior", "profile", "")
    yield _table(heads, rows)
    yield (
        "*Profile*: twice the fall of the profile log-likelihood of the counts when the parameter is moved by one "
        "prior standard deviation and all other estimated ones follow (quadratic, in the structure of the largest "
        "weight); below 1 the prior says more than the counts."
    )
    still = at_prior(found)
    known = {axis.name for axis in found.estimated}
    noise = sum(axis.parameter.redrawn for axis in found.axes)
    others = [
        f"{axis.name} ({mean[n]:+.2f}, {spread[n]:.2f})"
        for n, axis in enumerate(found.axes)
        if axis.name not in known and axis.name not in still
    ]
    yield (
        f"Of {len(found.axes)} draws ({noise} of them yearly noise) {len(still)} stay at their prior: spread above "
        f"{STAYS:g} of it and middle moved by less than {MOVES:g} prior standard deviations. Not estimated, and yet "
        f"moved by the weights (middle, spread): {', '.join(others) or 'none'}."
    )


def _pairs(found: Calibration) -> Iterable[str]:
    yield "## Pairs that cannot be told apart"
    values = prior_values(found.sample, found.estimated)
    weights = found.weights.normal
    apart = values - weights @ values
    covariance = (apart * weights[:, None]).T @ apart
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    names = [axis.name for axis in found.estimated]
    rows = [
        (names[i], names[j], f"{correlation[i, j]:+.2f}")
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(correlation[i, j]) > TIED
    ]
    yield _table(("one", "other", "correlation"), rows) if rows else f"No correlation beyond {TIED:g}."


def _fit(found: Calibration) -> Iterable[str]:
    yield "## Fits by statsmodels"
    yield (
        "`SimulatorModel`, a `GenericLikelihoodModel`: normal scores of the estimated parameters, their priors as "
        "stochastic restrictions, all other draws central. Each structure alone: score (standard error)."
    )
    heads = ("parameter", *(str(structure.values).replace(",)", ")") for structure in found.structures))
    rows: list[Sequence[str]] = [
        (axis.name, *(f"{s.results.params[n]:+.2f} ({s.results.bse[n]:.2f})" for s in found.structures))
        for n, axis in enumerate(found.estimated)
    ]
    rows.append(("log-likelihood, counts", *(f"{s.results.llf_data:.2f}" for s in found.structures)))
    rows.append(("with restrictions", *(f"{s.results.llf:.2f}" for s in found.structures)))
    yield _table(heads, rows)
    yield f"Values are those of {', '.join(SWITCHES)}."


def _axes(found: Calibration, names: Sequence[str]) -> list[Coordinate]:
    return [next(axis for axis in found.axes if axis.name == name) for name in names]


def _cited(found: Calibration, ids: Sequence[str]) -> bool:
    cited = {source.split(":")[-1] for axis in found.axes for source in axis.parameter.source}
    return bool(cited & set(ids))


def _band(runs: xr.Dataset, name: str, weights: Array, edge: float) -> str:
    data = runs[name]
    after = int(np.searchsorted(data["edge"].to_numpy(), edge))
    edges, values = data["edge"].to_numpy(), data.transpose("edge", "member").to_numpy()
    if edges[after] == edge:
        path = values[after]
    else:
        share = (edge - edges[after - 1]) / (edges[after] - edges[after - 1])
        path = values[after - 1] + share * (values[after] - values[after - 1])
    if is_whole(str(data.attrs.get("unit", ""))):
        path = np.floor(path + 1e-6)
    low, middle, high = weighted_quantiles(path, weights, BAND)
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def _natural(axis: Coordinate, quantiles: Array) -> str:
    """The parameter itself, or the factor on it, in its own unit, at the quantiles of BAND."""
    shape = axis.parameter.distribution or axis.parameter.factor
    assert shape is not None
    low, middle, high = np.asarray(shape.quantile(quantiles))
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def text_of_unit(axis: Coordinate) -> str:
    """The unit of the parameter, or that it is a factor on values by label or over time."""
    return axis.parameter.unit if axis.parameter.distribution is not None else "factor"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bullets(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
