# Every target makes the environment that it needs: `.venv`, from whatever Python 3 is there.
#   make test PYTHON=python3.12     another Python
#   make test ARGS="-k tiling -x"   arguments for pytest, or for the benchmark

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

# The oldest Python that must run what a device needs, in an environment without torch.
PYTHON38 ?= python3.8
VENV38 ?= .venv38
DEVICE_ROOMS = runtime cli calib jetson

BIN = $(VENV)/bin
PIP = -m pip install -q --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test test-py38 test-arm64 check format bench bench-gpu gpu-check clean pinned-tools

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/.base ## enlarge a photograph into out/ (needs no torch)
	$(BIN)/pcsr-edge demo -o out

test: $(VENV)/.dev ## run all tests
	$(BIN)/python -m pytest $(ARGS)

test-py38: $(VENV38)/.ready ## run the tests of what runs on a device on Python 3.8, without torch
	$(VENV38)/bin/python -m pytest $(wildcard $(DEVICE_ROOMS:%=tests/%)) $(ARGS)

test-arm64: $(VENV)/.base ## install and run it on arm64, emulated (slow; SUITE=bookworm or trixie)
	tests/arm64/run $(abspath $(BIN))/python

check: pinned-tools ## lint, check format, types and the imports between the rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: pinned-tools ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: $(VENV)/.bench ## time the runtime against its peers, into out/bench/
	$(BIN)/python -m benchmarks.bench $(ARGS)
	$(BIN)/python -m benchmarks.edge_sr

bench-gpu: $(VENV)/.bench ## time the backends for NVIDIA GPUs against their peers, into out/bench-gpu/
	$(BIN)/python -m benchmarks.gpu $(ARGS)

gpu-check: $(VENV)/.bench ## build, verify and time everything on an NVIDIA GPU, into out/gpu-check/
	$(BIN)/python -m benchmarks.gpu_check $(ARGS)

clean: ## remove environments, caches, builds and results of the demo
	@# Files of the arm64 root belong to users of its namespace.
	[ ! -d .arm64 ] || tests/arm64/namespace rm -rf $(CURDIR)/.arm64
	rm -rf .venv .venv38 build dist out src/*.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are written last, so that an interrupted installation is done again.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || { \
	  echo "make: expected Python 3.8 or newer, found: $$($(PYTHON) --version 2>&1); run: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make environments; on Debian and Ubuntu run: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# Editable installation needs it; older Pythons bring an older one.
	$(BIN)/python $(PIP) 'pip>=21.3'
	@touch $@

$(VENV)/.base: pyproject.toml $(VENV)/.created
	$(BIN)/python $(PIP) -e .
	@touch $@

# The pins of the extra `dev` need Python 3.11; the extra `test` takes what older ones offer.
$(VENV)/.dev: pyproject.toml $(VENV)/.created
	$(BIN)/python $(PIP) -e ".[$$($(BIN)/python -c 'import sys; print("dev" if sys.version_info >= (3, 11) else "test")')]"
	@touch $(VENV)/.base $@

$(VENV)/.bench: pyproject.toml $(VENV)/.dev
	$(BIN)/python $(PIP) -e ".[bench]"
	@touch $@

pinned-tools: $(VENV)/.dev
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: the pinned tools need Python 3.11 or newer, $(VENV) has $$($(BIN)/python --version); run: make clean && make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }

$(VENV38)/.ready: pyproject.toml jetson/pins/jetpack-5.txt
	@$(PYTHON38) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 8))' 2>/dev/null || { \
	  echo "make: $(PYTHON38) is no Python 3.8; run: make $(MAKECMDGOALS) PYTHON38=/path/to/python3.8" >&2; exit 1; }
	$(PYTHON38) -m venv $(VENV38)
	$(VENV38)/bin/python $(PIP) 'pip>=21.3'
	@# Exactly what JetPack 5 gets.
	$(VENV38)/bin/python $(PIP) -c jetson/pins/jetpack-5.txt -e '.[video]' pytest pytest-xdist hypothesis
	@touch $@
