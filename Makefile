# Every target sets up what it needs in .venv; the machine needs python3 (3.11+) with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs e2e e2e-ci bench bench-scale bench-evaluate bench-init captures sample

help: ## show this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kscan needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY) ## check an embedded fleet of SSH servers and leave a report
	$(BIN)/kscan demo

test: $(READY) ## the tests that need neither root nor real hosts
	$(BIN)/pytest -q

check: $(READY) ## format, lint, types, tests, generated documents in sync
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q

format: $(READY) ## write the format and what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY) ## regenerate what is generated
	$(BIN)/python -m scanner.inventory.schema
	$(BIN)/python -m scanner.inventory.schema --markdown docs/inventory.md
	$(BIN)/python -m scanner.inventory.schema --rules
	$(BIN)/python -m scanner.inventory.schema --rules --markdown docs/rules.md
	$(BIN)/python -m scanner.render.schema
	$(BIN)/python -m scanner.checks.pages
	$(BIN)/python -m scanner.verify.page

e2e: $(READY) ## everything that needs root and real hosts (Debian; installs its packages)
	$(BIN)/pytest -q -m e2e tests

# What takes minutes each: whole tables of cases, virtual machines, clusters, thousands of processes.
LONG := tests/e2e/parity tests/e2e/hostile tests/e2e/edges tests/e2e/verify tests/e2e/measured \
	tests/e2e/test_members.py tests/e2e/fleet/test_machines.py \
	tests/e2e/init/test_workers.py tests/e2e/init/test_control_planes.py \
	tests/e2e/init/test_killed.py tests/e2e/init/test_clone.py

e2e-ci: $(READY) ## the part of e2e that fits into 20 minutes
	$(BIN)/pytest -q -m e2e tests/e2e $(addprefix --ignore ,$(LONG)) -k "not machine_loses" --durations 8
	$(BIN)/pytest -q -m e2e tests/e2e/parity -k quick

bench: $(READY) ## kscan beside its peers on the same loopback targets, into docs/benchmarks.md (root)
	$(BIN)/python -m benchmarks.compare --write

bench-scale: $(READY) ## kscan and a bare loop on 254, 1,000 and 5,000 hosts (root)
	$(BIN)/python -m benchmarks.scale --write

bench-evaluate: $(READY) ## microseconds that the whole catalogue takes for one host
	$(BIN)/python -m benchmarks.evaluate

bench-init: $(READY) ## kscan init beside the same commands typed by hand, on lab hosts (root)
	$(BIN)/python -m benchmarks.init --write

sample: $(READY) ## write reports/sample/ anew, a report in every format, and what is drawn of it
	$(BIN)/python -m tests.demo.sample
	$(if $(wildcard tests/demo/screenshots.py),$(BIN)/python -m tests.demo.screenshots docs/images)

captures: $(READY) ## record the demo's captures anew from lab hosts (root)
	$(BIN)/python -m tests.demo.record
