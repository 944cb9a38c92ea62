# make demo         cut the example pictures and the example clip (installs the core only, no torch)
# make test         style, types, the quick tests, and once more where torch is not installed
# make test-lowest  the core's quick tests on the lowest versions that pyproject.toml allows
# make test-slow    the tests that take long: whole trainings, the notebook, the server's page
# make release-check  build the wheels and sdists of the last commit and try them as a stranger would
# make docs         write docs/cli.md and docs/python-reference.md anew
# make clean        remove what these made
#
# PYTHON=python3.12 make test   uses another Python (3.11 or newer)

PYTHON ?= python3
BIN := .venv/bin
CORE_BIN := .venv-core/bin
LOWEST_BIN := .venv-lowest/bin
RELEASE_BIN := .venv-release/bin
STUDIO := packages/kirinuki-draw
PIP := -m pip install --quiet --disable-pip-version-check
# A process a processor; a file's tests stay together, with the models and pictures they share.
QUICK := -m pytest -m "not slow" -n auto --dist loadfile --durations=10

.PHONY: demo test test-lowest test-slow release-check docs clean
.DELETE_ON_ERROR:

demo: .venv/core.stamp
	$(BIN)/kirinuki demo -o demo-out/demo
	$(BIN)/kirinuki cut examples/*.png examples/clip.mp4 -o demo-out --overwrite
	@echo "The cutouts and the cut-out clip are in demo-out/; the originals are in examples/."

test: .venv/dev.stamp .venv-core/dev.stamp
	sh tests/install_chromium.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python $(QUICK)
	$(CORE_BIN)/python -c "import importlib.util as u; assert not u.find_spec('torch'), 'torch is installed'"
	$(CORE_BIN)/python $(QUICK)

test-lowest: .venv-lowest/dev.stamp
	$(LOWEST_BIN)/python -m pytest tests -m "not slow"

test-slow: .venv/dev.stamp
	sh tests/install_chromium.sh
	sh tests/install_axe.sh
	$(BIN)/python -m pytest -m slow --durations=10

release-check: .venv-release/stamp
	$(RELEASE_BIN)/python release/check.py

docs: .venv/core.stamp
	$(BIN)/python docs/generate_cli.py
	$(BIN)/python docs/generate_python.py

# A stamp is older than pyproject.toml when the dependencies may have changed. The core's stamp is
# satisfied by the larger install, so that `demo` after `test` takes nothing away.
.venv/core.stamp: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -e .
	touch $@

.venv/dev.stamp: pyproject.toml $(STUDIO)/pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -e ".[train,dev]" -e $(STUDIO)
	touch .venv/core.stamp $@

.venv-core/dev.stamp: pyproject.toml $(STUDIO)/pyproject.toml
	test -x $(CORE_BIN)/python || $(PYTHON) -m venv .venv-core
	$(CORE_BIN)/python $(PIP) -e ".[eval,dev]" -e $(STUDIO)
	touch $@

.venv-lowest/dev.stamp: pyproject.toml tests/lowest_versions.py
	test -x $(LOWEST_BIN)/python || $(PYTHON) -m venv .venv-lowest
	$(LOWEST_BIN)/python tests/lowest_versions.py > .venv-lowest/constraints.txt
	$(LOWEST_BIN)/python $(PIP) -e . pytest hypothesis onnx pycocotools -c .venv-lowest/constraints.txt
	touch $@

.venv-release/stamp:
	test -x $(RELEASE_BIN)/python || $(PYTHON) -m venv .venv-release
	$(RELEASE_BIN)/python $(PIP) build check-wheel-contents pip-licenses "setuptools>=77" "twine>=6.1"
	touch $@

clean:
	rm -rf .venv .venv-core .venv-lowest .venv-release demo-out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
