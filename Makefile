# make run    installs what is needed and opens the service with the demonstration catalogue
# make test   installs what is needed and runs the tests
# make load   runs the long tests with many clients at once, for some minutes
# make corpus runs ten thousand made-up files through a load, for some minutes, and times the bad ones made by hand
# make check  runs the linters and the type checker
# make clean  removes what was installed and built; what was entered (instance/) is kept

PORT ?= 8000
VENV ?= .venv
TESTS ?=
WORKERS ?= 3  # test processes; they wait for disks, servers and browsers more than they reckon

# The first Python that is new enough. Another one: make run PYTHON=/path/to/python3
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN = $(VENV)/bin

.PHONY: help run test load corpus check clean
help:
	@sed -n 's/^# make /make /p' Makefile

run: $(VENV)/installed-run
	@exec $(BIN)/flask --app wsgi.py demo --port $(PORT)

# File by file, in the order of their names: by their number of tests the few long ones would come last.
test: $(VENV)/installed-dev
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

load: $(VENV)/installed-dev
	$(BIN)/pytest -m load

corpus: $(VENV)/installed-dev
	$(BIN)/pytest -m corpus
	rm -rf .corpus && $(BIN)/python -m tests.offers.corpus .corpus
	$(BIN)/flask --app wsgi.py offers bench .corpus; found=$$?; rm -rf .corpus; exit $$found

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist
	find . -name __pycache__ -type d -not -path './instance/*' -prune -exec rm -rf {} +

# Each of these marks an installation; pyproject.toml being newer asks for it again.
$(VENV)/installed-run: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet -e '.[dev]'
	@touch $@ $(VENV)/installed-run

# Debian and Ubuntu keep the module that makes environments in a package of its own.
$(VENV)/bin/pip:
	@if [ -z "$(PYTHON)" ]; then \
		echo "skillsmatch needs Python 3.11 or later, and none was found. On Debian 12 or later and Ubuntu 24.04"; \
		echo "or later: apt-get install python3 python3-venv. Elsewhere: make run PYTHON=/path/to/python3"; \
		exit 1; \
	fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		as=; [ "$$(id -u)" = 0 ] || as=sudo; \
		if command -v apt-get >/dev/null && { [ -z "$$as" ] || command -v sudo >/dev/null; }; then \
			echo "Installing $$package, with which Python makes its environment ..."; \
			$$as apt-get update -qq && $$as apt-get install -y -qq "$$package"; \
		fi; \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "Python's venv module is missing. As root, type: apt-get install $$package"; exit 1; }; \
	}
	$(PYTHON) -m venv $(VENV)
