#!/usr/bin/env bash
# What `make bench` runs: figures and ratios of one run on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet -p proofreel-cli
cargo bench --locked --quiet -p proofreel-tests --bench evidence --bench growth
python3 tests/bench/render.py target/release/proofreel
