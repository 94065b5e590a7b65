#!/usr/bin/env python3
"""The adversarial bench of the gate: false episodes made from passing ones, judged by `proofreel qa`.

Shares nothing with the gate but the meaning of the artifacts. Usage: bench.py PROOFREEL [--per-kind N] [--episodes N]
[--seed N] [--sources DIR]… [--report FILE] [--misses FILE]. Exits with 1 when a changed number passes, when fewer than
99 % of all are caught, or when more than 1 % of the untouched episodes are not passed.
"""
import argparse, collections, json, os, random, shutil, subprocess, sys, tempfile, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import episodes
from corruptions import NUMBER_KINDS, SHAPES
import more_corruptions  # noqa: F401  (adds its shapes)

BATCH = 200
LEAST_OVERALL, MOST_FALSE_ALARMS = 0.99, 0.01


def judge(binary, state, folders):
    """{folder: answer}; a folder that cannot be judged stops the bench."""
    done = subprocess.run([binary, "qa", "--json", "--state", state] + folders, capture_output=True, text=True)
    try:
        answers = {a["folder"]: a for a in json.loads(done.stdout)}
    except ValueError:
        sys.exit(f"the gate gave no document: {done.returncode} {done.stderr[:2000]}")
    for folder in folders:
        if answers.get(folder, {}).get("verdict") is None:
            sys.exit(f"{folder} was not judged: {answers.get(folder)}")
    return answers


def make(maker, folders, wanted, rng):
    """Passing episodes of many topics, both tones, two lengths and several seeds."""
    first = maker.run("topics", folders, "calm", 120, 1)
    if not first:
        sys.exit(f"no episode could be made: {maker.not_made}")
    plans = [("all", folders, topic) for topic in maker.topics(first)]
    for n, folder in enumerate(folders):
        made = maker.run(f"only-{n}", [folder], "calm", 120, 1)
        if made:
            plans += [(f"only-{n}", [folder], topic) for topic in maker.topics(made) if ("all", folders, topic) not in plans]
    rng.shuffle(plans)
    # Every topic once before any comes again.
    made, turn = [], 0
    while len(made) < wanted and turn < wanted * 2:
        name, sources, topic = plans[turn % len(plans)]
        tone, seconds, seed = ("calm", "curious")[turn % 2], (120, 240, 170)[turn % 3], 1 + turn // len(plans)
        folder = maker.run(f"{name}-{tone}-{seconds}", sources, tone, seconds, seed, topic)
        made += [(f"{topic}, {tone}, {seconds} s, seed {seed}", folder)] if folder else []
        turn += 1
    return made


def corrupt(raw, kind, rng, start):
    """The first shape, from `start` on, that finds a hold and truly changes the episode."""
    shapes = SHAPES[kind]
    for k in range(len(shapes)):
        act = shapes[(start + k) % len(shapes)]
        episode = json.loads(raw)
        after = getattr(act, "after", False)
        if after:
            episodes.derive(episode)
        what = act(episode, rng)
        if not what:
            continue
        if not after:
            episodes.carry_hook(episode)
            episodes.derive(episode)
        if json.dumps({k: v for k, v in episode.items() if k != "cues"}) != json.dumps(untouched(raw)):
            return episode, f"{act.__name__}: {what}"
    return None, None


CACHE = {}


def untouched(raw):
    if raw not in CACHE:
        CACHE.clear()
        episode = json.loads(raw)
        episodes.derive(episode)
        CACHE[raw] = {k: v for k, v in episode.items() if k != "cues"}
    return CACHE[raw]


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("--per-kind", type=int, default=120)
    p.add_argument("--episodes", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--sources", action="append")
    p.add_argument("--least", type=float, default=LEAST_OVERALL, help="share of all that must be caught")
    p.add_argument("--least-numbers", type=float, default=1.0, help="share of changed numbers that must be caught")
    p.add_argument("--report")
    p.add_argument("--misses")
    args = p.parse_args()
    rng, began = random.Random(args.seed), time.monotonic()
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folders = episodes.packages(args.sources or [f"{root}/data", os.environ.get("PROOFREEL_SHARED", f"{root}/../shared") + "/data"])
    by_name = {}
    for folder in folders:  # one package of each name, the project's own first
        with open(f"{folder}/datapackage.json", encoding="utf-8-sig") as f:
            by_name.setdefault(json.load(f).get("name"), folder)
    work = tempfile.mkdtemp(prefix="bench-gate-")
    try:
        maker = episodes.Maker(os.path.abspath(args.binary), work)
        made = make(maker, list(by_name.values()), args.episodes, rng)
        state = f"{work}/state"
        loaded, alarms = [], []
        for at in range(0, len(made), BATCH):
            part = []
            for n, (name, folder) in enumerate(made[at:at + BATCH]):
                episode = episodes.load(folder)
                raw = json.dumps(episode)
                episodes.derive(episode)
                target = f"{work}/untouched/{at + n}"
                episodes.save(episode, target)
                part.append((name, target, raw))
            answers = judge(maker.binary, state, [target for _, target, _ in part])
            for name, target, raw in part:
                if answers[target]["verdict"] == "pass":
                    loaded.append(raw)
                else:
                    alarms.append((name, answers[target]["findings"]))
            shutil.rmtree(f"{work}/untouched")
        if not loaded:
            sys.exit(f"no untouched episode passes: {alarms[:1]}")
        cases, none = [], collections.Counter()
        for kind in SHAPES:
            for n in range(args.per_kind):
                cases.append((kind, n, (n * 7 + len(kind)) % len(loaded)))
        # By episode, so that its untouched form is made once.
        cases.sort(key=lambda c: (c[2], c[0], c[1]))
        total, caught, rules, misses = collections.Counter(), collections.Counter(), {}, []
        for at in range(0, len(cases), BATCH):
            part = []
            for kind, n, which in cases[at:at + BATCH]:
                own = random.Random(f"{args.seed}/{kind}/{n}")
                episode = None
                for step in range(6):  # another episode when this one gives no hold
                    episode, what = corrupt(loaded[(which + step * 13) % len(loaded)], kind, own, n)
                    if episode:
                        break
                if not episode:
                    none[kind] += 1
                    continue
                target = f"{work}/cases/{len(part)}"
                episodes.save(episode, target)
                part.append((kind, what, target))
            answers = judge(maker.binary, state, [target for _, _, target in part]) if part else {}
            for kind, what, target in part:
                total[kind] += 1
                if answers[target]["verdict"] == "pass":
                    misses.append((kind, what))
                else:
                    caught[kind] += 1
                    found = rules.setdefault(kind, collections.Counter())
                    found.update({f["rule"] for f in answers[target]["findings"] if f["fatal"]})
            shutil.rmtree(f"{work}/cases", ignore_errors=True)
        ok = report(args, made, maker, alarms, total, caught, rules, misses, none, time.monotonic() - began)
        sys.exit(0 if ok else 1)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def report(args, made, maker, alarms, total, caught, rules, misses, none, seconds):
    n, c = sum(total.values()), sum(caught.values())
    numbers = {k for k in total if k in NUMBER_KINDS}
    number_n, number_c = sum(total[k] for k in numbers), sum(caught[k] for k in numbers)
    lines = ["# The gate against falsified episodes", "",
             "Written by `make bench-gate` (`tests/adversary`, ADR 0013). Caught means that the verdict is not `pass`.", "",
             "| kind | cases | caught | rate | rules that caught it (most frequent first) |", "|---|---:|---:|---:|---|"]
    for kind in SHAPES:
        most = ", ".join(f"{rule} {count}" for rule, count in sorted(rules.get(kind, {}).items(), key=lambda r: (-r[1], r[0]))[:4])
        star = " *" if kind in NUMBER_KINDS else ""
        lines.append(f"| {kind}{star} | {total[kind]} | {caught[kind]} | {percent(caught[kind], total[kind])} | {most} |")
    lines += [f"| **all** | **{n}** | **{c}** | **{percent(c, n)}** | |", "", "\\* kinds that change a number.", "",
              "| measure | figure | bound |", "|---|---:|---:|",
              f"| changed numbers caught | {percent(number_c, number_n)} of {number_n} | ≥ {args.least_numbers:.0%} |",
              f"| all caught | {percent(c, n)} of {n} | ≥ {args.least:.0%} |",
              f"| untouched episodes not passed | {percent(len(alarms), len(made))} of {len(made)} | ≤ {MOST_FALSE_ALARMS:.0%} |", "",
              f"{len(made)} untouched episodes; {len(maker.not_made)} more orders did not reach a passing script and were left out. Seed {args.seed}."]
    if any(none.values()):
        lines.append("No hold found: " + ", ".join(f"{kind} {count}" for kind, count in none.items() if count) + ".")
    out = "\n".join(lines) + "\n"
    print(out)
    print(f"{seconds:.0f} s, {len(misses)} missed")
    if args.report:
        with open(args.report, "w", encoding="utf-8") as f:
            f.write(out)
    if args.misses:
        with open(args.misses, "w", encoding="utf-8") as f:
            f.write("".join(f"{kind}\t{what}\n" for kind, what in sorted(misses)))
            f.write("".join(f"false alarm\t{name}\t{[x for x in found if x['fatal']]}\n" for name, found in alarms))
            f.write("".join(f"not made\t{x}\n" for x in maker.not_made))
    good = number_c >= args.least_numbers * number_n and n > 0 and c >= args.least * n and len(alarms) <= MOST_FALSE_ALARMS * len(made)
    if not good:
        print("FAILED: outside its bounds", file=sys.stderr)
    return good


if __name__ == "__main__":
    main()
