#!/usr/bin/env bash
# Installs what a run needs and is not there yet: ffmpeg, fonts, the fallback voice (system packages) and the embedded
# neural voice's data (.voice). With `tests` also what only tests need: the local AWS (.cloud), the linters of the template
# (.cloud-check), a browser with what walks the console (.walk), all pinned, and cargo-nextest. Safe to run twice; says nothing when all is there.
set -euo pipefail
for_tests=${1:-}
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

if ! cmp -s scripts/voice/requirements.txt .voice/requirements.txt 2>/dev/null; then
  say "fetching the embedded voice's data into .voice"
  # A robotic voice is better than none: the run says which one spoke.
  scripts/voice/fetch.sh || say "the neural voice cannot be fetched; the robotic fallback will speak"
fi

[ "$for_tests" = tests ] || exit 0

# A network of its own, in which the web client is led astray (tests/tests/canaries.rs).
command -v ip >/dev/null && command -v unshare >/dev/null || {
  say "installing iproute2 and util-linux"
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends iproute2 util-linux >/dev/null
}

if ! cmp -s scripts/cloud/requirements.txt .cloud/requirements.txt 2>/dev/null; then
  say "installing the local AWS of the tests into .cloud"
  scripts/cloud/install.sh || say "the local AWS cannot be installed; its tests will fail and say so"
fi

if ! cmp -s infra/checks/requirements.txt .cloud-check/requirements.txt 2>/dev/null; then
  say "installing the template's linters into .cloud-check"
  infra/checks/install.sh || say "the linters cannot be installed; the template's checks will fail"
fi

packages=()
command -v chromium >/dev/null || packages+=(chromium)
# Node from elsewhere brings its npm along and does not stand Debian's beside it.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
if [ ${#packages[@]} -gt 0 ]; then
  say "installing ${packages[*]}"
  as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
    say "the browser cannot be installed; the walk through the console will fail"
fi
if ! cmp -s tests/browser/package-lock.json tests/browser/node_modules/installed-lock.json 2>/dev/null; then
  say "installing Playwright's core and axe into tests/browser/node_modules"
  npm ci --prefix tests/browser --silent --no-audit --no-fund --ignore-scripts &&
    cp tests/browser/package-lock.json tests/browser/node_modules/installed-lock.json ||
    say "they cannot be installed; the walk through the console will fail"
fi
if ! cmp -s tests/browser/requirements.txt .walk/requirements.txt 2>/dev/null; then
  say "installing schemathesis into .walk"
  infra/checks/install.sh .walk tests/browser/requirements.txt || say "it cannot be installed; asking the console will fail"
fi

if ! cargo nextest --version >/dev/null 2>&1; then
  say "installing cargo-nextest 0.9.143 (once, some minutes)"
  cargo install --quiet --locked cargo-nextest --version 0.9.143
fi
