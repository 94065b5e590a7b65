#!/usr/bin/env python3
"""Plants defects into the governor, one at a time, and shows which test catches each.

    python3 tests/faults/governor.py [--report tests/bench/governor_faults.md] [--only NAME]...
    python3 tests/faults/governor.py --check      # only whether every fault still has its place; a second

The crate is copied, every fault of `governor.toml` is put behind a switch in the copy, the copy's tests are built once and run
once without a fault (all must pass) and once with each (some must fail). Exits with 1 when a fault goes unnoticed, or when
a fault's text does not stand in the source any more.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CRATE = ROOT / "shared/governor"
COPY = ROOT / "target/faults/governor"
# A run that a fault keeps from ending was caught too.
PATIENCE_SECONDS = 60
# The quick ones first; the month only where nothing else noticed.
ORDER = ["proofreel_governor", "quota", "trouble", "cache", "flight", "pruning", "month"]
SWITCH = '''

/// Which fault is planted.
pub(crate) fn planted(name: &str) -> bool {
    static PLANTED: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PLANTED.get_or_init(|| std::env::var("PLANTED").unwrap_or_default()) == name
}
'''


def switched(fault):
    """The source that takes the place of a fault's text: as it was, or the fault. An `arm` is a head (of a match arm, of an `if`)."""
    test, old, new = f'crate::planted("{fault["name"]}")', fault["old"], fault["new"]
    if not fault.get("arm"):
        return f"{{ if {test} {{ {new} }} else {{ {old} }} }}"
    if old.startswith("if "):
        either, other = old[3:].rstrip(" {"), new[3:].rstrip(" {")
        return f"if (if {test} {{ {other} }} else {{ {either} }}) {{"
    pattern, body = new.split(" => ", 1)
    guard = "&&" if " if " in pattern else "if"
    return f"{pattern} {guard} {test} => {{ {body.rstrip(',')} }}\n{old}"


def plant(faults):
    """Writes the copy with every fault behind its switch."""
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(CRATE, COPY)
    workspace = (ROOT / "Cargo.toml").read_text()
    workspace = re.sub(r"^members = .*$", "", workspace, flags=re.M)
    workspace = re.sub(r'path = "shared/', f'path = "{ROOT}/shared/', workspace)
    manifest = (COPY / "Cargo.toml").read_text().replace("[lints]\nworkspace = true\n", "")
    (COPY / "Cargo.toml").write_text(workspace + "\n" + manifest)
    shutil.copy(ROOT / "Cargo.lock", COPY / "Cargo.lock")
    places = {}
    for fault in faults:
        places.setdefault((fault["file"], fault["old"]), []).append(fault)
    for (file, old), several in places.items():
        path = COPY / "src" / file
        text = path.read_text()
        if text.count(old) != 1:
            sys.exit(f"{file} has {text.count(old)} times what `{several[0]['name']}` replaces; mend tests/faults/governor.toml")
        # Faults of one place stand in each other: the text that is there without any is the innermost.
        inner = old
        for fault in several:
            inner = switched({**fault, "old": inner})
        path.write_text(text.replace(old, inner))
    with (COPY / "src/lib.rs").open("a") as lib:
        lib.write(SWITCH)


def build():
    """The copy's test programs by name."""
    command = ["cargo", "test", "--offline", "--no-run", "--quiet", "--message-format=json", "--lib"]
    command += ["--manifest-path", str(COPY / "Cargo.toml"), "--tests"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    programs = {}
    for line in built.stdout.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-message" and message["message"]["level"] == "error":
            print(message["message"]["rendered"], file=sys.stderr)
        if message.get("executable") and message.get("profile", {}).get("test"):
            programs[message["target"]["name"]] = message["executable"]
    if built.returncode:
        sys.exit("the copy with its faults does not compile: mend tests/faults/governor.toml")
    return programs


def failing(program, fault):
    """Names of a program's tests that fail under a fault."""
    environment = {**os.environ, "PLANTED": fault, "CARGO_MANIFEST_DIR": str(COPY)}
    try:
        run = subprocess.run([program], env=environment, cwd=COPY, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return [f"no end within {PATIENCE_SECONDS} s"]
    names = re.findall(r"^test (\S+).* \.\.\. FAILED$", run.stdout, flags=re.M)
    return names or ([f"ended with {run.returncode}"] if run.returncode else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=Path)
    parser.add_argument("--only", action="append", help="a fault's name")
    parser.add_argument("--check", action="store_true", help="build and run nothing")
    arguments = parser.parse_args()
    faults = tomllib.loads((Path(__file__).parent / "governor.toml").read_text())["fault"]
    plant(faults)
    if arguments.check:
        print(f"{len(faults)} faults have their place")
        return
    programs = build()
    order = [name for name in ORDER if name in programs] + sorted(set(programs) - set(ORDER))
    for name in order:
        if broken := failing(programs[name], ""):
            sys.exit(f"without any fault {name} fails: {broken}")
    rows, unnoticed = [], []
    for fault in faults:
        if arguments.only and fault["name"] not in arguments.only:
            continue
        caught = next(((name, found) for name in order if (found := failing(programs[name], fault["name"]))), None)
        if not caught:
            unnoticed.append(fault["name"])
        told = f"`{caught[0]}`: {caught[1][0]}" if caught else "**nothing**"
        more = f" and {len(caught[1]) - 1} more" if caught and len(caught[1]) > 1 else ""
        rows.append(f"| {fault['name']} | {fault['what']} | {told}{more} |")
        print(f"{fault['name']:<36} {told}{more}", flush=True)
    if arguments.report:
        head = (
            "# Faults planted into the governor\n\nWritten by `make bench-faults`: each slip of `tests/faults/governor.toml` is planted alone into a copy of "
            f"`shared/governor`, whose own tests then run. {len(rows) - len(unnoticed)} of {len(rows)} are caught; without a fault all pass.\n\n"
            "| fault | what it does | caught first by |\n|---|---|---|\n"
        )
        arguments.report.write_text(head + "\n".join(rows) + "\n")
    if unnoticed:
        sys.exit(f"{len(unnoticed)} of {len(rows)} faults go unnoticed: {', '.join(unnoticed)}")
    print(f"{len(rows)} faults, each caught")


if __name__ == "__main__":
    main()
