# make report and make test are all a newcomer needs; each sets up what it uses.
PYTHON := .venv/bin/python
BASE ?= main

.PHONY: help report report-full table gate calibrate browse picture peers peers-atoms test mutate lint clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

report: .venv/report ## measure HEAD (a first look, resumes) and publish the report
	$(PYTHON) -m eam track

report-full: .venv/report ## the same over the whole grid of dimensions
	$(PYTHON) -m eam track --full

table: .venv/test ## time every way to get the gradient, in one process, as the forum post did
	$(PYTHON) -m eam

gate: .venv/test ## has a gradient become slower than in BASE (main)? uncommitted edits count
	$(PYTHON) -m eam gate $(BASE)

calibrate: .venv/test ## how often the gate and asv are wrong: rewrites docs/explanation/calibration.md, resumes
	$(PYTHON) -m eam calibrate

browse: .venv/report ## serve the published report and say where
	$(PYTHON) -m asv preview

picture: .venv/report ## picture the published front page for the README (needs Chromium)
	$(PYTHON) -m eam picture

peers: .venv/test ## time C and every backend, N = 1 to 10^7, into docs/explanation/performance.md
	$(PYTHON) -m eam peers --write docs/explanation/performance.md

peers-atoms: .venv/peers ## time LAMMPS, ASE, matscipy and every backend on atoms, into docs/explanation/performance-atoms.md
	$(PYTHON) -m eam peers-atoms --write docs/explanation/performance-atoms.md

test: .venv/test ## run every test and every benchmark once, on every backend
	$(PYTHON) -m pytest

mutate: .venv/mutate ## change what decides, a piece at a time: does a test notice? (an hour)
	$(PYTHON) tests/mutation/run.py $(MODULES)

lint: .venv/test ## what pre-commit and CI check
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m pyright --pythonpath $(PYTHON)

clean: ## remove environments and what was built; results stay
	rm -rf .venv .asv/env

.venv/bin/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "eam needs Python 3.11 or newer as python3"; exit 1; }
	@python3 -m venv .venv \
	  || { rm -rf .venv; echo "python3 cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }

.venv/report: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[report]'
	@touch $@

.venv/peers: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[peers]'
	@touch $@

.venv/mutate: pyproject.toml constraints.txt | .venv/test
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[mutate]'
	@touch $@

.venv/test: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[peers,report,dev]'
	@touch $@
