"""The checks that come with vimach hold, and are worth holding: each sees a fault, and each fault is seen.

A run that breaks under a fault counts for nothing here: the engine's own watch stops it, whatever the checks say.
"""

import pytest

from vimach.analysis.proving import Column, Verdict, drawn, prove
from vimach.analysis.statements import COMPARING, LAWS, Checklist, read_checklist
from vimach.simulate import Model

from .faults import FAULTS, Given


@pytest.fixture(scope="module")
def checklist(model: Model) -> Checklist:
    """The statements of scenarios/checks.yaml."""
    return read_checklist(model)


@pytest.fixture(scope="module")
def given(model: Model, checklist: Checklist) -> Given:
    """The inputs of every scenario, made once for all faults."""
    return {(name, luck): drawn(model, checklist.scenarios[name], luck) for name, luck in sorted(columns(checklist))}


def columns(checklist: Checklist) -> set[Column]:
    """What must be run for these statements."""
    return {(run, statement.luck) for statement in checklist.statements for run in statement.runs}


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


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_seen_by_its_checks(name: str, model: Model, checklist: Checklist, given: Given) -> None:
    fault = FAULTS[name]
    tried = checklist.chosen(fault.seen_by)
    own = {column: given[column] for column in sorted(columns(tried))}
    verdicts = prove(fault.model(model), tried, fault.given(model, tried, own))
    assert fault.seen_by
    assert [told(verdict) for verdict in verdicts if verdict.holds or verdict.broken] == [], fault.what


def test_each_check_sees_a_fault(checklist: Checklist) -> None:
    seeing = {name for fault in FAULTS.values() for name in fault.seen_by}
    assert seeing == {statement.name for statement in checklist.statements}, "a new check needs a fault"
