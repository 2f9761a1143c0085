"""Every quantity has a unit, words in both languages, and a source or a reason; equations hold no numbers."""

import ast
import inspect
from types import ModuleType

import pytest
import xarray as xr

from vimach import units
from vimach.parameters.table import Target, read_targets
from vimach.sectors import SECTORS, places
from vimach.simulate import Model


def test_every_parameter_has_a_unit_labels_in_two_languages_and_a_source_or_a_judgment(model: Model) -> None:
    wrong = []
    for name, parameter in model.table.items():
        labels = (parameter.label.en.strip(), parameter.label.vi.strip())
        if not (parameter.unit and all(labels) and name not in labels):
            wrong.append(f"{name}: unit or label")
        if labels[0] == labels[1]:
            wrong.append(f"{name}: its Vietnamese label is the English one")
        if not (parameter.source or len(parameter.judgment.split()) > 3):
            wrong.append(f"{name}: neither source nor a judgment in words")
        if parameter.grade == "J" and not parameter.judgment.strip():
            wrong.append(f"{name}: grade J without judgment")
        if "todo" in (parameter.judgment + parameter.certain + parameter.note).lower():
            wrong.append(f"{name}: not done")
    assert wrong == []


def test_every_variable_says_what_it_means(model: Model) -> None:
    variables = model.graph.variables.values()
    assert [v.name for v in variables if v.kind != "parameter" and len(v.meaning.split()) < 3] == []


def test_every_target_is_held_against_a_variable_in_its_unit(central_run: xr.Dataset) -> None:
    for target in read_targets():
        assert target.variable in central_run, target.name
        variable = central_run[target.variable]
        assert variable.dims in (("edge", "member"), ("period", "member")), target.name
        assert _same_unit(target, variable.attrs["unit"]), target.name


def _same_unit(target: Target, unit: str) -> bool:
    return units.base(units.unit(target.unit)) == units.unit(unit)


def test_every_output_has_a_unit_and_every_equation_says_what_it_means(central_run: xr.Dataset) -> None:
    for name, variable in central_run.data_vars.items():
        unit = variable.attrs["unit"]
        assert units.text(units.unit(unit)) == unit, name
        if variable.attrs["kind"] in ("flow", "auxiliary"):
            assert len(variable.attrs["meaning"].split()) > 2, f"{name} has no docstring"


def test_every_start_says_what_it_means() -> None:
    functions = [f for module in SECTORS for f in vars(module).values() if hasattr(f, "vimach")]
    assert all(inspect.getdoc(function) for function in functions)


@pytest.mark.parametrize("module", SECTORS, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_the_only_numbers_in_equations_are_nought_and_one(module: ModuleType) -> None:
    """Stricter than the dry run, which refuses numbers that need a unit: a pure 0.75 is a parameter as well."""
    numbers = [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value not in (0, 1)
    ]
    assert numbers == []


def test_the_map_holds_numbers_only_for_study_years_and_stages() -> None:
    tree = ast.parse(inspect.getsource(places))
    words = [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    allowed = {id(word.value) for word in words if word.arg in ("years", "stages")}
    numbers = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) in (int, float)]
    assert [node.value for node in numbers if id(node) not in allowed] == []
