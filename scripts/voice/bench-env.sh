#!/usr/bin/env bash
# Installs the package that `make bench-voice` measures against into .venv, pinned by hash. Does nothing when it is there.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock=scripts/voice/bench-requirements.txt
cmp -s "$lock" .venv/bench-requirements.txt 2>/dev/null && exit 0
python3 -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
cp "$lock" .venv/bench-requirements.txt
