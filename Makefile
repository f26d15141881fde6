# Every target works on a machine with Python 3.11 or later, make and the package registries.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench golden clean

PYTHON ?= python3
WORKERS ?= auto
BIN := .venv/bin

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## Virtual environment in .venv, dependencies as constraints.txt pins them

.venv/installed: pyproject.toml instrument/pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Answerable needs Python 3.11 or later; name one: make setup PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ./instrument -e '.[dev]'
	@touch $@

demo: setup ## The service with simulated traffic, in a browser
	$(BIN)/answerable demo

test: setup ## The test suite, a process a core (WORKERS=0: one); what a machine cannot run is skipped
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=loadfile

lint: setup ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file pyproject.toml -p answerable_instrument
	$(BIN)/lint-imports

bench: setup ## The benchmarks of ingest, of the cost meter and of drift
	$(BIN)/python bench/ingest.py
	$(BIN)/python bench/cost.py
	$(BIN)/python bench/drift.py
	$(BIN)/python bench/drift_monitors.py
	$(BIN)/python bench/slices.py

golden: setup ## Write sql/schema.golden.sql anew after a migration
	$(BIN)/python -m sql.golden

clean: ## Remove what the others made; ./data stays
	rm -rf .venv .venv-evidently .venv-focus .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench
	rm -rf dist build instrument/dist instrument/build tests/e2e/js/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
