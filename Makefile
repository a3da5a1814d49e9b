# `make demo` and `make test` do all their own set-up; see CONTRIBUTING.md for the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PARALLEL := --numprocesses 3 --dist loadfile --no-loadscope-reorder
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --group build

.PHONY: help setup setup-dev demo test check coverage format lock bench clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## virtual environment, locked dependencies, photographs and model files
	@deploy/setup.sh run

setup-dev: ## that, and the tools of the checks
	@deploy/setup.sh dev

demo: setup ## watch the terminal recognise a person, and not another
	@$(BIN)/python -m deploy.demo.run

test: setup-dev ## set-up and every check: what CI runs
	@$(MAKE) check

check: ## every check, in an environment that is set up
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@deploy/check-units.sh
	$(BIN)/python -m pytest $(PARALLEL)

coverage: ## which lines no test reaches; the tests take about twice as long
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report=term:skip-covered

format: ## let ruff rewrite what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup-dev ## resolve the dependencies anew into both lock files
	$(COMPILE) --upgrade --output-file requirements.lock pyproject.toml
	$(COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

bench: setup-dev ## measure
	@$(BIN)/python benchmarks/run.py

clean: ## remove everything set-up and checks made, downloads excepted
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* var/demo var/cache/assets
