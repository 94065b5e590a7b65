#!/usr/bin/env bash
# What `make test` runs. Every step stops the script when it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

step "format"
cargo fmt --all --check
step "build"
cargo build --workspace --all-targets --locked
step "real episodes, probed"
scripts/episode-test.sh target/debug/proofreel
step "clippy"
cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
step "rustdoc"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
step "doctests"
cargo test --doc --workspace --locked --quiet
step "tests"
PROOFREEL_VOICE_DIR="$PWD/.voice" cargo nextest run --workspace --locked --no-fail-fast
step "template"
make --no-print-directory infra-check
.cloud-check/bin/python infra/local/deploy_test.py
target/debug/proofreel budget --check --channels 2
step "local AWS: from a schedule to a film"
PROOFREEL_VOICE_DIR="$PWD/.voice" .cloud-check/bin/python infra/local/cloud.py
step "done"
