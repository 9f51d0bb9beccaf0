# Two commands on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# three processes: many tests wait for a process to start or a clock to pass
SPREAD := -n 3 --dist worksteal
# a thread of arithmetic each: with more, processes wait for each other's threads
test fast: export OMP_NUM_THREADS = 1

.PHONY: pages goldens demo test test-shares test-systemd histories mutants fast lint messages install clean

demo: install  ## the main job on the embedded model: install, render, say where the pictures are
	$(BIN)/zimage-worker demo

test: install lint  ## everything that can run on this machine
	$(BIN)/python -m pytest $(SPREAD) -m "not gpu and not share"

test-shares: install  ## on real NFS, SMB, cut power and full disks; root, User-Mode Linux and FAULTS=folder of the fault tools
	$(BIN)/python -m pytest -m share -s -p no:cacheprovider tests/shares

test-systemd: install  ## on a booted systemd in a machine of its own; root, User-Mode Linux and mmdebstrap; half an hour
	$(BIN)/python -m pytest -m share -s -p no:cacheprovider tests/systemd

# seeds from FIRST on, in PROCESSES at once; CI takes 200
N ?= 10000
FIRST ?= 0
PROCESSES ?= $(shell nproc)
histories: export OMP_NUM_THREADS = 1
histories: install  ## random histories of workers, a share and people: each seed a night of 30 things that happen
	PYTHONPATH=.:tests $(BIN)/python tests/whole/histories.py $(N) --first $(FIRST) --processes $(PROCESSES)

mutants: install  ## break each rule of the spool and the daemon by one line: which tests see it
	$(BIN)/python tests/mutants.py

fast: install  ## the tests that take under a minute
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not gpu and not share"

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

pages: messages  ## write anew what pages, schemas for editors and translators take from the code
	$(BIN)/python tests/tree.py
	$(BIN)/python tests/contract_tables.py
	PYTHONPATH=. $(BIN)/python tests/unit_variants.py
	LC_ALL=C $(BIN)/zimage-worker schema job > jobs_example/job.schema.json

goldens: install  ## write anew what is said of jobs word for word, in English and Chinese; read `git diff` before you commit it
	PYTHONPATH=.:tests $(BIN)/python tests/goldens.py

# without places, dates and wrapped lines: it changes when a text does. Warnings of f-strings are about values; they may be
messages: install  ## collect every text that people read, hand them to the translations, and compile those
	$(BIN)/pybabel extract -F pyproject.toml --no-location --omit-header --no-wrap --sort-output -o worker/locale/zimage-worker.pot worker
	$(BIN)/pybabel update -D zimage-worker -i worker/locale/zimage-worker.pot -d worker/locale --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel compile -D zimage-worker -d worker/locale

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e ".[test]"
	touch $@

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
