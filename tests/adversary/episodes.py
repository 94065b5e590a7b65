"""Passing episodes, and what lies beside them: made by the product, read and written as plain files.

Captions, film record and metadata are derived here from the script with code of this file alone, in the formats that
rendering writes, so that a corrupted script reaches the viewer consistently and only the gate can see the lie.
"""
import json, os, re, subprocess

ARTIFACTS = ("order", "brief", "scenes", "script")
AS_OF = "2026-11-22"
CHANNEL = 'id = "{id}"\nname = "Short Test"\nkind = "{kind}"\naudience = "the bench"\nsources = [{sources}]\n\n[episode]\ntarget_seconds = {seconds}\ntone = "{tone}"\n'


def text(spans):
    return "".join(s["text"] for s in spans)


def packages(folders):
    """Every folder with a data package under these."""
    found = []
    for folder in folders:
        if os.path.exists(f"{folder}/datapackage.json"):
            found.append(folder)
        elif os.path.isdir(folder):
            found += sorted(f"{folder}/{n}" for n in os.listdir(folder) if os.path.exists(f"{folder}/{n}/datapackage.json"))
    return found


class Maker:
    """Makes episodes up to QA with the binary."""

    def __init__(self, binary, work):
        self.binary, self.work, self.not_made = binary, work, []

    def run(self, name, sources, tone, seconds, seed, topic=None):
        path = f"{self.work}/{name}.toml"
        with open(path, "w") as f:
            listed = ", ".join(json.dumps(os.path.abspath(s)) for s in sources)
            f.write(CHANNEL.format(id=re.sub(r"[^a-z0-9-]", "-", name.lower()), kind="education", tone=tone, seconds=seconds, sources=listed))
        command = [self.binary, "produce", "--quiet", "--json", "--state", f"{self.work}/state", "--out", f"{self.work}/out",
                   "--as-of", AS_OF, "--until", "qa", "--seed", str(seed), "--channel", path] + (["--topic", topic] if topic else [])
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            self.not_made.append((name, topic, done.returncode, (done.stderr or done.stdout).strip()[:400]))
            return None
        return json.loads(done.stdout)["folder"]

    def topics(self, folder):
        with open(f"{folder}/topic_candidates.json") as f:
            return [t["topic_id"] for t in json.load(f)["topic_candidates"]]


def load(folder):
    episode = {}
    for name in ARTIFACTS:
        with open(f"{folder}/{name}.json", encoding="utf-8") as f:
            episode[name] = json.load(f)
    # Whether the first hook is what the first scene says, so that a change there can be carried over.
    first = episode["script"]["scenes"][0]["narration"]
    hook = text(episode["script"]["hooks"][0]) if episode["script"]["hooks"] else ""
    episode["hook_sentences"] = next((n for n in range(len(first), 0, -1) if " ".join(text(s["text"]) for s in first[:n]) == hook), 0)
    return episode


def carry_hook(episode):
    n = episode.get("hook_sentences", 0)
    if n:
        spans = []
        for sentence in episode["script"]["scenes"][0]["narration"][:n]:
            spans += ([{"text": " "}] if spans else []) + sentence["text"]
        episode["script"]["hooks"][0] = spans


def narration(script):
    return [w for scene in script["scenes"] for s in scene["narration"] for w in text(s["text"]).split()]


def timeline(scenes):
    at, out = 0, []
    for s in scenes["scenes"]:
        end = at + max(1000, round((s["end_time"] - s["start_time"]) * 1000))
        out.append({"scene_id": s["scene_id"], "start_ms": at, "end_ms": end})
        at = end
    return out


def cues(script, times):
    """Cues of at most two lines of 42 characters, spread evenly over their scene."""
    out = []
    for scene, time in zip(script["scenes"], times):
        chunks = []
        for s in scene["narration"]:
            lines, line = [], ""
            for word in text(s["text"]).split():
                if line and len(line) + 1 + len(word) > 42:
                    lines.append(line)
                    line = word
                else:
                    line = f"{line} {word}".strip()
            lines += [line] if line else []
            chunks += [lines[n:n + 2] for n in range(0, len(lines), 2)]
        step = (time["end_ms"] - time["start_ms"]) / max(1, len(chunks))
        for n, lines in enumerate(chunks):
            start = time["start_ms"] + round(n * step)
            out.append([start, max(start + 1, time["start_ms"] + round((n + 1) * step)), lines])
    return out


def clock(ms, mark):
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def srt(cues):
    return "".join(f"{n}\n{clock(a, ',')} --> {clock(b, ',')}\n" + "\n".join(lines) + "\n\n" for n, (a, b, lines) in enumerate(cues, 1))


def vtt(cues):
    escape = lambda t: t.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "WEBVTT\n\n" + "".join(f"{clock(a, '.')} --> {clock(b, '.')}\n" + escape("\n".join(lines)) + "\n\n" for a, b, lines in cues)


def chapters(script, times):
    starts = {t["scene_id"]: t["start_ms"] // 1000 for t in times}
    kept = []
    for c in script["chapters"]:
        if c["scene_id"] in starts:
            start = starts[c["scene_id"]] if kept else 0
            if not kept or start >= kept[-1][0] + 10:
                kept.append((start, text(c["title"])))
    while kept and times[-1]["end_ms"] // 1000 < kept[-1][0] + 10:
        kept.pop()
    return [f"{s // 60}:{s % 60:02} {title}" for s, title in kept] if len(kept) >= 3 else []


def description(episode, chapter_lines):
    lines = [text(line) for line in episode["script"]["description"]]
    if chapter_lines:
        at = next((n for n, line in enumerate(lines) if line.strip().lower() == "sources:"), len(lines))
        lines[at:at] = ["Chapters:"] + chapter_lines
    joined = "\n".join(text(line) for line in episode["script"]["description"])
    if chapter_lines:
        joined = "\n".join(lines)
    missing = [s for s in episode["brief"]["sources"] if s["title"] not in joined]
    if missing:
        lines += ["Sources:"] + [f"• {s['title']} – {s['url']}" for s in missing]
    lines += [t for t in (episode["script"]["ai_disclosure"], episode["script"]["disclaimer"]) if t.strip() and t not in joined]
    item = lambda line: line.startswith("• ") or (line[:1].isdigit() and ":" in line)
    out = ""
    for n, line in enumerate(lines):
        if n:
            out += "\n\n" if line.rstrip().endswith(":") or (item(lines[n - 1]) and not item(line)) else "\n"
        out += line
    return out


def derive(episode):
    """Film record, captions and metadata of the script as it is now."""
    script, times = episode["script"], timeline(episode["scenes"])
    made = cues(script, times)
    listed = chapters(script, times)
    titles = [text(t) for t in script["titles"]]
    meta = {"title": titles[0], "title_variants": titles, "description": description(episode, listed), "tags": script["tags"],
            "chapters": listed, "pinned_comment": text(script["pinned_comment"]),
            "language": episode["order"]["channel"]["language"], "contains_synthetic_media": True}
    words, spread = narration(script), times[-1]["end_ms"] / max(1, len(narration(script)))
    episode["film"] = {
        "schema_version": script["schema_version"], "format": "landscape", "duration_ms": times[-1]["end_ms"], "voice": "bench (none)",
        "timeline": times, "files": [], "metadata": meta,
        "words": [{"text": w, "start_ms": round(n * spread), "end_ms": round((n + 1) * spread)} for n, w in enumerate(words)],
        "check": {"video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac", "video_seconds": 1.0,
                  "audio_seconds": 1.0, "loudness": {"integrated_lufs": -14.0, "true_peak_dbtp": -1.0}}}
    episode["metadata"], episode["cues"] = json.loads(json.dumps(meta)), made
    episode["srt"], episode["vtt"] = srt(made), vtt(made)


def save(episode, folder):
    os.makedirs(folder)
    for name in ARTIFACTS + ("film", "metadata"):
        with open(f"{folder}/{name}.json", "w", encoding="utf-8") as f:
            json.dump(episode[name], f, ensure_ascii=False)
    for kind in ("srt", "vtt"):
        with open(f"{folder}/captions.{kind}", "w", encoding="utf-8") as f:
            f.write(episode[kind])
