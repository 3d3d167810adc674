# Everything a person does here. Needs only make and Python 3.11 to 3.13.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | expand -t 12

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11, 3.12 or 3.13 is needed; set PYTHON=/path/to/it"; exit 1; }
	@echo "installation: creating .venv and installing the pinned packages (a minute)"
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.txt constraints.txt .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	@touch $@

.venv/installed-bench: requirements-bench.txt constraints.txt .venv/installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-bench.txt
	@touch $@

.venv-judges/installed: requirements-judges.txt | .venv/installed
	@echo "installation: creating .venv-judges with the exchange's own clients, for the tests"
	@$(PYTHON) -m venv --clear .venv-judges
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-judges.txt
	@touch $@

demo: .venv/installed ## a demo account on a paper exchange: http://127.0.0.1:8000
	@$(BIN)/python deploy/demo.py

paper: .venv/installed ## a paper-trading platform with a bot, monitor and dashboard; MARKET=live for Binance's prices
	@$(BIN)/python deploy/play.py

pictures: .venv/installed-dev ## take the README's pictures anew, of the demo's first page
	@$(BIN)/python deploy/pictures.py

run: .venv/installed ## watch the real accounts, hour by hour
	@$(BIN)/python run_forever.py

lock: .venv/installed ## renew requirements.lock after requirements.txt or constraints.txt changed
	@$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@sed -n '/^#/p' requirements.lock > .venv-lock/head
	@.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
		--no-emit-find-links --python-version 3.11 -c constraints.txt requirements.txt -o .venv-lock/lock
	@cat .venv-lock/head .venv-lock/lock > requirements.lock && rm -rf .venv-lock

migrate: .venv/installed ## bring the database's schema up to date
	@$(BIN)/python -m sql migrate

test: .venv/installed-dev .venv-judges/installed ## run all tests
	@# Containers often forbid Python to keep what it compiled: then every program that a test starts compiles it all again.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist worksteal

drift: .venv/installed-dev .venv-judges/installed ## what the newest of the exchange's own clients say differently
	@$(BIN)/python -m tests.judges.drift

soak: .venv/installed-dev ## run the long tests: hours in which everything breaks, a year at four exchanges, two years of traders, strangers at the dashboard (SOAK_LIVES, SOAK_HOURS, SOAK_DAYS)
	@$(BIN)/python -m pytest -s -o timeout=0 tests/soak

bench: .venv/installed-bench ## measure time, memory and bytes beside their budgets; ONLY=cycle for one section
	@$(BIN)/python -m bench $(ONLY)

lint: .venv/installed-dev ## check style and types; how the code hangs together, and how much of it an hour enters
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy finance monitor sql paper dashboard look serving bench tests run_forever.py
	@$(BIN)/python -m bench.house
	@$(BIN)/python -m bench.hour

format: .venv/installed-dev ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove the environment and caches; data/ stays
	rm -rf .venv .venv-judges .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help demo paper pictures run lock migrate test soak drift bench lint format clean
