#!/usr/bin/env python3
"""What the long tests found, from what they print: a report that holds no number which was not measured.

    python3 tests/bench/found.py storm LOG… --report tests/bench/storm.md   # `make soak`
    python3 tests/bench/found.py kills LOG… --report tests/bench/kills.md   # `make night`

Exits with 1 when the logs lack a kind of line: then the tests did not run, or print something else than what is looked for here.
"""

import argparse
import datetime
import os
import platform
import re
import sys
from pathlib import Path

# As tests/tests/storm.rs, publishing.rs, aws_storm.rs and the tests that kill functions print them.
WEATHER = re.compile(
    r"(\d+) runs with ([\d.]+) % faults: (\d+) polls, (\d+) killed, (\d+) outages, (\d+) resumed by a person; "
    r"messages a run: mean ([\d.]+), 99 of 100 at most (\d+), most (\d+); ([\d.]+) s")
WIRE = re.compile(r"(\d+) runs, (\d+) requests, ([\d.]+) messages a run, (\d+) executions, ([\d.]+) s")
UPLOADS = re.compile(
    r"(\d+) uploads, ([\w ]+): (\d+) processes, (\d+) killed, (\d+) between upload and record, (\d+) outages, "
    r"(\d+) published, (\d+) left to a person; ([\d.]+) s")
BUG = re.compile(r"\b(?:Storage\()?([A-Z]\w+)\)?: seed (\d+): (.+)")
SCENE = re.compile(r"^(?:test \S+ \.\.\. )?(.+): (\d+) deaths at (\d+) requests$", re.MULTILINE)
# No ledger, a session saved late, a ledger that forgets after an hour, messages acknowledged first or not sent again, a film that nobody
# approved, a lost session begun anew: a checker that does not find each of them proves nothing.
BUGS = ["NoLedger", "SessionSavedLate", "LedgerForgets", "AckFirst", "ForgottenOutbox", "ApprovalSkipped", "GoneRestarts"]
DEATHS = re.compile(r"(\d+) deaths, ([\d.]+) s")


def found(kind, what, text):
    """Every line of a kind; there must be one."""
    lines = kind.findall(text)
    if not lines:
        sys.exit(f"found: no line about {what}\n  hint: run the tests with --no-capture and hand over what they print")
    return lines


def table(head, rows):
    """A table of Markdown."""
    cells = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in cells]


def spaced(number):
    """A whole number with commas."""
    return f"{int(number):,}"


def storm(text):
    """The report of `make soak`."""
    weather = sorted(found(WEATHER, "runs in random weather", text), key=lambda line: float(line[1]))
    rows = [[f"{share} %", *map(spaced, (runs, polls, killed, outages, resumed)), mean, of_99, most, seconds]
            for runs, share, polls, killed, outages, resumed, mean, of_99, most, seconds in weather]
    total = sum(int(line[0]) for line in weather)
    bugs = [[bug, seed, said] for bug, seed, said in found(BUG, "planted bugs", text)]
    missing = [bug for bug in BUGS if bug not in [row[0] for row in bugs]]
    if missing:
        sys.exit(f"found: no line about the planted {', '.join(missing)}\n  hint: run all tests that `make soak` names")
    uploads = [[about.removeprefix("sessions "), *map(spaced, (runs, *counts)), seconds]
               for runs, about, *counts, seconds in sorted(found(UPLOADS, "uploads", text), key=lambda line: line[1])]
    return [
        "# Random weather", "",
        f"{spaced(total)} runs in the simulated cloud (`tests/tests/storm.rs`): none lost, nothing recorded twice, each the same as in fair weather.", "",
        *table(["faults", "runs", "polls", "functions killed", "outages", "runs resumed by a person", "messages a run, mean", "99 of 100 runs at most",
                "any run at most", "s"], rows), "",
        "Approved films uploaded to a YouTube that loses, breaks and refuses, by publishers killed at any await "
        "(`tests/tests/publishing.rs`): one video each; where its session was lost, one at most and a person asked.", "",
        *table(["sessions", "uploads", "processes", "killed", "between upload and record", "outages", "published", "left to a person", "s"], uploads), "",
        "Over the wire, on a local AWS whose line loses and refuses one request in a hundred (`tests/tests/aws_storm.rs`): all done, once.", "",
        *table(["runs", "requests", "messages a run, mean", "executions of stages", "s"], found(WIRE, "runs over the wire", text)), "",
        "The checker checked: the first seed at which each planted bug is found.", "",
        *table(["planted bug", "seed", "what was found"], bugs),
    ]


def kills(text):
    """The report of `make night`'s killings."""
    scenes, ends = found(SCENE, "scenes of deaths", text), found(DEATHS, "how many died", text)
    died = sum(int(deaths) for deaths, _ in ends)
    if died != sum(int(deaths) for _, deaths, _ in scenes):
        sys.exit(f"found: {died} deaths at the end, and others by scene\n  hint: a test that kills did not come to its end")
    seconds = sum(float(seconds) for _, seconds in ends)
    return [
        "# Functions killed", "",
        f"{spaced(died)} deaths in {seconds:.0f} s: a function's real binary is killed before or after a request to the stores is carried out, and what the next process",
        "comes to is compared with a run in which nobody died. None differed.", "",
        *table(["function", "requests", "deaths"], [[name, requests, deaths] for name, deaths, requests in scenes]),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["storm", "kills"])
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    title, _, *rest = {"storm": storm, "kills": kills}[options.what]("\n".join(log.read_text() for log in options.logs))
    day = datetime.date.fromtimestamp(options.logs[0].stat().st_mtime)
    by = {"storm": "make soak", "kills": "make night"}[options.what]
    head = f"{day}, {os.cpu_count()} cores, {platform.machine()}. Written by `{by}` (`tests/bench/found.py`)."
    options.report.write_text("\n".join([title, "", head, "", *rest]) + "\n")


if __name__ == "__main__":
    main()
