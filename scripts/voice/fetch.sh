#!/usr/bin/env bash
# Puts the neural voice's data into a folder: scripts/voice/fetch.sh [FOLDER, default .voice]. Does nothing when it is
# there. The same folder is what a Lambda layer holds: `scripts/voice/fetch.sh layer/voice`, then PROOFREEL_VOICE_DIR=/opt/voice.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(realpath -m "${1:-$root/.voice}")
lock=$root/scripts/voice/requirements.txt
cmp -s "$lock" "$folder/requirements.txt" 2>/dev/null && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=python3
if ! python3 -m pip --version >/dev/null 2>&1; then
  python3 -m venv "$work/venv"
  python=$work/venv/bin/python
fi
# The wheel is data and text, so the version of this Python does not matter; the hash in the file does.
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
  --python-version 3.12 --dest "$work" -r "$lock"
python3 -m zipfile -e "$work"/hibari_tts-*.whl "$work/wheel"

rm -rf "$folder"
mkdir -p "$folder"
cd "$work/wheel/hibari/assets"
cp hibari.onnx lexicon_us_gold.json.gz lexicon_us_silver.json.gz normalize.json oov.json oov.onnx tagger.json.gz \
  tokenizer_exceptions.json vocab.json "$folder/"
cp ../../hibari_tts-*.dist-info/licenses/{LICENSE,NOTICE} "$folder/"
cp "$lock" "$folder/requirements.txt"   # last: half an installation does not count as one
