"""The second half of the corruptions: claims, wordings, charts, captions and metadata."""
import datetime, json, re
from corruptions import append, heading, other_digit, pick, reword, say, sentence, shape, told
from episodes import derive, srt, text, vtt
from places import NUMBER, bars, cites, fact, is_fact, members, sentences, shown, texts, traces, truth, visual_texts


# ---- overclaimed superlative
def beaten(e):
    """Claims whose latest value another plotted point of its series beats both ways: no extreme of any kind."""
    points = {}
    for _, t in traces(e):
        points.setdefault(json.dumps(t["series"], sort_keys=True), []).extend(p["value"] for p in t["points"])
    out = set()
    for claim in e["brief"]["key_facts"]:
        values = [fact(e, f) for r, f in claim["finding"]["roles"].items() if r in ("latest", "then", "year_ago")]
        if claim["finding"]["kind"] in ("level", "year_on_year", "long_run", "off_peak") and values:
            if all(v and (p := points.get(json.dumps(v["args"]["series"], sort_keys=True))) and min(p) < v["value"] < max(p) for v in values):
                out.add(claim["claim_id"])
    return out


def of_claims(e, ids):
    """Narrated sentences that rest on nothing but these claims and end on no extreme of the plotted series."""
    top = {}
    for _, t in traces(e):
        values = [p["value"] for p in t["points"]]
        low, high = top.get(json.dumps(t["series"], sort_keys=True), (values[0], values[0]))
        top[json.dumps(t["series"], sort_keys=True)] = min(values + [low]), max(values + [high])

    def plain(spans):
        last = next((fact(e, s["fact"]) for s in reversed(spans) if is_fact(s)), None)
        if not last or last["op"] not in ("latest", "value", "change", "percent_change", "elapsed", "average", "multiple"):
            return False
        low, high = top.get(json.dumps(last["args"]["series"], sort_keys=True), (None, None))
        return last["op"] not in ("latest", "value") or (low is not None and low < last["value"] < high)
    return {id(s["text"]) for scene in e["script"]["scenes"] for s in scene["narration"] if s["claims"] and set(s["claims"]) <= ids and plain(s["text"])}


SUPERLATIVES = [", the highest in the whole record", ", more than ever before", ", an all-time high", ", the lowest ever", ", for the first time in history",
                ", which has never happened before", ", a record", ", unlike any other time", ", the only time that it did", ", the strongest of all",
                ", an unprecedented level", ", the worst on record", ", unmatched in the data"]


@shape("overclaimed superlative", 3)
def superlative_in_sentence(e, rng):
    kept = of_claims(e, beaten(e))
    return say(rng, e, append(rng.choice(SUPERLATIVES)), lambda p, t: id(t) in kept)


@shape("overclaimed superlative")
def superlative_in_title(e, rng):
    if len(beaten(e)) < len(e["brief"]["key_facts"]) and any(k["finding"]["kind"] in ("record", "record_since", "panel_leader", "worst_fall", "biggest_rise", "biggest_drop", "streak", "panel_growth") for k in e["brief"]["key_facts"]):
        return None
    return heading(rng, e, rng.choice(["The highest ever", "A record that nothing beats", "The worst of all time", "Never seen before"]))


@shape("overclaimed superlative")
def ordinary_claim_called_record(e, rng):
    claim = pick(rng, [c for c in e["brief"]["key_facts"] if c["claim_id"] in beaten(e) and "latest" in c["finding"]["roles"]])
    if not claim:
        return None
    f, roles = claim["finding"], claim["finding"]["roles"]
    old, f["kind"] = f["kind"], "record"
    roles.setdefault("previous", next(v for r, v in roles.items() if r != "latest") if len(roles) > 1 else roles["latest"])
    return told(f"claim {claim['claim_id']} kind", old, "record")


# ---- causal rewording
CAUSES = [", because interest rates went up", ", thanks to the central bank", ", driven by fear of inflation", ", caused by the war", ", as a result of tax cuts",
          ", which led to a crisis", ", due to weak demand", ", fuelled by speculation", ", owing to a strong dollar", ", on the back of strong exports",
          ", in response to the election", ", sparked by a shortage", ", and that is why wages fell", ", so households saved more", ", which pushed prices higher",
          ", and this made everyone poorer", ", as investors fled to safety", ", after the pandemic forced it there"]


def unflagged(e):
    ids = {s["scene_id"] for s in e["scenes"]["scenes"] if "causal_claim" in s["risk_flags"]}
    return lambda p, t: p.split(" ")[0] not in ids


@shape("causal rewording", 3)
def cause_in_sentence(e, rng):
    return say(rng, e, append(rng.choice(CAUSES)), unflagged(e))


@shape("causal rewording")
def cause_in_heading(e, rng):
    return heading(rng, e, rng.choice(["Why inflation drove gold", "How rates caused the slump", "The policy behind the rise", "Because of the war", "Blame the banks"]))


@shape("causal rewording")
def cause_of_its_own(e, rng):
    return say(rng, e, sentence(rng.choice(["The reason is cheap money.", "That is the effect of higher rates.", "Policy explains it.", "Blame the oil shock for it."])), unflagged(e))


# ---- number hidden in words
HIDDEN = [", about two-thirds of it", ", a dozen times over", ", nearly doubling in the process", ", half of what it was", ", a quarter more than usual", ", a tenfold move",
          ", hundreds of points away", ", twice the old level", ", triple the norm", ", forty-two in all", ", three in ten of the total", ", MMXX all over again",
          ", a fifth of the whole", ", a score of years later", ", once in a century", ", several thousand more", ", zero in the end", ", a million miles from it",
          ", nought point five lower", ", halved since", ", quadrupled since", ", a couple of decades on", ", by a factor of ten"]


@shape("number hidden in words", 3)
def words_in_sentence(e, rng):
    return say(rng, e, append(rng.choice(HIDDEN)))


@shape("number hidden in words")
def words_in_heading(e, rng):
    return heading(rng, e, rng.choice(["Two-thirds gone", "Half of it lost", "It doubled", "A ten-year low", "Three times over", "A dozen records", "The third wave"]))


# ---- swapped series
def series_spans(e):
    return [(p, t, n) for p, t in texts(e) for n, s in enumerate(t) if s.get("cite") == "series"]


@shape("swapped series", 2)
def series_swapped(e, rng):
    infos = e["brief"]["series"]
    found = [(p, t, n) for p, t, n in series_spans(e) if any(is_fact(s, "value") for s in t)]
    rng.shuffle(found)
    for p, t, n in found:
        # Where both stand in one text, a swap might only change their order.
        there = [json.dumps(s["series"], sort_keys=True) for s in t if s.get("cite") == "series"]
        other = pick(rng, [i for i in infos if json.dumps(i["series"], sort_keys=True) not in there])
        if other:
            old = t[n]["text"]
            name = other["name"]["subject"]
            t[n] = {"text": name[0].upper() + name[1:] if old[0].isupper() else name, "cite": "series", "series": other["series"]}
            return told(p, old, t[n]["text"])
    return None


@shape("swapped series")
def series_misnamed(e, rng):
    return reword(rng, series_spans(e), lambda t: rng.choice(["the price of silver", "German exports", "US wages", "the price of oil"]))


@shape("swapped series")
def fact_of_other_series(e, rng):
    infos = [i["series"] for i in e["brief"]["series"]]
    f = rng.choice(e["brief"]["facts"])
    other = pick(rng, [s for s in infos if s != f["args"]["series"]])
    if not other:
        other = dict(f["args"]["series"], column=f["args"]["series"]["date_column"])
    f["args"]["series"] = other
    return f"fact {f['id']} reads {other['dataset']}/{other['resource']}/{other['column']}"


@shape("swapped series")
def trace_of_other_series(e, rng):
    place, t = rng.choice(traces(e))
    other = pick(rng, [i for i in e["brief"]["series"] if i["series"] != t["series"]])
    if not other:
        return None
    t["series"], t["label"] = other["series"], [{"text": other["name"]["short"], "cite": "series", "series": other["series"]}]
    return f"{place}: the line is labelled {other['name']['short']}"


@shape("swapped series")
def name_in_plain(e, rng):
    def make(spans):
        at = [n for n, s in enumerate(spans) if s.get("cite") == "series"]
        if not at or not any(is_fact(s, "value") for s in spans):
            return None
        spans[at[0]] = {"text": rng.choice(["The price of silver", "German output", "Bitcoin"])}
        return spans
    return say(rng, e, make)


# ---- mislabelled axis or chart
@shape("mislabelled chart")
def axis_unit(e, rng):
    found = [(p, t) for p, t in traces(e)] + [(s["scene_id"], s["visual"]) for s in e["scenes"]["scenes"] if s["visual"]["kind"] in ("bars", "ranking", "slope", "dot_plot")]
    place, t = rng.choice(found)
    old = t["unit"]["kind"]
    t["unit"] = {"kind": "percentage_points" if old == "percent" else "percent", "multiplier": t["unit"].get("multiplier", 1.0)}
    return told(f"{place} axis", old, t["unit"]["kind"])


@shape("mislabelled chart")
def axis_scale(e, rng):
    place, t = rng.choice(traces(e))
    t["unit"]["multiplier"] = t["unit"].get("multiplier", 1.0) * rng.choice([10.0, 1000.0])
    return f"{place}: the axis is scaled by {t['unit']['multiplier']}"


@shape("mislabelled chart")
def axis_calendar(e, rng):
    place, t = rng.choice(traces(e))
    old, t["frequency"] = t["frequency"], rng.choice([f for f in ("daily", "weekly", "quarterly", "annual") if f != t["frequency"]])
    return told(f"{place} calendar", old, t["frequency"])


@shape("mislabelled chart", 2)
def mark_moved(e, rng):
    found = [(s["scene_id"], s["visual"], m) for s in e["scenes"]["scenes"] for m in s["visual"].get("marks", [])]
    item = pick(rng, found)
    if not item:
        return None
    place, visual, mark = item
    points = (visual.get("traces") or [visual["trace"]])[mark["trace"]]["points"]
    old, mark["date"] = mark["date"], rng.choice([p["date"] for p in points if p["date"] != mark["date"]])
    return told(f"{place} mark", old, mark["date"])


@shape("mislabelled chart")
def mark_of_other_fact(e, rng):
    found = [(s["scene_id"], m) for s in e["scenes"]["scenes"] for m in s["visual"].get("marks", [])]
    item = pick(rng, found)
    if not item:
        return None
    place, mark = item
    mine = fact(e, mark["fact"])
    others = [(p, t) for p, t, n in cites(e, "value") if "mark" in p and t[n]["fact"] != mark["fact"] and fact(e, t[n]["fact"])["value"] != mine["value"]]
    if not others:
        return None
    old, mark["label"] = text(mark["label"]), json.loads(json.dumps(rng.choice(others)[1]))
    return told(f"{place} mark", old, text(mark["label"])) if text(mark["label"]) != old else None


@shape("mislabelled chart")
def bar_length(e, rng):
    item = pick(rng, [(s["scene_id"], b) for s in e["scenes"]["scenes"] for b in bars(s["visual"])])
    if not item:
        return None
    place, bar = item
    bar["value"] = bar["value"] * rng.choice([0.9, 1.1, 1.5, 2]) + 0.01
    return f"{place}: bar `{text(bar['label'])}` is {bar['value']} long"


@shape("mislabelled chart")
def labels_swapped(e, rng):
    for scene in rng.sample(e["scenes"]["scenes"], len(e["scenes"]["scenes"])):
        both = bars(scene["visual"])
        if len(both) > 1 and text(both[0]["label"]) != text(both[1]["label"]) and both[0]["value"] != both[1]["value"]:
            both[0]["label"], both[1]["label"] = both[1]["label"], both[0]["label"]
            return f"{scene['scene_id']}: the labels of two bars are swapped"
        m = scene["visual"].get("members", [])
        if len(m) > 1:
            m[0]["label"], m[1]["label"] = m[1]["label"], m[0]["label"]
            return f"{scene['scene_id']}: the labels of two members are swapped"
        lines = scene["visual"].get("traces", [])
        if len(lines) > 1:
            lines[0]["label"], lines[1]["label"] = lines[1]["label"], lines[0]["label"]
            return f"{scene['scene_id']}: the labels of two lines are swapped"
    return None


# ---- caption differs
def caption(files, change):
    def act(e, rng):
        made = [[a, b, list(lines)] for a, b, lines in e["cues"]]
        what = change(rng, made)
        if not what:
            return None
        if "srt" in files:
            e["srt"] = srt(made)
        if "vtt" in files:
            e["vtt"] = vtt(made)
        if "film" in files:
            words = [w for _, _, lines in made for line in lines for w in line.split()]
            e["film"]["words"] = [{"text": w, "start_ms": n, "end_ms": n + 1} for n, w in enumerate(words)]
        return f"captions ({', '.join(files)}): {what}"
    act.after = True
    return act


def line_with(rng, made, pattern):
    found = [(c, n) for c in made for n, line in enumerate(c[2]) if re.search(pattern, line)]
    return rng.choice(found) if found else None


def caption_digit(rng, made):
    c, n = line_with(rng, made, r"\d") or (None, 0)
    if c is None:
        return None
    old, c[2][n] = c[2][n], other_digit(rng, c[2][n])
    return told("line", old, c[2][n])


def caption_word(rng, made):
    for a, b in rng.sample([("rose", "fell"), ("fell", "rose"), ("above", "below"), ("percent", "points"), ("up", "down"), ("highest", "lowest"), ("the", "no"), ("of", "off"), ("million", "billion")], 9):
        found = line_with(rng, made, rf"\b{a}\b")
        if found:
            c, n = found
            old, c[2][n] = c[2][n], re.sub(rf"\b{a}\b", b, c[2][n], count=1)
            return told("line", old, c[2][n])
    return None


def caption_gone(rng, made):
    gone = made.pop(rng.randrange(len(made)))
    return f"cue `{' '.join(gone[2])}` is gone"


def caption_more(rng, made):
    c = rng.choice(made)
    c[2].append(rng.choice(["It is not true.", "Up 40%!", "Buy now", "not", "and more"]))
    return f"`{c[2][-1]}` is added"


def caption_order(rng, made):
    n = rng.randrange(len(made) - 1)
    if made[n][2] == made[n + 1][2]:
        return None
    made[n][2], made[n + 1][2] = made[n + 1][2], made[n][2]
    return f"cues {n + 1} and {n + 2} are swapped"


for files in (("srt",), ("vtt",), ("srt", "vtt"), ("srt", "vtt", "film")):
    for change in (caption_digit, caption_word, caption_gone, caption_more, caption_order):
        shape("caption differs")(caption(files, change))


@shape("caption differs")
def caption_note(e, rng):
    kind = rng.choice(["srt", "vtt"])
    e[kind] += rng.choice(["NOTE figures are wrong\n", "99\nup 12 percent\n", "<b>7</b>\n"])
    return f"captions.{kind}: text outside the cues"


caption_note.after = True


# ---- false rounding word
def hedge(words, false):
    def act(e, rng):
        def make(spans):
            at = []
            for n, s in enumerate(spans):
                if n and is_fact(s, "value") and s["style"] in ("spoken", "magnitude", "screen") and not spans[n - 1].get("cite") and re.search(r"\w $", spans[n - 1]["text"]):
                    f, read = fact(e, s["fact"]), shown(s["text"])
                    if f and read and f["unit"]["kind"] not in ("rank", "duration") and f["op"] not in ("elapsed", "rank", "panel_rank", "streak") and false(truth(f), read):
                        at.append(n)
            if not at:
                return None
            spans[rng.choice(at) - 1]["text"] += rng.choice(words) + " "
            return spans
        return say(rng, e, make)
    return act


shape("false rounding word", 2)(hedge(["more than", "over", "at least", "upwards of", "in excess of", "north of"], lambda true, read: true < read * (1 - 1e-9)))
shape("false rounding word", 2)(hedge(["less than", "nearly", "almost", "just under", "close to but below", "not quite", "shy of", "at most"], lambda true, read: true > read * (1 + 1e-9)))
shape("false rounding word")(hedge(["more than", "less than", "nearly", "over", "just under", "almost"], lambda true, read: abs(true - read) <= read * 1e-9))
shape("false rounding word")(hedge(["exactly", "precisely", "to the digit"], lambda true, read: abs(true - read) > read * 1e-6))


# ---- consistent lie
@shape("consistent lie", 3)
def lie_everywhere(e, rng):
    """A fact's value, display, data point, bars and every citation say the same wrong number."""
    facts = e["brief"]["facts"][:]
    rng.shuffle(facts)
    for f in facts:
        found = [(t, n) for _, t, n in cites(e, "value") if t[n]["fact"] == f["id"]]
        found += [(c["statement"], n) for c in e["brief"]["key_facts"] for n, s in enumerate(c["statement"]) if is_fact(s, "value") and s["fact"] == f["id"]]
        numbers = {m[0] for t, n in found if (m := NUMBER.search(t[n]["text"]))}
        m = NUMBER.search(f["display"])
        if not found or not m or numbers != {m[0]}:
            continue
        old = m[0]
        new = other_digit(rng, old)
        ratio = float(new.replace(",", "")) / float(old.replace(",", "")) if float(old.replace(",", "")) else None
        if not ratio:
            continue
        was, f["value"] = f["value"], f["value"] * ratio
        # A value copied from the source keeps the source's digits.
        if abs(was) == float(old.replace(",", "")):
            f["value"] = float(new.replace(",", "")) * (-1 if was < 0 else 1)
        f["display"] = f["display"].replace(old, new, 1)
        for t, n in found:
            t[n]["text"] = t[n]["text"].replace(old, new, 1)
        for point in e["brief"]["data_points"]:
            if point["fact"] == f["id"]:
                point["value"] = point["value"].replace(old, new, 1)
        for scene in e["scenes"]["scenes"]:
            for bar in bars(scene["visual"]):
                bar["value"] = f["value"] if bar["fact"] == f["id"] else bar["value"]
        if rng.random() < 0.5:
            for _, t in traces(e):
                for p in t["points"]:
                    p["value"] = f["value"] if p["value"] == was and t["series"] == f["args"]["series"] else p["value"]
        return told(f"fact {f['id']} {f['op']} and all that cites it", was, f["value"])
    return None


@shape("consistent lie")
def value_only(e, rng):
    f = pick(rng, [f for f in e["brief"]["facts"] if f["value"]])
    old, f["value"] = f["value"], f["value"] * rng.choice([1.001, 0.999, 1.5, -1, 1.0001]) if f["unit"]["kind"] not in ("rank", "duration") else f["value"] + 1
    return told(f"fact {f['id']} value", old, f["value"])


# ---- plotted point changed
def points(e):
    return [(p, t["points"]) for p, t in traces(e)] + [(p, m["points"]) for p, m in members(e)]


@shape("plotted point changed", 2)
def point_value(e, rng):
    place, ps = rng.choice(points(e))
    p = rng.choice(ps)
    old, p["value"] = p["value"], p["value"] * rng.choice([1.002, 0.9, 1.3, 2.0]) + rng.choice([0, 0.01])
    return told(f"{place} point {p['date']}", old, p["value"]) if p["value"] != old else None


@shape("plotted point changed")
def point_date(e, rng):
    place, ps = rng.choice(points(e))
    n = rng.randrange(len(ps))
    old = ps[n]["date"]
    ps[n]["date"] = str(datetime.date.fromisoformat(old) + datetime.timedelta(days=rng.choice([3, 33, 400])))
    return told(f"{place} point", old, ps[n]["date"])


@shape("plotted point changed")
def points_swapped(e, rng):
    place, ps = rng.choice(points(e))
    a, b = rng.sample(range(len(ps)), 2) if len(ps) > 1 else (0, 0)
    if ps[a]["value"] == ps[b]["value"]:
        return None
    ps[a]["value"], ps[b]["value"] = ps[b]["value"], ps[a]["value"]
    return f"{place}: the values of {ps[a]['date']} and {ps[b]['date']} are swapped"


@shape("plotted point changed")
def point_added(e, rng):
    place, ps = rng.choice(points(e))
    last = ps[-1]
    ps.append({"date": str(datetime.date.fromisoformat(last["date"]) + datetime.timedelta(days=31)), "value": last["value"] * 1.1, "row": last["row"] + 1})
    return f"{place}: a point after the last one, {ps[-1]['value']}"


@shape("plotted point changed")
def point_row(e, rng):
    place, ps = rng.choice(points(e))
    p = rng.choice(ps)
    old, p["row"] = p["row"], p["row"] + rng.choice([1, 2, 100000])
    return told(f"{place} point {p['date']} row", old, p["row"])


# ---- row list altered
@shape("row list altered", 2)
def rows_shifted(e, rng):
    f = rng.choice(e["brief"]["facts"])
    span = rng.choice(f["rows"])
    old = dict(span)
    key, by = rng.choice([("first", 1), ("last", 1), ("last", -1), ("last", 7)])
    span[key] += by
    return told(f"fact {f['id']} rows", old, span)


@shape("row list altered")
def rows_dropped(e, rng):
    f = rng.choice(e["brief"]["facts"])
    f["rows"].pop(rng.randrange(len(f["rows"])))
    return f"fact {f['id']} {f['op']} lists a span of rows less"


@shape("row list altered")
def rows_added(e, rng):
    f = rng.choice(e["brief"]["facts"])
    listed = {r for s in f["rows"] for r in range(s["first"], s["last"] + 1)}
    row = next(r for r in range(rng.randrange(1, 50), 10**6) if r not in listed)
    f["rows"].append({"resource": f["rows"][0]["resource"], "first": row, "last": row})
    return f"fact {f['id']} {f['op']} lists row {row} too"


@shape("row list altered")
def rows_elsewhere(e, rng):
    f = rng.choice(e["brief"]["facts"])
    rng.choice(f["rows"])["resource"] = "elsewhere"
    return f"fact {f['id']} lists rows of a table that it does not read"


# ---- forecast or advice
SAYS = ["Prices are set to rise from here.", "Expect further gains.", "You should buy now.", "It will reach new highs soon.", "Investors should sell before it is too late.",
        "It is likely to keep rising.", "The next year looks brighter.", "Consider adding it to your portfolio.", "Do not miss this chance.", "A crash is coming.",
        "Growth is expected to continue.", "Now is the time to get out.", "It is going to fall.", "The trend points to more of the same ahead.", "Put your savings here.",
        "Analysts forecast a rebound.", "Hold on to your gold.", "It can only go up.", "The outlook is bright.", "Ask your bank for a better deal."]


@shape("forecast or advice", 3)
def said(e, rng):
    return say(rng, e, sentence(rng.choice(SAYS)))


@shape("forecast or advice")
def headed(e, rng):
    return heading(rng, e, rng.choice(["What comes next: a crash", "Buy before it is too late", "Where it will go", "Sell now", "Set to soar", "The coming boom"]))


# ---- metadata differs
def metadata(change, both=False):
    def act(e, rng):
        m = e["metadata"]
        before = json.dumps(m)
        what = change(rng, m)
        if not what or json.dumps(m) == before:
            return None
        if both:
            e["film"]["metadata"] = json.loads(json.dumps(m))
        return f"metadata{' and film' if both else ''}: {what}"
    act.after = True
    return act


def meta_title(rng, m):
    old, m["title"] = m["title"], rng.choice(["You will not believe this", m["title"] + " in 2031", m["title"] + "!", other_digit(rng, m["title"]) or "Why 9 of 10 lose"])
    return told("title", old, m["title"])


def meta_description(rng, m):
    new = other_digit(rng, m["description"])
    if not new or rng.random() < 0.4:
        new = m["description"] + rng.choice(["\nReturns of 20% are certain.", "\nBuy at https://example.com", "\n"])
    m["description"] = new
    return "description"


def meta_chapters(rng, m):
    if not m["chapters"]:
        return None
    n = rng.randrange(len(m["chapters"]))
    old, m["chapters"][n] = m["chapters"][n], rng.choice([other_digit(rng, m["chapters"][n]), m["chapters"][n] + " of 1929"])
    return told("chapter", old, m["chapters"][n])


def meta_tags(rng, m):
    m["tags"] = m["tags"] + [rng.choice(["crash 2027", "get rich", "100x"])]
    return f"tag {m['tags'][-1]}"


def meta_pinned(rng, m):
    m["pinned_comment"] += rng.choice([" It rose 12 percent since.", " Tell us why.", " Sources are secret."])
    return "pinned comment"


def meta_variants(rng, m):
    m["title_variants"][rng.randrange(len(m["title_variants"]))] += rng.choice([" (12% up)", " now", "?"])
    return "title variant"


for change in (meta_title, meta_description, meta_chapters, meta_tags, meta_pinned, meta_variants):
    for both in (False, True):
        shape("metadata differs")(metadata(change, both))
