"""The corruptions: each takes an episode and a random source, changes it into one that is false or unproven, and says what
it did; `None` when the episode gives it no hold. They know the meaning of facts and words, and nothing of the gate.
"""
import datetime, json, re
from episodes import carry_hook, derive, srt, text, vtt
from places import NUMBER, bars, cites, fact, is_fact, members, sentences, shown, texts, traces, truth, visual_texts

SHAPES = {}          # kind -> [function]
# Kinds that change a number: all of them must be caught.
NUMBER_KINDS = {"digit changed", "wrong year", "sign flipped", "invented number", "consistent lie", "plotted point changed"}


def shape(kind, weight=1):
    def keep(function):
        SHAPES.setdefault(kind, []).extend([function] * weight)
        return function
    return keep


def pick(rng, items):
    return rng.choice(items) if items else None


def other_digit(rng, words):
    at = pick(rng, [n for n, c in enumerate(words) if c.isdigit() and c.isascii()])
    if at is None:
        return None
    new = rng.choice([d for d in "0123456789" if d != words[at]])
    # A leading nought would not be read as a number.
    if new == "0" and (at == 0 or not (words[at - 1].isdigit() or words[at - 1] in ".,")):
        new = "9" if words[at] != "9" else "8"
    return words[:at] + new + words[at + 1:]


def told(place, old, new):
    return f"{place}: `{old}` → `{new}`"


def reword(rng, found, rule):
    """Changes the text of one of the cited spans by `rule`."""
    rng.shuffle(found)
    for place, spans, n in found:
        new = rule(spans[n]["text"])
        if new and new != spans[n]["text"]:
            old, spans[n]["text"] = spans[n]["text"], new
            return told(place, old, new)
    return None


def say(rng, episode, make, keep=lambda place, spans: True):
    """Rewrites the plain words of a sentence: `make(sentence)` gives new spans or None."""
    found = [(p, t) for p, t in sentences(episode) if keep(p, t)]
    rng.shuffle(found)
    for place, spans in found:
        before = text(spans)
        new = make([dict(s) for s in spans])
        if new and text(new) != before:
            spans[:] = new
            return told(place, before, text(new))
    return None


def append(words):
    """Puts words before the final stop of a sentence."""
    def make(spans):
        last = spans[-1]
        if last.get("cite") or not last["text"].rstrip().endswith("."):
            return None
        last["text"] = last["text"].rstrip()[:-1] + words + "."
        return spans
    return make


def sentence(words):
    """Puts a sentence of its own after."""
    def make(spans):
        if spans[-1].get("cite"):
            return None
        spans[-1]["text"] = spans[-1]["text"].rstrip() + " " + words
        return spans
    return make


def heading(rng, episode, words):
    """Replaces a plain heading, on-screen text, title or thumbnail's words by other words."""
    found = [(p, t) for p, t in texts(episode) if re.search(r"heading|on-screen|title|hook 2|point", p)]
    place, spans = rng.choice(found)
    old = text(spans)
    if old == words:
        return None
    spans[:] = [{"text": words}]
    return told(place, old, words)


# ---- digit changed
for parts in (("value",), ("value",), ("at", "from", "to")):
    @shape("digit changed")
    def digit_in_citation(e, rng, parts=parts):
        return reword(rng, cites(e, *parts), lambda t: other_digit(rng, t))


@shape("digit changed")
def digit_in_package(e, rng):
    return reword(rng, [c for c in cites(e, "value") if re.match("title|thumb|desc|hook|pinned", c[0])], lambda t: other_digit(rng, t))


@shape("digit changed")
def digit_in_fact(e, rng):
    f = rng.choice(e["brief"]["facts"])
    new = other_digit(rng, f["display"])
    if not new:
        return None
    old, f["display"] = f["display"], new
    return told(f"fact {f['id']} display", old, new)


@shape("digit changed")
def digit_in_data_point(e, rng):
    p = pick(rng, e["brief"]["data_points"])
    new = p and other_digit(rng, p["value"])
    if not new:
        return None
    old, p["value"] = p["value"], new
    return told(f"data point {p['fact']}", old, new)


# ---- unit swapped
UNITS = [("percentage points", "percent"), ("percent", "dollars"), ("trillion", "billion"), ("billion", "million"), ("million", "billion"),
         ("years", "months"), ("months", "years"), ("$", "€"), ("%", "$"), ("times", "percent"), ("people", "dollars"), ("T", "B"), ("M", "B")]


def swap_unit(t):
    for a, b in UNITS:
        if a in t and (len(a) > 1 or not a.isalpha() or t.endswith(a)):
            return t.replace(a, b, 1)
    return None


@shape("unit swapped", 2)
def unit_in_citation(e, rng):
    return reword(rng, [c for c in cites(e, "value") if "percentage points" not in c[1][c[2]]["text"]], swap_unit)


@shape("unit swapped")
def unit_beside(e, rng):
    def make(spans):
        at = [n for n, s in enumerate(spans[:-1]) if is_fact(s, "value") and not spans[n + 1].get("cite") and spans[n + 1]["text"][:1] in " ,."]
        if not at:
            return None
        n = rng.choice(at)
        spans[n + 1]["text"] = rng.choice([" thousand", " million", " dollars", " euros", " per day", " a month"]) + spans[n + 1]["text"]
        return spans
    return say(rng, e, make)


@shape("unit swapped")
def unit_of_fact(e, rng):
    f = pick(rng, [f for f in e["brief"]["facts"] if f["unit"]["kind"] in ("currency", "percent", "percentage_points", "count", "index")])
    if not f:
        return None
    old = json.dumps(f["unit"])
    f["unit"] = rng.choice([u for u in ({"kind": "currency", "code": "JPY"}, {"kind": "count", "noun": "people"}, {"kind": "index", "base": None})
                            if u["kind"] != f["unit"]["kind"]]) | {"multiplier": f["unit"].get("multiplier", 1.0)}
    return told(f"fact {f['id']} unit", old, json.dumps(f["unit"]))


@shape("unit swapped")
def multiplier_of_fact(e, rng):
    f = rng.choice(e["brief"]["facts"])
    f["unit"]["multiplier"] = f["unit"].get("multiplier", 1.0) * 1000
    return f"fact {f['id']} multiplier × 1000"


@shape("unit swapped")
def currency_everywhere(e, rng):
    if "$" not in json.dumps(e["script"], ensure_ascii=False):
        return None
    for name in ("brief", "scenes", "script"):
        raw = json.dumps(e[name], ensure_ascii=False).replace("$", "€").replace('"USD"', '"EUR"')
        e[name] = json.loads(raw)
    return "every dollar is a euro, in facts, charts and words"


# ---- wrong year
def other_year(rng):
    def rule(t):
        m = re.search(r"\b(1[5-9]|20)\d\d\b", t)
        if not m:
            return None
        return t[:m.start()] + str(int(m[0]) + rng.choice([-10, -3, -1, 1, 2, 4])) + t[m.end():]
    return rule


@shape("wrong year", 2)
def year_in_citation(e, rng):
    return reword(rng, cites(e, "at", "from", "to"), other_year(rng))


@shape("wrong year")
def year_in_plain(e, rng):
    def make(spans):
        at = [n for n, s in enumerate(spans) if is_fact(s, "at", "from", "to")]
        if not at:
            return None
        n = rng.choice(at)
        new = other_year(rng)(spans[n]["text"])
        spans[n] = {"text": new} if new else spans[n]
        return spans if new else None
    return say(rng, e, make)


@shape("wrong year", 2)
def date_of_another_fact(e, rng):
    """A value joined to the date of another value, each well cited."""
    dates = [s for _, t in texts(e) for s in t if is_fact(s, "at", "from", "to")]
    found = []
    for p, t in texts(e):
        for n in range(len(t) - 2):
            if is_fact(t[n], "value") and not t[n + 1].get("cite") and t[n + 1]["text"].strip() in ("in", "of", "at", "on") and is_fact(t[n + 2], "at", "from", "to"):
                found.append((p, t, n))
    rng.shuffle(found)
    for p, t, n in found:
        # The same figure may stand at another date too: then the new sentence could be true.
        value = fact(e, t[n]["fact"])
        same = {f["id"] for f in e["brief"]["facts"] if value and f["value"] == value["value"]}
        new = pick(rng, [d for d in dates if d["style"] == t[n + 2]["style"] and d["text"] != t[n + 2]["text"] and d["fact"] not in same
                         and d["fact"] != t[n]["fact"]])
        if new:
            old, t[n + 2] = t[n + 2]["text"], dict(new)
            return told(f"{p} beside `{t[n]['text']}`", old, new["text"])
    return None


# ---- sign flipped
TURNS = [("rose", "fell"), ("fell", "rose"), ("rise", "fall"), ("fall", "rise"), ("gain", "loss"), ("higher", "lower"), ("lower", "higher"),
         ("above", "below"), ("below", "above"), ("up", "down"), ("down", "up"), ("drop", "jump"), ("climbed", "sank"), ("slide", "climb"),
         ("jump", "drop"), ("highest", "lowest"), ("lowest", "highest"), ("peak", "trough"), ("grew", "shrank"), ("gained", "lost"), ("lost", "gained")]


@shape("sign flipped", 2)
def direction_turned(e, rng):
    turns = TURNS[:]
    rng.shuffle(turns)

    def make(spans):
        if not any(is_fact(s, "value") for s in spans):
            return None
        for a, b in turns:
            for s in spans:
                if not s.get("cite") and re.search(rf"\b{a}\b", s["text"]):
                    s["text"] = re.sub(rf"\b{a}\b", b, s["text"], count=1)
                    return spans
        return None
    return say(rng, e, make)


@shape("sign flipped")
def sign_of_citation(e, rng):
    def rule(t):
        if t[0] in "+−":
            return {"+": "−", "−": "+"}[t[0]] + t[1:]
        if t.startswith("minus "):
            return t[6:]
        return ("minus " if " " in t else "−") + t
    kept = [c for c in cites(e, "value") if fact(e, c[1][c[2]]["fact"])["unit"]["kind"] not in ("rank", "duration")]
    return reword(rng, kept, rule)


@shape("sign flipped")
def minus_in_plain(e, rng):
    def make(spans):
        at = [n for n, s in enumerate(spans) if n and is_fact(s, "value") and not spans[n - 1].get("cite") and spans[n - 1]["text"].endswith(" ")]
        if not at:
            return None
        spans[rng.choice(at) - 1]["text"] += rng.choice(["minus ", "negative ", "−", "- "])
        return spans
    return say(rng, e, make)


@shape("sign flipped")
def fact_negated(e, rng):
    f = pick(rng, [f for f in e["brief"]["facts"] if f["op"] in ("change", "percent_change", "gap", "growth_rate") and f["value"]])
    if not f:
        return None
    f["value"] = -f["value"]
    turn = {"+": "−", "−": "+"}
    flip = lambda t: (turn[t[0]] + t[1:]) if t[0] in turn else t[6:] if t.startswith("minus ") else ("minus " + t if " " in t else "−" + t)
    f["display"] = flip(f["display"])
    for _, spans, n in cites(e, "value"):
        if spans[n]["fact"] == f["id"] and spans[n]["style"] not in ("magnitude", "rounded"):
            spans[n]["text"] = flip(spans[n]["text"])
    return f"fact {f['id']} {f['op']} and its displays are of the other sign: {f['value']}"


# ---- percent for percentage point
@shape("percent for percentage point", 2)
def points_reworded(e, rng):
    def rule(t):
        for a, b in ((" percentage points", " percent"), (" percentage point", " percent"), (" pts", "%"), (" percent", " percentage points"), ("%", " pts")):
            if a in t:
                return t.replace(a, b, 1)
        return None
    return reword(rng, cites(e, "value"), rule)


@shape("percent for percentage point")
def points_added(e, rng):
    def make(spans):
        at = [n for n, s in enumerate(spans[:-1]) if is_fact(s, "value") and s["text"].endswith((" percent", "%")) and not spans[n + 1].get("cite")]
        if not at:
            return None
        n = rng.choice(at)
        spans[n + 1]["text"] = rng.choice([" points", "age points", "-points"]) + spans[n + 1]["text"]
        return spans
    return say(rng, e, make)


@shape("percent for percentage point")
def points_of_fact(e, rng):
    turn = {"percent": "percentage_points", "percentage_points": "percent"}
    f = pick(rng, [f for f in e["brief"]["facts"] if f["unit"]["kind"] in turn])
    if not f:
        return None
    to_points = f["unit"]["kind"] == "percent"
    f["unit"]["kind"] = turn[f["unit"]["kind"]]
    swap = (lambda t: t.replace(" percent", " percentage points").replace("%", " pts")) if to_points else \
        (lambda t: t.replace(" percentage points", " percent").replace(" percentage point", " percent").replace(" pts", "%"))
    f["display"] = swap(f["display"])
    for _, spans, n in cites(e, "value"):
        if spans[n]["fact"] == f["id"]:
            spans[n]["text"] = swap(spans[n]["text"])
    return f"fact {f['id']} is in {f['unit']['kind']}, and is worded so"


# ---- stale source
@shape("stale source")
def source_newer(e, rng):
    s = rng.choice(e["brief"]["sources"])
    old, s["as_of_date"] = s["as_of_date"], str(datetime.date.fromisoformat(s["as_of_date"]) + datetime.timedelta(days=rng.choice([31, 92, 366])))
    return told(f"source {s['source_id']} as_of_date", old, s["as_of_date"])


@shape("stale source")
def stale_mark_off(e, rng):
    s = pick(rng, [s for s in e["brief"]["sources"] if s["stale_data"]])
    if not s:
        return None
    s["stale_data"] = False
    for scene in e["scenes"]["scenes"]:
        scene["risk_flags"] = [f for f in scene["risk_flags"] if f != "stale_data"]
    return f"source {s['source_id']} of {s['as_of_date']} and its scenes are no longer marked stale"


@shape("stale source")
def flags_off(e, rng):
    scene = pick(rng, [s for s in e["scenes"]["scenes"] if "stale_data" in s["risk_flags"]])
    if not scene:
        return None
    scene["risk_flags"].remove("stale_data")
    return f"{scene['scene_id']} is no longer marked stale"


@shape("stale source")
def window_wider(e, rng):
    s = rng.choice(e["brief"]["sources"])
    s["freshness_window_days"] += rng.choice([1, 60, 3650])
    s["stale_data"] = False
    return f"source {s['source_id']} may be {s['freshness_window_days']} days old"


@shape("stale source")
def digest_other(e, rng):
    s = rng.choice(e["brief"]["sources"])
    s["dataset_digest"] = s["dataset_digest"][::-1]
    return f"source {s['source_id']} names another package digest"


@shape("stale source")
def day_earlier(e, rng):
    old = e["brief"]["as_of"]
    e["brief"]["as_of"] = str(datetime.date.fromisoformat(old) - datetime.timedelta(days=rng.choice([40, 400])))
    return told("brief as_of", old, e["brief"]["as_of"])


@shape("stale source")
def called_current(e, rng):
    if not any(s["stale_data"] for s in e["brief"]["sources"]):
        return None
    return say(rng, e, append(rng.choice([", right now", ", as of today", ", and that is where it stands today", ", this week"])))


# ---- missing citation
@shape("missing citation", 2)
def cite_dropped(e, rng):
    place, spans, n = rng.choice(cites(e))
    spans[n] = {"text": spans[n]["text"]}
    return f"{place}: `{spans[n]['text']}` is no citation any more" if re.search(r"\d", spans[n]["text"]) else None


@shape("missing citation")
def fact_dropped(e, rng):
    used = {t[n]["fact"] for _, t, n in cites(e)}
    f = pick(rng, [f for f in e["brief"]["facts"] if f["id"] in used])
    e["brief"]["facts"].remove(f)
    return f"fact {f['id']} is cited but gone from the brief"


@shape("missing citation")
def sources_of_claim_dropped(e, rng):
    entries = e["brief"]["key_fact_sources"]
    gone = entries.pop(rng.randrange(len(entries)))
    return f"claim {gone['claim']} has no sources in the brief"


@shape("missing citation")
def sources_of_scene_dropped(e, rng):
    scene = pick(rng, [s for s in e["scenes"]["scenes"] if s["source_refs"]])
    gone = scene["source_refs"].pop(rng.randrange(len(scene["source_refs"])))
    return f"{scene['scene_id']}: claim {gone['claim']} has no sources in the scene"


@shape("missing citation")
def source_line_plain(e, rng):
    scene = pick(rng, [s for s in e["scenes"]["scenes"] if any(x.get("cite") == "source" for x in s["source_line"])])
    if not scene:
        return None
    scene["source_line"] = [{"text": "Source: official statistics"}]
    return f"{scene['scene_id']}: the source line names no source"


@shape("missing citation")
def description_source_dropped(e, rng):
    lines = e["script"]["description"]
    at = [n for n, line in enumerate(lines) if any(s.get("cite") == "source" for s in line)]
    if not at:
        return None
    old = text(lines.pop(at[0]))
    return f"description: `{old}` is gone" if not any(s.get("cite") == "source" and s["source"] in old for line in lines for s in line) else None


# ---- invented number
INVENTED = [", or about 7 in 10 of them", ", 3.4 times the usual", ", the 12th time it did so", ", worth $500 to every household", ", a 6% surprise",
            ", after 1,250 trading days", ", with ２ in reserve", ", a ratio of 4:1", ", roughly 80k more", ", up ¾"]


@shape("invented number", 2)
def number_in_plain(e, rng):
    return say(rng, e, append(rng.choice(INVENTED)))


@shape("invented number")
def number_in_heading(e, rng):
    return heading(rng, e, rng.choice(["Up 40% in a decade", "A 9-year low", "$5,000 and counting", "1 in 4 jobs", "Down 12 points", "Since 1987"]))


@shape("invented number")
def unknown_fact(e, rng):
    return say(rng, e, lambda spans: spans[:-1] + [{"text": spans[-1]["text"].rstrip()[:-1] + ", that is "}, {"text": "42 percent", "cite": "fact", "fact": "f999", "part": "value", "style": "spoken"}, {"text": "."}]
               if not spans[-1].get("cite") and spans[-1]["text"].rstrip().endswith(".") else None)


@shape("invented number")
def known_fact_other_number(e, rng):
    f = rng.choice(e["brief"]["facts"])
    return say(rng, e, lambda spans: spans[:-1] + [{"text": spans[-1]["text"].rstrip()[:-1] + ", against "}, {"text": f"{truth(f) * 1.37 + 3:.1f} percent", "cite": "fact", "fact": f["id"], "part": "value", "style": "spoken"}, {"text": "."}]
               if not spans[-1].get("cite") and spans[-1]["text"].rstrip().endswith(".") else None)


@shape("invented number")
def number_in_tag(e, rng):
    e["script"]["tags"][0] = rng.choice(["gold 5000", "dow 40k", "2030 forecast", "10x"])
    return f"tag: {e['script']['tags'][0]}"


@shape("invented number")
def number_in_thumbnail(e, rng):
    n = rng.randrange(len(e["script"]["thumbnails"]))
    thumb = e["script"]["thumbnails"][n]
    new = rng.choice(["+300%", "$9,999", "−50%", "1 in 3"])
    key = rng.choice(["words", "figure"])
    old, thumb[key] = text(thumb[key]), [{"text": new}]
    return told(f"thumbnail {n + 1} {key}", old, new)
