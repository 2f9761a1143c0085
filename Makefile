# make report   the briefing, baseline against accelerated funding and three shocks, in both languages, in reports/out
# make verify   makes the briefing again from its manifest and compares every byte
# make test     every test        make lint   dry run of the model, style, types, layers
# make ratios   is the native kernel still many times faster than the others? some seconds, wide slack
# make bench    how fast the kernels are, against other engines: benchmarks/README.md; takes some minutes
# make clean    what the others made; the virtual environment stays
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# build tools come first and at pinned versions, which an isolated build would not use
TOOLS := hatchling editables
DEV_TOOLS := setuptools wheel
TOUCH = $(BIN)/python -c "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"
REMOVE = import pathlib, shutil, sys; [shutil.rmtree(path, ignore_errors=True) for path in map(pathlib.Path, sys.argv[1:])]

# the first is the base, the second is argued for, the others stand on the page of shocks
SCENARIOS := baseline accelerated_funding chip_downturn brain_drain fab_lapses

.PHONY: report verify test lint ratios bench clean

report: .venv/installed
	$(BIN)/vimach report $(SCENARIOS) --members 1000 --out reports/out

verify: .venv/installed
	$(BIN)/vimach verify reports/out

test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto

lint: .venv/installed-dev
	$(BIN)/vimach validate
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

ratios: .venv/installed-dev
	$(BIN)/python -m benchmarks.ratios

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks

clean:
	$(PYTHON) -c "$(REMOVE)" reports/out vimach-out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/python:
	@$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else 'vimach needs Python 3.11 or newer: make PYTHON=/path/to/python3')"
	$(PYTHON) -m venv .venv
	@$(TOUCH) $@

# a stamp is written last, so a broken installation starts again
.venv/installed: pyproject.toml constraints.txt | .venv/python
	$(PIP) $(TOOLS)
	$(PIP) --no-build-isolation --editable .
	@$(TOUCH) $@

.venv/installed-dev: .venv/installed
	$(PIP) $(DEV_TOOLS)
	$(PIP) --no-build-isolation --editable ".[dev]"
	@$(TOUCH) $@
