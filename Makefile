# Each recipe is what a person would type; make only knows the order and what is done already.
#   make demo   make test   make release   make grade SUBMITTED=path [OUT=path]   make audit   make bench   make claims   make harden   make gpu   make clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: demo test release grade audit bench claims harden gpu setup cage browser clean

demo: setup
	$(BIN)/autograder release
	$(BIN)/python -m tests.demo_class.build demo/submitted
	echo 'from pathlib import Path; from autograder.grading.course import configure; configure(get_config(), Path(__file__).parent)' > demo/nbgrader_config.py
	$(BIN)/autograder grade demo/submitted --out demo/results
	cd demo && ../$(BIN)/nbgrader generate_feedback mbrl --force --log-level=ERROR
	@echo
	@echo "Where to look:"
	@echo "  demo/results/summary.csv         the class: a line for each student, a column for each exercise"
	@echo "  demo/results/student-03.json     one student: every property, its points and what went wrong"
	@echo "  demo/feedback/student-03/mbrl/   what that student reads: open 02_planning.html"
	@echo "  demo/gradebook.db                nbgrader's gradebook: cd demo && ../$(BIN)/jupyter lab, then Nbgrader > Formgrader"
	@echo
	$(BIN)/python -m tests.demo_class.outcome demo/results

test: setup browser
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder

release: setup
	$(BIN)/autograder release

grade: setup
	@test -n "$(SUBMITTED)" || { echo "Say what to grade: make grade SUBMITTED=path/to/submitted"; exit 2; }
	$(BIN)/autograder grade "$(SUBMITTED)" $(if $(OUT),--out "$(OUT)")

audit: setup
	$(BIN)/autograder audit

bench: setup
	$(BIN)/python -m autograder.bench

claims: setup
	$(BIN)/python -m autograder.claims

harden: setup
	$(BIN)/python -m autograder.harden

gpu: setup
	$(BIN)/python -m autograder.parity

setup: $(READY) cage

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, but $(PYTHON) is " + sys.version.split()[0] + ". With another one: make PYTHON=python3.12")'
	@echo "Setting up .venv; the first time this takes some minutes."
	@$(PYTHON) -m venv .venv || { echo "A virtual environment could not be made. On Debian or Ubuntu type: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

# Grading needs bubblewrap. Root on Debian gets it at once, everybody else is told the command.
cage:
	@if command -v bwrap >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "bubblewrap is missing; installing the Debian package."; \
		apt-get update -qq && apt-get install -y -qq bubblewrap; \
	else \
		echo "Submissions are graded in a sandbox, for which bubblewrap is missing. On Debian or Ubuntu type: sudo apt-get install bubblewrap"; \
		exit 1; \
	fi

# Some tests look at feedback pages in a real browser; without one they are skipped, with the reason.
browser:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Chromium is missing; installing the Debian package."; \
		apt-get update -qq && apt-get install -y -qq chromium; \
	else \
		echo "Without Chromium some tests are skipped. On Debian or Ubuntu type: sudo apt-get install chromium"; \
	fi

clean:
	rm -rf .venv demo bench audit claims harden parity .pytest_cache .ruff_cache
