# A newcomer needs make report and make test; every target sets up what it uses.
PYTHON := .venv/bin/python
BASE ?= main
LIBRARY ?= jax
COMMITS ?= 1000
RUNS ?= 100000
JOBS ?= 100000
# one process a core; the tests of a file run in one, since they share what is slow to make
PARALLEL := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help report report-full table gate gate-written gate-comment releases newest commit-results system calibrate browse picture peers peers-atoms docs test test-quick mutate publish-scale sweep-scale survive fuzz elsewhere lock pins bump audit lint clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

report: .venv/report ## measure HEAD at a few dimensions and publish the report; resumes
	$(PYTHON) -m eam track

report-full: .venv/report ## the same at all dimensions, for all models; resumes
	$(PYTHON) -m eam track --full

table: .venv/test ## time the gradient in every backend, as the forum post did
	$(PYTHON) -m eam

gate: .venv/test ## compare the working tree with BASE (main): slower, or broken?
	$(PYTHON) -m eam gate $(BASE)

gate-written: .venv/test # the same, with the table in gate/, for CI
	$(PYTHON) -m eam gate $(BASE) --write gate

gate-comment: # gate/table.txt as a comment of a pull request, for CI
	.ci/gate-comment

releases: .venv/releases ## measure the releases of LIBRARY (jax), one after another; resumes
	$(PYTHON) -m eam releases $(LIBRARY)

newest: .venv/releases ## measure the newest release of every library
	$(PYTHON) -m eam releases --refresh
	status=0; for library in $$($(PYTHON) -c 'from eam.releases.axes import libraries; print(*libraries())'); \
	  do $(PYTHON) -m eam releases $$library --most 1 || status=1; done; exit $$status

commit-results: # commit and push what was measured of releases, for CI
	.ci/commit-results

system: # install what the tests need of a new Debian machine, for CI
	.ci/system

calibrate: .venv/test ## measure how often the gate and asv are wrong; resumes
	$(PYTHON) -m eam calibrate

browse: .venv/report ## serve the published report
	$(PYTHON) -m asv preview

picture: .venv/report ## take the README's picture of the published report (needs Chromium)
	$(PYTHON) -m eam picture

peers: .venv/test ## time C and every backend for N = 1 to 10^7 (needs a C compiler)
	$(PYTHON) -m eam peers --write docs/explanation/performance.md

peers-atoms: .venv/peers ## time LAMMPS, ASE, matscipy and the backends on atoms
	$(PYTHON) -m eam peers-atoms --write docs/explanation/performance-atoms.md

docs: .venv/test ## build the documentation; every warning is an error
	$(PYTHON) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo 'The documentation: docs/_build/html/index.html'

test: .venv/test ## run every test, and every benchmark at least once
	$(PYTHON) -m pytest $(PARALLEL) -m 'not alone'
	$(PYTHON) -m pytest -m alone

test-quick: .venv/test ## run what takes a minute in all
	$(PYTHON) -m pytest $(PARALLEL) -m 'not alone and not slow'

mutate: .venv/mutate ## mutate the code that decides, and list what no test notices (an hour)
	$(PYTHON) tests/mutation/run.py $(MODULES)

publish-scale: .venv/test ## publish 1000 synthetic commits of the full grid, and measure that
	$(PYTHON) tests/scale/run.py --commits $(COMMITS)

sweep-scale: .venv/test # sweep JOBS (100000) jobs of zero length, and measure that
	$(PYTHON) -m tests.scale.sweep --jobs $(JOBS)

survive: .venv/test ## break things on purpose, many times, and print what it costs
	$(PYTHON) -m tests.survive.run --write docs/explanation/reliability.md

fuzz: .venv/survive ## fuzz the readers of potential files RUNS (100000) times
	$(PYTHON) -m tests.atoms.fuzz -runs=$(RUNS)

elsewhere: .venv/survive ## try one library alone, other Pythons, oldest and newest versions
	$(PYTHON) -m nox

# uv looks only where it is told for what pip finds by itself, such as torch's build without CUDA
lock: .venv/test ## write requirements-ci.txt: every version that CI installs, with its hashes
	UV_FIND_LINKS="$$PIP_FIND_LINKS" $(PYTHON) -m uv pip compile -q --generate-hashes --universal \
	  --python-version 3.11 --custom-compile-command 'make lock' \
	  -c constraints.txt pyproject.toml \
	  --extra peers --extra report --extra dev -o requirements-ci.txt

pins: .venv/report ## look for pinned libraries that fell behind their newest release
	$(PYTHON) -m eam.releases.pins

bump: .venv/test ## propose the newest release of each pinned library, each in a commit of its own
	$(PYTHON) -m eam.releases.bump

audit: .venv/survive ## look for known vulnerabilities in requirements-ci.txt
	$(PYTHON) -m pip_audit -r requirements-ci.txt --require-hashes --disable-pip

lint: .venv/test ## check the code with ruff and pyright
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m pyright --pythonpath $(PYTHON)

clean: ## remove environments and built pages; results stay
	rm -rf .venv .asv/env docs/_build

.venv/bin/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "eam needs Python 3.11 or newer as python3"; exit 1; }
	@python3 -m venv .venv \
	  || { rm -rf .venv; echo "python3 cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }

.venv/report: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[report]'
	@touch $@

.venv/releases: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[releases]'
	@touch $@

.venv/peers: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[peers]'
	@touch $@

.venv/mutate: pyproject.toml constraints.txt | .venv/test
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[mutate]'
	@touch $@

.venv/survive: pyproject.toml constraints.txt | .venv/test
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[survive]'
	@touch $@

# CI installs what make lock has locked, and nothing else
ifeq ($(CI),true)
.venv/test: pyproject.toml requirements-ci.txt | .venv/bin/python
	$(PYTHON) -m pip install -q --require-hashes -r requirements-ci.txt
	$(PYTHON) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@
else
.venv/test: pyproject.toml constraints.txt | .venv/bin/python
	$(PYTHON) -m pip install -q -c constraints.txt -e '.[peers,report,dev]'
	@touch $@
endif
