#!/usr/bin/env bash
# What `make bench` runs: figures and ratios of one run on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet -p proofreel-cli
cargo bench --locked --quiet -p proofreel-tests --bench evidence --bench growth --bench driver
# Ours and the encoder alone; `make bench-render` adds the peers. Exit code 1 is a missed target, which is told.
python3 tests/bench/render_peers --only ours --rounds 1 || [ $? = 1 ]
