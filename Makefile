# Everything a developer does; `make help` lists it. Python packages live in .venv, made when needed.
PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/.made
RUNTIME := .venv/.runtime
TOOLS := .venv/.tools

.DEFAULT_GOAL := help
.PHONY: help run import backup restore test test-slow check bench-realtime faults clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Start Nexus with its Neo4j and Redis; DEMO=0 starts empty, Ctrl-C stops
	@$(if $(DEMO),NEXUS_DEMO=$(DEMO)) exec $(BIN)/python -m local run

import: export NEXUS_IMPORT_PASSWORD := $(or $(value PASSWORD),$(value NEXUS_IMPORT_PASSWORD))
import: export IMPORT_FILE = $(value FILE)
import: $(RUNTIME) ## Import FILE=world.jsonl.gz; everybody in it can log in with PASSWORD=...
	@test -n "$$IMPORT_FILE" || { echo "make import needs a file: make import FILE=world.jsonl.gz"; exit 2; }
	@$(BIN)/python -m local import "$$IMPORT_FILE"

backup: $(RUNTIME) ## Write a backup to a new folder, TO=folder, while nothing runs
	@test -n "$(TO)" || { echo "make backup needs a folder: make backup TO=backup-1"; exit 2; }
	@$(BIN)/python -m local backup "$(TO)"

restore: $(RUNTIME) ## Fill the data directory with a backup, FROM=folder; REPLACE=1 loses what is there
	@test -n "$(FROM)" || { echo "make restore needs a folder: make restore FROM=backup-1"; exit 2; }
	@$(BIN)/python -m local restore "$(FROM)" $(if $(REPLACE),--replace)

test: $(TOOLS) ## Run the whole suite on a Neo4j and a Redis of its own
	@$(BIN)/python -m local fetch
	@$(BIN)/python -m pytest -m "not slow"

test-slow: $(TOOLS) ## Run what takes longer: faults, whole starts and stops
	@$(BIN)/python -m local fetch
	@$(BIN)/python -m pytest -m slow

check: $(TOOLS) ## Lint, types and unit tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/python -m pytest -m unit

bench-realtime: $(RUNTIME) ## Measure live updates beside other servers; QUICK=1 only tries it
	@$(BIN)/python -m local fetch
	@$(BIN)/python -m bench.realtime $(if $(QUICK),--quick)

faults: $(TOOLS) ## Kill and freeze every process under load, and print what it cost
	@$(BIN)/python -m local fetch
	@$(BIN)/python -m tests.faults

clean: ## Remove .venv, downloads and caches; data in .nexus stays
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# `.venv` counts once it is complete; it is made afresh after an interruption, and when the Python
# that it was made with is gone.
$(VENV): .venv/bin/python
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Nexus needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks the venv module: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || command -v cc >/dev/null || { echo "Redis is compiled on Python 3.13 and newer, and there is no C compiler: apt-get install gcc libc6-dev"; exit 1; }
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/bin/python: ;

$(RUNTIME): requirements.txt $(VENV)
	@$(BIN)/python -I local/packages.py requirements.txt
	@touch $@

$(TOOLS): requirements-dev.txt requirements.txt $(VENV)
	@$(BIN)/python -I local/packages.py requirements-dev.txt
	@touch $@ $(RUNTIME)
