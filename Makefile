# On a fresh machine these need a Python and nothing else: action/install.py does the set-up.
PYTHON := $(shell for python in python3 python python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)
BIN := .venv/bin
ACT := .tools/act
ACT_VERSION := v0.2.87
SERVERS := .tools/servers
ACTIONS := action.yml $(wildcard */action.yml)
WORKFLOWS := $(wildcard .github/workflows/*.yml sample-repo/.github/workflows/*.yml)
# The action's own environment has every extra: its users cannot install one.
EXTRAS := --extra excel --extra remote --extra environments --extra signatures
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
	--python-version 3.11 --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help demo test check act servers lock clean

help: ## Say what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

demo: .venv/installed ## Run the gate on the packaged sample, without a network
	$(BIN)/mlci demo

test: .venv/installed ## Run the tests; some need `make act` and `make servers` first
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: .venv/installed ## Everything that looks at the code without running it
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	RUST_LOG=error $(BIN)/zizmor --offline --persona=pedantic --quiet .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/shellcheck .ci/run

act: $(ACT) ## Get act, which runs the shipped action.yml in the tests; needs Go
$(ACT):
	GOBIN="$(CURDIR)/.tools" go install github.com/nektos/act@$(ACT_VERSION)

servers: $(SERVERS)/installed ## Get the servers that tests run: MLflow's, and one that speaks S3
$(SERVERS)/installed: requirements/servers.txt requirements/uv.txt action/install.py
	@test -n "$(PYTHON)" || { echo "error: there is no Python; install 3.11 or newer"; exit 1; }
	$(PYTHON) -E -s -B -m action.install --into $(SERVERS) --lock requirements/servers.txt
	@touch $@

lock: .venv/installed ## Bring the locks up to date with pyproject.toml and requirements/*.in
	$(LOCK) $(EXTRAS) pyproject.toml -o requirements/run.txt
	$(LOCK) -c requirements/run.txt requirements/light.in -o requirements/light.txt
	$(LOCK) -c requirements/run.txt pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(LOCK) -c requirements/dev.txt requirements/uv.in -o requirements/uv.txt
	$(LOCK) requirements/servers.in -o requirements/servers.txt

clean: ## Remove what was installed and made
	rm -rf .venv .tools dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/installed: requirements/dev.txt requirements/uv.txt action/install.py action/surroundings.py
	@test -n "$(PYTHON)" || { echo "error: there is no Python; install 3.11 or newer"; exit 1; }
	$(PYTHON) -E -s -B -m action.install --into .venv --lock requirements/dev.txt
	@touch $@
