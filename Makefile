# Everything runs in the project's own .venv; `make help` lists the targets.

MAKEFLAGS += --no-print-directory
# Tests start hundreds of Pythons, and compiling takes each longer than its work.
unexport PYTHONDONTWRITEBYTECODE
# Matrices are small, and each core has a test: a second thread of one would only wait.
test test-real test-llama test-engines test-box check: export OPENBLAS_NUM_THREADS = 1
INSTALLED_BY = pyproject.toml hatch_build.py scripts/venv.sh
stage = scripts/stage.sh
SITE = site
harnesses = .venv/bin/harness-bench harness install --all
# A cargo that is not under /usr, such as rustup's, is named by its folder.
RUST = $(if $(wildcard /usr/bin/cargo),,--folder rust=$(shell rustc --print sysroot))

.PHONY: help demo blog test test-real test-llama test-engines test-box lint check bench torture mutants format lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed 's/:.*## /	/' | expand -t 10

demo: .venv/run.stamp bundle ## set everything up, run real trials, build their site
	@scripts/sandbox.sh || true
	@.venv/bin/harness-bench demo
	@$(MAKE) blog

blog: .venv/run.stamp bundle ## put the example's post and board into site/, for Jekyll
	@mkdir -p $(SITE)/_posts
	@cp examples/blog/* $(SITE)/
	@cp examples/harness-bench-2026/posts/*.md $(SITE)/_posts/
	@$(stage) 4 "blog" .venv/bin/harness-bench build examples/harness-bench-2026/cells.csv \
		--out $(SITE)/bench --target jekyll

test: ## set up what tests need (Chromium, Jekyll, a sandbox) and run all of them
	@$(stage) 10 "set-up: python" $(MAKE) .venv/dev.stamp
	@$(stage) 10 "set-up: system packages" scripts/system.sh
	@$(stage) 4 "set-up: browser bundle" $(MAKE) bundle
	@$(stage) 55 - "tests" .venv/bin/pytest -n auto --dist worksteal --durations=20 \
		-m "not (real or llama or engines or box)"

test-real: ## install all harnesses, once, and run each of them; five minutes
	@$(stage) 10 "set-up: python" $(MAKE) .venv/dev.stamp
	@$(stage) 10 "set-up: system packages" scripts/system.sh
	@$(stage) 15 "set-up: harnesses" $(harnesses)
	@$(stage) 15 - "harnesses" .venv/bin/pytest -n 2 -m real

test-llama: ## compile llama-server, once, and run it with a small model; a quarter hour
	@$(stage) 10 "set-up: python" $(MAKE) .venv/dev.stamp
	@$(stage) 10 "set-up: system packages" scripts/system.sh
	@$(stage) 15 "set-up: harnesses" $(harnesses)
	@$(stage) 30 "set-up: llama-server" scripts/llama.sh
	@$(stage) 20 - "llama-server" .venv/bin/pytest -m "llama and not box"

test-engines: ## run a sweep on workers of Dask, and on a Slurm of this machine; eight minutes
	@$(stage) 10 "set-up: python" $(MAKE) .venv/dev.stamp
	@$(stage) 10 "set-up: system packages" scripts/system.sh slurm
	@$(stage) 15 - "engines" .venv/bin/pytest -n 2 -m engines

test-box: ## make the image of the box, once, and run in it; five minutes
	@$(stage) 10 "set-up: python" $(MAKE) .venv/dev.stamp
	@$(stage) 20 "set-up: the box" scripts/box.sh pi
	@$(stage) 10 - "the box" .venv/bin/pytest -m "box and not llama"

lint: ## format, lint, types, imports and generated docs; needs no root
	@$(stage) 10 "set-up: python" $(MAKE) .venv/dev.stamp
	@$(stage) 1 "format" .venv/bin/ruff format --check .
	@$(stage) 1 "lint" .venv/bin/ruff check .
	@$(stage) 4 "types" .venv/bin/mypy
	@$(stage) 1 "imports" .venv/bin/lint-imports --no-logo
	@$(stage) 1 "docs" .venv/bin/python scripts/docs.py --check

check: lint ## lint and the quick tests; needs no root
	@$(stage) 10 - "quick tests" .venv/bin/pytest -n auto \
		-m "not (browser or jekyll or e2e or slow or real or llama or engines or box)"

bench: .venv/dev.stamp ## draw thousands of sweeps, build beside others, and write the figures anew
	@.venv/bin/python -m benchmarks.run
	@.venv/bin/python -m benchmarks.peers

torture: .venv/dev.stamp ## kill runners and builds 350 times; go on past the limit 100 times
	@.venv/bin/python benchmarks/runner_torture.py
	@.venv/bin/harness-bench tasks tools tasks/practice $(RUST)
	@.venv/bin/harness-bench tasks check tasks/practice --repeats 5 --load
	@.venv/bin/harness-bench tasks check tasks/practice --repeats 1 --tight --jobs 2
	@HARNESS_BENCH_DEADLINES=100 .venv/bin/pytest -q -s tests/attacks/test_deadline.py
	@HARNESS_BENCH_TABLES=200 .venv/bin/pytest -q \
		tests/sitegen/test_no_statement_contradicts_another.py
	@HARNESS_BENCH_PAGES=all .venv/bin/pytest -q --timeout 900 \
		tests/browser/test_every_page.py tests/browser/test_embeds.py
	@.venv/bin/python -m benchmarks.site_gate
	@HARNESS_BENCH_SECRETS=200 .venv/bin/pytest -q -s --timeout 3000 tests/sitegen/gate/test_planted.py
	@HARNESS_BENCH_DESIGNS=all .venv/bin/pytest -q --timeout 900 tests/attacks/test_attacker.py
	@HARNESS_BENCH_TREES=5 .venv/bin/pytest -q tests/attacks/test_trees.py
	@HARNESS_BENCH_WORKER_KILLS=50 .venv/bin/pytest -q -s -m engines -k killed_workers
	@$(harnesses)
	@scripts/llama.sh
	@scripts/box.sh claude pi
	@HARNESS_BENCH_BOX_KILLS=20 .venv/bin/pytest -q -m "box and not llama" -k killed
	@.venv/bin/pytest -q -m "box and llama"
	@HARNESS_BENCH_KILLS=50 .venv/bin/pytest -q -s -m llama -k killed_runner --timeout 4000

mutants: .venv/dev.stamp ## change the code a little; show what no quick test notices (WHAT= N= SEED=)
	@nice -n 10 .venv/bin/python scripts/mutants.py \
		--number $(or $(N),20) --seed $(or $(SEED),1) $(or $(WHAT),$(error WHAT=module or folder))

format: .venv/dev.stamp ## format the code and fix what lint can fix
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock: .venv/dev.stamp ## write requirements/*.lock from pyproject.toml (UPGRADE=1: newest)
	@scripts/lock.sh

clean: ## remove the environment, caches and everything fetched
	@rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		.hypothesis .mutants
	@find sitegen/vendor -type f -delete 2>/dev/null || true
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed means: the stamp is newer than what decides about the installation.
.venv/run.stamp: requirements/run.lock $(INSTALLED_BY)
	@scripts/venv.sh requirements/run.lock
	@touch $@

.venv/dev.stamp: requirements/dev.lock $(INSTALLED_BY)
	@scripts/venv.sh requirements/dev.lock
	@touch $@ .venv/run.stamp

# The larger bundle of the plotly package stands in, except where all is required.
.PHONY: bundle
bundle: .venv/run.stamp
	@.venv/bin/python scripts/fetch_plotly.py \
		|| [ -z "$${HARNESS_BENCH_REQUIRE:-}$${CI:-}" ]
