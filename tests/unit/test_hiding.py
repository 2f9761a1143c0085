"""A package can be kept from being imported on the off chance."""

import importlib
import sys

import pytest

from vimach.hiding import hidden


def test_a_hidden_package_cannot_be_imported_and_afterwards_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with hidden("this"), pytest.raises(ImportError):
        importlib.import_module("this")
    assert "this" not in sys.modules


def test_what_is_loaded_already_stays() -> None:
    with hidden("sys"):
        assert importlib.import_module("sys") is sys
