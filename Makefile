# make demo   cut the example pictures and the example clip (installs the core only, no torch)
# make test   every check: style, types, all tests, and the core's tests where torch is not installed
# make docs   write docs/cli.md anew
# make clean  remove what these made
#
# PYTHON=python3.12 make test   uses another Python (3.11 or newer)

PYTHON ?= python3
BIN := .venv/bin
CORE_BIN := .venv-core/bin

.PHONY: demo test docs clean
.DELETE_ON_ERROR:

demo: .venv/core.stamp
	$(BIN)/kirinuki cut examples/*.png examples/clip.mp4 -o demo-out --overwrite
	@echo "The cutouts and the cut-out clip are in demo-out/; the originals are in examples/."

test: .venv/dev.stamp .venv-core/dev.stamp
	sh tests/install_chromium.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest
	$(CORE_BIN)/python -c "import importlib.util as u; assert not u.find_spec('torch'), 'torch is installed'"
	$(CORE_BIN)/python -m pytest

docs: .venv/core.stamp
	$(BIN)/python docs/generate_cli.py

# A stamp is older than pyproject.toml when the dependencies may have changed. The core's stamp is
# satisfied by the larger install, so that `demo` after `test` takes nothing away.
.venv/core.stamp: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/dev.stamp: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[train,dev]"
	touch .venv/core.stamp $@

.venv-core/dev.stamp: pyproject.toml
	test -x $(CORE_BIN)/python || $(PYTHON) -m venv .venv-core
	$(CORE_BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

clean:
	rm -rf .venv .venv-core demo-out build .mypy_cache .ruff_cache .pytest_cache .hypothesis
