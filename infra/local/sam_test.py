"""`make deploy` and `make destroy` with SAM's real command, the real samconfig.toml and the real template, against a local AWS that expands
and deploys what SAM sends: built by the real cargo-lambda as far as to `cargo build`, shown, made, made again, changed, taken away. Only cargo
itself is a stub, and the budget is left out, which the local AWS does not know.

    .cloud-check/bin/python infra/local/sam_test.py     needs .cloud-deploy, which `make deploy-test` installs, and `rustc`"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
import zipfile
from pathlib import Path

import stack
from stack import ROOT, expand

# Cargo as far as it compiles nothing: it finds its command `lambda`, says what the workspace is, and leaves a file where the binary would
# lie. What cargo-lambda asks for with it is written down.
CARGO = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path

tree, words = Path(os.environ["TREE"]), sys.argv[1:]
if words[0] == "lambda":
    os.environ["CARGO"] = os.path.abspath(sys.argv[0])
    os.execvp("cargo-lambda", ["cargo-lambda", *words])
if words[0] == "metadata":
    packages = []
    for folder in sorted((tree / "functions").iterdir()):
        name, manifest = "proofreel-fn-" + folder.name, str(folder / "Cargo.toml")
        target = {{"name": name, "kind": ["bin"], "crate_types": ["bin"], "src_path": str(folder / "src/main.rs"), "edition": "2024"}}
        packages.append({{
            "name": name, "version": "0.0.0", "id": f"path+file://{{folder}}#0.0.0", "source": None, "dependencies": [], "targets": [target],
            "features": {{}}, "manifest_path": manifest, "edition": "2024", "metadata": None, "authors": [], "categories": [], "keywords": [],
        }})
    members = [package["id"] for package in packages]
    print(json.dumps({{
        "packages": packages, "workspace_members": members, "workspace_default_members": members, "resolve": None,
        "workspace_root": str(tree), "target_directory": str(tree / "target"), "version": 1, "metadata": None,
    }}))
elif words[0] == "build":
    after = dict(zip(words, words[1:]))
    name, target, profile = after["--package"], after["--target"].split(".")[0], after["--profile"]
    linker = os.environ.get(f"CARGO_TARGET_{{target.upper().replace('-', '_')}}_LINKER", "")
    with open(os.environ["CALLS"], "a") as calls:
        print(json.dumps({{"name": name, "target": target, "profile": profile, "locked": "--locked" in words, "linker": linker}}), file=calls)
    made = tree / "target" / target / profile / name
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(f"{{name}} for {{target}}")
    made.chmod(0o755)
else:
    sys.exit(f"the stub of cargo knows nothing of {{words}}")
"""
# As if the library of each architecture had been added; everything else is said by the real one.
RUSTC = """#!/bin/sh
if [ "$*" = "--print sysroot" ]; then echo "$SYSROOT"; else exec "$RUSTC_HERE" "$@"; fi
"""
LAYER = '#!/bin/sh\nmkdir -p "$TREE/infra/layer/build/bin" && echo "$1" > "$TREE/infra/layer/build/bin/ffmpeg"\n'
TRIPLES = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
SAMS_OWN = "aws-sam-cli-managed-default"


def planted(folder):
    """A tree of ours with the real files of deploying and none of the code, and the folder of programs that stand before the machine's."""
    tree, programs = folder / "tree", folder / "bin"
    programs.mkdir()
    for name in ("Makefile", "samconfig.toml", "infra/template.yaml", "infra/build.sh", "infra/deploy.py"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    for name in ("channels", "data"):
        shutil.copytree(ROOT / name, tree / name)
    for manifest in (ROOT / "functions").glob("*/Cargo.toml"):
        (tree / "functions" / manifest.parent.name).mkdir(parents=True)
        shutil.copy(manifest, tree / "functions" / manifest.parent.name)
    shutil.copy(ROOT / "Cargo.toml", tree)
    for name in (".cloud-check", ".cloud-deploy"):
        (tree / name).symlink_to(ROOT / name)
    for path, text in ((programs / "cargo", CARGO), (programs / "rustc", RUSTC), (tree / "infra/layer/build.sh", LAYER)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    for triple in TRIPLES.values():
        (folder / "sysroot/lib/rustlib" / triple).mkdir(parents=True)
    template = tree / "infra/template.yaml"
    kept, count = template.read_text(), 0
    for kind in stack.LEFT_OUT:
        kept, here = re.subn(rf"^  \w+:\n    Type: {kind}\n(    .*\n|\n)*", "", kept, flags=re.M)
        count += here
    assert count == 1, f"{count} resources left out"
    template.write_text(kept)
    return tree, programs


class Machine:
    """Where somebody types `make deploy`."""

    def __init__(self, folder, aws, tree, programs):
        own = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        self.tree, self.calls = tree, folder / "calls"
        self.environment = {
            **own, "PATH": f"{programs}:{os.environ['PATH']}", "TREE": str(tree), "CALLS": str(self.calls), "SYSROOT": str(folder / "sysroot"),
            "RUSTC_HERE": shutil.which("rustc"), "AWS_ENDPOINT_URL": aws.endpoint, "AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": expand.REGION, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "__SAM_CLI_APP_DIR": str(folder / "sam"), "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def run(self, *arguments, typed=""):
        """deploy.py; (exit code, what it said). `typed` is what a person answers."""
        self.calls.write_text("")
        command = [sys.executable, self.tree / "infra/deploy.py", *arguments]
        done = subprocess.run(command, env=self.environment, input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        return done.returncode, done.stdout

    def built(self):
        """What cargo was asked to build."""
        return [json.loads(line) for line in self.calls.read_text().splitlines()]

    def configure(self, old, new):
        """Changes samconfig.toml."""
        config = self.tree / "samconfig.toml"
        assert old in config.read_text(), old
        config.write_text(config.read_text().replace(old, new))


def stacks(aws):
    """Names of stacks that are there, and their status."""
    pages = aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {entry["StackName"]: entry["StackStatus"] for page in pages for entry in page["Stacks"]}


def functions(aws, name):
    """Configurations of the functions of a stack by their last word."""
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    found = {entry["FunctionName"]: entry for page in pages for entry in page["Functions"]}
    return {key.removeprefix(f"{name}-"): entry for key, entry in found.items() if key.startswith(f"{name}-")}


def logs(aws, function):
    """The level at which a function logs."""
    return aws.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]["PROOFREEL_LOG"]


def bootstrap(aws, function):
    """What Amazon would start."""
    where = aws.client("lambda").get_function(FunctionName=function["FunctionName"])["Code"]["Location"]
    with urllib.request.urlopen(where) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
        return archive.read("bootstrap").decode()


def shown(aws, machine, crates):
    """A dry run builds everything, prints the change, and leaves SAM's bucket only."""
    code, said = machine.run("deploy", "dev", "--dry-run")
    assert code == 0, said
    assert re.search(r"\+ Add +PlannerFunction +AWS::Lambda::Function", said) and "nothing of the stack was created" in said, said
    built = machine.built()
    assert {call["name"].removeprefix("proofreel-fn-") for call in built} == crates and len(built) == len(crates), built
    for call in built:
        assert call["target"] == TRIPLES["arm64"] and call["profile"] == "lambda" and call["locked"] and "zig" in call["linker"], call
    assert list(stacks(aws)) == [SAMS_OWN], stacks(aws)
    assert not functions(aws, "proofreel-dev") and not aws.client("sqs").list_queues().get("QueueUrls")


def made(aws, machine, crates):
    """A deploy makes all of it as samconfig.toml says; the same again changes nothing; another parameter changes what it concerns."""
    code, said = machine.run("deploy", "dev")
    assert code == 0 and stacks(aws)["proofreel-dev"] == "CREATE_COMPLETE" and "deploy: done" in said, said
    there = functions(aws, "proofreel-dev")
    assert set(there) == crates, there
    for name, function in there.items():
        assert bootstrap(aws, function) == f"proofreel-fn-{name} for {TRIPLES['arm64']}", name
        assert function["Architectures"] == ["arm64"] and function["Environment"]["Variables"]["PROOFREEL_LOG"] == "debug", function
    assert there["render"]["Layers"], there["render"]
    bucket = next(line.split()[1] for line in said.splitlines() if line.startswith("BucketName"))
    keys = {item["Key"] for item in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]}
    assert {"channels/demo.toml", "data/gold/datapackage.json"} <= keys, keys

    code, said = machine.run("deploy", "dev")
    assert code == 0 and "No changes to deploy" in said and "0 channel and data files copied" in said, said
    assert stacks(aws)["proofreel-dev"] == "CREATE_COMPLETE"
    machine.configure("LogLevel=debug", "LogLevel=warn Architecture=x86_64")
    code, said = machine.run("deploy", "dev")
    assert code == 0 and stacks(aws)["proofreel-dev"] == "UPDATE_COMPLETE", said
    assert {call["target"] for call in machine.built()} == {TRIPLES["x86_64"]}, machine.built()
    for name, function in functions(aws, "proofreel-dev").items():
        assert function["Environment"]["Variables"]["PROOFREEL_LOG"] == "warn" and function["Architectures"] == ["x86_64"], function
        assert bootstrap(aws, function) == f"proofreel-fn-{name} for {TRIPLES['x86_64']}", name
    return bucket


def beside(aws, machine):
    """The other section asks before it changes anything, and both stand side by side."""
    code, said = machine.run("deploy", "prod")
    assert code and "`sam deploy` failed" in said and stacks(aws)["proofreel"] == "REVIEW_IN_PROGRESS", "asked where nobody answers: " + said
    code, said = machine.run("deploy", "prod", typed="n\n")
    assert code and "not confirmed" in said and "Traceback" not in said and "proofreel" not in stacks(aws), said
    code, said = machine.run("deploy", "prod", typed="y\n")
    assert code == 0 and stacks(aws)["proofreel"] == "CREATE_COMPLETE" and stacks(aws)["proofreel-dev"] == "UPDATE_COMPLETE", said
    machine.configure("LogLevel=info", "LogLevel=error")
    (machine.tree / "channels/demo.toml").write_text("# changed\n")
    code, said = machine.run("deploy", "prod", typed="n\n")
    assert code and "not confirmed" in said and "copied" not in said and stacks(aws)["proofreel"] == "CREATE_COMPLETE", said
    assert logs(aws, "proofreel-planner") == "info" and not aws.client("cloudformation").list_change_sets(StackName="proofreel")["Summaries"]


def undone(aws, machine, bucket):
    """Deleted: all but bucket and table, and the other stack."""
    code, said = machine.run("destroy", "dev")
    assert code == 0 and f"kept: bucket {bucket}" in said and "proofreel-dev" not in stacks(aws), said
    assert stacks(aws)["proofreel"] == "CREATE_COMPLETE", stacks(aws)
    assert bucket in {entry["Name"] for entry in aws.client("s3").list_buckets()["Buckets"]}, "a plain destroy keeps episodes"
    code, said = machine.run("destroy", "prod", "--purge")
    assert code == 0 and "deleted for good" in said and list(stacks(aws)) == [SAMS_OWN], said


def main():
    for needed in (ROOT / ".cloud-deploy/bin/cargo-lambda", ROOT / ".cloud/bin/python"):
        if not needed.exists():
            raise SystemExit(f"sam_test: {needed} is missing; `make deploy-test` installs it")
    if not shutil.which("rustc"):
        raise SystemExit("sam_test: there is no `rustc`; install Rust as README says")
    crates = {path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml")}
    with tempfile.TemporaryDirectory(prefix="proofreel-sam-") as folder:
        folder = Path(folder)
        tree, programs = planted(folder)
        # The local AWS expands the template as Amazon does, with SAM's own translator.
        aws = stack.LocalAws(folder, sysconfig.get_paths()["purelib"])
        try:
            machine = Machine(folder, aws, tree, programs)
            machine.configure("you@example.com", "me@example.org")
            shown(aws, machine, crates)
            bucket = made(aws, machine, crates)
            beside(aws, machine)
            undone(aws, machine, bucket)
        finally:
            aws.stop()
    print(f"SAM's real command shows, makes, changes and deletes the stack with its {len(crates)} functions, against a local AWS and a stub of cargo")


if __name__ == "__main__":
    main()
