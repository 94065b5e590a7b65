#!/usr/bin/env bash
# Makes real episodes with the given binary and checks them from outside: ffprobe, an independent recomputation in
# Python, byte-identical artifacts of equal orders, and an episode through QA from every data package.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?usage: episode-test.sh path/to/proofreel}
work=$(mktemp -d)
stock=
trap '[ -z "$stock" ] || kill "$stock" 2>/dev/null; rm -rf "$work"' EXIT
as_of=2026-11-22
passed=0
fail() { echo "FAILED: $1" >&2; exit 1; }
ok() { passed=$((passed + 1)); echo "ok: $1"; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
produce() { local name=$1; shift; "$bin" produce --quiet --json --state "$work/$name/state" --out "$work/$name/out" --as-of "$as_of" "$@"; }

# 1. A whole film.
result=$(produce film --channel tests/channels/short.toml) || fail "produce: $result"
dir=$(field folder <<<"$result")
for file in video.mp4 captions.srt captions.vtt thumbnail-1.png thumbnail-2.png thumbnail-3.png script.md sources.md facts.json \
  order.json brief.json scenes.json script.json qa.json film.json metadata.json run-log.jsonl review.html; do
  [ -s "$dir/$file" ] || fail "$file is missing from the episode"
done
ffprobe -v error -show_entries stream=codec_type,codec_name,width,height,avg_frame_rate,duration -of json "$dir/video.mp4" >"$work/probe.json"
python3 - "$work/probe.json" <<'PY' || fail "the film is out of specification"
import json, sys
streams = {s["codec_type"]: s for s in json.load(open(sys.argv[1]))["streams"]}
v, a = streams["video"], streams["audio"]
seconds = float(v["duration"])
checks = {
    "h264": v["codec_name"] == "h264", "aac": a["codec_name"] == "aac", "size": (v["width"], v["height"]) == (1920, 1080),
    "30 fps": v["avg_frame_rate"] == "30/1", "two to six minutes": 120 <= seconds <= 360,
    "ends within 50 ms": abs(seconds - float(a["duration"])) <= 0.05,
}
bad = [name for name, good in checks.items() if not good]
print("film:", f"{seconds:.2f} s picture, {float(a['duration']):.2f} s sound;", "bad: " + ", ".join(bad) if bad else "in specification")
sys.exit(bool(bad))
PY
ok "film in specification"
python3 tests/independent/check_episode.py "$dir" data || fail "independent recomputation"
ok "facts and captions recomputed from the CSV files"
"$bin" qa --quiet --state "$work/none" --sources data "$dir" >"$work/qa.txt" || { cat "$work/qa.txt"; fail "the gate does not pass its own film again"; }
"$bin" verify --state "$work/none" --sources data "$dir" >"$work/verify.txt" || { tail -20 "$work/verify.txt"; fail "verify"; }
ok "judged and verified from the folder and the packages alone: $(tail -2 "$work/verify.txt" | head -1)"

# 1a. The same film with a stock picture behind its title. Only the title's segments are made anew; the credit is in the description
# and nobody can change it, drop it or put another licence into the ledger.
python3 tests/independent/openverse.py "$work/port" &
stock=$!
until [ -s "$work/port" ]; do kill -0 "$stock" || fail "the stand-in for Openverse does not run"; sleep 0.1; done
printf '[providers.openverse]\nbase_url = "http://127.0.0.1:%s/v1"\n' "$(cat "$work/port")" >"$work/film/state/providers.toml"
subject=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["topic"]["series"][0]["series"]["dataset"].split("-")[0])' "$dir/brief.json")
topic=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["topic"]["topic_id"])' "$dir/brief.json")
sed -e "s#\.\./\.\./data#$PWD/data#" -e "s/^audience/interests = [\"$subject\"]\naudience/" tests/channels/short.toml >"$work/stock.toml"
printf '\n[pictures]\nproviders = ["openverse"]\nsubjects = { %s = "stacked bars" }\n' "$subject" >>"$work/stock.toml"
result=$(produce film --channel "$work/stock.toml" --topic "$topic") || fail "produce with a stock picture: $result"
kill "$stock"
stock=
pictured=$(field folder <<<"$result")
python3 tests/independent/check_picture.py "$pictured" || fail "the film with a stock picture"
cmp -s "$dir/video.mp4" "$pictured/video.mp4" && fail "the stock picture is not in the film"
judge() { "$bin" "$1" --quiet --state "$work/none" --sources data "$2" >"$work/judged.txt" 2>&1; }
judge qa "$pictured" || { cat "$work/judged.txt"; fail "the gate does not pass a film with a stock picture again"; }
judge verify "$pictured" || { tail -20 "$work/judged.txt"; fail "verify of a film with a stock picture"; }
for change in author dropped licence ledger; do
  rm -rf "$work/changed"
  cp -r "$pictured" "$work/changed"
  command=$(python3 tests/independent/check_picture.py "$work/changed" "$change") || fail "cannot change the $change of the credit"
  judge "$command" "$work/changed" && { cat "$work/judged.txt"; fail "$command takes a film whose $change was changed"; }
done
ok "a stock picture is in film, ledger and description, and its credit cannot be changed"

# 2. The same order again, up to QA: equal bytes.
result=$(produce again --channel tests/channels/short.toml --until qa) || fail "second produce: $result"
again=$(field folder <<<"$result")
# The film's media check joins qa.json when there is a film.
for folder in "$dir" "$again"; do
  python3 -c 'import json,sys; report = json.load(open(sys.argv[1] + "/qa.json")); report.pop("media", None); json.dump(report, open(sys.argv[1] + "/gate.json", "w"))' "$folder"
done
for file in topic_candidates topic_selection brief scenes script gate facts; do
  cmp "$dir/$file.json" "$again/$file.json" || fail "$file.json differs between two equal runs"
done
ok "equal orders give equal artifacts"

# 3. The same film by two processes, of which the one that ordered it is killed after the first part.
shared=(--quiet --state "$work/shared/state")
"$bin" produce "${shared[@]}" --out "$work/shared/out" --as-of "$as_of" --channel tests/channels/short.toml --render-workers 1 \
  >"$work/ordering.txt" 2>&1 &
ordering=$!
run=
until [ -n "$run" ]; do
  kill -0 "$ordering" 2>/dev/null || { cat "$work/ordering.txt"; fail "the run ended before it was shared"; }
  sleep 0.2
  run=$("$bin" runs list --json "${shared[@]}" 2>/dev/null | python3 -c 'import json,sys; runs=json.load(sys.stdin)["runs"]; print(runs[0]["run_id"] if runs else "")') || run=
done
"$bin" work "$run" "${shared[@]}" >"$work/helper.txt" 2>&1 &
helper=$!
until "$bin" runs logs "$run" "${shared[@]}" | grep -q '"outcome":"part"'; do
  kill -0 "$ordering" 2>/dev/null || { cat "$work/ordering.txt"; fail "the film was not divided"; }
  sleep 0.2
done
kill -9 "$ordering"
wait "$ordering" 2>/dev/null || true
wait "$helper" || { cat "$work/helper.txt"; fail "the other process did not end the run"; }
result=$("$bin" produce --json "${shared[@]}" --out "$work/shared/out" --resume "$run") || fail "resume of the shared run: $result"
cmp "$dir/video.mp4" "$(field folder <<<"$result")/video.mp4" || fail "the film of two processes differs from the film of one"
ok "two processes share a film, one is killed, and the film is the same to the byte"

# 4. An episode through QA from every package, the project's own and, where present, the ones beside the checkout.
for package in data/*/ "${PROOFREEL_SHARED:-../shared}"/data/*/; do
  [ -e "$package/datapackage.json" ] || continue
  name=$(basename "$package")
  result=$(produce "each-$name-${#package}" --channel tests/channels/short.toml --only-sources --sources "$package" --until qa) ||
    fail "$package: $result"
  python3 tests/independent/check_episode.py "$(field folder <<<"$result")" "$package" || fail "$package: independent recomputation"
  ok "$package passes QA"
done
[ -d "${PROOFREEL_SHARED:-../shared}/data" ] || echo "skipped: no further packages beside the checkout"

# 5. A small run of the adversarial bench; `make bench-gate` is the whole one, with its own bounds.
python3 tests/adversary/bench.py "$bin" --sources data --per-kind 10 --episodes 12 || fail "adversarial bench"
ok "falsified episodes are caught"
echo "episodes: $passed passed, 0 failed"
