#!/usr/bin/env bash
# The console looked at from outside: a walk by a real browser with axe (tests/browser/walk.mjs), then requests by schemathesis
# (tests/browser/fuzz.py): scripts/walk.sh path/to/proofreel REQUESTS. With PICTURES=DIR the walk leaves pictures of the console
# there. `scripts/setup.sh tests` installs what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:?usage: walk.sh path/to/proofreel [REQUESTS]}")
requests=${2:-2000}
export PROOFREEL_VOICE_DIR=${PROOFREEL_VOICE_DIR:-$PWD/.voice}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node tests/browser/walk.mjs "$bin" --work "$work" ${PICTURES:+--pictures "$PICTURES"}
.walk/bin/python tests/browser/fuzz.py "$bin" "$requests" "$work"
