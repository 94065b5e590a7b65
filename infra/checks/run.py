"""`make infra-check`: everything that can be known about the template without an account.

    .cloud-check/bin/python infra/checks/run.py

SAM's own linter on the SAM file; cfn-lint, parliament and our rules on the expanded template, where they see what SAM adds;
planted faults, which must all be caught. Exit code 0 when clean, 1 with the complaints."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import actions
import expand
import places
import plants
import policies
import rules

BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "AWS_DEFAULT_REGION": expand.REGION, "SAM_CLI_TELEMETRY": "0", "PATH": f"{BIN}:{os.environ['PATH']}"}


def start(*command):
    """A tool in the background, its output kept."""
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def main():
    body = expand.expand(expand.load())
    with tempfile.TemporaryDirectory() as folder:
        expanded = Path(folder) / "expanded.json"
        expanded.write_text(json.dumps(body))
        tools = {
            "sam validate --lint": start(BIN / "sam", "validate", "--lint", "--template", expand.TEMPLATE),
            "cfn-lint, expanded": start(BIN / "cfn-lint", "--", expanded),
        }
        found = {
            "parliament": [f"{name}: {why}" for name, why in policies.findings(body)],
            "own rules": [f"{rule}: {name} {why}" for rule, name, why in rules.findings(body)],
            "actions of the code": actions.findings(body),
            "keys and queues of the code": places.findings(body),
            "planted faults": plants.failures(body),
        }
        for name, tool in tools.items():
            said = tool.communicate()[0].strip()
            found[name] = said.splitlines() if tool.returncode else []
    for name, complaints in found.items():
        print(f"{name}: {'clean' if not complaints else f'{len(complaints)} complaint(s)'}")
        for complaint in complaints:
            print(f"  {complaint}")
    planted = len(plants.PLANTS) + len(plants.CALLS) + len(plants.TABLES)
    counts = f"{len(body['Resources'])} resources, {len(rules.RULES)} rules, {len(places.PLACES)} places of the code, {planted} planted faults"
    print(f"infra: {counts}")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
