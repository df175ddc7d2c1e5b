# Each target installs what it needs into .venv; nothing else on the machine is touched.
PYTHON_IN = .venv/bin/python
TORCH_THREADS = OMP_NUM_THREADS=1

.PHONY: train-demo demo test check chaos bench bench-evaluate bench-evaluate-vqa smoke screenshots help

help:
	@echo "make demo   start everything locally, with sample cases, until Ctrl-C"
	@echo "make test   all tests, on a real PostgreSQL and Redis that it brings itself"
	@echo "make check  lint, formatting, types, import contract"
	@echo "make smoke  the demo in a fresh folder, one case all the way"
	@echo "make screenshots  pictures of all pages, in docs/images"
	@echo "make chaos  1,000 cases while parts are killed"
	@echo "make bench  the figures of docs/PERFORMANCE.md"
	@echo "make bench-evaluate  28,039 rows of zero-shot classification: seconds and memory"
	@echo "make train-demo DATA=DIR  train the bundled model again, into runs/bundled"
	@echo "make bench-evaluate-vqa  the same for as many questions"

.venv/.model: pyproject.toml requirements.lock .ci/install
	.ci/install model
	@touch $@

.venv/.test: pyproject.toml requirements.lock .ci/install
	.ci/install test
	@touch .venv/.model $@

# exec: a signal to make reaches the supervisor itself, not a shell around it.
demo: .venv/.model
	@exec $(PYTHON_IN) -m dermtriage demo

# A file's tests stay in one process and in order; each process has its own PostgreSQL and Redis.
ALL_CORES = -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
test: .venv/.test
	$(TORCH_THREADS) $(PYTHON_IN) -m pytest $(ALL_CORES)

check: .venv/.test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy

smoke: .venv/.test
	@exec $(PYTHON_IN) -m tests.dermtriage.smoke

screenshots: .venv/.test
	@exec $(PYTHON_IN) -m tests.browser.screenshots

chaos: .venv/.test
	@$(TORCH_THREADS) exec $(PYTHON_IN) -m tests.chaos

bench: .venv/.test
	@$(TORCH_THREADS) exec $(PYTHON_IN) -m dermtriage.bench

bench-evaluate: .venv/.test
	@$(TORCH_THREADS) exec $(PYTHON_IN) -m dermtriage.bench evaluate

bench-evaluate-vqa: .venv/.test
	@$(TORCH_THREADS) exec $(PYTHON_IN) -m tests.evaluation.vqa.streaming

# Stopped, it goes on where it was when it is called again.
train-demo: .venv/.test
	@test -n "$(DATA)" || { echo "where is the data? make train-demo DATA=DIR (a folder with pox/ and derm/)" >&2; exit 2; }
	@$(TORCH_THREADS) exec $(PYTHON_IN) -m training.bundled --data "$(DATA)" --out runs/bundled
