"""The page that a benchmark leaves: ratios first, then seconds with the machine that they were measured on."""

from collections.abc import Mapping, Sequence
from typing import Any

from vimach.simulate import BLOCK

WANTED: Mapping[str, tuple[str, float]] = {
    "native against array, per core": ("at least", 10.0),
    "native against simlin, per core": ("at least", 45.0),
    "native against PySD, per core": ("at least", 5000.0),
    "scalar equations of the model a second, per core (1e9)": ("at least", 3.5),
    "build, nothing cached (s)": ("at most", 0.5),
    "10,000 members of the posterior, headlines, two threads, drawn and computed (s)": ("at most", 5.0),
    "vimach run baseline --members 1, cached, whole process (s)": ("at most", 1.0),
    "vimach --help (s)": ("at most", 0.25),
    "43 members to the end of 2026, warm, drawn before (s)": ("at most", 0.015),
    "100,000 members x 40 outputs, peak memory (MB)": ("at most", 1536.0),
}
"""What the project set out to reach. Ratios are held with slack by `make bench`; seconds are printed only."""

GATED = {name: limit for name, (_, limit) in WANTED.items() if name.startswith("native against")}
SLACK = 0.8
OF_A_POWER = 80
"""Sums, products and ratios of a power, by its recipe (`kernels/recipes.py`)."""


def verdict(name: str, value: float) -> str:
    """Whether a number meets what was wanted of it."""
    if name not in WANTED:
        return ""
    word, limit = WANTED[name]
    met = value >= limit if word == "at least" else value <= limit
    return f"{word} {limit:g}: {'reached' if met else 'missed'}"


def missed(found: Mapping[str, float], slack: float = SLACK) -> list[str]:
    """Ratios that fall short by more than the slack for noise."""
    return [name for name, limit in GATED.items() if name in found and not found[name] >= slack * limit]


def number(value: float) -> str:
    """Three significant digits, and plain."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def rows(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *body]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def written(found: Mapping[str, Any]) -> str:
    """The whole page."""
    machine, size, turns = found["machine"], found["size"], found["turns"]
    step, most = size["of a step"], found["limit"]
    plain = step["operations"] - step["powers"] + OF_A_POWER * step["powers"]
    pace = plain * size["steps"] / found["full model"]["native, 1 thread"] / 1e9
    grown = sorted(set(turns["growth"].values()))
    lines = [
        "# How fast, measured",
        "",
        "Made by `make bench`; the numbers are in `results.json`. Contenders of a table took turns, and each number is",
        "the median of so many turns, after one that does not count; what takes long took fewer, and none to warm up.",
        f"Ratios travel; seconds belong to this machine: {machine['processor']}, {machine['cores']} cores,",
        f"{machine['system']}, Python {machine['python']}, NumPy {machine['numpy']}, llvmlite {machine['llvmlite']}.",
        "",
        "## What was wanted",
        "",
        *rows(("what", "measured", "turns", "wanted"),
              [(name, number(value), str(turns["headlines"].get(name, "")), verdict(name, value))
               for name, value in found["headlines"].items()]),
        "Ratios, and equations a second, are those of the tables below.",
        "",
        "## The whole model, baseline, 2015 to 2035",
        "",
        f"{size['equations']:,} scalar equations, {size['steps']} steps, blocks of {BLOCK} members; the others run our",
        "export, simlin and PySD handing back one value. Every engine is counted by all equations of the model; our",
        f"code works out {step['equations']:,} of them at every step: what inputs alone decide is done once in a run,",
        "and what is only shown once a year.",
        "",
        *_race(found["full model"], turns["full model"], "native, 1 thread"),
        "## A peer's model: 60 variables, 480 steps",
        "",
        *_race(found["peer model"], turns["peer model"], "native, 1 thread"),
        "## Growth",
        "",
        f"The native kernel on one thread, inputs drawn before, {' or '.join(map(str, grown))} turns each. By size: a",
        f"labour market of more and more places, the same equations for each (`market.py`), {size['steps']} steps.",
        "",
        *rows(("members", "ms a member"),
              [(f"{int(m):,}", number(1000 * s)) for m, s in found["by members"].items()]),
        *rows(("until the end of", "ms a member"),
              [(year, number(1000 * s)) for year, s in found["by years"].items()]),
        *rows(("scalar equations", "ms a member", "1e9 equations a second"),
              [(f"{int(n):,}", number(1000 * s), number(int(n) * size["steps"] / s / 1e9))
               for n, s in found["by size"].items()]),
        "## Distance to the machine's limit",
        "",
        f"Multiplying and adding registers, with nothing to load or store, it does {number(most)} G operations",
        f"a second on one core. A step is {step['operations']:,} operations, {step['powers']} of them powers of some "
        f"{OF_A_POWER} each: the kernel",
        f"does {number(pace)} G a second, {pace / most:.0%} of the limit. The others are loads, stores, divisions and "
        "inputs.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _race(found: Mapping[str, float], turns: Mapping[str, int], against: str) -> list[str]:
    body = [(name, number(1000 * s), str(turns[name]), number(s / found[against])) for name, s in found.items()]
    return rows(("contender", "ms a member", "turns", f"times {against}"), body)
