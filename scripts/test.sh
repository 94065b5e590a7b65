#!/usr/bin/env bash
# What `make test` runs. Every step stops the script when it fails. Steps that run what is built, one thing after another or waiting for
# others (episodes, a browser, the local AWS), have a lane of their own beside those that compile without touching it; what the lane says
# is printed when it ends.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

lane() {
  step "beside: real episodes, probed"
  scripts/episode-test.sh target/debug/proofreel
  step "beside: console, walked by a browser, asked by schemathesis"
  scripts/walk.sh target/debug/proofreel 2000
  step "beside: template"
  make --no-print-directory infra-check
  .cloud-check/bin/python infra/local/deploy_test.py
  .cloud-check/bin/python infra/local/build_test.py
  .cloud-check/bin/python infra/local/capacity_test.py
  target/debug/proofreel budget --check --channels 2
  step "beside: local AWS, from a schedule to a film"
  PROOFREEL_VOICE_DIR="$PWD/.voice" .cloud-check/bin/python infra/local/cloud.py
  step "beside: done"
}
said=$(mktemp)
beside=
# A lane that is still there when the script ends, because another step failed, is ended with all that it started.
trap '[ -z "$beside" ] || kill -- "-$beside" 2>/dev/null || true; rm -f "$said"' EXIT
begin_lane() {
  set -m # a process group of its own
  (set -e; lane) >"$said" 2>&1 </dev/null &
  beside=$!
  set +m
}
end_lane() {
  local code=0
  wait "$beside" || code=$?
  beside=
  cat "$said"
  [ "$code" = 0 ] || { printf '\n== the lane beside failed (exit %s)\n' "$code"; exit "$code"; }
}

step "format"
cargo fmt --all --check
# Examples and benchmarks are checked by clippy; to link them would test nothing.
what=(--workspace --locked --lib --bins --tests)
step "build"
cargo build "${what[@]}"
begin_lane
# Behind the lane: a browser waits for a page only so long.
step "clippy"
nice cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
step "rustdoc"
RUSTDOCFLAGS="-D warnings" nice cargo doc --workspace --no-deps --locked --quiet
step "doctests"
nice cargo test --doc --workspace --locked --quiet
step "layer: that of each architecture is built"
nice infra/layer/build.sh "$(uname -m | sed s/aarch64/arm64/)" target/layer
nice infra/layer/build.sh "$(uname -m | sed 's/x86_64/arm64/;t;s/.*/x86_64/')" target/layer-other
step "waiting for what ran beside"
end_lane
step "tests"
PROOFREEL_VOICE_DIR="$PWD/.voice" cargo nextest run "${what[@]}" --no-fail-fast
step "faults of the governor have their place (make bench-faults plants them)"
python3 tests/faults/governor.py --check
step "layer: the ffmpeg of this architecture's makes a film"
fonts="$PWD/target/layer/fonts"
PROOFREEL_FFMPEG="$PWD/target/layer/bin/ffmpeg" PROOFREEL_FFPROBE="$PWD/target/layer/bin/ffprobe" \
  PROOFREEL_FONTS="$fonts/inter:$fonts/dejavu:$fonts/noto:$fonts/wqy" \
  cargo nextest run "${what[@]}" -E 'test(a_passed_script_becomes_a_film_with_all_its_files)'
step "done"
