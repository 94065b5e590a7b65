"""Whether what infra/checks/actions.py says of the functions' code is what the linker made of it: a room that it counts as another
function's must have no symbol in this one's binary, a room that it counts as this one's must have some. The linker drops what nothing
calls; a wrong entry would hide a right that a function needs, and it would fail in the cloud alone.

    .cloud-check/bin/python infra/checks/linked.py FOLDER     with the unstripped binaries of a development build

Only a development build can be asked. As they are deployed, functions are optimised across crates: what is small lies in its caller, and
of two functions with the same code one is left, under either name. They do the same, but their symbols no longer say of which room."""

import functools
import re
import subprocess
import sys
from pathlib import Path

import actions
import places


# A crate's own unit of code, as an object file's name in the table of symbols: `tokio.4f1c09d2a8e3b657-cgu.03`.
UNIT = re.compile(r" a (\w+)\.[0-9a-z]+-cgu\.\d+$", re.MULTILINE)
# Of this one the linker has units of its own even when it joins all others.
APART = {"compiler_builtins"}


def binaries(folder):
    """Function → path of its binary: `proofreel-fn-planner` as cargo leaves it, `planner/bootstrap` as `make build-lambda` does."""
    plain = {path.name.removeprefix("proofreel-fn-"): path for path in Path(folder).glob("proofreel-fn-*") if "." not in path.name}
    found = plain | {path.parent.name: path for path in Path(folder).glob("*/bootstrap")}
    return {name: found[name] for name in sorted(found) if "rehearsal" not in name}


def listed(binary):
    """What `nm` tells of a binary, the names of its object files too."""
    return subprocess.run(["nm", "--debug-syms", binary], check=True, capture_output=True, text=True).stdout


def silence(symbols):
    """Why such symbols say nothing of rooms; none where they do."""
    if not symbols.strip():
        return "stripped"
    return None if len(set(UNIT.findall(symbols)) - APART) > 1 else "one unit of code (link-time optimisation)"


@functools.cache
def silent(folder):
    """Function → why its binary cannot be asked, for those that cannot."""
    reasons = {name: silence(listed(path)) for name, path in binaries(folder).items()}
    return {name: reason for name, reason in reasons.items() if reason}


def symbols(binary):
    """Our own symbols of a binary, mangled; without the glue that drops a value, which every holder of its type has."""
    found = subprocess.run(["nm", binary], check=True, capture_output=True, text=True).stdout
    if "proofreel_lambda" not in found:
        raise SystemExit(f"linked: {binary} has no symbols of ours; a development build has")
    return "\n".join(line for line in found.splitlines() if "proofreel_" in line and "drop_in_place" not in line)


def room(path):
    """(crate, modules) of a path as actions.py writes it: `shared/lambda/src/world.rs`, `pipeline/src/worker.rs`, `/batch/`."""
    path = path.strip("/").removeprefix("shared/").removesuffix(".rs").removesuffix("/mod")
    crate, _, modules = (path if "/src" in path else f"lambda/src/{path}").partition("/src")
    return [f"proofreel_{crate.replace('-', '_')}", *(module for module in modules.split("/") if module)]


def holds(names, path):
    """Whether a function of that room is among the symbols, called by its path or as a trait's for one of its types. A file is
    itself alone, a folder all that is in it."""
    parts = room(path)
    folder = actions.ROOT.joinpath("shared", parts[0].removeprefix("proofreel_").replace("_", "-"), "src", *parts[1:])
    inner = [file.stem for file in folder.glob("*")] if path.endswith(".rs") else []
    mangled = "".join(f"(?!{len(name)}{name})" for name in inner)
    written = "".join(f"(?!{name}[.][.])" for name in inner)
    own = "".join(f"{len(part)}{part}" for part in parts)
    return re.search(rf"{own}{mangled}\d|{re.escape('..'.join(parts))}[.][.]{written}", names) is not None


def runs(names, place):
    """Whether the function of a place is among the symbols, as a plain one or as a member of a type. One that is small lies in its caller
    and has none, so only "it is there" says something."""
    parts = room(f"shared/{place.file}")
    own = "".join(f"{len(part)}{part}" for part in parts)
    return re.search(rf"(?:{own}|{re.escape('..'.join(parts))}[.][.]).*{len(place.name)}{place.name}(?=\d)", names) is not None


def strangers(function, names):
    """Places whose code the linker put into a function that the table does not name. What the clock calls is one program under three names."""
    told = places.ROUNDS if function in places.ROUNDS else {function}
    known = {(place.file, place.name) for place in places.PLACES if told & (place.who | place.idle)}
    return sorted({(place.file, place.name) for place in places.PLACES if (place.file, place.name) not in known and runs(names, place)})


def findings(folder):
    """Complaints about every function whose binary lies in the folder and can be asked."""
    found, there = [], binaries(folder)
    if not there:
        raise SystemExit(f"linked: {folder} has no functions; cargo build makes them")
    mute = silent(folder)
    for function, binary in there.items():
        if function in mute:
            continue
        names = symbols(binary)
        foreign, own = actions.foreign(function), actions.own(function)
        found += [f"{function}: {path} counts as another function's (FOREIGN), and is linked into this one" for path in foreign if holds(names, path)]
        found += [f"{function}: {path} counts as this function's, and nothing of it is linked" for path in own if not holds(names, path)]
        found += [f"{function}: {name} of {file} is linked into it, and PLACES does not name it" for file, name in strangers(function, names)]
    return found


if __name__ == "__main__":
    if mute := silent(sys.argv[1]):
        raise SystemExit("\n".join(["linked: these are no development build:", *(f"  {name}: {why}" for name, why in mute.items())]))
    told = findings(sys.argv[1])
    print("\n".join(told) or "what actions.py says of the functions' code is what the linker made of it")
    sys.exit(1 if told else 0)
