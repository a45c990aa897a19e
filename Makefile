# The front door. `make` lists the targets; what Python needs is installed into .venv on first use.
#   make demo CORPUS=path      other captures      make bench BENCH_ARGS=--quick
#   make bench BEFORE=../before/src    this tree beside another one
#   make serve PORT=8765       another port     make serve SERVE_ARGS=--behind
#   make interop INTEROP_ARGS='--only curl-get ws'
#   make conformance-matrix MATRIX_ARGS='--only ws'
#   make fuzz FUZZ_ARGS='--only server client'
#   make mutants MUTANTS_ARGS='src/httpupgrade/_http1 --minutes 30'
#   make proxies PROXIES_ARGS='--only nginx'
#   make test PYTHON=python3.13 after make clean: another interpreter
#   make test-pythons PYTHONS='/opt/python3.15/bin/python3'

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test test-core test-pythons interop proxies conformance-matrix parsers captures lint types bench bench-record bench-record-wire load fuzz mutants servers-matrix uvicorn-http2-matrix clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\): .*## /  \1\t/p' Makefile

demo: $(VENV)/.for-demo ## serve real clients on loopback, then replay captured requests
	@PYTHONPATH=docs $(BIN)/python -m demo $(if $(CORPUS),--corpus '$(CORPUS)')

serve: $(VENV)/.for-serve ## a server to try: open its page, type its commands; Ctrl-C ends it
	@exec $(BIN)/httpupgrade serve $(if $(PORT),--port '$(PORT)') $(SERVE_ARGS)

# Tests of behaviour, which must not change when the fast path is off.
WITHOUT_FAST_PATH := tests/conformance tests/negotiation tests/protocols tests/server

test: lint types ## lint, types and all tests, with the branch coverage of src/
	$(BIN)/coverage erase
	COVERAGE_PROCESS_START=pyproject.toml $(BIN)/python -m pytest -n auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=100
	$(BIN)/python -m pytest -q -n auto --dist worksteal --core --slow-path $(WITHOUT_FAST_PATH)

test-core: $(VENV)/.for-core ## the tests of the core alone: no sockets, no adapters
	$(BIN)/python -m pytest --core -q

test-pythons: $(VENV)/.made ## the tests of the core on every interpreter that can be found
	@PYTHONPATH=tests PYTHONS='$(PYTHONS)' $(BIN)/python -m pythons $(PYTHONS_ARGS)

interop: $(VENV)/.for-interop ## clients and servers that others wrote, against this
	@PYTHONPATH=docs:tests $(BIN)/python -m interop $(INTEROP_ARGS)

proxies: $(VENV)/.for-demo ## proxies that others wrote: diagnosed, mended, tried again
	@PYTHONPATH=docs:tests $(BIN)/python -m proxies $(PROXIES_ARGS)

conformance-matrix: $(VENV)/.for-interop ## the conformance kit on servers and clients of others
	@PYTHONPATH=docs:tests $(BIN)/python -m matrix $(MATRIX_ARGS)

parsers: $(VENV)/.for-test ## request heads, beside five parsers of others: make parsers MINUTES=20
	@PYTHONPATH=docs:tests:tests/support $(BIN)/python -m parsers $(if $(MINUTES),--minutes '$(MINUTES)') $(PARSERS_ARGS)

captures: $(VENV)/.for-core ## how many captured requests and responses are diagnosed right
	@PYTHONPATH=tests/support $(BIN)/python -m capture_score

lint: $(VENV)/.for-test ## ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# pyright takes the packages of the first python in PATH, and asks a network for newer versions of
# itself unless told not to.
types: export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1
types: export PATH := $(CURDIR)/$(BIN):$(PATH)
types: $(VENV)/.for-test ## mypy; pyright over what users see, of which 100 % has a type
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/pyright --verifytypes httpupgrade --ignoreexternal

bench: $(VENV)/.for-bench ## octets to decisions and servers over loopback, beside others
	$(BIN)/python -m $(if $(BEFORE),benchmarks.paired '$(BEFORE)',benchmarks) $(BENCH_ARGS)
	$(if $(BEFORE),,$(BIN)/python -m benchmarks.wire $(filter --quick,$(BENCH_ARGS)))

bench-record: $(VENV)/.for-bench ## the first of the two, into docs/
	$(BIN)/python -m benchmarks --record $(BENCH_ARGS)

bench-record-wire: $(VENV)/.for-bench ## the second, into docs/
	$(BIN)/python -m benchmarks.wire --record $(BENCH_ARGS)

load: $(VENV)/.for-bench ## thousands of hostile connections, and what comes of them
	$(BIN)/python -m benchmarks.load $(LOAD_ARGS)

fuzz: $(VENV)/.for-fuzz ## laws of the tests under Atheris: make fuzz MINUTES=60
	@PYTHONPATH=tests:tests/support:docs $(BIN)/python -m fuzz $(if $(MINUTES),--minutes '$(MINUTES)') $(FUZZ_ARGS)

mutants: $(VENV)/.for-test ## does a test notice when a function is changed? of changed files
	@PYTHONPATH=tests:tests/support $(BIN)/python -m mutants $(MUTANTS_ARGS)

servers-matrix: $(VENV)/.for-test ## servers with and without their adapters, into docs/adapters/
	PYTHONPATH=docs:tests:tests/support $(BIN)/python -m server_differential $(SERVERS)

uvicorn-http2-matrix: $(VENV)/.for-test ## extended CONNECT at uvicorn, into docs/adapters/
	PYTHONPATH=docs:tests:tests/support $(BIN)/python -m uvicorn_http2_differential --record

clean: ## remove what the other targets made
	rm -rf $(VENV) .fuzz .interop .mutants .pythons .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each dependency group of pyproject.toml, so that each target installs what it needs.
$(VENV)/.for-%: pyproject.toml | $(VENV)/.made
	@echo "Installing what '$*' needs into $(VENV)"
	@$(BIN)/pip install --quiet --prefer-binary --editable . --group $*
	@touch $@

# Debian's pip is older than 25.1, the first to know dependency groups.
$(VENV)/.made:
	@$(PYTHON) -c "$$CHECK_PYTHON"
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

define CHECK_PYTHON
import sys
if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]
             + ". Name another one: make PYTHON=python3.13")
try:
    import ensurepip, venv
except ImportError:
    sys.exit("Python's venv module is missing. On Debian: apt-get install python3-venv")
endef
export CHECK_PYTHON
