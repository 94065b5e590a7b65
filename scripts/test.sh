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
step "faults of the governor have their place (make bench-faults plants them)"
python3 tests/faults/governor.py --check
step "console: walked by a browser, asked by schemathesis"
scripts/walk.sh target/debug/proofreel 2000
step "template"
make --no-print-directory infra-check
.cloud-check/bin/python infra/local/deploy_test.py
.cloud-check/bin/python infra/local/build_test.py
.cloud-check/bin/python infra/local/capacity_test.py
target/debug/proofreel budget --check --channels 2
step "layer: that of each architecture is built, and the ffmpeg of this one makes a film"
infra/layer/build.sh "$(uname -m | sed s/aarch64/arm64/)" target/layer
infra/layer/build.sh "$(uname -m | sed 's/x86_64/arm64/;t;s/.*/x86_64/')" target/layer-other
fonts="$PWD/target/layer/fonts"
PROOFREEL_FFMPEG="$PWD/target/layer/bin/ffmpeg" PROOFREEL_FFPROBE="$PWD/target/layer/bin/ffprobe" \
  PROOFREEL_FONTS="$fonts/inter:$fonts/dejavu:$fonts/noto:$fonts/wqy" \
  cargo nextest run --workspace --locked -E 'test(a_passed_script_becomes_a_film_with_all_its_files)'
step "local AWS: from a schedule to a film"
PROOFREEL_VOICE_DIR="$PWD/.voice" .cloud-check/bin/python infra/local/cloud.py
step "done"
