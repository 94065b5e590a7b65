#!/usr/bin/env bash
# Puts the Python tools of the cloud part into a venv of their own: scripts/cloud/fetch.sh emulators|check … Does nothing
# when it is there. Two venvs, because ministack pins one botocore and the SAM command line another.
#   emulators  ministack (a local AWS) and what the tests need beside it
#   check      SAM command line, cfn-lint, the SAM translator, parliament
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || { echo "usage: scripts/cloud/fetch.sh emulators|check …" >&2; exit 2; }

for name in "$@"; do
  lock=scripts/cloud/$name.txt
  venv=.cloud/$name
  [ -e "$lock" ] || { echo "fetch: there is no $lock; choose emulators or check" >&2; exit 2; }
  cmp -s "$lock" "$venv/requirements.txt" 2>/dev/null && continue
  rm -rf "$venv"
  python3 -m venv "$venv" || { echo "fetch: python3 has no venv; run scripts/setup.sh first" >&2; exit 5; }
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$lock" || {
    echo "fetch: cannot install $lock; is a Python package index reachable (pip config list)?" >&2; exit 5; }
  cp "$lock" "$venv/requirements.txt"   # last: half an installation does not count as one
done
