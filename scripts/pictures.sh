#!/usr/bin/env bash
# Makes the pictures of the README from a real episode: a storyboard, frames, a thumbnail, and a short clip that moves.
#
# usage: scripts/pictures.sh FOLDER [OUT]     FOLDER is a finished episode; OUT is docs/pictures
# Needs ffmpeg (see `make setup`) and the built command (PROOFREEL, else target/release or target/debug).
set -euo pipefail
cd "$(dirname "$0")/.."
episode=${1:?"usage: scripts/pictures.sh FOLDER [OUT]"}
out=${2:-docs/pictures}
most=$((1500 * 1024))
video="$episode/video.mp4"
[ -f "$video" ] || { echo "$video is not there: name the folder of a finished episode" >&2; exit 3; }
command=${PROOFREEL:-}
for built in target/release/proofreel target/debug/proofreel; do
    if [ -z "$command" ] && [ -x "$built" ]; then command=$built; fi
done
[ -n "$command" ] || { echo "build the command first: cargo build -p proofreel-cli" >&2; exit 3; }
mkdir -p "$out"
quiet=(ffmpeg -nostdin -hide_banner -loglevel error -y -protocol_whitelist "file,pipe")

# The sheet, light enough for a page: 256 colours are plenty for flat pictures.
"$command" storyboard "$episode" --out "$out/storyboard.full.png" > /dev/null
"${quiet[@]}" -i "file:$out/storyboard.full.png" \
    -vf "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=dither=none" "file:$out/storyboard.png"
rm -f "$out/storyboard.full.png"
cp "$episode/thumbnail-1.png" "$out/thumbnail.png"

# Moments of the scenes whose pictures say most, each shortly after its last figure.
python3 - "$episode" > "$out/.moments" << 'PYTHON'
import json, sys
folder = sys.argv[1]
scenes = json.load(open(f"{folder}/scenes.json"))["scenes"]
film = json.load(open(f"{folder}/film.json"))
times = {scene["scene_id"]: (scene["start_ms"], scene["end_ms"]) for scene in film["timeline"]}
told, kinds = [], set()
for scene in scenes:
    kind = scene["visual"]["kind"]
    if kind in kinds or kind == "end":
        continue
    kinds.add(kind)
    start, end = times[scene["scene_id"]]
    told.append((kind, (start + (end - start) * 0.86) / 1000))
for n, (kind, at) in enumerate(told[:6], 1):
    print(f"frame-{n}-{kind.replace('_', '-')} {at:.3f}")
# The clip: the first chart, while it is drawn.
chart = next((s for s in scenes if s["visual"]["kind"] in ("line", "ranking", "bars")), scenes[0])
start, end = times[chart["scene_id"]]
print(f"clip {start / 1000:.3f} {min(7.0, (end - start) / 1000):.3f}")
PYTHON
while read -r name at length; do
    if [ "$name" != clip ]; then
        "${quiet[@]}" -ss "$at" -i "file:$video" -frames:v 1 -vf "scale=960:-2:flags=area" "file:$out/$name.png"
        continue
    fi
    # An animated WebP where ffmpeg can write one, the largest that stays below the bound.
    for width in 960 720 640 560 480; do
        "${quiet[@]}" -ss "$at" -t "$length" -i "file:$video" -an -vf "fps=15,scale=$width:-2:flags=area" \
            -c:v libwebp_anim -lossless 0 -quality 80 -compression_level 4 -loop 0 "file:$out/clip.webp"
        [ "$(stat -c %s "$out/clip.webp")" -le $most ] && break
    done
    [ "$(stat -c %s "$out/clip.webp")" -le $most ] || { echo "$out/clip.webp is larger than $most bytes" >&2; exit 1; }
done < "$out/.moments"
rm -f "$out/.moments"
ls -l "$out"
