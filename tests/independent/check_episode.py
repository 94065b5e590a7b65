#!/usr/bin/env python3
"""Recomputes every fact of an episode, every plotted point and every numeral of its captions, from the CSV files alone.

A third implementation, on purpose in another language and sharing nothing with the Rust code but the meaning of
the operations (shared/model/src/fact.rs). Usage: check_episode.py EPISODE_DIR PACKAGE_DIR...
Prints one line for each fault and a closing count; exits with 1 when anything is wrong.
"""
import csv, datetime, glob, json, math, os, re, statistics, sys


def parse_date(cell):
    cell = cell.strip()
    if re.fullmatch(r"\d{4}", cell):
        return datetime.date(int(cell), 1, 1)
    if re.fullmatch(r"\d{4}-\d{2}", cell):
        return datetime.date(int(cell[:4]), int(cell[5:]), 1)
    m = re.fullmatch(r"(\d{4})-?Q([1-4])", cell, re.I)
    if m:
        return datetime.date(int(m[1]), 3 * int(m[2]) - 2, 1)
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%b %Y", "%B %Y", "%Y/%m/%d"):
        try:
            return datetime.datetime.strptime(cell, form).date()
        except ValueError:
            pass
    return None


class Data:
    def __init__(self, folders, screening):
        self.paths, self.tables, self.out, self.described = {}, {}, {}, {}
        for folder in folders:
            found = [folder] if os.path.exists(f"{folder}/datapackage.json") else sorted(glob.glob(f"{folder}/*/"))
            for package in found:
                file = os.path.join(package, "datapackage.json")
                if os.path.exists(file):
                    d = json.load(open(file, encoding="utf-8-sig"))
                    for r in d["resources"]:
                        name = r.get("name") or os.path.splitext(os.path.basename(r["path"]))[0]
                        self.paths[d["name"], name] = os.path.join(package, r["path"])
                        self.described[d["name"], name] = r.get("description") or ""
        for finding in screening:
            if finding["excluded"]:
                self.out.setdefault(json.dumps(finding["series"], sort_keys=True), []).append(finding["rows"])

    def rows(self, s):
        key = s["dataset"], s["resource"]
        if key not in self.tables:
            with open(self.paths[key], newline="", encoding="utf-8-sig") as f:
                head = f.readline()
                f.seek(0)
                delimiter = max(",;\t|", key=head.count)
                self.tables[key] = list(csv.DictReader(f, delimiter=delimiter))
        return self.tables[key]

    def dates(self, s):
        """Every date of the series' rows, usable or not."""
        rows = (r for r in self.rows(s) if all(r.get(k) == v for k, v in s.get("filter", {}).items()))
        return {d for d in (parse_date(r[s["date_column"]] or "") for r in rows) if d}

    def points(self, s):
        """{date: (value, row)} of the usable observations, in date order."""
        spans = self.out.get(json.dumps(s, sort_keys=True), [])
        points = {}
        for n, row in enumerate(self.rows(s), 1):
            if any(row.get(k) != v for k, v in s.get("filter", {}).items()):
                continue
            if any(a <= n <= b for a, b in spans):
                continue
            date, cell = parse_date(row[s["date_column"]] or ""), (row.get(s["column"]) or "").strip()
            try:
                value = float(cell.replace(",", "").replace("%", "").replace("$", ""))
            except ValueError:
                continue
            if date:
                points.setdefault(date, (value, n))
        return dict(sorted(points.items()))


YEAR = {"annual": 1, "quarterly": 4, "monthly": 12}


def number(d, period):
    """The number of the calendar period that holds a day."""
    return d.year if period == "annual" else d.year * 4 + (d.month - 1) // 3 if period == "quarterly" else d.year * 12 + d.month


def holes(data, fact):
    """Periods of a fact's window without a usable observation; for days and weeks, dates of rows that hold none."""
    a, frequency = fact["args"], fact["frequency"]
    day = lambda k: datetime.date.fromisoformat(a[k])
    if fact["op"] not in ("average", "extreme", "rank", "record_since", "typical_move", "correlation", "lead_time"):
        return 0
    pts = data.points(a["series"])
    if frequency in ("daily", "weekly"):
        return len({d for d in data.dates(a["series"]) if day("from") <= d <= day("to") and d not in pts})
    filled = {number(d, frequency) for d in pts}
    if "other" in a:
        filled &= {number(d, frequency) for d in data.points(a["other"])}
    return sum(n not in filled for n in range(number(day("from"), frequency), number(day("to"), frequency) + 1))


def mean_of(data, series, day, over, observations):
    """Mean of a series in the whole calendar period that holds a day."""
    inside = [v for d, (v, _) in data.points(series).items() if number(d, over) == number(day, over)]
    assert len(inside) == observations, f"{len(inside)} observations in the period of {day}"
    return math.fsum(inside) / len(inside)


def moves(data, series, how, frequency, first, last):
    """Year-on-year moves by period number, both ends inside the window."""
    at = {number(d, frequency): v for d, (v, _) in data.points(series).items()}
    at = {n: v for n, v in at.items() if first <= n <= last}
    step = YEAR[frequency]
    return {n: (v / at[n - step] - 1) * 100 if how == "percent" else v - at[n - step] for n, v in at.items() if n - step in at}


def correlate(data, fact, lag):
    a, frequency = fact["args"], fact["frequency"]
    first, last = (number(datetime.date.fromisoformat(a[k]), frequency) for k in ("from", "to"))
    x = moves(data, a["series"], a["moves"], frequency, first, last)
    y = moves(data, a["other"], a["other_moves"], frequency, first, last)
    pairs = [(x[n - lag], y[n]) for n in y if n - lag in x]
    return statistics.correlation([p[0] for p in pairs], [p[1] for p in pairs])


def months(a, b):
    return (b.year - a.year) * 12 + b.month - a.month - (1 if b.day < a.day else 0)


def whole(a, b, period):
    if period == "annual":
        return months(a, b) // 12
    if period == "quarterly":
        return months(a, b) // 3
    if period == "monthly":
        return months(a, b)
    return (b - a).days // (7 if period == "weekly" else 1)


def compute(data, fact):
    op, a = fact["op"], fact["args"]
    pts = data.points(a["series"])
    v = lambda d: pts[d][0]
    day = lambda k: datetime.date.fromisoformat(a[k])
    if op == "latest":
        assert max(pts) == day("at"), f"the newest usable date is {max(pts)}"
        return v(day("at"))
    if op == "value":
        return v(day("at"))
    if op == "change":
        return v(day("to")) - v(day("from"))
    if op == "percent_change":
        return (v(day("to")) / v(day("from")) - 1) * 100
    if op == "multiple":
        return v(day("to")) / v(day("from"))
    if op == "growth_rate":
        f, t = day("from"), day("to")
        years = months(f, t) / 12 if fact["frequency"] in ("annual", "monthly") else (t - f).days / 365.25
        return ((v(t) / v(f)) ** (1 / years) - 1) * 100
    if op == "elapsed":
        assert day("from") in pts and day("to") in pts, "a date is not in the file"
        return whole(day("from"), day("to"), a["period"])
    if op == "drawdown":
        return (1 - v(day("to")) / v(day("from"))) * 100
    if op in ("extreme", "average", "rank", "typical_move"):
        inside = {d: p[0] for d, p in pts.items() if day("from") <= d <= day("to")}
    if op == "extreme":
        best = (max if a["which"] == "highest" else min)(inside.values())
        first = min(d for d, x in inside.items() if x == best)
        assert first == day("at"), f"the extreme lies at {first}"
        return best
    if op == "average":
        assert len(inside) == a["observations"], f"{len(inside)} observations"
        return math.fsum(inside.values()) / len(inside)
    if op == "rank":
        mine = inside[day("at")]
        return 1 + sum(x > mine if a["which"] == "highest" else x < mine for x in inside.values())
    if op == "typical_move":
        step, dates = a["step"], sorted(inside)
        if fact["frequency"] in ("daily", "weekly"):
            pairs = [(inside[x], inside[y]) for x, y in zip(dates, dates[step:])]
        else:   # a calendar step: a month that is missing pairs with nothing
            length = {"monthly": 1, "quarterly": 3, "annual": 12}[fact["frequency"]]
            at = {(d.year * 12 + d.month - 1) // length: inside[d] for d in dates}
            pairs = [(at[n - step], at[n]) for n in at if n - step in at]
        percent = fact["unit"]["kind"] == "percent"
        return statistics.median(abs(y - x) / x * 100 if percent else abs(y - x) for x, y in pairs)
    if op == "panel_rank":
        mine = v(day("at"))
        others = [data.points(m).get(day("at")) for m in a["members"]]
        assert a["series"] in a["members"], "the ranked member is not among the members"
        return 1 + sum(x is not None and (x[0] > mine if a["which"] == "highest" else x[0] < mine) for x in others)
    if op == "share":
        total = math.fsum(p[day("at")][0] for p in map(data.points, a["members"]) if day("at") in p)
        return v(day("at")) / total * 100
    if op == "streak":
        dates = sorted(d for d in pts if day("from") <= d <= day("to"))
        up = a["direction"] == "up"
        for x, y in zip(dates, dates[1:]):
            assert (v(y) > v(x)) if up else (v(y) < v(x)), f"no move {a['direction']} at {y}"
        return len(dates) - 1
    if op == "record_since":
        f, t = day("from"), day("to")
        high = a["which"] == "highest"
        at_least = lambda x: x >= v(t) if high else x <= v(t)
        last = max(d for d in pts if d < t and at_least(v(d)))
        assert last == f, f"the last such value is at {last}"
        return whole(f, t, "annual")
    if op == "real_change":
        prices = [mean_of(data, a["deflator"], day(k), a["over"], a["observations"]) for k in ("from", "to")]
        return (v(day("to")) / v(day("from")) / (prices[1] / prices[0]) - 1) * 100
    if op == "mean_change":
        means = [mean_of(data, a["series"], day(k), a["over"], a["observations"]) for k in ("from", "to")]
        return (means[1] / means[0] - 1) * 100
    if op == "correlation":
        return correlate(data, fact, a["lag"])
    if op == "lead_time":
        sizes = {lag: abs(correlate(data, fact, lag)) for lag in range(1, a["longest"] + 1)}
        best = max(sizes.values())
        equal = [lag for lag in sizes if best - sizes[lag] <= 1e-9]
        return fact["value"] if fact["value"] in equal else equal[0]
    other = data.points(a["other"])
    at = day("at")
    if op == "ratio":
        return v(at) / other[at][0]
    if op == "gap":
        return v(at) - other[at][0]
    if op == "crossing":
        assert v(day("from")) <= other[day("from")][0] and v(at) > other[at][0], "no crossing there"
        return v(at)
    raise AssertionError(f"unknown operation {op}")


def rows_hold(data, fact):
    """Every date in the arguments lies in a row that the fact lists."""
    a = fact["args"]
    spans = [(s["first"], s["last"]) for s in fact["rows"] if s["resource"] == a["series"]["resource"]]
    pts = data.points(a["series"])
    for key in ("at", "from", "to"):
        date = a.get(key) and datetime.date.fromisoformat(a[key])
        if date in pts:
            row = pts[date][1]
            if not any(first <= row <= last for first, last in spans):
                return f"row {row} of {date} is not listed in {spans}"
    return None


SCALE = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
NUMERAL = re.compile(r"\d[\d,]*(?:\.\d+)?")


def caption_text(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    return " ".join(l for n, l in enumerate(lines) if l.strip() and "-->" not in l and not re.fullmatch(r"\d+", l.strip()))


def caption_faults(text, facts, names):
    """Numerals of the captions that are no fact's value (to the digits said), no fact's date and no name's part."""
    values, dates = [], set()
    for f in facts:
        values.append(abs(f["value"] * f["unit"].get("multiplier", 1)))
        for key in ("at", "from", "to"):
            if f["args"].get(key):
                d = datetime.date.fromisoformat(f["args"][key])
                dates |= {d.year, d.day}
    for name in names:
        text = re.sub(re.escape(name), " ", text, flags=re.I)
    checked, faults = 0, []
    for m in NUMERAL.finditer(text):
        said, after = m[0].rstrip(","), text[m.end():m.end() + 12].strip().split(" ")[0].strip(".,")
        number = float(said.replace(",", ""))
        scale = SCALE.get(after.lower(), 1)
        step = scale * 10 ** -(len(said.split(".")[1]) if "." in said else 0)
        checked += 1
        # "Rounded" figures keep two digits.
        two = 10 ** (math.floor(math.log10(number * scale)) - 1) if number else 1
        if any(abs(v - number * scale) <= step * 0.5000001 for v in values) or (scale == 1 and "." not in said and number in dates):
            continue
        if any(abs(v - number * scale) <= two * 0.5000001 for v in values) and abs(number * scale / two - round(number * scale / two)) < 1e-6:
            continue
        faults.append(f"captions: `{said} {after}` in `…{text[max(0, m.start() - 40):m.end() + 20]}…` is no fact's")
    return checked, faults


def drawn(scene):
    """[(series, points)] of everything a scene plots, and [(name, bar)] of everything as large as its fact."""
    v = scene["visual"]
    lines = v.get("traces", []) + [v[k] for k in ("trace", "backdrop") if v.get(k)]
    bars = v.get("bars", []) + v.get("parts", []) + [v[k] for k in ("left", "right", "before", "after", "average") if v.get(k)]
    return [(t["series"], t["points"]) for t in lines + v.get("members", [])], bars


def picture_faults(data, scenes, facts):
    """Points that are not their row, bars that are not their fact, shares and distributions that are not whole."""
    values, faults, points = {f["id"]: f for f in facts}, [], 0
    for scene in scenes:
        plotted, bars = drawn(scene)
        kind, place = scene["visual"]["kind"], scene["scene_id"]
        for series, own in plotted:
            known = data.points(series)
            for p in own:
                points += 1
                value, row = known.get(datetime.date.fromisoformat(p["date"]), (None, None))
                if value is None or row != p["row"] or not math.isclose(value, p["value"], rel_tol=1e-9):
                    faults.append(f"{place} {kind}: {p} is drawn, the file says {value} in row {row}")
        for bar in bars:
            fact = values.get(bar["fact"])
            if not fact or not math.isclose(fact["value"], bar["value"], rel_tol=1e-12):
                faults.append(f"{place} {kind}: a bar of {bar['value']} stands for {bar['fact']}")
            if kind == "share" and fact and fact["op"] != "share":
                faults.append(f"{place} share: {bar['fact']} is {fact['op']}")
        if kind == "distribution" and len(plotted[0][1]) != len(data.points(plotted[0][0])):
            faults.append(f"{place} distribution: {len(plotted[0][1])} of {len(data.points(plotted[0][0]))} observations")
        if kind == "quote":
            quote = scene["visual"]["quote"]
            if quote["text"] not in data.described.get((quote["dataset"], quote["resource"]), ""):
                faults.append(f"{place} quote: `{quote['text']}` is not in the package")
    return points, faults


def main():
    episode, folders = sys.argv[1], sys.argv[2:]
    facts = json.load(open(f"{episode}/facts.json"))
    brief = json.load(open(f"{episode}/brief.json"))
    data, faults = Data(folders, brief["screening"]), []
    for fact in facts:
        try:
            value = compute(data, fact)
            if not math.isclose(value, fact["value"], rel_tol=1e-9, abs_tol=1e-12):
                faults.append(f"{fact['id']} {fact['op']}: the file says {value}, the fact {fact['value']}")
            if holes(data, fact) != fact.get("missing", 0):
                faults.append(f"{fact['id']} {fact['op']}: {holes(data, fact)} holes, the fact says {fact.get('missing', 0)}")
            fault = rows_hold(data, fact)
            if fault:
                faults.append(f"{fact['id']} {fact['op']}: {fault}")
        except (AssertionError, KeyError, ValueError, ZeroDivisionError) as error:
            faults.append(f"{fact['id']} {fact['op']}: {type(error).__name__} {error}")
    names = sorted({n for s in brief["series"] for n in (s["name"]["subject"], s["name"]["short"])} | {s["title"] for s in brief["sources"]}, key=len, reverse=True)
    numerals = 0
    if os.path.exists(f"{episode}/captions.srt"):
        numerals, wrong = caption_faults(caption_text(f"{episode}/captions.srt"), facts, names)
        faults += wrong
    points = 0
    if os.path.exists(f"{episode}/scenes.json"):
        points, wrong = picture_faults(data, json.load(open(f"{episode}/scenes.json"))["scenes"], facts)
        faults += wrong
    for fault in faults:
        print(fault)
    print(f"{len(facts)} facts, {points} plotted points and {numerals} caption numerals recomputed from the CSV files, {len(faults)} wrong")
    return 1 if faults or not facts else 0


if __name__ == "__main__":
    sys.exit(main())
