# The two commands: `make demo` and `make test`. Both install what they need and are safe to run twice.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo test lint fmt schemas console-pictures bench bench-screening bench-articles bench-gate bench-render bench-growth bench-voice bench-governor bench-faults bench-insight bench-driver bench-lambda night soak clean \
  infra-check cloud deploy-test layer build-lambda deploy destroy leftovers start sweep watch measure link names

BIN := target/release/proofreel

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

setup: ## install system packages, fonts and the embedded voice
	@scripts/setup.sh

setup-tests: ## the same, and what only tests need: the local AWS, the template's linters, cargo-nextest
	@scripts/setup.sh tests

demo: setup ## make one episode from the data in data/, offline and without a key
	cargo build --release --locked -p proofreel-cli
	$(BIN) produce --channel channels/demo.toml

test: setup-tests ## format, lints, unit and integration tests, docs, and real short episodes that are probed, and the functions on a local AWS
	@scripts/test.sh

lint: ## format check, clippy and rustdoc without warnings
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

fmt: ## format the code
	cargo fmt --all

schemas: ## write specs/schemas/ from the Rust types
	cargo run -q --locked -p proofreel-cli -- schemas --out specs/schemas

console-pictures: setup-tests ## pictures of the console for the README: docs/pictures/console*.webp
	cargo build --release --locked --quiet -p proofreel-cli
	PICTURES=docs/pictures scripts/walk.sh target/release/proofreel 1

bench-screening: ## precision and recall of screening on faults injected into real series
	cargo bench --locked --quiet -p proofreel-tests --bench screening

bench: setup ## measure drawing, rendering and recomputation
	@scripts/bench.sh

bench-articles: ## article extraction against gold text, and a corpus of feeds: make bench-articles ARTICLES=dir FEEDS=dir: tests/bench/articles.md
	cargo run --release --locked --quiet -p proofreel-providers --example articles -- "$(ARTICLES)" tests/bench/articles.md $(FEEDS)

bench-gate: ## falsify passing episodes in every known way and count what the gate catches: tests/bench/gate.md
	cargo build --release --locked --quiet -p proofreel-cli
	python3 tests/adversary/bench.py $(BIN) --report tests/bench/gate.md --misses target/gate-misses.txt

bench-render: setup ## our renderer against the encoder alone and seven peers, twenty minutes: tests/bench/render.md
	cargo build --release --locked --quiet -p proofreel-cli
	python3 tests/bench/render_peers --binary $(BIN) --report tests/bench/render.md

bench-growth: setup ## how a film's cost grows with its length, and what kept parts save, ten minutes: tests/bench/render_growth.md
	cargo build --release --locked --quiet -p proofreel-studio --example reel
	python3 tests/bench/render_growth.py --report tests/bench/render_growth.md

bench-governor: ## a month of two channels through the governor with providers that throttle, in virtual time: tests/bench/governor.md
	cargo bench --locked --quiet -p proofreel-governor --bench month

bench-faults: ## plant faults into the governor one at a time, and name the test that catches each: tests/bench/governor_faults.md
	python3 tests/faults/governor.py --report tests/bench/governor_faults.md

bench-driver: ## messages a second of the driver by itself, and how that grows to a hundred thousand runs, minutes: tests/bench/driver.md
	cargo bench --locked --quiet -p proofreel-tests --bench driver -- --report "$(CURDIR)/tests/bench/driver.md"

bench-lambda: ## size, start and memory of every function beside a hello world, and what each dependency costs: tests/bench/lambda.md; builds them as they are deployed first, BUILD=0 takes what is there
	python3 tests/bench/lambda.py --report tests/bench/lambda.md $(if $(filter 0,$(BUILD)),--no-build)

# What `make test` has built, our own crates optimised: a release build takes longer than the million runs, and leaves out the assertions.
SOAK := --locked --config profile.dev.opt-level=3 -p proofreel-tests --no-capture

night: setup-tests ## the longest crash tests (tests/bench/kills.md), a film through the functions, 20,000 requests to the console, and a deploy by SAM's real command, which `make test` leaves out
	cargo build --locked --workspace --bins
	scripts/walk.sh target/debug/proofreel 20000
	@mkdir -p target
	set -o pipefail; PROOFREEL_VOICE_DIR="$$PWD/.voice" cargo nextest run $(SOAK) --run-ignored only | tee target/night.log
	python3 tests/bench/found.py kills target/night.log --report tests/bench/kills.md
	@$(MAKE) --no-print-directory deploy-test

soak: setup-tests ## a million runs of the chain and 116,000 uploads in random weather, and fifty runs over the wire, an hour or more: nothing lost, nothing recorded twice: tests/bench/storm.md
	@mkdir -p target
	set -o pipefail; cargo nextest run $(SOAK) --test aws_storm --run-ignored only | tee target/soak.log
	set -o pipefail; STORM_RUNS=1000000 cargo nextest run $(SOAK) --test storm --test publishing percent planted uploads | tee -a target/soak.log
	python3 tests/bench/found.py storm target/soak.log --report tests/bench/storm.md

bench-insight: ## a year of twenty channels aggregated in under a second, and how that grows; power and false alarms of orders: tests/bench/insight.md, triggers.md
	cargo run --release --locked --quiet -p proofreel-insight --example year -- --report tests/bench/insight.md
	cargo run --release --locked --quiet -p proofreel-insight --example triggers > tests/bench/triggers.md.new && mv tests/bench/triggers.md.new tests/bench/triggers.md

bench-voice: setup ## measure the embedded voice against the package it comes from: tests/bench/voice.md
	scripts/voice/bench-env.sh
	cargo build --release --locked --quiet -p proofreel-voice --example sound
	.venv/bin/python tests/bench/voice.py target/release/examples/sound .voice --report tests/bench/voice.md

infra-check: ## everything that can be known about infra/template.yaml without an account, seconds
	@infra/checks/install.sh
	@.cloud-check/bin/python infra/checks/run.py

# The architecture of this machine, as the template names it.
HERE := $(shell uname -m | sed s/aarch64/arm64/)

cloud: setup-tests ## the real template and functions on a local AWS: from a schedule to an episode; BUILT=1 with the functions as they are deployed, an hour to build, BUILT=dir with those of a folder; KEEP=1 leaves it running
	@infra/checks/install.sh
	cargo build --locked $(if $(BUILT),,$(foreach f,$(notdir $(wildcard functions/*)),-p proofreel-fn-$(f))) -p proofreel-cli
	$(if $(filter 1,$(BUILT)),@$(MAKE) --no-print-directory build-lambda ARCH=$(HERE))
	PROOFREEL_VOICE_DIR="$$PWD/.voice" .cloud-check/bin/python infra/local/cloud.py $(if $(BUILT),--bin $(if $(filter 1,$(BUILT)),target/deployed,$(BUILT))) $(if $(KEEP),--keep) $(if $(MEASURE),--measure)

deploy-test: setup-tests ## `make deploy` and `make destroy` by SAM's real command on a local AWS, without compiling, two minutes; part of `make night`
	@infra/checks/install.sh
	@infra/checks/install.sh .cloud-deploy infra/requirements-deploy.txt
	.cloud-check/bin/python infra/local/sam_test.py

layer: setup ## build the render function's layer: ARCH=arm64 (the default) or x86_64
	infra/layer/build.sh $(or $(ARCH),arm64)

build-%Function: # what `sam build` calls for each function of the template
	@infra/build.sh $@ "$(ARTIFACTS_DIR)"

build-lambda: ## build the functions as they are deployed, without deploying: ARCH=arm64 (the default) or x86_64; FUNCTIONS="planner qa" only these
	@infra/checks/install.sh .cloud-deploy infra/requirements-deploy.txt
	@set -e; for f in $(or $(FUNCTIONS),$(notdir $(wildcard functions/*))); do \
	  PROOFREEL_ARCHITECTURE=$(or $(ARCH),arm64) infra/build.sh "build-$${f}Function" "target/deployed/$$f"; done

deploy: setup ## deploy to Amazon: ENV=dev (the default) or prod; DRY=1 only shows the change
	@infra/checks/install.sh
	@infra/checks/install.sh .cloud-deploy infra/requirements-deploy.txt
	@.cloud-check/bin/python infra/deploy.py deploy $(or $(ENV),dev) $(if $(DRY),--dry-run)

# What is asked of a deployed stack, in the region that samconfig.toml names.
DEPLOYED := @infra/checks/install.sh && .cloud-check/bin/python infra/deploy.py

destroy: ## delete the stack: ENV=dev (the default) or prod; PURGE=1 also deletes episodes and run log, of earlier stacks of its name too
	$(DEPLOYED) destroy $(or $(ENV),dev) $(if $(PURGE),--purge)

leftovers: ## bucket and table of earlier stacks of this name: ENV=dev (the default) or prod; PURGE=1 deletes them
	$(DEPLOYED) leftovers $(or $(ENV),dev) $(if $(PURGE),--purge)

start: ## begin this week's episodes on the deployed stack now: ENV=dev (the default) or prod
	$(DEPLOYED) start $(or $(ENV),dev)

sweep: ## have the deployed stack sweep now, as it does every hour: ENV=dev (the default) or prod
	$(DEPLOYED) sweep $(or $(ENV),dev)

watch: ## have the deployed watchdog look now, as it does every hour: ENV=dev (the default) or prod
	$(DEPLOYED) watch $(or $(ENV),dev)

measure: ## have the deployed stack read its channels' figures now, as it does every day: ENV=dev (the default) or prod
	$(DEPLOYED) measure $(or $(ENV),dev)

link: ## a link that signs PERSON=name in on the deployed console: ENV=dev (the default) or prod
	@[ -n "$(PERSON)" ] || { echo "link: say for whom: make link PERSON=name" >&2; exit 2; }
	@cargo build --release --locked --quiet -p proofreel-cli
	$(DEPLOYED) link $(or $(ENV),dev) "$(PERSON)"

names: ## outputs of the deployed stack as lines for a shell (specs/OPERATIONS.md): ENV=dev (the default) or prod
	$(DEPLOYED) names $(or $(ENV),dev)

clean: ## remove build output, runs, the voice's data and the Python of bench and cloud
	rm -rf target out .proofreel .voice .venv .cloud .cloud-check .cloud-deploy .walk tests/browser/node_modules .aws-sam infra/layer/build
