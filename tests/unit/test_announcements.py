"""The register of announcements: strict reading, what was known when, and the estimates made from it."""

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from vimach.errors import BadInput
from vimach.library import folder
from vimach_calibration.announcements import Region, Register, main, read_announcements
from vimach_calibration.crosswalk import REGIONS
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.realisation import COLUMNS, estimate, write_estimate

PLANT = """
    label: A plant
    project: p
    kind: plant
    region: south
    status: realised
    unit: plant
    announced: {size: 1, on: 2006.1, due: 2009, published: 2006-11-10,
                source: [atp_announce_date__intel_products_vietnam__2006p1, atp_operation_start_planned__intel_products_vietnam__2009]}
    realised: {size: 1, date: 2010.8, published: 2010-10-16, source: [atp_operation_start__intel_products_vietnam__2010p8]}
    note: a note
"""  # noqa: E501
PLACES = """
    label: Places
    project: q
    kind: scholarship
    region: abroad
    status: partly
    unit: person
    announced: {size: 1092, due: 2025.1, published: 2024-11-17, source: [intense_approved_places_tw_2025p1]}
    realised: {size: 132, date: 2025.1, published: 2025-08-24, source: [intense_registered_students_tw_2025p1]}
    note: a note
"""
Reader = Callable[..., Register]


@pytest.fixture(scope="module")
def table() -> EvidenceTable:
    return read_evidence()


@pytest.fixture(scope="module")
def register(table: EvidenceTable) -> Register:
    return read_announcements(table=table)


@pytest.fixture
def read(tmp_path: Path, table: EvidenceTable) -> Reader:
    """Reads a register of the given entries, named a, b, ..."""

    def reader(*entries: str) -> Register:
        text = "announcements:\n" + "".join(f"  {name}:{body}" for name, body in zip("abc", entries, strict=False))
        (tmp_path / "register.yaml").write_text(text, encoding="utf-8")
        return read_announcements(tmp_path / "register.yaml", table)

    return reader


def complaint(read: Reader, *entries: str) -> str:
    with pytest.raises(BadInput) as caught:
        read(*entries)
    return str(caught.value)


# --- reading ---


def test_the_register_holds_every_kind_and_rests_on_rows(register: Register, table: EvidenceTable) -> None:
    assert {entry.kind for entry in register.values()} == {
        "plant", "fab", "programme", "scholarship", "training target", "firm"
    }  # fmt: skip
    assert all(entry.sources and set(entry.sources) <= set(table) for entry in register.values())
    assert len(register) >= 40


def test_regions_are_those_of_the_crosswalk() -> None:
    assert set(get_args(Region)) == set(REGIONS)


def test_an_entry_is_read_with_bare_years_in_their_middle(read: Reader) -> None:
    entry = read(PLANT)["a"]
    assert (entry.on, entry.due, entry.realised_date, entry.ratio) == (2006.1, 2009.5, 2010.8, 1)
    assert (entry.known, entry.realised_known) == (date(2006, 11, 10), date(2010, 10, 16))


def test_a_size_may_be_a_difference_or_stand_in_a_note(register: Register) -> None:
    assert register["synopsys_staff"].realised_size == 100
    assert register["dut_intake"].size == 100
    assert register["dut_intake"].ratio == 0.65


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[intense_approved_places_tw_2025p1]", "[intense_approved_places]", "no row of the evidence is called"),
        ("unit: person", "unit: firm", "'firm' is not what the sources count in (person)"),
        ("unit: person", "unit: persn", "'persn' is not what the sources count in"),
        (", published: 2024-11-17", "", "announced.published: is missing"),
        ("published: 2024-11-17", "published: 2024-11-18", "is the date of none of the sources (theirs: 2024-11-17)"),
        ("size: 132", "size: 133", "133 person stands in none of the sources"),
        ("size: 1092", "size: 1_092", "write"),
        ("size: 132", "size: many of them", "neither a number nor a sum"),
        ("due: 2025.1", "due: 2026.5", "none of the sources is dated so (theirs: 2025.1)"),
        ("size: 132, date: 2025.1", "size: 132", "size and date stand together"),
        ("status: partly", "status: open", "open, though an outcome is given"),
        ("status: partly", "status: lapsed", "lapsed needs a source under `realised`, without size and date"),
        ("status: partly", "status: replaced", "status replaced and the key replaced_by belong together"),
        ("status: partly", "status: partial", "did you mean 'partly'"),
        ("kind: scholarship", "kind: grant", "is not allowed"),
        ("region: abroad", "region: west", "is not allowed"),
        ("note: a note", "notes: a note", "did you mean 'note'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(read: Reader, old: str, new: str, message: str) -> None:
    found = complaint(read, PLACES.replace(old, new))
    assert message in found
    assert "register.yaml:" in found


def test_an_outcome_cannot_precede_its_announcement(read: Reader) -> None:
    early = PLANT.replace(
        "realised: {size: 1, date: 2010.8, published: 2010-10-16, source: [atp_operation_start__intel_products_vietnam__2010p8]}",  # noqa: E501
        "realised: {size: 1, date: 1998, published: 2014-04, source: [atp_operation_start__intel_costa_rica__1998]}",
    )
    assert "a.realised.date: realised before it was announced" in complaint(read, early)
    swapped = (
        PLACES.replace(
            "2024-11-17, source: [intense_approved_places_tw_2025p1",
            "2025-08-24, source: [intense_registered_students_tw_2025p1",
        )
        .replace("1092", "132")
        .replace(
            "132, date: 2025.1, published: 2025-08-24, source: [intense_registered_students_tw_2025p1",
            "17, date: 2025.1, published: 2025-08-17, source: [intense_admission_fill_rate_tw_2025p1",
        )
    )
    assert "known before the announcement" in complaint(read, swapped)


def test_a_name_written_twice_is_refused(tmp_path: Path, table: EvidenceTable) -> None:
    (tmp_path / "r.yaml").write_text(f"announcements:\n  a:{PLACES}  a:{PLACES}", encoding="utf-8")
    with pytest.raises(BadInput, match=r"r\.yaml:12:3: a: written twice, first in line 2"):
        read_announcements(tmp_path / "r.yaml", table)


def test_all_problems_come_at_once(read: Reader) -> None:
    found = complaint(read, PLACES.replace("size: 132", "size: 133"), PLANT.replace("2010.8", "2010.9"))
    assert len(found.splitlines()) == 2


def test_a_replacement_must_be_a_later_plan_of_the_same_project(read: Reader) -> None:
    gone = PLANT.replace("status: realised", "status: replaced").replace("size: 1, date: 2010.8, ", "")
    assert "there is no entry 'bb'" in complaint(read, gone + "    replaced_by: bb\n", PLACES)
    assert "is not a later plan of project 'p'" in complaint(read, gone + "    replaced_by: b\n", PLACES)


# --- what was known when ---


def test_on_an_earlier_day_later_plans_and_outcomes_are_not_known(register: Register) -> None:
    then = register.as_of(date(2009, 1, 1))
    assert set(then) == {"intel_opening", "intel_staff", "intel_staff_2012", "renesas_staff"}
    assert {entry.realised_date for entry in then.values()} == {None}
    assert then["intel_opening"].status == "pending"
    assert register.as_of(date(2010, 6, 1))["intel_opening"].status == "silent"
    assert register.as_of(date(2010, 12, 1))["intel_opening"].realised_date == 2010.8


def test_a_plan_is_replaced_only_once_its_successor_is_known(register: Register) -> None:
    assert register.as_of(date(2026, 1, 1))["fpt_first_plan"].status == "silent"
    assert register.as_of(date(2026, 2, 1))["fpt_first_plan"].replaced_by == "fpt_second_plan"


# --- estimates ---


def test_the_committed_table_is_fresh(register: Register, tmp_path: Path) -> None:
    """Rewrite it, on purpose, with `python -m vimach_calibration.announcements`."""
    write_estimate(estimate(register), tmp_path / "realisation.csv")
    committed = folder("estimates").joinpath("realisation.csv")
    assert (tmp_path / "realisation.csv").read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")


def test_every_line_says_what_it_rests_on(register: Register) -> None:
    result = estimate(register)
    assert tuple(result.columns) == COLUMNS
    assert (result["supports"].str.len() > 0).all()
    assert (result["n"] == result["entries"].str.split().str.len()).all()
    assert (result["projects"] <= result["n"]).all()
    said = result.dropna(subset=["median"])
    assert ((said["p05"] < said["median"]) & (said["median"] < said["p95"])).all()


def test_the_estimates_by_hand(register: Register) -> None:
    result = estimate(register, date(2026, 7, 31)).set_index(["quantity", "kind"])
    plants = result.loc[("operates_within_3_years", "plant")]
    assert (plants["n"], plants["p95"] > 0.99, plants["p05"] > 0.5) == (3, True, True)
    ratios = [80 / 2000, 366 / 2301, 132 / 1092, 513 / 2597]
    scholarship = result.loc[("realisation_ratio", "scholarship")]
    assert scholarship["median"] == pytest.approx(math.prod(ratios) ** (1 / 4))
    waits = 1.3 + 2.0 + 0.4
    assert result.loc[("opening_delay", "plant"), "median"] == pytest.approx(waits * (2 ** (1 / 1.5) - 1))
    soon = result.loc[("opening_delay_if_realised", "plant")]
    within = [1 - (1 + years / waits) ** -1.5 for years in (soon["p05"], soon["median"], soon["p95"], 3.0)]
    assert [share / within[3] for share in within[:3]] == pytest.approx([0.05, 0.5, 0.95])
    lead = [2010.8 - 2006.1, 2023.78 - 2021.85, 2026.15 - 2023.45]
    assert result.loc[("lead_time", "plant"), "median"] == pytest.approx(math.prod(lead) ** (1 / 3))
    assert math.isnan(result.loc[("delay", "programme"), "median"])


def test_silent_plans_count_as_failed_only_in_the_worst_case(register: Register) -> None:
    result = estimate(register).set_index(["quantity", "kind"])
    best, worst = (result.loc[(f"operates_within_3_years{end}", "plant")] for end in ("", "_worst_case"))
    assert worst["n"] > best["n"]
    assert worst["median"] < best["median"]
    assert "signetics_opening" in worst["entries"]


def test_what_is_told_after_the_fact_is_not_used(register: Register) -> None:
    used = set(" ".join(estimate(register)["entries"]).split())
    assert not used & {name for name, entry in register.items() if entry.not_used}


def test_an_earlier_day_gives_less(register: Register) -> None:
    then = estimate(register, date(2011, 1, 1)).set_index(["quantity", "kind"])
    assert then.loc[("operates_within_3_years", "plant"), "entries"] == "intel_opening"
    assert math.isnan(then.loc[("operates_within_3_years", "fab"), "median"])


def test_the_command_writes_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("vimach_calibration.announcements.own", lambda name: tmp_path)
    assert main() == 0
    assert "opening_delay" in capsys.readouterr().out
    assert (tmp_path / "realisation.csv").is_file()
