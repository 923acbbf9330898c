# What people type. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help install demo test check fuzz lock clean

help:
	@echo "make install   environment in .venv, with .venv/bin/inbox-router"
	@echo "make demo      see the service at work on sample mail"
	@echo "make test      set up what is missing and run every test"
	@echo "make fuzz      damage sample mail at random for SECONDS=60 and see that nothing breaks"
	@echo "make lock      write the lock files anew from pyproject.toml"

install: $(VENV)/installed

$(VENV)/bin/python:
	@scripts/make-venv $(PYTHON) $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

demo: install
	@$(BIN)/inbox-router demo $(ARGS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	@scripts/install-test-servers
	$(BIN)/python -m pytest $(ARGS)

fuzz: $(VENV)/installed-dev
	$(BIN)/python -m tests.fuzz.fuzz_triage --seconds $(or $(SECONDS),60)

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra demo -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra demo --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
