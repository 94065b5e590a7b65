"""Where a text, a fact or a point lies in an episode, for corruptions to choose from."""
import re
from episodes import text


def visual_texts(visual):
    kind = visual["kind"]
    out = [("heading", visual["heading"])] if "heading" in visual else []
    if kind == "title":
        out.append(("kicker", visual["kicker"]))
    for trace in visual.get("traces", []):
        out.append(("trace label", trace["label"]))
    for mark in visual.get("marks", []):
        out.append(("mark", mark["label"]))
    for bar in bars(visual):
        out += [("bar label", bar["label"]), ("bar figure", bar["figure"])]
    for member in visual.get("members", []):
        out.append(("member", member["label"]))
    for key in ("delta", "figure", "context", "event", "by", "note"):
        if isinstance(visual.get(key), list):
            out.append((key, visual[key]))
    if kind == "payoff":
        out += [("point", p) for p in visual["points"]]
    return out


def bars(visual):
    one = ("left", "right", "before", "after", "average")
    return visual.get("bars", []) + visual.get("parts", []) + [visual[k] for k in one if visual.get(k)]


def texts(episode):
    """[(place, spans)] of all that a viewer hears or reads, without the lines that only list sources."""
    out, script = [], episode["script"]
    for scene in script["scenes"]:
        out += [(f"{scene['scene_id']} narration {n}", s["text"]) for n, s in enumerate(scene["narration"], 1)]
        out += [(f"{scene['scene_id']} on-screen text", t) for t in scene["on_screen_text"]]
    for scene in episode["scenes"]["scenes"]:
        out += [(f"{scene['scene_id']} {p}", t) for p, t in visual_texts(scene["visual"])]
    out += [(f"title {n}", t) for n, t in enumerate(script["titles"], 1)]
    for n, thumb in enumerate(script["thumbnails"], 1):
        out += [(f"thumbnail {n} words", thumb["words"]), (f"thumbnail {n} figure", thumb["figure"])]
        out += [(f"thumbnail {n} earlier", thumb["earlier"])] if thumb.get("earlier") else []
    out += [(f"hook {n}", t) for n, t in enumerate(script["hooks"], 1) if n > 1]
    out += [(f"description line {n}", t) for n, t in enumerate(script["description"], 1) if not text(t).startswith("• Fed")]
    out.append(("pinned comment", script["pinned_comment"]))
    return out


def sentences(episode):
    """[(place, spans)] of full sentences: narration, hooks, description, pinned comment, payoff lines."""
    keep = re.compile(r"narration|hook|description|pinned")
    return [(p, t) for p, t in texts(episode) if keep.search(p) and text(t).rstrip().endswith((".", "?", "!"))]


def is_fact(span, *parts):
    return span.get("cite") == "fact" and (not parts or span["part"] in parts)


def cites(episode, *parts):
    """[(place, spans, n)] of fact citations."""
    return [(p, t, n) for p, t in texts(episode) for n, s in enumerate(t) if is_fact(s, *parts)]


def traces(episode):
    out = []
    for scene in episode["scenes"]["scenes"]:
        v = scene["visual"]
        out += [(scene["scene_id"], t) for t in v.get("traces", []) + [v[k] for k in ("trace", "backdrop") if v.get(k)]]
    out += [(f"thumbnail {n}", t["trace"]) for n, t in enumerate(episode["script"]["thumbnails"], 1)]
    return out


def members(episode):
    return [(s["scene_id"], m) for s in episode["scenes"]["scenes"] for m in s["visual"].get("members", [])]


def fact(episode, id):
    return next((f for f in episode["brief"]["facts"] if f["id"] == id), None)


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
SCALES = {"trillion": 1e12, "billion": 1e9, "million": 1e6, "T": 1e12, "B": 1e9, "M": 1e6, "K": 1e3}


def shown(words):
    """The size of the number that a reader takes from a text, or None."""
    m = NUMBER.search(words)
    if not m:
        return None
    after = words[m.end():].strip().split(" ")[0].strip(".,)")
    return float(m[0].replace(",", "")) * SCALES.get(after, 1.0)


def truth(f):
    return abs(f["value"] * f["unit"].get("multiplier", 1.0))
