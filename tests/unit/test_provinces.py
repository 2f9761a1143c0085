"""Provinces on the map of July 2025, shares that sum to one, and training targets without their overlap."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from vimach.errors import BadInput
from vimach.library import folder
from vimach_calibration.crosswalk import read_crosswalk
from vimach_calibration.evidence import EvidenceTable, read_evidence
from vimach_calibration.provinces import QUANTITIES, Provinces, read_provinces, shared_out
from vimach_calibration.training_targets import TrainingTargets, read_training_targets

NAMED = ("ha_noi", "bac_ninh", "thai_nguyen", "phu_tho", "da_nang", "ho_chi_minh_city", "dong_nai", "other")
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
Spoil = Callable[[str, str, str], Path]


@pytest.fixture(scope="module")
def table() -> EvidenceTable:
    return read_evidence()


@pytest.fixture(scope="module")
def provinces(table: EvidenceTable) -> Provinces:
    return read_provinces(table=table)


@pytest.fixture(scope="module")
def targets(table: EvidenceTable) -> TrainingTargets:
    return read_training_targets(table=table)


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """A copy of a committed file with one text replaced."""

    def spoiled(name: str, old: str, new: str) -> Path:
        text = folder("evidence").joinpath(name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path / name

    return spoiled


# --- the map ---


def test_the_map_holds_34_provinces_made_of_63(provinces: Provinces) -> None:
    assert len(provinces.map) == 34
    assert sum(1 + len(province.holds) for province in provinces.map.values()) == 63
    assert provinces.merged_on == AFTER


def test_the_map_agrees_with_the_places_of_the_crosswalk(provinces: Provinces) -> None:
    checked = 0
    for place in read_crosswalk().places.values():
        if place.region in ("north", "central", "south") and " and " not in place.name and "near" not in place.name:
            key = provinces.now(place.name)
            assert provinces.map[key].region == place.region
            assert provinces.map[key].name.en == (place.since_july_2025 or place.name)
            checked += 1
    assert checked >= 10


def test_parts_are_added_before_the_merger_and_refused_beside_the_whole_after_it(provinces: Provinces) -> None:
    counts = {"Bac Ninh": 30000.0, "Bac Giang": 18000.0, "Binh Duong": 1.0}
    assert provinces.total(counts, BEFORE) == {"bac_ninh": 48000, "ho_chi_minh_city": 1}
    with pytest.raises(BadInput, match="Bac Giang is inside Bac Ninh since 2025-07-01"):
        provinces.total(counts, AFTER)
    assert provinces.total({"Bac Giang": 1.0}, AFTER) == {"bac_ninh": 1}


def test_an_unknown_place_is_named_with_a_suggestion(provinces: Provinces) -> None:
    with pytest.raises(BadInput, match="did you mean 'Vinh Phuc'"):
        provinces.now("Vinh Phu")


# --- the allocation ---


def test_shares_are_given_for_the_same_places_and_sum_to_one(provinces: Provinces) -> None:
    assert set(provinces.allocation) == set(QUANTITIES)
    for quantity in QUANTITIES:
        assert set(provinces.allocation[quantity]) == set(NAMED)
        assert provinces.allocate(quantity, 1000)["value"].sum() == pytest.approx(1000)


def test_an_allocation_shows_regions_and_ranges(provinces: Provinces) -> None:
    shared = provinces.allocate("design_engineers", 7000).set_index("province")
    assert tuple(shared.loc["da_nang", ["region", "value"]]) == ("central", pytest.approx(595))
    assert (shared["low"] <= shared["value"]).all() and (shared["value"] <= shared["high"]).all()
    assert len(provinces.frame()) == len(NAMED) * len(QUANTITIES)
    with pytest.raises(BadInput, match="did you mean 'students'"):
        provinces.allocate("student", 1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("share: 0.45", "share: 0.46", "the shares sum to 1.01, not 1"),
        ("share: 0.45, low: 0.28", "share: 0.45, low: 0.5", "do not rise within 0 to 1"),
        ("[lab_budget__quy_nhon_university_lab__2025p4]", "[lab_budget__quy_nhon]", "no row of the evidence is called"),
        ("    bac_ninh: {share", "    bac_giang: {share", "is no province of the new map"),
        ("holds: [Bac Giang]", "holds: [Bac Giang, Vinh Phuc]", "is already on the map"),
        ("  students:", "  pupils:", "allocation.students: is missing"),
        ("merged_on: 2025-07-01", "merged_on: July 2025", "is not a date"),
        (", judgment: No row.}", "}", "judgment: is missing"),
    ],
)
def test_what_is_wrong_with_provinces_is_named(
    spoil: Spoil, table: EvidenceTable, old: str, new: str, message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_provinces(spoil("provinces.yaml", old, new), table)
    assert message in str(caught.value)
    assert "provinces.yaml:" in str(caught.value)


# --- training targets ---


def test_the_total_shrinks_by_what_is_inside_another_entry(targets: TrainingTargets) -> None:
    frame, totals = targets.frame().set_index("name"), targets.totals().set_index("counted")
    assert targets.yardstick == 50000
    assert (frame["net"] <= frame["size"]).all()
    assert frame.loc["bac_giang", "net"] == 0
    assert frame.loc["vnu_hcm_design", "net"] == pytest.approx(360)
    stated, may = frame[frame["degree"] == "yes"], frame[frame["degree"] != "no"]
    assert frame.loc["fpt", "counts"] == "engineers, level not stated" and frame.loc["fpt", "degree"] == "not stated"
    for counted, chosen in (("all", frame), ("degree", stated), ("may", may)):
        assert totals.loc[counted, "before_overlap"] == chosen["size"].sum()
        assert totals.loc[counted, "after_overlap"] == pytest.approx(chosen["net"].sum())
    assert (totals["after_overlap"] < totals["before_overlap"]).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("size: 9350", "size: 9351", "9351 persons stand in none of the sources"),
        ("inside: ho_chi_minh_city\n", "inside: ho_chi_minh\n", "did you mean 'ho_chi_minh_city'"),
        ("yardstick: {size: 50000", "yardstick: {size: 50001", "50001 persons stand in none of the sources"),
        ("size: 9350", "size: 9350\n    inside: vnu_hcm", "lies inside itself"),
        ("    overlap: Its first three years precede the city's plan.\n", "", "a part needs `inside`"),
        ("to: 2030", "to: 2020", "ends before it begins"),
        ("degree: yes\n", "degree: true\n", "write yes, no or not stated"),
        ("[university_training_target_hust_hn_2030]", "[hust]", "no row of the evidence is called"),
        ("yardstick: {size: 50000, source: [target_trained_total_vn_2030]}\n", "", "yardstick: is missing"),
    ],
)
def test_what_is_wrong_with_targets_is_named(
    spoil: Spoil, table: EvidenceTable, old: str, new: str, message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_training_targets(spoil("training_targets.yaml", old, new), table)
    assert message in str(caught.value)
    assert "training_targets.yaml:" in str(caught.value)


def test_national_medians_are_shared_out_and_add_up() -> None:
    values = np.array([[100.0, 300.0, 200.0], [400.0, 600.0, 500.0]])
    edges = {"edge": [2031.0, 2036.0]}
    employed = xr.DataArray(values, edges, ("edge", "member"), attrs={"unit": "person"})
    run = xr.Dataset({"employed_design": employed}, attrs={"scenario": "baseline"})
    found = shared_out([run], read_provinces())
    assert set(found["variable"]) == {"employed_design"}, "what a run did not keep is left out"
    assert found.groupby("edge")["value"].sum().to_dict() == pytest.approx({2031.0: 200.0, 2036.0: 500.0})
    assert (found["low"] <= found["value"]).all()
    assert (found["value"] <= found["high"]).all()
    assert found.set_index("province").loc["da_nang", "name_vi"].tolist() == ["Đà Nẵng"] * 2
