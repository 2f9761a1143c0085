"""The checks that come with vimach hold, and are worth holding: each sees a fault, and each fault is seen.

A run that breaks under a fault counts for nothing here: the engine's own watch stops it, whatever the checks say.
"""

from collections.abc import Mapping

import pytest

from vimach.analysis.proving import Verdict, drawn, prove
from vimach.analysis.statements import COMPARING, LAWS, Checklist, read_checklist
from vimach.simulate import Model

from .faults import FAULTS, Given

UNSEEN: frozenset[str] = frozenset()
"""Checks that no fault of the list breaks. There is none, and a new one needs a fault."""

WITH_LUCK = ("luck_of_its_own", "dates_ignored", "senior_joiners_twice", "larger_money_limit")
"""Faults that are tried in ensembles too, since they are for statements about luck."""


@pytest.fixture(scope="module")
def checklist(model: Model) -> Checklist:
    """The statements of scenarios/checks.yaml."""
    return read_checklist(model)


@pytest.fixture(scope="module")
def given(model: Model, checklist: Checklist) -> Given:
    """The inputs of every scenario, made once for all faults."""
    columns = {(run, statement.luck) for statement in checklist.statements for run in statement.runs}
    return {(name, luck): drawn(model, checklist.scenarios[name], luck) for name, luck in sorted(columns)}


@pytest.fixture(scope="module")
def seen(model: Model, checklist: Checklist, given: Given) -> Mapping[str, frozenset[str]]:
    """Under each fault, the checks that fail; most faults are tried in central runs only."""
    central = Checklist(tuple(s for s in checklist.statements if not s.luck), checklist.scenarios)
    found = {}
    for name, fault in FAULTS.items():
        tried = checklist if name in WITH_LUCK else central
        own = {column: drawn for column, drawn in given.items() if name in WITH_LUCK or not column[1]}
        verdicts = prove(fault.model(model), tried, fault.given(model, tried, own))
        found[name] = frozenset(v.statement.name for v in verdicts if not (v.holds or v.broken))
    return found


def test_all_statements_hold(model: Model, checklist: Checklist, given: Given) -> None:
    failing = [verdict for verdict in prove(model, checklist, given) if not verdict.holds]
    assert [told(verdict) for verdict in failing] == []


def told(verdict: Verdict) -> str:
    return f"{verdict.statement.name}: {verdict.broken or f'{verdict.worst:g} at {verdict.where}'}"


def test_there_are_sixty_and_every_law_is_used(checklist: Checklist) -> None:
    assert len(checklist.statements) >= 60
    assert {statement.law for statement in checklist.statements} == set(LAWS)
    assert all(statement.against for statement in checklist.statements if statement.law in COMPARING)
    assert len({statement.says for statement in checklist.statements}) == len(checklist.statements)


def test_there_are_twenty_five_faults() -> None:
    assert len(FAULTS) == 25


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen(fault: str, seen: Mapping[str, frozenset[str]]) -> None:
    assert seen[fault], FAULTS[fault].what


def test_each_check_sees_a_fault(checklist: Checklist, seen: Mapping[str, frozenset[str]]) -> None:
    blind = {statement.name for statement in checklist.statements} - frozenset().union(*seen.values())
    assert blind == UNSEEN


def test_a_check_with_a_fault_of_its_own_sees_that_one(seen: Mapping[str, frozenset[str]]) -> None:
    own = {
        "hires_twice": "engineers_add_up", "year_skipped": "intense_of_2027_bound_until_2031",
        "settings_ignored": "seats_without_jobs_lower_placement", "hires_beyond_posts": "no_plants_no_jobs",
        "technicians_are_engineers": "technicians_are_no_engineers", "larger_money_limit": "no_money_no_programme",
        "dates_ignored": "accelerated_changes_no_past", "luck_of_its_own": "the_same_is_the_same",
        "larger_teaching_limit": "no_teachers_no_skills", "leavers_stay_counted": "retained_are_employed",
        "learning_too_fast": "novices_are_never_outrun", "intense_from_nowhere": "intense_lowers_employment_first",
    }  # fmt: skip
    assert {fault: check for fault, check in own.items() if check not in seen[fault]} == {}
