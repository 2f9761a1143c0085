"""Simulation-based calibration: truths drawn from the prior, counts made of them, and refits that must find them again.

Each truth is a member of a prior ensemble with another seed. Its counts get the errors, gaps and rounding of the real
ones. Over many truths a 90 % interval must hold the truth nine times in ten, and the truth's rank must be uniform.

    python -m vimach_calibration.sbc --truths 200 --resume
"""

import argparse
import ast
import csv
import hashlib
import inspect
import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy.special import ndtri  # type: ignore[import-untyped]
from scipy.stats import chisquare  # type: ignore[import-untyped]

from vimach.draws import uniforms
from vimach.ensemble import Sample
from vimach.errors import BadInput, VimachError
from vimach.identity import word
from vimach.posterior import fingerprint
from vimach.results import whole
from vimach_calibration import calibrate, coordinates, emulator, estimation, importance, likelihood
from vimach_calibration.calibrate import CalibrationFailed, Calibrator, Plan
from vimach_calibration.coordinates import Coordinate, prior_values
from vimach_calibration.likelihood import Likelihood
from vimach_calibration.observations import Count, Observations

Array = npt.NDArray[np.float64]

SEED = 4034
"""The seed of the truths; refits draw from another."""
FEWEST_EFFECTIVE = 400.0
"""A refit worth fewer members than this has failed."""
HEADLINES = ("employed_in_sector", "employed_design", "employed_atp", "design_firms_active", "trained_cumulative")
"""What is forecast for the end of 2030, beside the estimated parameters."""
BINS = 10
MORE = (1, 4)
"""How many times the members of the plan are tried, one after the other, until a refit is worth enough."""
POOLED, SINGLE, UNIFORM = (0.87, 0.93), (0.82, 0.97), 0.01
"""What is asked: pooled coverage of 90 % intervals, that of each quantity, and the p-value of uniform ranks."""


@dataclass(frozen=True)
class Refit:
    """One truth found again: what the refit is worth, and the rank of the truth for each quantity, NaN if it failed."""

    truth: int
    effective: float
    ranks: tuple[float, ...]


class Bench:
    """A calibrator put to the test: truths, the counts made of them, refits."""

    def __init__(self, calibrator: Calibrator, real: Observations, estimated: tuple[Coordinate, ...], truths: int):
        self.calibrator, self.real, self.estimated = calibrator, real, estimated
        self.sample = Sample(SEED, np.arange(truths, dtype=np.int64))
        self.quantities = (*(axis.name for axis in estimated), *HEADLINES)
        self._runs: xr.Dataset | None = None

    @property
    def runs(self) -> xr.Dataset:
        """The truths, simulated."""
        if self._runs is None:
            self._runs = self.calibrator.forecast(self.sample)
        return self._runs

    def counts(self, truth: int) -> Observations:
        """What would have been published of a truth: at one of the moments meant, with an error, to the same words."""
        likelihood = Likelihood(self.real.counts)
        logs = likelihood.logs(self.runs)[:, truth]
        made = []
        for number, count in enumerate(self.real.counts):
            rows = np.flatnonzero(likelihood.owner == number)
            luck = (uniforms(SEED, f"{what}/{number}", truth, 1)[0] for what in ("moment", "published"))
            moment, error = luck
            made.append(worded(count, float(logs[rows[int(moment * len(rows))]] + count.sd * ndtri(error))))
        return replace(self.real, counts=tuple(made), excluded=())

    def refit(self, truth: int) -> Refit:
        """The whole calibration on the counts of one truth, with more members where they are worth too little."""
        observed, plan, found = self.counts(truth), self.calibrator.plan, None
        for more in MORE:
            self.calibrator.plan = replace(plan, trials=more * plan.trials)
            try:
                found = self.calibrator.run(observed, self.estimated)
                break
            except CalibrationFailed:
                continue
            finally:
                self.calibrator.plan = plan
        if found is None:
            return Refit(truth, 0.0, tuple(np.nan for _ in self.quantities))
        weights = found.weights.normal
        mine = prior_values(found.sample, self.estimated)
        theirs = prior_values(self.sample.part(truth, 1), self.estimated)[0]
        pairs = [(mine[:, n], theirs[n]) for n in range(len(self.estimated))]
        edge = self.calibrator.plan.until + 1.0
        for name in HEADLINES:
            pairs.append((found.runs[name].sel(edge=edge).to_numpy(), float(self.runs[name].sel(edge=edge)[truth])))
        ties = uniforms(SEED, "ties", truth, 1)[0]
        ranks = tuple(float(weights[v < t].sum() + ties * weights[v == t].sum()) for v, t in pairs)
        return Refit(truth, found.weights.effective, ranks)


def worded(count: Count, log_number: float) -> Count:
    """A count in the words of another: the same width on the log scale, in whichever of such steps the number lies."""
    if not np.isfinite(count.high):
        over = log_number >= np.log(count.low)
        return replace(count, low=count.low if over else count.least, high=count.high if over else count.low)
    width = np.log(count.high / count.low)
    shift = float(np.exp(width * np.floor((log_number - np.log(count.low)) / width)))
    return replace(count, low=count.low * shift, high=count.high * shift)


def judged(refits: Sequence[Refit], quantities: Sequence[str]) -> pd.DataFrame:
    """For each quantity: refits that held, coverage of the 90 % interval, p-value of uniform ranks times quantities."""
    held = [refit for refit in refits if refit.effective >= FEWEST_EFFECTIVE]
    ranks = np.array([refit.ranks for refit in held]).reshape(len(held), len(quantities))
    rows = []
    for number, name in enumerate(quantities):
        mine = ranks[:, number]
        seen = np.histogram(mine, BINS, (0.0, 1.0))[0]
        p = float(chisquare(seen).pvalue) if len(mine) else np.nan
        rows.append((name, len(mine), float(np.mean((mine > 0.05) & (mine < 0.95))), min(p * len(quantities), 1.0)))
    return pd.DataFrame(rows, columns=["quantity", "refits", "coverage_90", "p_uniform"])


def verdict(table: pd.DataFrame, failed: int) -> list[str]:
    """What is asked and what was found, a line each."""
    pooled = float(table["coverage_90"].mean())
    low, high = table["coverage_90"].min(), table["coverage_90"].max()
    least = float(table["p_uniform"].min())
    held = int(table["refits"].max())
    return [
        f"refits that failed (worth under {FEWEST_EFFECTIVE:.0f} members, or not converged): {failed} of "
        f"{held + failed}; 0 is asked; counted as misses they leave a pooled coverage of "
        f"{pooled * held / (held + failed):.3f}",
        f"pooled coverage of 90 % intervals: {pooled:.3f}; {POOLED[0]:g} to {POOLED[1]:g} is asked: "
        f"{'met' if POOLED[0] <= pooled <= POOLED[1] else 'missed'}",
        f"coverage of single quantities: {low:.3f} to {high:.3f}; {SINGLE[0]:g} to {SINGLE[1]:g} is asked: "
        f"{'met' if SINGLE[0] <= low and high <= SINGLE[1] else 'missed'}",
        f"smallest p-value of uniform ranks, corrected for {len(table)} quantities: {least:.3f}; "
        f"{UNIFORM:g} is asked: {'met' if least >= UNIFORM else 'missed'}",
    ]


Work = Callable[[Iterable[int]], Iterable[Refit]]


def go(
    bench: Bench, truths: int, file: Path, head: str, resume: bool, say: Callable[[str], None] = print,
    work: Work | None = None,
) -> list[Refit]:  # fmt: skip
    """All refits, kept in `file` as soon as they are done; with `resume` those there stay. `work` makes them in order.

    `head` tells what they are refits of; BadInput if the file was left by other ones, or is there without `resume`.
    """
    if file.exists() and not resume:
        raise BadInput(f"{file}: is there already; go on with it by --resume, or remove it")
    done = _read(file, head, len(bench.quantities)) if file.exists() else []
    refits = work or (lambda rest: map(bench.refit, rest))
    for refit in refits(range(len(done), truths)):
        done.append(refit)
        rows = [(each.truth, f"{each.effective:.1f}", *(f"{rank:.6f}" for rank in each.ranks)) for each in done]
        with whole(file) as part:
            text = _lines([["# " + head], ["truth", "effective", *bench.quantities], *rows])
            part.write_text(text, encoding="utf-8", newline="\n")
        say(f"truth {len(done)} of {truths}: worth {refit.effective:,.0f} members")
    return done


def _read(file: Path, head: str, quantities: int) -> list[Refit]:
    first, _, *lines = file.read_text(encoding="utf-8").splitlines()
    if first != "# " + head:
        raise BadInput(f"{file}: was left by another model, calibration, plan or seed; remove it to begin anew")
    rows = [line.split(",") for line in lines]
    if any(len(row) != 2 + quantities for row in rows):
        raise BadInput(f"{file}: a line is broken; remove the file to begin anew")
    return [Refit(int(truth), float(worth), tuple(map(float, ranks))) for truth, worth, *ranks in rows]


def _lines(rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def headed(bench: Bench) -> str:
    """What refits are of: the model, the counts' words, the estimated parameters, the code, the plan and both seeds."""
    counts = [(c.term, c.time, c.timing, c.low, c.high, c.sd) for c in bench.real.counts]
    plan = bench.calibrator.plan
    what = word((fingerprint(bench.calibrator.model), counts, bench.quantities))
    return (
        f"model and counts {what}; code {code()}; {plan.trials} trials with seed {plan.seed}; truths with seed {SEED}"
    )


def code() -> str:
    """One word for the code of a refit, but for what it says of itself in comments and docstrings."""
    return word([_told(inspect.getsource(module)) for module in (
        calibrate, coordinates, emulator, estimation, importance, likelihood, sys.modules[Bench.__module__]
    )])  # fmt: skip


def _told(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _says(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _says(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def real_bench(truths: int, plan: Plan) -> Bench:
    """The built-in model put to the test, its estimated parameters those of the committed posterior."""
    from vimach.posterior import read_posterior
    from vimach.scenario import read_scenario
    from vimach.simulate import built_in
    from vimach_calibration.observations import observations

    model = built_in()
    posterior = read_posterior(model)
    if posterior is None:
        raise BadInput("there is no posterior to test; run `vimach calibrate` first")
    real = observations()
    calibrator = Calibrator(model, read_scenario("baseline", model.table, model.labels), real.counts, plan)
    by_name = {axis.name: axis for axis in calibrator.axes}
    return Bench(calibrator, real, tuple(by_name[name] for name in posterior.quantiles), truths)


_HERE: list[Bench] = []
"""The bench of this process, one of several."""


def _open(truths: int, plan: Plan) -> None:
    _HERE.append(real_bench(truths, plan))


def _refit(truth: int) -> tuple[Refit, float]:
    start = time.perf_counter()
    refit = _HERE[0].refit(truth)
    return refit, time.perf_counter() - start


def main(words: Sequence[str] | None = None) -> int:
    """Refit every truth and write sbc.csv and sbc.md beside the posterior; 1 if what is asked is missed."""
    from vimach import library

    asked = argparse.ArgumentParser(prog="python -m vimach_calibration.sbc", description=__doc__)
    asked.add_argument("--truths", type=int, default=200)
    asked.add_argument("--trials", type=int, default=20000, help="members weighted in each refit")
    asked.add_argument("--resume", action="store_true", help="keep the refits that a broken-off run left")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="refits made at once; changes no number")
    asked.add_argument("--out", type=Path, default=None, help="folder; otherwise calibration/estimates")
    options = asked.parse_args(words)
    plan = Plan(trials=options.trials, effective=FEWEST_EFFECTIVE, threads=1)
    bench = real_bench(options.truths, plan)
    folder = options.out or Path(str(library.folder("estimates")))
    head = headed(bench)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # in the processes that are started now: each has its core
    slowest = 0.0
    with ProcessPoolExecutor(
        options.jobs, get_context("spawn"), initializer=_open, initargs=(options.truths, plan)
    ) as pool:

        def work(rest: Iterable[int]) -> Iterable[Refit]:
            nonlocal slowest
            for refit, seconds in pool.map(_refit, rest):
                slowest = max(slowest, seconds)
                yield refit

        refits = go(bench, options.truths, folder / "sbc.csv", head, options.resume, work=work)
    table = judged(refits, bench.quantities)
    failed = sum(refit.effective < FEWEST_EFFECTIVE for refit in refits)
    lines = verdict(table, failed)
    made = hashlib.sha256((folder / "sbc.csv").read_bytes()).hexdigest()[:16]
    told = page(f"{head}; sbc.csv has the hash {made}", table, lines, len(refits))
    (folder / "sbc.md").write_text(told, encoding="utf-8", newline="\n")
    print("\n".join(lines))
    print(f"the slowest refit took {slowest:.0f} s on one core")
    return int(failed > 0 or any(line.endswith("missed") for line in lines))


def page(head: str, table: pd.DataFrame, lines: Sequence[str], truths: int) -> str:
    """The result as a page of Markdown."""
    rows = [f"| {r.quantity} | {r.refits} | {r.coverage_90:.3f} | {r.p_uniform:.3f} |" for r in table.itertuples()]
    return "\n".join(
        [
            "# Simulation-based calibration", "",
            f"Written by `python -m vimach_calibration.sbc`. {truths} truths drawn from the prior; {head}.", "",
            *(f"- {line}" for line in lines), "",
            "| quantity | refits | coverage of 90 % | p of uniform ranks |", "| --- | --- | --- | --- |", *rows, "",
        ]
    )  # fmt: skip


if __name__ == "__main__":
    try:
        sys.exit(main())
    except VimachError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
