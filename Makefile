# SPDX-License-Identifier: Apache-2.0
# The front door; `make help` tells what is behind it. Meson does the building (meson.build).

# Debian's own tools, whatever a developer's shell puts in front of them.
export PATH := /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
PYTHON := /usr/bin/python3.11
VENV := .venv
BUILD := build
SUITES := $(PYTHON) tools/run-suites

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: help deps languages build run serve test check bench web manual install uninstall deb release clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install what is missing: the packages of deps/debian.txt, and .venv for the tests
	@tools/install-deps.sh
	@$(MAKE) -s $(VENV)/.made

$(VENV)/.made: requirements.txt
	@rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

languages: ## install the Debian packages of all languages (590 MB to load; languages/*.yaml names them)
	@tools/install-languages.sh

build: $(BUILD)/build.ninja ## compile into build/ (gcc, with optimisation and debug information)
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	CC=gcc meson setup $(BUILD)

# `run` needs no Python packages, so it does not wait for them.
run: ## install what is missing, build, judge examples/square.json in a box, print the result
	@tools/install-deps.sh
	@$(MAKE) -s build
	@tools/run-example.sh examples/square.json

serve: ## install what is missing, build, serve on 127.0.0.1:8080 until Ctrl-C
	@tools/install-deps.sh
	@$(MAKE) -s build
	@$(BUILD)/kodewar serve

# One row of tests/suites.toml each; a suite builds what it needs.
test: deps languages build ## the whole suite; ends with "N passed, N failed"
	@$(SUITES) --all

test-unit: deps build ## pure parts, drivers on fake trees, filters on an interpreter
	@$(SUITES) unit

test-contract: deps build ## every sentence of the request and result contract
	@$(SUITES) contract

test-e2e: deps build ## command line, layers, faults and leak census on real boxes
	@$(SUITES) e2e faults census

test-serve: deps build ## the service over HTTP: every endpoint, bad input, faults
	@$(SUITES) serve serve-bounds

test-languages: deps languages build ## every language's self-test in boxes, what is absent, how one is added
	@$(SUITES) languages

test-warm: deps build ## zygotes that lie or are killed, lanes proved clean, 20,000 warm runs
	@$(SUITES) zygotes warm soak

test-hostile: deps languages build ## attacks, each with its expected verdict and nothing left behind
	@$(SUITES) hostile layers-off

test-v2: deps build ## the same boxes on a throw-away guest with pure cgroup v2
	@$(SUITES) v2

test-docker: deps build ## a real Docker Engine builds the image, which is looked through; contract and attacks on its containers
	@$(SUITES) docker docker-contract docker-hostile

test-install: deps build ## the Debian package on a clean Debian 12, from installation to purge
	@$(SUITES) install

test-web: deps build ## the playground in Chromium, the clients, on the real service
	@$(SUITES) browser clients

test-fuzz: deps ## 10 seconds for each fuzz target, beginning with its corpus
	@$(SUITES) fuzz

test-asan: deps ## unit tests and contract suite under AddressSanitizer and UBSan
	@$(SUITES) asan-unit asan-contract

test-long: deps build ## hours, not minutes: long fuzzing, big census; not part of `make test`
	@$(SUITES) --long

check: deps build ## layers, format, sizes, linters, manual page, gcc and clang
	@$(SUITES) compilers checks

bench: deps build ## measure boxes beside bare runs and other sandboxes; writes docs/BENCH.md
	@bench/run

web: ## build the playground anew: web/src into web/dist, which is embedded (needs npm)
	@tools/check-web --fix

image: ## docker build -t kodewar-sandbox -f Dockerfile.sandbox . (needs an engine: tools/test-engine)
	@tools/with-engine tools/image.sh

scan: ## trivy and what else finds fault with the image; says what it could not look for
	@tools/with-engine tools/scan-image

manual: build ## write the manual, completion and default configuration anew from the program's tables
	@tools/manual.sh

install: ## build for PREFIX (/usr/local) and install below DESTDIR; docs/OPERATIONS.md has what comes then
	@tools/install.sh install

uninstall: ## remove what the last `make install` put there; configuration that was changed stays
	@tools/install.sh uninstall

deb: ## a Debian package into build-deb/ (needs debhelper)
	@tools/build-deb

release: ## hardened build into build-release/, asserts on
	@tools/build-variant.sh release

clean: ## remove everything that was built (not .venv)
	rm -rf build build-*/
