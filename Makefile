# The two commands of the README are `make demo` and `make test`; both set up everything they need in .venv.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check examples dialects clean

$(VENV)/installed: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one with PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test-installed: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@

demo: $(VENV)/installed
	@exec $(BIN)/cds-service demo --port $(PORT)

test: $(VENV)/test-installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

check: $(VENV)/installed
	$(BIN)/cds-service check

examples: $(VENV)/installed
	$(BIN)/cds-service examples
	$(BIN)/cds-service guide

# Every case in every dialect through the service, some minutes; writes docs/dialects.md.
dialects: $(VENV)/test-installed
	$(BIN)/python -m tests.dialects

clean:
	rm -rf $(VENV) build dist *.egg-info
