# Everything one does here. Each target does its own set-up; `make` alone lists them.
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
# Test files run side by side; the tests of one file stay in one process.
WORKERS ?= 2
# Environments of the programs that benchmarks measure beside jndlab.
PEERS ?= .peers

.DEFAULT_GOAL := help
.PHONY: help demo examples test browser-test bench faults fuzz advisories lint docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.installed ## the whole way: study, simulated listeners, report, live server
	@$(BIN)/jndlab demo $(ARGS)

examples: $(VENV)/.installed ## the sounds of the example studies, in examples/sounds
	@$(BIN)/python examples/make_sounds.py $(ARGS)

test: $(VENV)/.dev ## all tests, in a real browser and on PostgreSQL too
	@sh tools/get-browser $(BIN)/python
	@sh tools/get-postgres $(BIN)/python
	@sh tools/get-nginx $(BIN)/python
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

browser-test: $(VENV)/.dev ## whole sessions in Chromium, Firefox and WebKit; fails where one is missing
	@sh tools/get-browser $(BIN)/python
	JNDLAB_ENGINES_REQUIRED=1 $(BIN)/python -m pytest -v tests/browser/test_engines.py $(ARGS)

bench: $(VENV)/.dev ## answers, clips, stored trials, start and a soak, beside a bare disk and peers; half an hour
	@sh tools/get-postgres $(BIN)/python
	@sh tools/get-nginx $(BIN)/python
	$(BIN)/python benchmarks/durable_answers.py $(if $(ARGS),$(ARGS),--peers $(PEERS))
	$(BIN)/python benchmarks/stored_trials.py $(ARGS)
	$(BIN)/python benchmarks/clips.py $(ARGS)
	$(BIN)/python benchmarks/server_start.py $(ARGS)
	$(BIN)/python benchmarks/soak.py $(if $(ARGS),$(ARGS),--sessions 1000)

faults: $(VENV)/.dev ## kills, full disks, bad lines and more under load, by the hundred; about an hour
	@sh tools/get-postgres $(BIN)/python
	$(BIN)/python -m tests.faults $(ARGS)

fuzz: $(VENV)/.dev ## made-up requests, sounds, archives and files at every entry point; a quarter of an hour
	$(BIN)/python -m tests.fuzz.api --cases 10000
	$(BIN)/python -m tests.fuzz.run --seconds 60 $(ARGS)

advisories: $(VENV)/.dev ## known vulnerabilities of the dependencies; says so where nobody can be asked
	$(BIN)/python tools/audit-dependencies $(ARGS)

lint: $(VENV)/.dev ## style, types, import contracts, scripts of the pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	sh tools/check-js

docs: $(VENV)/.docs ## the documentation as HTML, in docs/_build
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) $(PEERS) node_modules docs/_build examples/sounds .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/.installed: pyproject.toml
	@sh tools/make-venv $(VENV)
	@echo "Installing jndlab (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@sh tools/get-torch $(BIN)/python
	@touch $@

$(VENV)/.docs: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[docs]"
	@touch $@
