#!/usr/bin/env bash
# Puts the local AWS (ministack, and moto as second opinion) into a Python of its own: scripts/cloud/install.sh [FOLDER,
# default .cloud]. Does nothing when it is there. `serve.py` starts it.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(realpath -m "${1:-$root/.cloud}")
lock=$root/scripts/cloud/requirements.txt
cmp -s "$lock" "$folder/requirements.txt" 2>/dev/null && exit 0

rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
cp "$lock" "$folder/requirements.txt"   # last: half an installation does not count as one
