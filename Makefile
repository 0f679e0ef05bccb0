# Two commands: `make demo` to see it work, `make test` to check everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: install demo test lint typecheck pytest coverage docs faults sbom audit clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "hearthd needs Python 3.11 or newer; set PYTHON=python3.11"; exit 1; }
	@{ $(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet --upgrade pip; } || \
	  { echo "no venv module: sudo apt install python3-venv"; exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[broker]'
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(PIP) 'torch==2.13.0'
	$(PIP) --editable '.[broker,generate,speak,export]' --group dev
	@touch $@

install: $(VENV)/.installed

demo: install
	@$(BIN)/hearthd demo --detach
	@echo "hearthd is in $(BIN): run 'export PATH=$$PWD/$(BIN):\$$PATH' to type it as shown."

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

typecheck: $(VENV)/.tested
	$(BIN)/mypy

pytest: $(VENV)/.tested
	$(BIN)/pytest

# Every line and branch of what decides, confirms and remembers.
SAFETY_TESTS := $(addprefix tests/hub/test_,$(addsuffix .py,backup confirm danger history journal journal_disk journal_fates permit pin \
  pin_guard rules scenes spoken_pin))
coverage: $(VENV)/.tested
	$(BIN)/coverage run -m pytest $(SAFETY_TESTS)
	$(BIN)/coverage report

test: lint typecheck pytest coverage

docs: install
	$(BIN)/python -m hub.reference

faults: $(VENV)/.tested
	HEARTHD_FAULT_ROUNDS=$${HEARTHD_FAULT_ROUNDS:-20} HEARTHD_MUTATIONS=100000 \
	  $(BIN)/pytest tests/faults tests/edge/test_signature.py tests/edge/test_updates.py \
	  tests/edge/test_confined.py tests/hub/test_reader.py

# What a house installs, and nothing of ours to develop with: an environment of its own.
build/edge/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv build/edge
	build/edge/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt .
	@touch $@

build/tools/.installed: constraints.txt
	$(PYTHON) -m venv build/tools
	build/tools/bin/pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

sbom: build/edge/.installed build/tools/.installed
	build/tools/bin/cyclonedx-py environment build/edge --pyproject pyproject.toml \
	  --output-reproducible --output-file build/sbom.cdx.json
	@echo "build/sbom.cdx.json: CycloneDX, the packages of an edge install"

audit: build/edge/.installed
	@$(MAKE) --silent build/tools/.installed || \
	  { echo "not audited: service unreachable (pip could not install pip-audit)"; exit 0; }; \
	  $(PYTHON) .ci/audit.py build/tools/bin/pip-audit build/edge/lib/python3*/site-packages

clean:
	rm -rf $(VENV) build *.egg-info
