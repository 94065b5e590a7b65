#!/usr/bin/env bash
# Installs what a run needs and is not there yet: ffmpeg, fonts, the fallback voice (system packages), the
# embedded neural voice (.venv, pinned by hash) and cargo-nextest. Safe to run twice; says nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$1"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
  echo "setup: need root or sudo to run: $*" >&2; exit 5; fi; }

packages=()
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || packages+=(ffmpeg)
[ -e /usr/share/fonts/opentype/inter/Inter-Regular.otf ] || packages+=(fonts-inter)
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || packages+=(fonts-dejavu-core)
# Names from data can be in any script; Micro Hei holds Han, kana and hangul in 5 MB where Noto's CJK has 90.
[ -e /usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf ] || packages+=(fonts-noto-core)
[ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ] || packages+=(fonts-wqy-microhei)
command -v espeak-ng >/dev/null || packages+=(espeak-ng)
command -v cc >/dev/null || packages+=(build-essential)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || { echo "setup: this script installs with apt-get; please install by hand: ${packages[*]}" >&2; exit 5; }
  say "installing ${packages[*]}"
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

lock=scripts/voice/requirements.txt
stamp=.venv/proofreel-requirements
if ! cmp -s "$lock" "$stamp" 2>/dev/null; then
  say "installing the embedded voice into .venv"
  if python3 -m venv --clear .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"; then
    cp "$lock" "$stamp"
  else
    # A robotic voice is better than none: the run says which one spoke.
    rm -rf .venv
    say "the neural voice cannot be installed on this Python ($(python3 --version)); the robotic fallback will speak"
  fi
fi

if ! cargo nextest --version >/dev/null 2>&1; then
  say "installing cargo-nextest 0.9.143 (once, some minutes)"
  cargo install --quiet --locked cargo-nextest --version 0.9.143
fi
