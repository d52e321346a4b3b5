# One word for each habit; `make help` lists them. Each sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
SHARED := ../shared
ROUND2 := $(SHARED)/round2
SCORE := $(BIN)/python $(SHARED)/tools
SYNTHETIC := --pages 2400 --floor 0.98 --wrong-at-most 0.03 --gap-at-most 0.02
QUICK := not soak and not processes and not elasticsearch and not postgresql and not large
MISSING = $(strip $(foreach each,$(T),$(if $(findstring /,$(each)),$(if $(wildcard $(firstword $(subst ::, ,$(each)))),,$(each)))))
PARALLEL := --numprocesses 3 --dist loadscope --no-loadscope-reorder

# Where this is set, every process of a test would compile all our modules again: a quarter of a second each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo quick test busy lint eval soak elasticsearch bench up down logs
.DEFAULT_GOAL := help

help: ## these lines
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

setup: .venv/ready ## a virtual environment with everything pinned

.venv/ready: requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kliping needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: setup ## the whole way on the bundled newsstand, offline, then a search
	$(BIN)/kliping demo

quick: setup ## the tests that need no process, no server and little time: a minute and a half
	$(BIN)/pytest -m "$(QUICK)" $(PARALLEL)

test: setup ## all tests, or with T=path_or_word those of a file, a folder or a name
	@$(if $(MISSING),echo "There is no $(firstword $(MISSING))."; exit 1)
	$(BIN)/pytest -m "not soak" $(if $(T),$(if $(wildcard $(firstword $(subst ::, ,$(T)))),$(T),-k "$(T)"),$(PARALLEL))

busy: setup ## all tests three times in a row, beside two processes that take all the processor time they get
	@for run in 1 2 3; do \
	  timeout 3600 $(BIN)/python -c 'while True: pass' & one=$$!; \
	  timeout 3600 $(BIN)/python -c 'while True: pass' & two=$$!; \
	  trap "kill $$one $$two 2>/dev/null" EXIT INT TERM; \
	  $(BIN)/pytest -m "not soak" $(PARALLEL) || exit 1; \
	  kill $$one $$two; \
	done

lint: setup ## style, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: setup ## the readers against real pages and gold tables in ../shared, searches against judged queries, then synthetic pages
	@if [ -d $(SHARED) ]; then \
	  $(SCORE)/score_pages.py $(SHARED)/pages $(SHARED)/labels --floor 0.99 && \
	  $(SCORE)/score_pages.py $(SHARED)/pages $(SHARED)/labels --generic --floor 0.99 && \
	  $(SCORE)/score_pages.py $(ROUND2)/pages $(ROUND2)/labels --floor 0.96 --wrong-at-most 0.03 && \
	  $(SCORE)/score_pages.py $(ROUND2)/pages $(ROUND2)/labels --generic --floor 0.93 --wrong-at-most 0.03 && \
	  $(SCORE)/score_normalise.py dates $(SHARED)/gold/dates.jsonl --show 0 --floor 0.99 && \
	  $(SCORE)/score_normalise.py credits $(SHARED)/gold/credits.jsonl --show 0 --floor 0.99 && \
	  $(SCORE)/score_normalise.py dates $(ROUND2)/dates.jsonl --show 0 --floor 0.99 && \
	  $(SCORE)/score_normalise.py credits $(ROUND2)/credits.jsonl --show 0 --floor 0.95 && \
	  $(SCORE)/score_cases.py $(ROUND2)/cases --show --floor 0.95 && \
	  $(BIN)/python -m evaluation.search --sample 300 --floors && \
	  $(BIN)/python -m evaluation.families --floors && \
	  $(BIN)/python -m evaluation.edits --pairs 100 --floors; \
	elif [ "$$CI" = true ]; then echo "eval: CI must have $(SHARED)"; exit 1; \
	else echo "eval: SKIPPED, it needs $(SHARED) (real pages and gold tables)"; fi
	$(BIN)/python -m evaluation.synthetic $(SYNTHETIC)

soak: setup ## the long forms of the tests: whole nights, every kill
	$(BIN)/pytest -m soak -s --timeout 3600

elasticsearch: setup ## a real Elasticsearch to play with until Ctrl-C (needs Maven and a JDK 21 or newer)
	$(BIN)/python -m tests.support.elasticsearch

bench: setup ## one table for each claim about speed, beside a peer in the same run
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@set -e; for script in benchmarks/*.py; do $(BIN)/python $$script; done

up: ## Elasticsearch, Kibana, the reading room and the scheduler with Docker (docs/docker.md)
	docker compose up --detach --build --remove-orphans
	docker compose ps --all

down: ## stop them; every volume stays
	docker compose down

logs: ## what they say
	docker compose logs --follow --tail 100
