# One line for each habit; `make help` lists them. Needs Python 3.11 or newer and make, nothing else.

PYTHON ?= python3
WORKERS ?= 2
SEEDS ?= 20
SECONDS ?= 60
ARGS ?=
CHROMIUM ?= /usr/bin/chromium

BIN := .venv/bin
BROWSER := $(wildcard $(CHROMIUM))
READY := .venv/.ready
CONSOLE := .venv/.console
CONSOLE_SOURCES := package.json package-lock.json vite.config.ts $(shell find src/allpoints/web/assets src/allpoints/web/components -type f)
TREE := src tests benchmarks demo tools hatch_build.py

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check lint types floors simulate fuzz bench bench-border docs screenshots format lock changelog clean

help: ## show this list
	@echo "allpoints: make HABIT"
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: $(READY) $(CONSOLE) ## make .venv from the lock file and build the console; a second time does nothing

demo: setup ## play the main job with real processes in front of you (ONCE=1 ends after the play)
	@ONCE="$(ONCE)" $(BIN)/python -m demo.play

test: setup ## all tests, with coverage; some of them: make test ARGS="tests/ledger -x"
	$(if $(BROWSER),,@echo "Browser tests are left out: there is no $(CHROMIUM). Install it with: apt-get install chromium")
	$(BIN)/python -m pytest -n $(WORKERS) -q --cov --cov-report=term $(if $(BROWSER),,-m "not browser") $(ARGS)

check: lint types floors test ## what must pass before a merge: lint, format, types, floors, docs, tests

lint: setup ## lint and format, nothing is changed
	$(BIN)/ruff check $(TREE)
	$(BIN)/ruff format --check $(TREE)

types: setup ## types of the whole tree: mypy --strict, and tsc for the console's scripts
	$(BIN)/mypy
	$(BIN)/python -m tools.node run check

floors: setup ## a part imports only lower floors
	$(BIN)/lint-imports --no-cache

simulate: setup ## a whole federation under faults in one process: make simulate SEEDS=1000
	$(BIN)/python -m tests.simulator.run --seeds $(SEEDS) --jobs $(WORKERS)

fuzz: setup ## damage the input of every parser for SECONDS of processor time each: make fuzz SECONDS=600
	$(BIN)/python -m tests.fuzz.run --seconds $(SECONDS) --jobs $(WORKERS)

bench: setup ## every benchmark, one after another, each with its ratios
	$(BIN)/python -m tools.benchmarks

bench-border: setup ## the border at the world's size; make bench-border QUICK=1 for the small form
	$(BIN)/python -m benchmarks.border $(if $(QUICK),--quick,--kept .bench-border.json)

docs: setup ## write docs/reference anew from the code, then test every page
	$(BIN)/python -m tools.reference
	$(BIN)/python -m pytest -q tests/docs

screenshots: setup ## a picture of every page of the console in screenshots/ (needs Chromium)
	$(BIN)/python -m tools.screenshots

format: setup ## put the tree in form
	$(BIN)/ruff check --fix $(TREE)
	$(BIN)/ruff format $(TREE)

lock: ## write the lock files anew (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header -o requirements/run.lock requirements/run.in
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header -o requirements/dev.lock requirements/dev.in

changelog: setup ## collect changelog.d into CHANGELOG.md: make changelog VERSION=0.2.0
	$(BIN)/python -m tools.changelog $(VERSION)

clean: ## remove what was made: environment, console build, caches, the demo's folder
	rm -rf .venv node_modules src/allpoints/web/static dist screenshots .demo .coverage
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements/dev.lock pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "allpoints needs Python 3.11 or newer, and $(PYTHON) is not: name one with make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv from requirements/dev.lock (once; a minute or two)"
	@$(PYTHON) -m venv .venv
	@# The lock names everything; left to resolve, an older pip would try a newer release and then miss its hash.
	@$(call quietly,$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements/dev.lock)
	@$(call quietly,ALLPOINTS_WITHOUT_CONSOLE=1 $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .)
	@touch $@

$(CONSOLE): $(READY) $(CONSOLE_SOURCES)
	@$(call quietly,$(BIN)/python hatch_build.py --development)
	@test -n "$$ALLPOINTS_WITHOUT_CONSOLE" || touch $@

# What a package manager says is shown only when it fails, and without addresses.
quietly = told=$$($(1) 2>&1) || { printf '%s\n' "$$told" | sed 's|[a-z]*://[^ ,]*|(address)|g' >&2; exit 1; }
