"""`sam build` without a compiler: SAM's real command on the real template, with a stub of cargo that writes down how it was
called. Every function must be built by the Makefile, with the profile that is deployed, for the architecture asked for. What is built so
goes onto the local AWS by `make cloud BUILT=1`, which must find it and must not ask it what only a development build can answer.

    .cloud-check/bin/python infra/local/build_test.py"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import stack  # puts infra/checks on the path
import linked

ROOT = Path(__file__).resolve().parents[2]
CARGO = """#!/bin/sh
if [ "$(python3 -m ziglang version)" != "zig of the tree" ]; then
  echo "Error: Zig is not installed in your system" >&2
  exit 1
fi
echo "$@" >> "$CALLS"
for word in "$@"; do
  case "$last" in --package) name=$word ;; --lambda-dir) folder=$word ;; esac
  last=$word
done
mkdir -p "$folder/$name" && echo "$name" > "$folder/$name/bootstrap"
"""
RUSTC = '#!/bin/sh\necho "$SYSROOT"\n'
RUSTUP = '#!/bin/sh\n[ -z "$OFFLINE" ] && mkdir -p "$SYSROOT/lib/rustlib/$3"\n'
# The Python of .cloud-deploy, which cargo-lambda must find before the machine's; no other one has Zig.
PYTHON = '#!/bin/sh\n[ "$*" = "-m ziglang version" ] && echo "zig of the tree"\n'
TRIPLES = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}


def build(folder, tree, architecture, triples, offline=""):
    """`sam build` on a machine whose Rust has these libraries; (exit code, what it said, calls of cargo)."""
    name = f"{architecture}-{len(triples)}-{offline}"
    calls, sysroot = folder / f"calls-{name}", folder / f"sysroot-{name}"
    for triple in triples:
        (sysroot / "lib/rustlib" / triple).mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ, "PATH": f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}", "CALLS": str(calls), "SYSROOT": str(sysroot),
        "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1", "PROOFREEL_ARCHITECTURE": architecture,
        "OFFLINE": offline,
    }
    command = ["sam", "build", "--config-env", "prod", "--config-file", tree / "samconfig.toml", "--parameter-overrides", f"Architecture={architecture}"]
    done = subprocess.run(command, env=environment, cwd=tree, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, calls.read_text().splitlines() if calls.exists() else []


# What `nm` tells of a function: of a development build, as deployed, and with the symbols that are otherwise cut off then.
DEVELOPED = "00 a tokio.4f1c09d2a8e3b657-cgu.03\n00 a 1x2s4ex0wsqoxifkfwml1li5m\n00 a compiler_builtins.8b69-cgu.000\n00 a serde_json.71-cgu.1\n"
JOINED = "00 a compiler_builtins.8b69-cgu.000\n00 a proofreel_fn_qa.df55d88d8e86661-cgu.0\n1f t _ZN17proofreel_lambda5entry\n"


def deployed_ones_run_here(folder):
    """`make cloud BUILT=1` builds for this machine and takes what was built; nobody asks those binaries of their rooms."""
    assert linked.silence(DEVELOPED) is None
    assert linked.silence("") == "stripped" and "link-time" in linked.silence(JOINED), linked.silence(JOINED)
    for name in ("planner/bootstrap", "scene-builder/bootstrap", "proofreel-fn-qa", "proofreel-fn-qa.d", "proofreel-fn-rehearsal"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert list(linked.binaries(folder)) == ["planner", "qa", "scene-builder"], linked.binaries(folder)
    shown = subprocess.run(["make", "-n", "cloud", "BUILT=1"], cwd=stack.ROOT, check=True, capture_output=True, text=True).stdout
    architecture = os.uname().machine.replace("aarch64", "arm64")
    first, second = shown.index(f"PROOFREEL_ARCHITECTURE={architecture} infra/build.sh"), shown.index("infra/local/cloud.py --bin target/deployed")
    assert first < second and "-p proofreel-fn-" not in shown, shown
    taken = subprocess.run(["make", "-n", "cloud", "BUILT=some/folder"], cwd=stack.ROOT, check=True, capture_output=True, text=True).stdout
    assert "--bin some/folder" in taken and "infra/build.sh" not in taken, taken


def main():
    with tempfile.TemporaryDirectory(prefix="proofreel-build-") as folder:
        folder = Path(folder)
        tree, programs = folder / "tree", folder / "bin"
        tools = tree / ".cloud-deploy/bin"
        for made in (tree / "infra/layer/build", tools, programs):
            made.mkdir(parents=True)
        stubs = {programs: {"cargo": CARGO, "rustc": RUSTC, "rustup": RUSTUP}, tools: {"cargo-lambda": "#!/bin/sh\n", "python3": PYTHON}}
        for place, texts in stubs.items():
            for name, text in texts.items():
                (place / name).write_text(text)
                (place / name).chmod(0o755)
        for name in ("Makefile", "samconfig.toml", "infra/template.yaml", "infra/build.sh"):
            subprocess.run(["cp", ROOT / name, tree / name], check=True)
        template = (ROOT / "infra/template.yaml").read_text()
        functions = re.findall(r"^  (\w+)Function:\n    Type: AWS::Serverless::Function", template, flags=re.M)
        crates = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir()}
        for architecture, triple in TRIPLES.items():
            code, said, calls = build(folder, tree, architecture, list(TRIPLES.values()))
            assert code == 0, said
            assert len(calls) == len(functions) and len(functions) >= 8, calls
            flag = "--arm64" if architecture == "arm64" else "--x86-64"
            assert all(f"--profile lambda --locked {flag} " in call for call in calls), calls
            for function in functions:
                built = (tree / f".aws-sam/build/{function}Function/bootstrap").read_text().strip().removeprefix("proofreel-fn-")
                assert built in crates and built.replace("-", "") == function.lower(), (function, built)
            others = [other for other in TRIPLES.values() if other != triple]
            code, said, calls = build(folder, tree, architecture, others)
            assert code == 0 and len(calls) == len(functions), f"the library of {triple} was not fetched: {said}"
            code, said, calls = build(folder, tree, architecture, others, offline="yes")
            assert code and f"rustup target add {triple}" in said and not calls, said
        missed = crates - {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in functions}
        deployed_ones_run_here(folder / "built")
        assert not missed, f"functions without a place in the template: {missed}"
    print(f"sam build makes all {len(functions)} functions with the deployed profile, for both architectures")


if __name__ == "__main__":
    main()
