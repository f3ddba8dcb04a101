# Everything Greenlight needs is set up by the target that needs it: a virtual environment in .venv, packages
# when the requirements change, a browser and monitoring servers for the tests. `make` alone lists the targets.
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore
# Tests and benches bring their own stores: the one that the environment names may hold somebody's data.
OWN := env -u DATABASE_URL -u GREENLIGHT_DATA

PACKAGES := core db pages app.py cli.py

.PHONY: help run test check audit sbom lock bench faults screenshots programs

help:
	@echo "make run [PORT=8501]  start Greenlight with its store and demo; Ctrl-C stops all of it"
	@echo "make test             everything that CI asks for: check, all tests, an external PostgreSQL"
	@echo "make check            format, lint, strict types, import rules, security, known vulnerabilities"
	@echo "make audit            known vulnerabilities alone; fails where nobody can be asked"
	@echo "make lock             pin what requirements*.txt ask for, with hashes, and list it in docs/sbom.json"
	@echo "make bench            measure speed and hold it against the targets, then make faults"
	@echo "make faults           break what breaks in production, and write docs/reliability.md anew (1 h)"
	@echo "make screenshots      take the README's screenshots anew"

run: $(VENV)/.run
	@exec $(BIN)/python cli.py up --port $(PORT) $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p core -p db -p pages -m app -m cli
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml --confidence-level medium $(PACKAGES)
	$(BIN)/python -m tests.supply_chain.audit --offline-is-fine

audit: $(VENV)/.dev
	$(BIN)/python -m tests.supply_chain.audit

sbom: $(VENV)/.dev
	$(BIN)/python -m tests.supply_chain.sbom

lock: $(VENV)/.dev
	$(BIN)/python -m tests.supply_chain.lock
	$(BIN)/python -m tests.supply_chain.sbom

test: check programs
	$(OWN) $(BIN)/pytest
	$(OWN) $(BIN)/python -m tests.external_server \
		$(BIN)/pytest tests/db tests/terminal --ignore=tests/db/embedded

bench: $(VENV)/.dev programs
	$(OWN) $(BIN)/python -m tests.bench
	$(OWN) $(BIN)/python -m tests.faults

faults: $(VENV)/.dev
	$(OWN) $(BIN)/python -m tests.faults

screenshots: $(VENV)/.dev programs
	$(OWN) $(BIN)/python -m tests.browser.screenshots

programs: $(VENV)/.dev
	@$(BIN)/python -m tests.debian

# One's own environment if it fits, else of the first Python that is new enough and can make one.
$(VENV)/.made:
	@fits='import sys; sys.exit(sys.version_info < (3, 11))'; \
	if $(BIN)/python -c "$$fits" 2>/dev/null && $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		touch $@; exit 0; \
	fi; \
	for python in python3.13 python3.12 python3.11 python3; do \
		"$$python" -c "$$fits" 2>/dev/null || continue; \
		rm -rf $(VENV); \
		if "$$python" -m venv $(VENV); then touch $@; exit 0; fi; \
	done; \
	echo "Greenlight needs Python 3.11 or newer with its venv module, and found none." >&2; \
	echo "Install one, for example: apt-get install python3 python3-venv" >&2; \
	exit 1

$(VENV)/.run: requirements.lock $(VENV)/.made
	@echo "Installing what Greenlight runs on into $(VENV): about a minute, once."
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements.lock $(VENV)/.made
	@echo "Installing what the tests need into $(VENV): about a minute, once."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $(VENV)/.run $@
