PORT ?= 8000
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test bench soak setup lint screenshots messages lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: setup ## start the portal on http://127.0.0.1:8000 with demo data; PORT=9000 takes another port
	@$(BIN)/portal demo --if-empty
	@exec $(BIN)/portal serve --host 127.0.0.1 --port $(PORT)

# The variable says on some machines that no compiled Python be kept: each process would compile the portal anew.
test: ## run all tests, on SQLite and PostgreSQL and in a browser; ARGS="-k hours" takes some
	@tools/setup.sh test
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist worksteal $(ARGS)

bench: ## measure what each operation costs on full data (about half an hour); ARGS="--scale small" is quick
	@tools/setup.sh test
	$(BIN)/python -m tests.bench $(ARGS)

soak: ## kill servers, workers and databases at random, fifty times on each engine; crawl ten years of data
	@tools/setup.sh test
	PORTAL_KILLS=50 $(BIN)/pytest tests/faults $(ARGS)
	PORTAL_CRAWL=full $(BIN)/pytest tests/site/test_crawl.py $(ARGS)

setup: ## install what running needs
	@tools/setup.sh

lint: ## check style, types, who imports whom, templates, translations, and known holes
	@tools/setup.sh test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.lint_templates
	$(BIN)/python -m tools.check_messages
	$(BIN)/python -m tools.check_security

screenshots: ## take pictures of the main pages into screenshots/
	@tools/setup.sh test
	$(BIN)/python -m tools.screenshots

messages: ## bring the message catalogues up to date with the source
	@tools/setup.sh
	@mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext --no-location --sort-output -o build/messages.pot .
	$(BIN)/pybabel -q update -N --ignore-obsolete --ignore-pot-creation-date -w 120 -i build/messages.pot -d portal/translations
	@$(BIN)/python -m tools.check_messages

lock: ## choose newer versions of all packages and pin them with hashes
	@tools/lock.sh
