# Everything happens in a virtual environment inside the checkout; nothing but make and a Python with its venv
# module has to be there. Other interpreter: make PYTHON=python3.13 VENV=.venv-3.13 check

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet
# The profile tries the same examples on every machine, and calls none of them too slow. A file's tests stay together,
# because they share what they start; in their order, for the default leaves the single long waits to the end.
WORKERS ?= 2
# Real programs spend most of their time waiting.
SERVER_WORKERS ?= 4
PYTEST_OPTIONS := --hypothesis-profile=ci --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder
PYTEST := $(BIN)/python -m pytest $(PYTEST_OPTIONS)

# Debian packages of the programs that integration tests run.
SERVER_PACKAGES := prometheus prometheus-alertmanager redis-server chromium curl systemd victoria-metrics zstd nginx-light

# Of the tests that build and run images and boot systems.
DEPLOYMENT_PACKAGES := debootstrap prometheus prometheus-alertmanager systemd-container

# Servers of newer Debian releases, with which the tests that are marked so run once more.
NEWER_SERVERS := $(VENV)-newer-servers
NEWER_SERVER_PACKAGES := forky/prometheus forky/promtool forky/victoria-metrics trixie/prometheus-alertmanager

BENCH_PACKAGES := nginx-light prometheus

# Options for the demo, the soak and the benchmarks, such as ARGS=--help.
ARGS ?=
# How long each part of the soak takes.
MINUTES ?= 10
# STACK=1 starts Prometheus and Alertmanager with the demo, where they are installed.
STACK ?=
# "make requirements UPGRADE=--upgrade" moves every pin to the newest version.
UPGRADE ?=
UV_VERSION := 0.13.9

# Tests start hundreds of programs: each would compile all of its modules anew, and each worker all tests.
unexport PYTHONDONTWRITEBYTECODE

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
PIP_RETRIES ?= 5
export PIP_RETRIES

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help venv demo check coverage test lowest deployment soak lint servers format generate pictures dist bench requirements clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

venv: $(VENV)/dev.stamp ## set up the virtual environment for development

# From the checkout itself: installing the project would cost a newcomer the build tools too.
demo: $(VENV)/run.stamp ## run the exporter against its built-in simulator: no account, no file needed
	$(BIN)/python -m exporter demo $(if $(STACK),--stack) $(ARGS)

check: lint ## style, types and unit tests
	$(PYTEST) -m "not integration and not deployment"

# Before Python 3.14 measuring makes them take more than twice as long.
coverage: venv ## unit tests, and whether they reach enough of the code
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST_OPTIONS) -m "not integration and not deployment"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --format=total --precision=1

test: servers check ## everything: check, and the tests that start real programs
	$(PYTEST) --numprocesses=$(SERVER_WORKERS) --no-fold-skipped -m integration

# Those that use the dependencies most; LOWEST=tests takes all unit tests.
LOWEST ?= tests/config tests/metrics tests/operators tests/schedules tests/settings tests/snapshot \
	tests/state tests/toolkit tests/web tests/wolkvox

lowest: $(VENV)-lowest/stamp ## unit tests with the lowest versions of the dependencies that are allowed
	PYTHONPATH=$(abspath $(VENV)-lowest) $(PYTEST) -m "not integration and not deployment" $(LOWEST)

# Makes the root of a Debian once, and keeps it: see tests/support/debian.py.
deployment: export PATH := $(abspath $(NEWER_SERVERS))/usr/bin:$(PATH)
deployment: venv ## as root: image, compose files and systemd unit; and what newer servers make of the rules
	@sh scripts/install-servers $(DEPLOYMENT_PACKAGES)
	@sh scripts/download-servers $(NEWER_SERVERS) $(NEWER_SERVER_PACKAGES)
	$(PYTEST) --numprocesses=$(SERVER_WORKERS) --no-fold-skipped -m "deployment or newer_servers"

# The first needs nothing, the second Redis, and root for its small disk: what it cannot try it says.
soak: venv ## months against the model, then the program while all around it fails, then its memory: MINUTES=10 each
	@sh scripts/install-servers redis-server
	PYTHONPATH=tests $(BIN)/python -m model.soak --minutes $(MINUTES) $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.faults --minutes $(MINUTES) $(ARGS)
	$(BIN)/python -m benchmarks --minutes $(MINUTES) soak

lint: venv ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

servers: ## install the servers that tests run, where this user may
	@sh scripts/install-servers $(SERVER_PACKAGES)

format: venv ## format the code and repair what the linter can
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

generate: venv ## write anew what is made of the code: docs, schema, goldens, dashboards, rules of the operator
	$(BIN)/python -m generators

# FRONTEND=/path/to/grafana/public, of a Grafana release: without it only the status page is drawn. ARGS=--help
pictures: venv ## draw docs/images from a simulated history: FRONTEND=/path/to/grafana/public
	@sh scripts/install-servers prometheus chromium
	$(BIN)/python -m scripts.pictures $(if $(FRONTEND),--frontend "$(FRONTEND)") $(ARGS)

INSTALL := $(VENV)-release/bin/python -m pip --quiet --python=$(VENV)-installed/bin/python install

# With SOURCE_URL, the address of the public repository, the metadata has links; see hatch_build.py.
# The SBOM is that of the wheel as installed with the pinned dependencies.
dist: $(VENV)-release/stamp ## build wheel and sdist, an SBOM of the dependencies, and checksums into dist/
	rm -rf dist $(VENV)-installed
	$(VENV)-release/bin/hatchling build
	$(PYTHON) -m venv --without-pip $(VENV)-installed
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-index dist/*.whl
	$(VENV)-installed/bin/wolkvox-exporter --version
	wheel=$$(echo dist/*.whl); $(VENV)-release/bin/cyclonedx-py environment --pyproject pyproject.toml \
		--output-reproducible --output-file "$${wheel%-py3-none-any.whl}.cdx.json" $(VENV)-installed/bin/python
	cd dist && sha256sum wolkvox_exporter-* >SHA256SUMS

bench: venv ## measure what the exporter costs
	@sh scripts/install-servers $(BENCH_PACKAGES)
	$(BIN)/python -m benchmarks $(ARGS)

# The first file decides the versions; the others are held to them. uv runs from a folder of its own, because the
# project's environment must hold nothing that its requirements do not name.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make requirements" $(UPGRADE)

requirements: ## pin the dependencies anew, with hashes
	@set -eu; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; set -x; \
	$(PYTHON) -m venv "$$tools"; \
	"$$tools/bin/python" -m pip --quiet install uv==$(UV_VERSION); \
	PATH="$$tools/bin:$$PATH"; \
	$(COMPILE) --all-extras --group dev -o requirements/dev.txt pyproject.toml; \
	$(COMPILE) --all-extras -c requirements/dev.txt -o requirements/run.txt pyproject.toml; \
	$(COMPILE) --group build -c requirements/dev.txt -o requirements/build.txt; \
	$(COMPILE) --group release -c requirements/dev.txt -o requirements/release.txt; \
	$(COMPILE) --all-extras --resolution=lowest-direct -o tests/packaging/lowest.txt pyproject.toml

clean: ## remove what these targets have made
	rm -rf $(VENV) $(VENV)-installed $(VENV)-lowest $(VENV)-release $(NEWER_SERVERS) build dist .coverage .coverage.* \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian ships the venv module without what it needs to install pip, hence the question for ensurepip.
$(VENV)/run.stamp: requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) must be Python 3.11 or newer; choose another one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make a virtual environment: install it with 'apt-get install python3-venv'" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml $(VENV)/run.stamp
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Found before those of the environment, whose tools come with newer versions.
$(VENV)-lowest/stamp: tests/packaging/lowest.txt $(VENV)/dev.stamp
	rm -rf $(VENV)-lowest
	$(PIP) install --target=$(VENV)-lowest --require-hashes -r tests/packaging/lowest.txt
	@touch $@

$(VENV)-release/stamp: requirements/release.txt $(VENV)/run.stamp
	$(PYTHON) -m venv $(VENV)-release
	$(VENV)-release/bin/python -m pip --quiet install --require-hashes -r requirements/release.txt
	@touch $@
