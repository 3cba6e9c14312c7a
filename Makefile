# make run     serve it on http://localhost:8000 with demo data (PORT=8001 chooses another port)
# make test    run the tests, on every processor (ARGS="tests/config -x" chooses which, on one)
# make test-thorough  all of the long proofs, of which `make test` draws a sample: each night
# make check   lint, types, templates, migrations, deployment
# make bench   measure what access costs and how it grows (SIZE=10 makes a quick run)
# make mutants put one thing wrong at a time, and see whether a test notices (ARGS=roles chooses)
# make screenshots take the pictures of the README anew (needs Chromium)
# make picture draw the rooms and their imports anew
# make lock    refresh the locked requirements (maintainers; needs uv)
# make stop-db stop the embedded PostgreSQL, should something have left it running

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: run test test-thorough check bench mutants screenshots picture lock stop-db

run: $(VENV)/.installed
	@grep -qs '^DEBUG=' .env || export DEBUG=$${DEBUG-true}; exec $(RUN) manage.py up

# Sets in the same order each time, or the random histories would be others in each run; and what
# has been compiled is kept for the next run, and for the processes that tests start.
test: $(VENV)/.installed-dev
	@PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest $(or $(ARGS),-n auto --dist worksteal)

test-thorough:
	@HYPOTHESIS_PROFILE=thorough $(MAKE) --no-print-directory test

check: $(VENV)/.installed-dev
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" .ci/check

bench: $(VENV)/.installed-bench
	@$(RUN) tests/lab/benchmarks/run.py

mutants: $(VENV)/.installed-mutants
	@$(RUN) -W ignore tests/lab/mutants/run.py $(ARGS)

screenshots: $(VENV)/.installed-dev
	@$(RUN) tests/browser/screenshots.py

picture: $(VENV)/.installed-dev
	@$(RUN) tests/lab/picture.py

lock:
	@for name in base embedded dev bench mutants; do \
		uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
			--python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; \
	done

stop-db: $(VENV)/.installed
	@DEBUG=true $(RUN) manage.py stop_db

$(VENV)/.installed: requirements/base.txt requirements/embedded.txt
	@$(PYTHON) requirements/install.py $(VENV) $@ $^

$(VENV)/.installed-dev: requirements/dev.txt | $(VENV)/.installed
	@$(PYTHON) requirements/install.py $(VENV) $@ $^

$(VENV)/.installed-bench: requirements/bench.txt | $(VENV)/.installed-dev
	@$(PYTHON) requirements/install.py $(VENV) $@ $^

$(VENV)/.installed-mutants: requirements/mutants.txt | $(VENV)/.installed-dev
	@$(PYTHON) requirements/install.py $(VENV) $@ $^
