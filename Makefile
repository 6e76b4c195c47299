# Every target sets up what it needs in .venv, and again only when a lock or pyproject.toml changes.
#   make demo    simulate three trial designs and write their reports to demo/
#   make studio  open the web app at http://127.0.0.1:8765
#   make test    run the tests
#   make check   format, lint, types and import order
#   make bench   measure speed and accuracy side by side
#   make docs    write the generated reference pages
#   make screenshot  take the README's picture of the studio again
#   make lock    resolve the locked versions again
#   make clean   remove what these targets made

# A Python to use instead of the one that is found: make test PYTHON=/path/to/python3
PYTHON ?=
# What may be given to pytest: make test ARGS="-k safety"
ARGS ?=

BIN := .venv/bin
PIP := "$(BIN)/python" -m pip --disable-pip-version-check --quiet --no-input install
DEMOS := mapp1 asat comp001

export MPLBACKEND := Agg

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo studio test check bench docs screenshot lock clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   make /  make /p' Makefile

demo: .venv/.runtime
	@mkdir -p demo
	@for name in $(DEMOS); do \
	  echo "Simulating examples/$$name.yaml" && \
	  "$(BIN)/afterglow" simulate "examples/$$name.yaml" --out "demo/$$name" || exit $$?; \
	done
	@echo "The reports are in the folder $(CURDIR)/demo:"
	@for name in $(DEMOS); do find "demo/$$name" -name '*.html' -exec printf '  %s\n' {} \; ; done

studio: .venv/.studio
	"$(BIN)/afterglow" studio --open $(ARGS)

# The tests start a hundred processes: where no bytecode is written, each would parse the package anew.
test: .venv/.test .venv/.frontend
	PYTHONDONTWRITEBYTECODE= OPENBLAS_NUM_THREADS=1 "$(BIN)/python" -m pytest -n 2 $(ARGS) </dev/null

check: .venv/.check .venv/.frontend
	"$(BIN)/ruff" format --check src tests benchmarks docs
	"$(BIN)/ruff" check src tests benchmarks docs
	"$(BIN)/python" -m mypy
	"$(BIN)/lint-imports"
	cd frontend && "../$(BIN)/npx" --no-install tsc --project tsconfig.json

bench: .venv/.test
	@set -e; for file in benchmarks/bench_*.py; do "$(BIN)/python" -m "benchmarks.$$(basename "$$file" .py)"; done

docs: .venv/.runtime
	@set -e; for file in docs/reference/generate_*.py; do echo "$$file" && "$(BIN)/python" "$$file"; done

# The README's picture of the studio is made by the test of that page.
screenshot: .venv/.test .venv/.frontend
	AFTERGLOW_WRITE_IMAGES=1 "$(BIN)/python" -m pytest tests/studio/test_browser.py -k test_explore_tells </dev/null

lock: .venv/.python
	@$(PIP) uv
	@sh requirements/lock.sh "$(BIN)/uv"

clean:
	rm -rf .venv frontend/node_modules demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- set-up -----------------------------------------------------------------

.venv/.python: requirements/find-python.sh
	@python=$$(sh requirements/find-python.sh "$(PYTHON)") && \
	  rm -rf .venv && "$$python" -m venv .venv && \
	  echo "Made .venv with $$("$(BIN)/python" --version)"
	@touch $@

.venv/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml .venv/.python
	@echo "Installing what Afterglow needs (a few minutes the first time)"
	@$(PIP) -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.studio: requirements/studio.txt .venv/.runtime
	@echo "Installing what the studio needs"
	@$(PIP) -r requirements/studio.txt
	@touch $@

# The validator of USDM asks for packages that do not go with the others, and works without: requirements/README.md.
.venv/.test: requirements/test.txt requirements/validators.txt .venv/.runtime
	@echo "Installing what the tests need"
	@$(PIP) -r requirements/test.txt
	@$(PIP) --no-deps -r requirements/validators.txt
	@touch $@

# Type checker and accessibility checker of the browser side; the studio itself needs neither.
.venv/.frontend: frontend/package.json frontend/package-lock.json .venv/.test
	@echo "Installing the checkers of the browser side"
	@cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.venv/.check: requirements/check.txt .venv/.runtime
	@echo "Installing what the checks need"
	@$(PIP) -r requirements/check.txt
	@touch $@
