#!/usr/bin/env python3
"""How the cost of a film grows with its length, what kept parts save, and how near the encoder's own speed we come.

    cargo build --release -p proofreel-studio --example reel
    python3 tests/bench/render_growth.py [--reel target/release/examples/reel] [--repeats 1,2,4,7] [--report FILE]

Every figure is measured by the example; none is typed in. Processor seconds are user and system time of the program
and its children: unlike time on the wall they do not depend much on what else the machine does.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = ["United States", "China", "Japan", "Germany", "India", "United Kingdom", "France", "Italy", "Brazil",
           "Canada", "Mexico", "Spain", "Australia"]


def panel(to: Path) -> None:
    """The members' years that all of them have, as `member,year,value`."""
    values = {}
    with open(ROOT / "data/gdp-by-country/data/annual.csv", newline="") as source:
        for row in csv.DictReader(source):
            if row["country"] in MEMBERS:
                values.setdefault(row["country"], {})[row["year"]] = row["gdp"]
    years = sorted(set.intersection(*(set(years) for years in values.values())))
    with open(to, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["member", "year", "value"])
        writer.writerows([name, year, values[name][year]] for name in MEMBERS if name in values for year in years)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reel", default=str(ROOT / "target/release/examples/reel"))
    parser.add_argument("--repeats", default="1,2,4,7")
    parser.add_argument("--report")
    args = parser.parse_args()
    rows, lines = [], []
    with tempfile.TemporaryDirectory() as folder:
        panel(Path(folder) / "panel.csv")
        for n, repeat in enumerate(args.repeats.split(",")):
            command = [args.reel, str(ROOT / "data/gold/data/monthly.csv"), f"{folder}/panel.csv",
                       f"{folder}/{repeat}", "captions", "music", "mp4", "json", f"repeat={repeat}"]
            command += ["again"]
            # The encoder alone needs its frames in memory, so it is measured on the shortest film only.
            command += ["limit"] if n == 0 else []
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                print(done.stderr[-2000:], file=sys.stderr)
                return done.returncode
            rows.append(json.loads(done.stdout.splitlines()[-1]))
    first = rows[0]
    lines += ["# Rendering by length", "", f"{date.today()}, 1080p30 with captions, charts, motion and music; {os.cpu_count()} processors, "
              f"{first['workers']} workers. Made by `tests/bench/render_growth.py`.", "",
              "| film, s | wall, s | CPU-s, ours | CPU-s, children | CPU-s a second | peak RSS of all, MB |",
              "|---|---|---|---|---|---|"]
    for row in rows:
        film = row["film"]
        lines.append(f"| {row['seconds']:.1f} | {film['wall_seconds']:.1f} | {film['own_cpu_seconds']:.1f} "
                     f"| {film['children_cpu_seconds']:.1f} | {film['cpu_seconds_a_second']:.3f} "
                     f"| {film['peak_rss_megabytes']} |")
    def seconds(cost: dict) -> float:
        return cost["own_cpu_seconds"] + cost["children_cpu_seconds"]

    def spent(row: dict, name: str) -> str:
        return f"{seconds(row[name]):.2f}"

    def changed(row: dict) -> str:
        all_ = sorted(seconds(cost) for cost in row["one_scene_changed"])
        return f"{all_[len(all_) // 2]:.2f} | {all_[0]:.2f} to {all_[-1]:.2f}"

    lines += ["", "Once more from kept parts, CPU-s; the changed scene is the third, of some eleven seconds, which is told in other words, five times:", "",
              "| film, s | nothing changed | one scene changed, median | least and most |", "|---|---|---|---|"]
    lines += [f"| {row['seconds']:.1f} | {spent(row, 'nothing_changed')} | {changed(row)} |" for row in rows]
    lines += ["", "| the shortest film | wall, s | CPU-s |", "|---|---|---|"]
    lines += [f"| {name.replace('_', ' ')} | {first[name]['wall_seconds']:.2f} | {spent(first, name)} |"
              for name in ["encoder_alone", "pictures_alone"]]
    cpu, wall = first["reach"], first["reach_wall"]
    lines += ["", f"Reach: the encoder alone, fed the same frames from memory, takes {cpu['pictures']:.2f} of the processor time of drawing, "
              f"converting and encoding the pictures ({wall['pictures']:.2f} of their time on the wall), and {cpu['film']:.2f} of that of the "
              f"whole film with sound and media check ({wall['film']:.2f})."]
    text = "\n".join(lines) + "\n"
    if args.report:
        Path(args.report).write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
