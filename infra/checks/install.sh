#!/usr/bin/env bash
# Puts the tools of infra/ into a Python of their own: infra/checks/install.sh [FOLDER, default .cloud-check] [LIST, default
# infra/checks/requirements.txt]. Does nothing when they are there.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(realpath -m "${1:-$root/.cloud-check}")
lock=$root/${2:-infra/checks/requirements.txt}
cmp -s "$lock" "$folder/requirements.txt" 2>/dev/null && exit 0

rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$lock"
cp "$lock" "$folder/requirements.txt"   # last: half an installation does not count as one
