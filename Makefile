# The two commands of the README are `make demo` and `make test`; both set up everything they need in .venv.
PYTHON ?= python3
PORT ?= 8000
# make demo FHIR=http://localhost:8080/fhir: a FHIR server of your own instead of the sandbox (docs/sandbox.md).
FHIR ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check

# Every Python that the project supports; each has its locked versions in requirements/.
MINORS := 3.11 3.12 3.13
LOCKS := $(wildcard requirements/*.txt)
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --custom-compile-command "make lock" requirements/build.in setup.cfg

# make fuzz: so many invented requests for every endpoint, and so many seconds for each parser.
FUZZ_EXAMPLES ?= 20000
FUZZ_SECONDS ?= 60
# make soak: so many calls of two hospitals at once.
TWIN_REQUESTS ?= 10000

.PHONY: demo check test night coverage corpus fuzz soak lock examples conformance dialects screenshots bench bench-population clean

# Dependencies come from requirements/, each file known by its hash; then the project itself, which asks for nothing more.
# A Python without a lock falls back to the floors of setup.cfg. $(1): ending of the lock's name, $(2): extras of setup.cfg that it holds.
define install
	@lock=requirements/$$($(BIN)/python -c 'import sys; print("py%d%d" % sys.version_info[:2])')$(1).txt; \
	if [ -f $$lock ]; then \
	  $(PIP) install --require-hashes --requirement $$lock && \
	  $(PIP) install --no-deps --no-build-isolation --editable .; \
	else \
	  echo "There is no $$lock: versions by the floors of setup.cfg"; \
	  $(PIP) install --editable ".$(2)"; \
	fi
endef

$(VENV)/installed: setup.cfg setup.py pyproject.toml $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one with PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(call install,,)
	@touch $@

$(VENV)/test-installed: $(VENV)/installed
	$(call install,-test,[test,check])
	@touch $@

# Renews the locks: for each Python what runs, and what runs, tests and checks. Read the diff before you commit it.
lock: $(VENV)/installed
	$(PIP) install "$$(sed -n 's/^ *\(uv>=.*\)/\1/p' setup.cfg)"
	for minor in $(MINORS); do \
	  lock=requirements/py$$(echo $$minor | tr -d .); \
	  $(COMPILE) --python-version $$minor --output-file $$lock.txt && \
	  $(COMPILE) --python-version $$minor --constraint $$lock.txt --extra test --extra check --output-file $$lock-test.txt || exit 1; \
	done

demo: $(VENV)/installed
	@exec $(BIN)/cds-service demo --port $(PORT) $(if $(FHIR),--fhir $(FHIR))

# What must hold before a change is handed in, in under a minute once mypy has its cache: format, lint, types, content with all cases
# played, and the quick tests of architecture, documents and rules. Types and content are looked at side by side.
check: $(VENV)/test-installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(BIN)/mypy & types=$$!; $(BIN)/cds-service check && wait $$types
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "not full and not night" tests/house tests/spec

# The full tier: what CI runs. docs/testing.md says what only the night runs.
test: $(VENV)/test-installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

# Before a release: everything, the whole corpus, the fuzzers and the soak; an hour or more.
night: test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m night
	$(MAKE) corpus fuzz soak

# Which lines of the machinery and the content the quick tests reach. A floor, `fail_under` in setup.cfg, waits for a run on a machine at rest.
coverage: $(VENV)/test-installed
	$(BIN)/python -m pytest --cov --cov-report term:skip-covered tests/house tests/spec tests/unit

# Every outside file through everything, and more broken records, patients and pages than in `make test`; the corpus lies beside the checkout.
corpus: $(VENV)/test-installed
	CORPUS_EVERYTHING=1 MUTATIONS=10000 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile tests/corpus tests/population tests/browser/test_guideline_pages.py $(ARGS)

$(VENV)/fuzz-installed: $(VENV)/test-installed
	$(PIP) install --editable ".[test,fuzz]"
	@touch $@

# The properties of tests/fuzz with other requests every time, those of schemathesis against gunicorn, and atheris on what parses.
fuzz: $(VENV)/fuzz-installed
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest --numprocesses 2 --dist loadfile tests/fuzz
	FUZZ_EXAMPLES=$$(( $(FUZZ_EXAMPLES) / 20 )) $(BIN)/python -m pytest tests/fuzz/against_gunicorn.py
	for target in body token record reference address text feedback; do \
	  $(BIN)/python -m tests.fuzz.targets $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; done

soak: $(VENV)/test-installed
	TWIN_REQUESTS=$(TWIN_REQUESTS) $(BIN)/python -m pytest tests/security/test_twins.py

# Patients per second against cores, on an export made for the purpose; the numbers stand in docs/population.md.
bench-population: $(VENV)/test-installed
	$(BIN)/python -m benchmarks.population

examples: $(VENV)/installed
	$(BIN)/cds-service examples
	$(BIN)/cds-service guide

# The tests that prove a requirement of CDS Hooks, and docs/conformance.md with what came out of them.
conformance: $(VENV)/test-installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m requirement --conformance

# Every case in every dialect through the service, some minutes; writes docs/dialects.md.
dialects: $(VENV)/test-installed
	$(BIN)/python -m tests.dialects

# The pictures of the README, from the running demo in a real browser.
screenshots: $(VENV)/test-installed
	$(BIN)/python -m tests.browser.screenshots

# The service beside a floor, in one run; writes docs/performance.md. For figures to publish: on a machine that does nothing else.
bench: $(VENV)/test-installed
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info
