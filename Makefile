# What to type. Nothing needs to be prepared but Python 3.11 or newer and make.

PY := .venv/bin/python
# The stamps carry a checksum: what is listed is installed again only when the list changed.
stamp = .venv/installed-$(1)-$(shell cat requirements.txt $(2) | cksum | tr -c '0-9\n' -)
RUNNING := $(call stamp,run)
TESTING := $(call stamp,test,requirements-dev.txt)
PIP := $(PY) -m pip install --disable-pip-version-check --quiet
# For the checks of a site as it would stand on the public web.
PUBLIC := SITE_URL=https://blog.example.org DATA_DIR=.venv/check-data

.DEFAULT_GOAL := help
.PHONY: run admin test check check-linkbacks check-privacy bench bench-text screenshots clean help

run: $(RUNNING) ## start the site: web and worker (Ctrl-C stops both)
	@exec $(PY) manage.py serve --with-parent

admin: $(RUNNING) ## make an administrator
	@$(PY) manage.py migrate --verbosity 0
	@exec $(PY) manage.py createsuperuser

test: $(TESTING) ## run the tests; make test ARGS="-k feed" runs some
	@exec $(PY) -m pytest $(ARGS)

check: $(TESTING) ## lint, types, import rules, migrations, settings for the public web
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	$(PUBLIC) $(PY) manage.py makemigrations --check --dry-run
	$(PUBLIC) $(PY) manage.py check --deploy --fail-level WARNING

check-linkbacks: $(RUNNING) ## try the linkback standards and abuse on this installation
	@$(PY) manage.py check_linkbacks $(ARGS)

check-privacy: $(RUNNING) ## look for a reader's address in all that the site shows, sends, logs, keeps
	@$(PY) manage.py check_privacy

bench: $(TESTING) ## print what the site can do, as ratios measured in one run; needs nginx and wrk
	@$(PY) -m benchmarks $(ARGS)

bench-text: $(TESTING) ## print what a reader's worst text and the spam filter cost
	@$(PY) benchmarks/reader_markdown.py
	@$(PY) benchmarks/filter_learning.py

screenshots: $(TESTING) ## take the pictures in docs/images/ (all of them in var/screenshots/)
	@$(PY) docs/screenshots.py

clean: ## remove what can be made again; the site's data in var/ stay
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile

$(RUNNING):
	@$(make-environment)
	@echo "Installing what the site needs (only this once) ..."
	@$(PIP) -r requirements.txt
	@rm -f .venv/installed-run-*
	@touch $@

$(TESTING):
	@$(make-environment)
	@echo "Installing what the tests need (only this once) ..."
	@$(PIP) -r requirements-dev.txt
	@rm -f .venv/installed-*
	@touch $@ $(RUNNING)

# A half-made or broken environment is made anew.
define make-environment
if $(PY) -m pip --version >/dev/null 2>&1; then exit 0; fi; \
for python in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then break; fi; \
	python=; \
done; \
if [ -z "$$python" ]; then \
	echo "Python 3.11 or newer is needed: install it, or say where it is: make run PYTHON=/path/to/python3.11" >&2; exit 1; \
fi; \
if ! $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	echo "Python's venv module is missing: install it (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; \
fi; \
echo "Making .venv with $$($$python --version) ..."; \
exec $$python -m venv --clear .venv
endef
