# `make serve` and `make test` are the whole of the set-up on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JUDGES := .venv-judges
CALM := HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 GRADIO_ANALYTICS_ENABLED=False ANONYMIZED_TELEMETRY=False LANGSMITH_TRACING=false

.DEFAULT_GOAL := help
.PHONY: help install serve index test judges test-judges check bench eval knowledge-report lock clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY)

install: $(READY) ## Make the virtual environment and install, pinned

index: $(READY) ## Build or refresh the index
	$(CALM) $(BIN)/assistant index

serve: $(READY) ## Build the index if needed and serve on http://127.0.0.1:8000
	$(CALM) $(BIN)/assistant serve

test: $(READY) ## Run all tests: two at a time, then those with a browser alone
	$(CALM) $(BIN)/python -m pytest -m 'not browser' -n 2 --dist loadfile
	$(CALM) $(BIN)/python -m pytest -m browser

# RAGAS wants older versions of three packages than we pin, so it lies in an environment of its own, on top of ours.
judges: $(JUDGES)/.ready ## Install RAGAS for `python -m eval judge`, beside the environment and not in it

$(JUDGES)/.ready: $(READY)
	$(BIN)/python -m venv $(JUDGES)
	$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> "$$($(JUDGES)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ours.pth"
	grep -vE '^(jiter|openai|rich)==' constraints.txt > $(JUDGES)/constraints.txt
	$(JUDGES)/bin/python -m pip install --quiet --disable-pip-version-check -c $(JUDGES)/constraints.txt -e '.[judges]'
	touch $@

test-judges: $(JUDGES)/.ready ## Test the judges with RAGAS itself
	$(CALM) $(JUDGES)/bin/python -m pytest tests/eval/test_judging.py tests/eval/test_ragas_judge.py

check: $(READY) ## Lint, format, types, import contracts, docstrings, and the knowledge base
	$(BIN)/ruff check assistant eval tests
	$(BIN)/ruff format --check assistant eval tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/assistant index --check

bench: $(READY) ## Measure speed and memory as ratios within one run
	$(CALM) $(BIN)/python -m eval bench

eval: $(READY) ## Ask all our own questions, score them, and write the report beside two baselines
	$(CALM) $(BIN)/python -m eval validate eval/datasets/students
	@rm -rf data/runs/students data/runs/bm25 data/runs/dense
	$(CALM) $(BIN)/python -m eval run eval/datasets/students --out data/runs/students --workers 2
	$(CALM) $(BIN)/python -m eval run eval/datasets/students --out data/runs/bm25 --system bm25
	$(CALM) $(BIN)/python -m eval run eval/datasets/students --out data/runs/dense --system dense
	$(CALM) $(BIN)/python -m eval score data/runs/bm25 data/runs/dense data/runs/students
	$(CALM) $(BIN)/python -m eval report data/runs/students --baseline data/runs/bm25 --baseline data/runs/dense

knowledge-report: $(READY) ## Write knowledge-report.html: subjects, languages, age, sources
	$(BIN)/assistant index --report knowledge-report.html

lock: $(READY) ## Write the installed versions to constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/ @ .*//; s/+cpu//' > constraints.txt

clean: ## Remove the virtual environment and the index
	rm -rf $(VENV) $(JUDGES) data
