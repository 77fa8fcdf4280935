# `make` prints these targets. Each does its own set-up: nothing needs to be installed but Python and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.development
PARALLEL := -n 2 --dist worksteal
SAMPLE := PLOOMBER_ENV_FILENAME=env.sample.yaml

.DEFAULT_GOAL := help

.PHONY: help
help: ## print the targets
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): requirements.txt pyproject.toml $(wildcard .jupyter/* .jupyter/labconfig/* .ipython/*)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and \
		"Python 3.11, 3.12 or 3.13 is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEVELOPMENT): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

.PHONY: install
install: $(INSTALLED) ## make .venv and install everything into it

.PHONY: build
build: $(INSTALLED) ## run what is out of date of the pipeline; reports go to products/reports
	$(BIN)/ploomber build

.PHONY: backtest
backtest: $(INSTALLED) ## after a build: train and test at several times of its log; the report is reports/backtest.html
	$(BIN)/ploomber build --entry-point pipeline.backtest.yaml

.PHONY: sample
sample: $(INSTALLED) ## the same on a small shop, in seconds; reports go to products/sample/reports
	$(SAMPLE) $(BIN)/ploomber build

.PHONY: status
status: $(INSTALLED) ## what is out of date
	$(BIN)/ploomber status

.PHONY: quick
quick: $(DEVELOPMENT) ## the tests of the inner loop: all but those marked slow, in a minute of CPU
	$(BIN)/python -m pytest -m 'not slow' --hypothesis-profile=quick

.PHONY: test
test: $(DEVELOPMENT) ## run all tests, on two cores
	$(BIN)/python -m pytest $(PARALLEL)

.PHONY: coverage
coverage: $(DEVELOPMENT) ## `test`, and the share of lines that it runs in its own processes
	$(BIN)/python -m pytest $(PARALLEL) --cov

.PHONY: test-3.12
test-3.12: ## `test` on Python 3.12, in an environment of its own
	$(MAKE) PYTHON=python3.12 VENV=.venv-3.12 test

.PHONY: test-3.13
test-3.13: ## `test` on Python 3.13, in an environment of its own
	$(MAKE) PYTHON=python3.13 VENV=.venv-3.13 test

.PHONY: lint
lint: $(DEVELOPMENT) ## hold the code to its rules, its format and its types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

.PHONY: format
format: $(DEVELOPMENT) ## format the code, and mend what can be mended by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: lab
lab: $(INSTALLED) ## open the notebooks in JupyterLab, with this build's parameters
	$(BIN)/jupyter lab

.PHONY: serve
serve: $(INSTALLED) ## serve the champion on PORT (8000) with WORKERS (1) processes; see docs/serving.md
	$(BIN)/python -m app

.PHONY: bench-features
bench-features: $(INSTALLED) ## features against pandas, Polars and DuckDB: CPU and memory ratios
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python benchmarks/features.py

# MLServer asks for other versions of what we use, so it gets an environment of its own. Without it the rest is measured.
MLSERVER := $(VENV)/mlserver/bin/mlserver
$(MLSERVER): | $(INSTALLED)
	$(PYTHON) -m venv $(VENV)/mlserver
	-$(VENV)/mlserver/bin/python -m pip install --quiet --disable-pip-version-check mlserver==1.7.1 mlserver-xgboost==1.7.1

.PHONY: bench-serving
bench-serving: $(INSTALLED) $(MLSERVER) ## CPU a request against a Flask constant, FastAPI and MLServer
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	MLSERVER=$(MLSERVER) $(BIN)/python benchmarks/serving.py

.PHONY: bench-online
bench-online: $(INSTALLED) ## CPU of features computed from the store, and events taken a second, for both stores
	$(BIN)/python benchmarks/online.py

.PHONY: parity
parity: $(INSTALLED) ## replay the test week of the build against the server; every feature must be the same
	$(BIN)/python benchmarks/parity.py

.PHONY: docs
docs: $(INSTALLED) ## write the parts of docs/ and the comments of env.yaml that come from the code
	PYTHONPATH=docs $(BIN)/python -m writing

.PHONY: requirements
requirements: ## for maintainers, needs uv: compile requirements.txt from pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	printf '%s\n' '-e .' >> requirements.txt

.PHONY: clean
clean: ## remove what builds and tests leave, but no environment
	rm -rf products/* .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
