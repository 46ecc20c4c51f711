# Needs GNU make and Python 3.11 to 3.13; everything else comes into .venv from requirements.txt.
# On Windows and in conda: python -m helpers.chain, with the same settings.

# Which packages: today's, or those of the 2025 report, the last that were made for Intel Macs.
STACK ?= $(if $(filter Darwin-x86_64,$(shell uname -sm | tr ' ' -)),2025,today)
SUFFIX := $(patsubst -today,,-$(STACK))
VENV := .venv$(SUFFIX)
LOCK := requirements$(SUFFIX).txt
RESULTS := $(or $(LAB_ARTIFACTS),artifacts$(subst -,/,$(SUFFIX)))
NEWEST := $(if $(SUFFIX),12,13)
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do $$name -c 'import sys; \
	sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $(NEWEST)))' 2>&- && echo $$name && break; done)
$(if $(wildcard $(LOCK)),,$(error STACK=$(STACK): allowed are today and 2025))
RUN := $(VENV)/bin/python
# Settings go on as they were typed: make report PROFILE=quick EPOCHS=3. In MAKEOVERRIDES make has
# put a backslash before each blank and backslash of a value.
NAMES = $(foreach word,$(subst \ ,-,$(subst \\,-,$(MAKEOVERRIDES))),$(firstword $(subst =, ,$(word))))
SETTINGS = $(foreach name,$(filter-out PYTHON STACK ARGS REPORT SWEEP,$(NAMES)),$(call quoted,$(name)=$(value $(name))))
quoted = '$(subst ','\'',$(1))'
NOTEBOOKS = notebooks/*.ipynb notebooks/extra/*.ipynb
# Two processes are as many as the smallest machine has cores.
TESTS = $(RUN) -m pytest -n 2 --dist loadgroup
CHROMIUM = $(RUN) -m helpers.report.browser

export STACK
export PYTHONUTF8 := 1
export PYTHONPATH := $(CURDIR)

.PHONY: lab report pdf verify sweep check test help bench reference lint format lock setup clean

report: setup  ## the whole chain: artifacts/report.html; make report PROFILE=quick EPOCHS=3
	@$(RUN) -m helpers.chain $(SETTINGS)

lab: setup  ## JupyterLab on the notebooks; ARGS="--ip=0.0.0.0"
	@MPLBACKEND= IPYTHONDIR="$(CURDIR)/$(VENV)/ipython" $(RUN) -m jupyterlab --allow-root \
		--ServerApp.root_dir=. --FileContentsManager.root_dir=. --FileContentsManager.preferred_dir= \
		--LabApp.app_settings_dir=.jupyter \
		--LabApp.default_url=/lab/tree/notebooks/01_tensorflow_tflite.ipynb $(ARGS)

verify: setup  ## make the numbers and the page of a run again from its files; REPORT=folder
	@$(RUN) -m helpers.verify $(if $(REPORT),$(call quoted,$(REPORT)))

sweep: setup  ## many trainings on Dask; SWEEP=file ARGS="--scheduler tcp://host:8786"
	@$(RUN) -m helpers.sweep $(call quoted,$(or $(SWEEP),notebooks/parameters/sweep.yaml)) $(ARGS)

pdf: setup  ## the report without its appendices as artifacts/report.pdf, printed with Chromium
	@$(CHROMIUM) "$(RESULTS)/report.html" "$(RESULTS)/report.pdf"

check: lint  ## the style, and the tests that need neither training nor browser
	@$(TESTS) -m "not real"

test: check  ## every check: make check, then the chain on the quick profile, the page in a browser
	@$(TESTS) -m "real"

bench: setup  ### the project's own goals as a table of ratios, measured on this machine
	@$(RUN) tests/tools/bench.py

# Takes an hour, with nothing else running. Of a line that was written over the notebooks keep the
# last state, and Figure 1 is a picture of its own.
reference: setup  ### the full profile, a sweep and 2025's versions into artifacts/reference/
	@$(MAKE) report STACK=2025 PROFILE=standard DATASET=mnist LAB_ARTIFACTS=artifacts/reference/2025
	@$(MAKE) report PROFILE=full DATASET=mnist LAB_ARTIFACTS=artifacts/reference
	@$(MAKE) sweep LAB_ARTIFACTS=artifacts/reference
	@$(RUN) -m nbconvert --to notebook --inplace --log-level WARN artifacts/reference/notebooks/*.ipynb \
		--NotebookExporter.preprocessors=nbconvert.preprocessors.CoalesceStreamsPreprocessor
	@$(CHROMIUM) artifacts/reference/report.html artifacts/reference/figure.png "#report figure img"
	@$(CHROMIUM) artifacts/reference/report.html artifacts/reference/report.png

lint: setup  ### the style of code and notebooks, and that no notebook holds outputs
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check --quiet . && \
		$(RUN) -m nbstripout --verify --keep-id $(NOTEBOOKS) || { echo "run: make format" >&2; exit 1; }

format: setup  ### tidy the code and strip the notebooks' outputs
	@$(VENV)/bin/ruff check --fix-only --quiet .
	@$(VENV)/bin/ruff format .
	@$(RUN) -m nbstripout --keep-id $(NOTEBOOKS)

# Of the stack of 2025 an Intel Mac decides the versions; what it does not need is left out. uv reads
# from a project file alone which systems a lock is for.
COMPILE = $(VENV)/bin/uv pip compile --quiet --no-header --python-version 3.11 --upgrade
lock: setup  ### rebuild requirements.txt (Linux, macOS, Windows, Python 3.11 to 3.13) and requirements-2025.txt
	MACOSX_DEPLOYMENT_TARGET=14.0 $(COMPILE) requirements.in --output-file requirements.txt \
		--universal --generate-hashes
	@mkdir -p $(VENV)/lock
	@printf '[tool.uv]\nenvironments = ["%s"]\n' "python_version < '3.13' and \
		(sys_platform == 'linux' or sys_platform == 'darwin')" > $(VENV)/lock/pyproject.toml
	MACOSX_DEPLOYMENT_TARGET=12.0 $(COMPILE) requirements-2025.in --output-file $(VENV)/lock/mac.txt \
		--python-platform x86_64-apple-darwin --no-build
	$(COMPILE) requirements-2025.in --output-file requirements-2025.txt --project $(VENV)/lock \
		--constraint $(VENV)/lock/mac.txt --universal --generate-hashes \
		--no-emit-package ai-edge-litert --no-emit-package onnxscript --no-emit-package onnx-ir

# Made again when the lock has changed, and in a copy of the project, where it would still lead to
# the helpers of the other folder. pip is asked where packages come from: uv does not read its settings.
setup:  ### .venv from the lock, made again when the lock has changed
	@cmp -s $(LOCK) $(VENV)/$(LOCK) && pwd -P | cmp -s - $(VENV)/folder && $(RUN) -c "" && exit; \
	test -n "$(PYTHON)" || { echo "error: no Python 3.11 to 3.$(NEWEST) found; name one: \
	make PYTHON=/path/to/python3.12" >&2; exit 2; }; \
	echo "setting up $(VENV) with $(PYTHON): a minute or more, once"; \
	set -e; $(PYTHON) -m venv --clear $(VENV); \
	sed -n '/^uv==/,/# via/p' $(LOCK) > $(VENV)/uv.txt; \
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt; \
	eval "$$($(RUN) -m pip config list | sed -n -e 's/^.*\.index-url=/export UV_DEFAULT_INDEX=/p' \
		-e 's/^.*\.cert=/export SSL_CERT_FILE=/p' -e 's/^.*\.find-links=/export UV_FIND_LINKS=/p')"; \
	$(VENV)/bin/uv pip sync --quiet --python $(RUN) --require-hashes $(LOCK); \
	$(VENV)/bin/uv pip install --quiet --python $(RUN) --no-deps --no-build-isolation --editable .; \
	pwd -P > $(VENV)/folder; cp $(LOCK) $(VENV)/$(LOCK)

clean:  ### remove what runs made, but neither .venv nor the MNIST cache nor the reference
	@find artifacts -mindepth 1 -maxdepth 1 ! -name reference -exec rm -r {} +

help:  ## this list
	@list() { sed -n "s/^\([a-z]*\):.*  $$1 \(.*\)/make \1\t\2/p" $(MAKEFILE_LIST) | expand -t 18; }; \
		list '##'; echo 'for maintainers'; list '###'
