# Needs GNU make and Python 3.11 to 3.13; everything else comes into .venv from requirements.txt.
# On Windows and in conda: python -m helpers.pipeline --help

# Which packages: today's, or those of the 2025 report, the last that were made for Intel Macs.
ifeq ($(origin STACK) $(shell uname -sm),undefined Darwin x86_64)
$(info STACK=2025: the last packages that were made for an Intel Mac)
STACK := 2025
endif
STACK ?= today
export STACK
ifeq ($(STACK),today)
VENV = .venv
LOCK = requirements.txt
PYTHONS = python3 python3.13 python3.12 python3.11 python
NEWEST = 13
RESULTS = artifacts
else ifeq ($(STACK),2025)
VENV = .venv-2025
LOCK = requirements-2025.txt
PYTHONS = python3.12 python3.11 python3 python
NEWEST = 12
RESULTS = artifacts/2025
else
$(error STACK=$(STACK) is no stack of packages; allowed are today and 2025)
endif

ifdef LAB_ARTIFACTS
RESULTS = $(patsubst ~/%,$(HOME)/%,$(LAB_ARTIFACTS))
endif
PROFILE ?= standard
SWEEP ?= notebooks/parameters/sweep.yaml
# Settings such as EPOCHS=3 go on as they were typed: make report PROFILE=quick EPOCHS=3
# In MAKEOVERRIDES make has put a backslash before each blank and backslash of a value.
NAMES = $(foreach word,$(subst \ ,-,$(subst \\,-,$(MAKEOVERRIDES))),$(firstword $(subst =, ,$(word))))
SETTINGS = $(foreach name,$(filter-out PROFILE FROM PYTHON STACK,$(NAMES)),$(call quoted,$(name)=$(value $(name))))
quoted = '$(subst ','\'',$(1))'
PIPELINE = $(VENV)/bin/python -m helpers.pipeline
CHECK_PYTHON = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $(NEWEST)))
PYTHON ?= $(shell for name in $(PYTHONS); do \
	$$name -E -c '$(CHECK_PYTHON)' 2>/dev/null && echo $$name && break; done)
NOTEBOOKS = notebooks/*.ipynb notebooks/extra/*.ipynb
# Two processes are as many as the smallest machine has cores.
TESTS = $(VENV)/bin/python -m pytest -n 2 --dist loadgroup

# What is no target is told before the first one is made, not after it.
$(foreach goal,$(filter-out $(shell sed -n 's/^\([a-z]*\):.*/\1/p' Makefile),$(MAKECMDGOALS)),$(error \
	$(goal) is no target; see make help))
# So is a setting that a target would pass over; report and reference tell it themselves.
TAKES_lab = ARGS
TAKES_verify = REPORT
TAKES_sweep = SWEEP ARGS
TAKES = STACK PYTHON MNIST_DIR MNIST_MIRROR LAB_ARTIFACTS $(foreach goal,$(MAKECMDGOALS),$(TAKES_$(goal)))
$(if $(filter report reference picture,$(or $(MAKECMDGOALS),report)),,$(foreach name, \
	$(filter-out $(TAKES),$(NAMES)),$(error make $(MAKECMDGOALS) takes no $(name); see make help)))

# What is set for other programs stays outside.
unexport $(filter-out PYTHON,$(filter PYTHON%,$(.VARIABLES)))
export PYTHONUTF8 := 1
export PYTHONPATH := $(CURDIR)

.PHONY: report test check lab bench sweep verify reference picture pdf lint format lock setup \
	clean help

report: setup  ## the whole chain: artifacts/report.html
	@$(PIPELINE) --profile $(call quoted,$(PROFILE)) $(if $(FROM),--from $(call quoted,$(FROM))) $(SETTINGS)

test: check  ## every check: make check, then the chain on the quick profile, the page in a browser
	@$(TESTS) -m "real"

check: setup lint  ## lint and the tests that need neither training nor browser
	@$(TESTS) -m "not real"

# Without the user's start-up files and backend, and in this folder whatever Jupyter is configured to.
lab: export IPYTHONDIR := $(CURDIR)/$(VENV)/ipython
lab: export MPLBACKEND :=
lab: setup  ## JupyterLab on the notebooks, without its questions about news and updates; ARGS="--ip=0.0.0.0"
	@$(VENV)/bin/python -m jupyterlab --allow-root --ServerApp.root_dir=. \
		--FileContentsManager.root_dir=. --FileContentsManager.preferred_dir= \
		--LabApp.app_settings_dir=.jupyter \
		--LabApp.default_url=/lab/tree/notebooks/01_tensorflow_tflite.ipynb $(ARGS)

bench: setup  ## the project's own goals as a table of ratios, measured on this machine
	@$(VENV)/bin/python tests/tools/bench.py

sweep: setup  ## many trainings on Dask, as notebooks/parameters/sweep.yaml asks for: make sweep SWEEP=file ARGS="--scheduler tcp://host:8786"
	@$(VENV)/bin/python -m helpers.sweep $(call quoted,$(SWEEP)) $(ARGS)

verify: setup  ## make the numbers and the page of a run again from its files: make verify REPORT=folder
	@$(VENV)/bin/python -m helpers.verify $(if $(REPORT),$(call quoted,$(REPORT)))

reference: setup  ## the full profile on the full MNIST into artifacts/reference/, beside the standard one on the stack of 2025
	@$(MAKE) --no-print-directory report STACK=2025 PROFILE=standard DATASET=mnist \
		LAB_ARTIFACTS="$(CURDIR)/artifacts/reference/2025"
	@LAB_ARTIFACTS="$(CURDIR)/artifacts/reference" $(PIPELINE) --profile full DATASET=mnist $(SETTINGS)
	@$(MAKE) --no-print-directory picture

picture: setup  ## the picture of the report in the README, taken with Chromium
	@$(VENV)/bin/python -m helpers.report.browser artifacts/reference/report.html artifacts/reference/report.png

pdf: setup  ## the report without its appendices as artifacts/report.pdf, printed with Chromium
	@$(VENV)/bin/python -m helpers.report.browser "$(RESULTS)/report.html" "$(RESULTS)/report.pdf"

lint: setup  ## the style of code and notebooks, and that no notebook holds outputs
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@$(VENV)/bin/python -m nbstripout --verify --keep-id $(NOTEBOOKS) || { echo "run: make format" >&2; exit 1; }

format: setup  ## tidy the code and strip the notebooks' outputs
	@$(VENV)/bin/ruff check --fix-only --quiet .
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/python -m nbstripout --keep-id $(NOTEBOOKS)

# Of the stack of 2025 an Intel Mac decides the versions; what it does not need is left out. uv reads
# from a project file alone which systems a lock is for.
COMPILE = $(VENV)/bin/uv pip compile --quiet --no-header --python-version 3.11 --upgrade
MAC = $(VENV)/lock
lock: setup  ## rebuild requirements.txt (Linux, macOS on arm64, Windows, Python 3.11 to 3.13) and requirements-2025.txt
	MACOSX_DEPLOYMENT_TARGET=14.0 $(COMPILE) requirements.in --output-file requirements.txt \
		--universal --generate-hashes
	@mkdir -p $(MAC)
	@printf '[tool.uv]\nenvironments = ["%s"]\n' "python_version < '3.13' and \
		(sys_platform == 'linux' or sys_platform == 'darwin')" > $(MAC)/pyproject.toml
	MACOSX_DEPLOYMENT_TARGET=12.0 $(COMPILE) requirements-2025.in --output-file $(MAC)/mac.txt \
		--python-platform x86_64-apple-darwin --no-build
	$(COMPILE) requirements-2025.in --output-file requirements-2025.txt --project $(MAC) \
		--constraint $(MAC)/mac.txt --universal --generate-hashes \
		--no-emit-package ai-edge-litert --no-emit-package onnxscript --no-emit-package onnx-ir

# It is kept while lock and folder are those that it was made from: in a copy of the project it would
# still lead to the helpers of the other folder.
setup:  ## .venv from the lock, made again when the lock has changed
	@cmp -s $(LOCK) $(VENV)/$(LOCK) && pwd -P | cmp -s - $(VENV)/folder && \
		$(VENV)/bin/python -c "" 2>/dev/null && exit; \
	test -n "$(PYTHON)" && $(PYTHON) -c '$(CHECK_PYTHON)' || { \
		echo "error: no Python 3.11 to 3.$(NEWEST) found for STACK=$(STACK); install one or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 2; }; \
	$(PYTHON) helpers/core/set_up.py $(VENV) $(LOCK)

clean:  ## remove what runs made, but neither .venv nor the MNIST cache nor the reference
	@find artifacts -mindepth 1 -maxdepth 1 ! -name reference -exec rm -r {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
