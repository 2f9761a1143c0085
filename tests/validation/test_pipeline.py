"""One workforce pipeline on three engines: ours, PySD and simlin, variable by variable on the time index.

data/pipeline.xmile is run by PySD and simlin; pipeline_model.py says the same in our own declarations. Every variable
that the file declares is listed in COMPARED, and each must be a column of all three results. Beside the file as it is,
two cases with other constants send the run through the branches that the first does not enter.
"""

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from . import pipeline_model
from .small_runs import run

FILE = Path(__file__).parent / "data" / "pipeline.xmile"
TOLERANCE = 1e-9  # of the largest |value| of each variable

COMPARED = (
    # stocks
    "students", "graduate_pool", "trainees", "junior_engineers", "senior_engineers", "faculty",
    # flows
    "enrolment", "graduation", "dropout", "hiring", "leaving_sector", "training_completion", "promotion",
    "junior_attrition", "immigration", "senior_attrition", "retirement", "faculty_hiring", "faculty_retirement",
    # auxiliaries
    "demand", "perceived_demand", "workforce", "vacancy_gap", "gap_ratio", "smoothed_gap", "attractiveness",
    "policy_boost", "desired_enrolment", "teaching_capacity", "enrolment_capacity", "completers",
    "expected_completions", "desired_hiring", "smoothed_losses", "target_faculty", "initial_gap_ratio",
    "initial_losses",
    # parameters
    "base_enrolment", "study_time", "completion_share", "job_search_time", "leak_rate", "training_time",
    "promotion_time", "junior_quit_rate", "senior_quit_rate", "senior_career", "immigration_share", "visa_delay",
    "faculty_adjustment_time", "faculty_career", "faculty_ratio", "students_per_faculty",
    "capacity_adjustment_time", "initial_demand", "demand_growth", "perception_time", "vacancy_fill_time",
    "policy_start", "policy_size",
)  # fmt: skip

CASES: dict[str, dict[str, float]] = {
    "as written": {},
    "slack": {
        "initial_demand": 60000.0, "demand_growth": 0.02, "faculty_ratio": 0.035, "students_per_faculty": 14.0,
        "capacity_adjustment_time": 0.25, "policy_start": 2031.5, "policy_size": 0.4,
    },
    "shortage, then decline": {"initial_demand": 160000.0, "demand_growth": -0.03},
}  # fmt: skip
"""Constants changed in the file and in our model, by case."""


def canonical(name: str) -> str:
    """A variable's name as XMILE compares names: case and kind of blank do not matter."""
    return "_".join(name.replace("_", " ").split()).lower()


# three runs


def ours(changes: Mapping[str, float]) -> pd.DataFrame:
    """Our engine's run with `changes` of constants; one step beyond the end, to record the last time's rates too."""
    steps = int((pipeline_model.STOP - pipeline_model.START) * pipeline_model.STEPS_A_YEAR)
    step = 1 / pipeline_model.STEPS_A_YEAR
    times = pipeline_model.START + step * np.arange(steps + 2)
    numbers = pipeline_model.numbers(times, changes)
    result = run(pipeline_model, numbers, steps=steps + 1, step=step, start=pipeline_model.START)
    columns = {name: values[: steps + 1, 0] for name, values in result.values.items() if values.ndim == 2}
    columns["policy_boost"] = numbers["policy_boost"].value[: steps + 1, 0]
    columns |= {name: np.full(steps + 1, n.value) for name, n in pipeline_model.constants(changes).items()}
    return pd.DataFrame(columns, index=pd.Index(times[: steps + 1], name="time"))


def by_pysd(copy: Path) -> pd.DataFrame:
    """PySD's run of a copy of the file, in a folder where PySD may write its translation beside it.

    The translation is not put into good style, which takes four fifths of a large model's time, and every value of a
    step is kept: to count which are asked for more than once takes half of the rest.
    """
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        for message in ("chardet.universaldetector is deprecated", "The inplace keyword in DataFrame.set_index"):
            warnings.filterwarnings("ignore", message=message, category=DeprecationWarning)
        import pysd

        patch.setattr("black.format_file_contents", lambda source, **_: source)
        patch.setattr("pysd.py_backend.model.Macro._count_calls", lambda *_: 2)
        frame = pysd.read_xmile(str(copy)).run()
    return frame.astype(float).rename(columns=canonical)


def by_simlin(file: Path) -> pd.DataFrame:
    """Simlin's run of the file."""
    import simlin

    return simlin.load(file).run(analyze_loops=False).results.rename(columns=canonical)


def changed(file: Path, changes: Mapping[str, float], folder: Path) -> Path:
    """A copy of the file in `folder`, with other constants."""
    text = file.read_text(encoding="utf-8")
    for name, value in changes.items():
        spelt = name.replace("_", " ")
        text, count = re.subn(rf'(<aux name="{spelt}"><eqn>)[^<]*', rf"\g<1>{value}", text, flags=re.IGNORECASE)
        assert count == 1, f"{name} is not a constant of the file"
    copy = folder / file.name
    copy.write_text(text, encoding="utf-8")
    return copy


# comparing


def differences(found: pd.DataFrame, expected: pd.DataFrame) -> dict[str, float]:
    """Of each variable, the largest |difference| as a share of its largest |value|, on the same times.

    KeyError if either lacks a variable, ValueError if the times differ or a value is not finite.
    """
    if not found.index.equals(expected.index):
        raise ValueError("the runs have different times")
    worst = {}
    for name in COMPARED:
        a, b = found[name].to_numpy(), expected[name].to_numpy()
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise ValueError(f"{name} is not finite")
        largest, difference = np.abs(b).max(), np.abs(a - b).max()
        worst[name] = float(difference / largest if largest else difference)
    return worst


def too_far(worst: Mapping[str, float]) -> dict[str, float]:
    """The variables beyond the tolerance."""
    return {name: share for name, share in worst.items() if not share <= TOLERANCE}


@pytest.fixture(scope="module")
def runs() -> dict[str, pd.DataFrame]:
    """Our run of each case."""
    return {case: ours(changes) for case, changes in CASES.items()}


@pytest.fixture
def our_run(runs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return runs["as written"]


def test_the_list_is_every_variable_of_the_file() -> None:
    space = "{http://docs.oasis-open.org/xmile/ns/XMILE/v1.0}"
    variables = ElementTree.parse(FILE).getroot().find(f"{space}model/{space}variables")
    assert variables is not None
    assert sorted(canonical(variable.attrib["name"]) for variable in variables) == sorted(COMPARED)


@pytest.mark.parametrize("case", CASES)
def test_equal_to_pysd(case: str, runs: Mapping[str, pd.DataFrame], tmp_path: Path) -> None:
    assert too_far(differences(runs[case], by_pysd(changed(FILE, CASES[case], tmp_path)))) == {}


@pytest.mark.parametrize("case", CASES)
def test_equal_to_simlin(case: str, runs: Mapping[str, pd.DataFrame], tmp_path: Path) -> None:
    assert too_far(differences(runs[case], by_simlin(changed(FILE, CASES[case], tmp_path)))) == {}


def test_the_other_engines_report_nothing_more(tmp_path: Path) -> None:
    """What they report beside the file's variables is their own clock."""
    copy = changed(FILE, {}, tmp_path)
    assert set(by_pysd(copy).columns) - set(COMPARED) == {"initial_time", "final_time", "time_step", "saveper"}
    assert set(by_simlin(copy).columns) - set(COMPARED) == {"initial_time", "final_time", "dt"}


def test_the_cases_enter_every_branch(runs: Mapping[str, pd.DataFrame]) -> None:
    """Equal numbers say nothing of a branch that no run enters: both sides of each minimum and maximum, the lookup
    between and beyond its points, the policy before and after its start."""
    together = pd.concat(list(runs.values()))
    pool_limit = together["graduate_pool"] / together["job_search_time"]
    branches = {
        "enrolment as desired": together["desired_enrolment"] < together["enrolment_capacity"],
        "hiring as desired": together["desired_hiring"] < pool_limit,
        "a vacancy gap": together["vacancy_gap"] > 0,
        "places for students": together["enrolment_capacity"] > 0,
        "faculty hiring": together["faculty_hiring"] > 0,
        "a policy": together["policy_boost"] > 0,
        "a gap beyond the lookup's points": together["smoothed_gap"] > 0.5,
        "a gap at the start": together["initial_gap_ratio"] > 0,
    }
    assert {name: (bool(met.any()), bool(met.all())) for name, met in branches.items()} == dict.fromkeys(
        branches, (True, False)
    )


# the comparison itself


def test_a_missing_column_fails(our_run: pd.DataFrame) -> None:
    with pytest.raises(KeyError, match="faculty_hiring"):
        differences(our_run, our_run.drop(columns="faculty_hiring"))
    with pytest.raises(KeyError, match="students"):
        differences(our_run.drop(columns="students"), our_run)


def test_shifted_times_fail(our_run: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="different times"):
        differences(our_run, our_run.set_axis(our_run.index + 1 / 16))
    with pytest.raises(ValueError, match="different times"):
        differences(our_run, our_run.iloc[:-1])


def test_a_small_fault_in_one_value_fails(our_run: pd.DataFrame) -> None:
    other = our_run.copy()
    other.loc[2035.0, "hiring"] += 1.1e-9 * other["hiring"].max()
    assert list(too_far(differences(our_run, other))) == ["hiring"]


def test_a_value_that_is_no_number_fails(our_run: pd.DataFrame) -> None:
    other = our_run.copy()
    other.loc[2035.0, "hiring"] = np.nan
    with pytest.raises(ValueError, match="hiring is not finite"):
        differences(our_run, other)
