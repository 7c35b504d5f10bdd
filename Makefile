# The only front door: `make` lists every target.
SHELL         := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS     += --warn-undefined-variables --no-builtin-rules --no-print-directory

PYTHON        ?= python3
# What a recipe below hands to a verb; a user gives them as `make up WEB_PORT=8080`.
CMD           ?=
SERVICE       ?=
ARGS          ?=

BUNDLE        := PYTHONPATH=deploy $(PYTHON) -m bundle
# Test modules side by side: 2 take half the time, as the long ones mostly wait; 0 is one after the other.
JOBS          ?= 2
# Development tools, at the versions of requirements/dev.txt.
DEV           := .venv/bin
BUNDLE_DEV    := PYTHONPATH=deploy $(DEV)/python -m bundle
ROOMS         := services/backend:services/celery:deploy
# Django's settings refuse to load without secrets, and these commands connect to nothing.
DJANGO        := SECRET_KEY=not-used-by-a-check-at-least-fifty-characters-long-1a2b3c DB_PASSWORD=unused LOG_LEVEL=ERROR PYTHONPATH=$(ROOMS)
MANAGE        := $(DJANGO) $(DEV)/python services/backend/manage.py
SCRIPTS        = $(shell git ls-files '*.sh' deploy/systemd/install deploy/systemd/uninstall)
DOCKERFILES    = $(shell git ls-files '*Dockerfile')

##@ Everyday
.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: ## Start the stack: in containers when a Docker engine answers, else on this host (RUNTIME=containers|host, ONLY=backend|celery, WORKERS="2 ml", PROFILES=flower, OVERLAY=external|official)
	@$(BUNDLE) up

.PHONY: dev
dev: ## Start for development: this checkout's code in containers, started again when it changes (ONLY=backend|celery)
	@OVERLAY=dev $(BUNDLE) up

.PHONY: down
down: ## Stop what `make up` started; data stays
	@$(BUNDLE) down

.PHONY: demo
demo: ## Show each app at work: what is due and why, the run through the queue, what it did, and the undo
	@$(BUNDLE) demo

.PHONY: logs
logs: ## Follow the logs, laid out on a terminal, as JSON elsewhere (SERVICE=celery for one service, FOLLOW=0 to stop at the end)
	@$(BUNDLE) logs

.PHONY: logwatch
logwatch: ## Say what somebody should look at in the log; exit code for cron (SINCE=1h, ARGS="--errors 0")
	@$(BUNDLE) logwatch $(ARGS)

.PHONY: status
status: ## Show each service: state, health, since when, memory
	@$(BUNDLE) status

.PHONY: manage
manage: ## Run a management command in the running stack (CMD="next_runs")
	@$(BUNDLE) manage

.PHONY: doctor
doctor: ## Look for what is wrong in the running stack, and say what to do (ARGS=--json)
	@$(BUNDLE) manage doctor $(ARGS)

.PHONY: shell
shell: ## Open a Python shell in the running stack
	@$(BUNDLE) manage shell

.PHONY: destroy
destroy: ## Stop the stack and remove its data, after asking (YES=1 does not ask)
	@$(BUNDLE) destroy

##@ Swarm: several hosts, or one that may become several
.PHONY: swarm-up
swarm-up: ## Deploy the stack to this engine's swarm, or roll a new release out: servers, migration, then web and workers
	@RUNTIME=swarm $(BUNDLE) up

.PHONY: swarm-down
swarm-down: ## Take the stack off the swarm; data stays
	@RUNTIME=swarm $(BUNDLE) down

.PHONY: push
push: ## Bring the images to a registry, for nodes that cannot build them (REGISTRY=registry.example.org/team TAG=2026-11)
	@$(BUNDLE) push

##@ Parts of a start
.PHONY: secrets
secrets: ## Generate the secrets that are missing; `make up` does it at the first start
	@$(BUNDLE) secrets

.PHONY: base
base: ## Get the base image: pulled where a registry answers, else built from Debian packages
	@$(BUNDLE) base

.PHONY: images
images: ## Build the images
	@$(BUNDLE) images

.PHONY: airgap
airgap: ## Write one archive with which a machine without network runs the stack: images, targets, checksums, bills of materials
	@$(BUNDLE) airgap

.PHONY: airgap-load
airgap-load: ## Load the images of an archive and start the stack from them (ARCHIVE=dist/... where it is not unpacked yet)
	@$(BUNDLE) airgap-load

.PHONY: report
report: ## Print image sizes, memory at rest, the cost of a probe and the time from `up` to healthy
	@$(BUNDLE) report

##@ Dokploy
.PHONY: dokploy-check
dokploy-check: venv ## Check what is rendered for Dokploy before Dokploy does
	@$(BUNDLE_DEV) dokploy-check

.PHONY: dokploy-apply
dokploy-apply: ## Create or update the stack on a Dokploy server and deploy it (DOKPLOY_URL, DOMAIN, HTTPS=1, REGISTRY, TAG; DRY_RUN=1 only shows)
	@$(BUNDLE) venv dokploy
	@$(BUNDLE_DEV) dokploy-apply

##@ Without containers, on Debian 12 or 13, as root
.PHONY: systemd-install
systemd-install: ## Install or upgrade as systemd units (PREFIX, SERVICE_USER, WORKERS, RELEASE, DATABASE_URL, REDIS_URL; DESTDIR stages only)
	@$(BUNDLE) systemd-install

.PHONY: systemd-uninstall
systemd-uninstall: ## Remove the units and the code; data stays (PURGE=1 removes it too, after asking)
	@$(BUNDLE) systemd-uninstall

.PHONY: systemd-security
systemd-security: ## Print how exposed each unit of systemd is, 2.0 at most (systemd-analyze)
	@$(BUNDLE) systemd-security

##@ Development
.PHONY: check
check: lint sync test ## Everything CI runs, in one command

.PHONY: test
test: venv ## Every test, on each runtime that this machine has
	@$(DEV)/python -m pytest --numprocesses $(JOBS) --dist loadscope

.PHONY: lint
lint: venv ## Style, types, walls, shell, Dockerfiles, migrations, production settings
	@$(DEV)/ruff check --quiet
	@$(DEV)/ruff format --check --quiet
	@$(DJANGO) $(DEV)/mypy services deploy scripts conftest.py tests/checkout.py tests/servers.py tests/environment.py benchmarks
	@PYTHONPATH=$(ROOMS) $(DEV)/lint-imports --config .importlinter >/dev/null || PYTHONPATH=$(ROOMS) $(DEV)/lint-imports
	@$(DEV)/shellcheck $(SCRIPTS) && $(DEV)/shfmt -i 2 -ci -d $(SCRIPTS)
	@$(DEV)/hadolint $(DOCKERFILES)
	@$(MANAGE) makemigrations --check --dry-run --verbosity 0
	@SECURE_COOKIES=True $(MANAGE) check --deploy --fail-level WARNING

.PHONY: format
format: venv ## Format Python and shell
	@$(DEV)/ruff check --quiet --fix && $(DEV)/ruff format --quiet && $(DEV)/shfmt -i 2 -ci -w $(SCRIPTS)

.PHONY: render
render: venv ## Write the generated folders from deploy/stack.toml
	@$(BUNDLE_DEV) render

.PHONY: sync
sync: venv ## Fail when a generated folder is not what deploy/stack.toml renders
	@$(BUNDLE_DEV) check

.PHONY: bench
bench: bench-archive bench-events bench-pricing ## Measure the runs of every app against their peers on a real PostgreSQL

.PHONY: bench-archive
bench-archive: venv ## Measure the tickets' archive run, and what a user beside it waits
	@PYTHONPATH=$(ROOMS):. $(DEV)/python -m benchmarks.archive

.PHONY: bench-events
bench-events: venv ## Measure the events' five-minute run and their public list
	@PYTHONPATH=$(ROOMS):. $(DEV)/python -m benchmarks.events

.PHONY: bench-pricing
bench-pricing: venv ## Measure the hourly recompute, a changed rule and a page of prices
	@PYTHONPATH=$(ROOMS):. $(DEV)/python -m benchmarks.pricing

.PHONY: bench-runs
bench-runs: venv ## Measure what a run's record costs, beside Celery as it comes and beside dramatiq
	@PYTHONPATH=$(ROOMS):. $(DEV)/python -m benchmarks.runs

.PHONY: lock
lock: venv ## Write requirements/*.txt from pyproject.toml (hashes, no index addresses)
	@for group in backend celery flower host compose dokploy dev; do \
	  $(DEV)/uv pip compile --quiet pyproject.toml --group $$group --universal --python-version 3.11 --fork-strategy fewest \
	    --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements/$$group.txt || exit 1; done

.PHONY: venv
venv: ## Make .venv with the development requirements, when their lock has changed
	@$(BUNDLE) venv dev
