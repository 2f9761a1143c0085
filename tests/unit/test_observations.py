"""What estimates rest on: counts known on a day, as intervals, each once."""

from datetime import date
from pathlib import Path

import pytest

from vimach.errors import BadInput
from vimach_calibration.evidence import read_evidence
from vimach_calibration.observations import Observations, last_digit, observations, read_terms


@pytest.fixture(scope="module")
def every() -> Observations:
    return observations()


def of(found: Observations, term: str) -> list[tuple[float, float, float]]:
    return [(count.time, count.low, count.high) for count in found.counts if count.term == term]


@pytest.mark.parametrize(
    ("number", "half"), [(5000, 500), (5500, 50), (10000, 1000), (7, 0.5), (30, 3), (0.12, 0.005), (18000, 500)]
)
def test_a_number_is_known_to_its_last_digit_but_no_better_than_a_tenth(number: float, half: float) -> None:
    assert last_digit(number) == pytest.approx(half)


def test_a_number_that_is_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="-3 is not a positive count"):
        last_digit(-3)


def test_levels_and_flows_enter_each_count_once(every: Observations) -> None:
    assert [time for time, _, _ in of(every, "design_engineers")] == [2022.5, 2023.99, 2024.95, 2025.6]
    assert of(every, "design_engineers_net_change") == [(2023.0, 450.0, 550.0)]  # 2025's is a difference of two counts
    assert of(every, "atp_engineers_wide") == [(2025.6, 7000.0, 8000.0)]
    assert of(every, "novice_hires") == [(2023.0, 150.0, 1500.0)]
    ids = [name for count in every.counts for name in count.ids]
    assert len(ids) == len(set(ids))


def test_only_what_was_printed_by_the_day_is_known() -> None:
    then = observations(date(2024, 12, 31))
    assert 2025.6 not in [time for time, _, _ in of(then, "design_engineers")]
    # the 30 firms of 2022 were first printed in October 2025; "over 50" was in print, without a number above
    assert of(then, "design_firms")[-1][1:] == (50.0, float("inf"))
    assert min(time for time, _, _ in of(then, "design_firms")) > 2023.0
    assert not of(then, "design_engineers_net_change")  # its page bears no date
    assert not of(then, "under_five_years")


def test_a_count_dated_by_a_bare_year_may_lie_half_a_year_to_either_side(every: Observations) -> None:
    first = next(count for count in every.counts if count.term == "design_engineers")
    assert first.moments == (2022.0, 2022.5, 2023.0)


def test_counts_that_are_missing_are_named() -> None:
    assert observations(date(2022, 6, 30)).missing() == [
        "0 of the 2 counts that an estimate needs were published by 2022-06-30: Design engineers at work",
        "0 of the 1 counts that an estimate needs were published by 2022-06-30: Design firms, branches of foreign "
        "firms included",
    ]


def with_row(folder: Path, row: str) -> Observations:
    """What is observed where the evidence has one more row."""
    for file in Path(str(next(iter(read_evidence().values())).origin.file)).parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    with (folder / "new_figures.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    return observations(evidence=read_evidence(folder))


def test_a_count_printed_before_its_moment_is_left_out_with_its_place(tmp_path: Path) -> None:
    row = "early,employed_design,design,Vietnam,2027.5,9000,,,engineers,observed,x,,2026-08-12,B,employed_in_sector"
    found = with_row(tmp_path, f"{row},,,en,2026-09-01")
    assert [words for words in found.excluded if "new_figures.csv:2: early: published before" in words]
    assert 2027.5 not in [count.time for count in found.counts]


def test_a_change_is_held_against_counts_of_its_own_span_alone(tmp_path: Path) -> None:
    row = "later_change,design_engineers_net_annual_change,design,Vietnam,2024,700,,,engineers/yr,observed,x,"
    found = with_row(tmp_path, f"{row},2026-08-12,B,,,,en,2026-09-01")
    of_term = [count for count in found.counts if count.term == "design_engineers_net_change"]
    assert [count.time for count in of_term] == [2023.0]
    assert any("new_figures.csv:2: later_change: is of 2024, and" in words for words in found.excluded), found.excluded


def test_every_series_has_its_place_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "likelihood.yaml"
    file.write_text("terms:\n  a: {wording: x, model: {variable: y}, series: employed_desing}\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_terms(file)
    assert "did you mean 'employed_design'?" in str(error.value)
    assert "employed_atp: the series is in no term and not set aside" in str(error.value)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("{wording: x, model: {variable: y}}", "'series' is missing"),
        ("{wording: x, model: {variable: y}, between: [1, 2]}", "'at' is missing"),
        ("{wording: x, model: {variable: y}, between: [2, 1], at: 2023, sd: 1, source: [a]}", "the lower first"),
        ("{wording: x, model: {variable: y}, series: employed_atp, sd: -1}", "an error is a positive number"),
        ("{wording: x, model: {variable: y}, series: employed_atp, sd: 1}", "needs `because`"),
    ],
)
def test_a_wrong_term_is_named_with_its_place(tmp_path: Path, term: str, expected: str) -> None:
    file = tmp_path / "likelihood.yaml"
    file.write_text(f"terms:\n  a: {term}\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_terms(file)
    assert any(expected in str(problem) and ":2:" in str(problem) for problem in error.value.problems)
