"""The names of the model are those that were last agreed to."""

from vimach.simulate import Model

from .registry import FILE, text


def test_names_are_those_of_the_registry(model: Model) -> None:
    agreed, now = FILE.read_text(encoding="utf-8").splitlines(), text(model).splitlines()
    gone, new = sorted(set(agreed) - set(now)), sorted(set(now) - set(agreed))
    assert agreed == now, f"gone: {gone}; new: {new}; if meant so, run: python -m tests.architecture.registry"
