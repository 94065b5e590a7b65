"""Which keys of the bucket and which queues each function's code uses, against what its role grants: neither more nor less.

    PLACES: every place of the code that asks the bucket or sends a message, of which keys or queues, and whose functions run it
      ├─ all of them:       a call that stands nowhere in the table is told, and so is a place that is no more
      ├─ none too many:     a function that is named must reach the place by name (infra/checks/actions.py)
      ├─ none too few:      a place that is linked into a function that is not named is told by infra/checks/linked.py, and `make cloud`
      │                     judges every call that was made (infra/checks/rights.py)
      └─ rights:            (action, keys or queue) of the places, and of no other, are what the role grants

Names of blobs are digests, so keys are told apart by what comes before them. A stage's artifacts lie in one room, because a rewrite, an edit
and a repeated order find what was made before by its digest alone."""

import functools
import re
from typing import NamedTuple

import actions
from rules import ROOT
from template import Template, many

# Verbs of the ports, as the actions that S3 and SQS judge. A list is a right on the bucket as a whole (MissingObjects).
VERBS = {
    "get": "s3:GetObject", "fetch": "s3:GetObject", "read_range": "s3:GetObject", "exists": "s3:GetObject",
    "store": "s3:PutObject", "put_if_absent": "s3:PutObject", "delete": "s3:DeleteObject", "list": None, "send": "sqs:SendMessage",
}
ASKS = re.compile(r"\bblobs(?:\(\))?(?:\s*\.\s*as_ref\(\))?\s*\.\s*(get|fetch|store|put_if_absent|read_range|exists|list|delete)\s*\(")
SENDS = re.compile(r"\b(?:queue|messages)(?:\(\))?(?:\s*\.\s*as_ref\(\))?\s*\.\s*(send)\s*\(")
# Blobs held by a type that is nothing else.
WRAPPED = re.compile(r"\bself\.0\s*\.\s*(get|store|put_if_absent|fetch|list)\s*\(")
# What adapters behind ports of their own put before their keys.
ROOMS = {"parts": "parts/*", "host": "published/*"}

STAGES = frozenset(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "Cargo.toml").exists() and actions.kind_of(folder.name) == "stage")
ROUNDS = frozenset(actions.ROUNDS)
OUTSIDE = frozenset(actions.OUTSIDE)
DEAD = "dead-letters"


def those_that_say(pattern):
    """Stages whose own file or main has this."""

    def files(stage):
        return [ROOT / f"functions/{stage}/src/main.rs", ROOT / f"shared/stages/src/{stage.replace('-', '_')}.rs"]

    return frozenset(stage for stage in STAGES if any(re.search(pattern, file.read_text()) for file in files(stage)))


# The driver is the same in all stages; what of it a stage runs, its own words say, and of the pictures the driver's.
READERS = those_that_say(r"const READS:[^=]*=\s*&\[\s*StageName::")
FILMERS = those_that_say(r"\bOutputFile \{")
OFFERERS = those_that_say(r"\.with_offer\(\)")
SHOWERS = frozenset(
    re.sub(r"(?<!^)(?=[A-Z])", "-", stage).lower()
    for stage in re.findall(r"if message\.stage == StageName::(\w+) \{\s*load_pictures", (ROOT / "shared/pipeline/src/work.rs").read_text())
)


class Place(NamedTuple):
    """Where something is asked for: a file below shared/ and its function; the verbs; keys or queues; the functions that run it; those
    into which it is linked beside them, and whose own code keeps them from it."""

    file: str
    name: str
    verbs: str
    what: tuple
    who: frozenset
    idle: frozenset = frozenset()


OFFICE = frozenset({"publish", "gateway"}) | ROUNDS
PLACES = [
    # --- the driver
    Place("pipeline/src/driver.rs", "store_order", "store", ("order/*",), frozenset({"batch"})),
    Place("pipeline/src/work.rs", "document", "fetch", ("order/*",), STAGES | {"gateway"}),
    Place("pipeline/src/work.rs", "document", "fetch", ("artifact/*",), READERS, STAGES | {"gateway"}),
    Place("pipeline/src/work.rs", "keep_artifact", "store", ("artifact/*",), STAGES),
    Place("pipeline/src/work.rs", "keep", "store", ("file/*",), FILMERS, STAGES),
    Place("pipeline/src/packages.rs", "load_packages", "fetch", ("data/*",), STAGES | {"gateway", "measure"}),
    Place("pipeline/src/packages.rs", "load_pictures", "fetch", ("pictures/*",), SHOWERS, STAGES),
    Place("pipeline/src/packages.rs", "store_packages", "store", ("data/*",), frozenset({"batch"})),
    Place("pipeline/src/packages.rs", "store_pictures", "store", ("pictures/*",), frozenset({"batch"})),
    Place("pipeline/src/ordering.rs", "read", "fetch", ("order/*", "artifact/*"), frozenset({"batch"})),
    Place("pipeline/src/edits.rs", "artifact", "fetch", ("artifact/*",), frozenset({"gateway"})),
    Place("pipeline/src/edits.rs", "keep_edit", "store", ("artifact/*",), frozenset({"gateway"})),
    # Whoever finds a visit decided sends what its run's outbox holds, and the run may be anywhere by then.
    Place("pipeline/src/outbox.rs", "send", "send", tuple(sorted(STAGES)), STAGES | {"batch", "gateway"}),
    Place("pipeline/src/outbox.rs", "send_directly", "send", ("render",), frozenset({"render"}), STAGES),
    Place("pipeline/src/letters.rs", "post", "send", (DEAD,), STAGES | {"publish"}),
    # The loop of one machine.
    Place("pipeline/src/worker.rs", "work", "send", (), frozenset()),
    # --- functions
    Place("lambda/src/stage.rs", "order", "fetch", ("order/*",), frozenset({"script", "render"}), STAGES),
    Place("lambda/src/bell.rs", "post", "send", ("publish",), OFFERERS | {"batch", "publish"}, STAGES),
    Place("lambda/src/world.rs", "open", "get", ("providers.toml",), OUTSIDE),
    Place("lambda/src/clockwork.rs", "make", "get", ("notices.toml",), ROUNDS),
    Place("lambda/src/batch/mirror.rs", "refresh", "get", ("channels/*",), frozenset({"batch"}), frozenset({"measure"})),
    Place("lambda/src/batch/mirror.rs", "refresh", "get", ("data/*",), frozenset({"batch", "measure"})),
    Place("lambda/src/batch/live.rs", "bring", "get list", ("sources/*",), frozenset({"batch", "measure"})),
    Place("lambda/src/batch/live.rs", "take_back", "put_if_absent", ("sources/*",), frozenset({"batch", "measure"})),
    # --- the outside
    Place("governor/src/cache.rs", "open", "fetch delete", ("answers/*",), OUTSIDE),
    Place("governor/src/cache.rs", "keep", "store", ("answers/*",), OUTSIDE),
    # `proofreel usage prune` alone; in the cloud a rule of the bucket does it.
    Place("governor/src/pruning.rs", "prune", "delete", (), frozenset()),
    # --- operations, publishing, console
    Place("operations/src/bucket_channels.rs", "files", "get list", ("channels/*",), OFFICE),
    Place("operations/src/office.rs", "order", "fetch", ("order/*",), OFFICE - {"report"}),
    Place("operations/src/office.rs", "read", "fetch", ("artifact/*",), OFFICE),
    Place("operations/src/measure/reach.rs", "read", "store", ("kpi/*",), frozenset({"measure"})),
    Place("operations/src/reports.rs", "keep", "store", ("reports/*",), frozenset({"report"})),
    Place("operations/src/reports.rs", "read", "fetch", ("reports/*",), frozenset({"gateway"})),
    Place("operations/src/reports.rs", "document", "fetch", ("reports/*",), frozenset({"gateway"})),
    Place("publishing/src/publisher/bytes.rs", "changed_bytes", "read_range", ("file/*",), frozenset({"publish"})),
    Place("publishing/src/publisher/bytes.rs", "whole", "fetch", ("file/*",), frozenset({"publish"})),
    Place("publishing/src/publisher/bytes.rs", "send_bytes", "read_range", ("file/*",), frozenset({"publish"})),
    Place("console/src/pages/episode.rs", "script_before", "fetch", ("artifact/*",), frozenset({"gateway"})),
    Place("console/src/pages/mod.rs", "title", "fetch", ("artifact/*",), frozenset({"gateway"})),
    Place("console/src/pages/files.rs", "pieces", "read_range", ("file/*",), frozenset({"gateway"})),
    Place("console/src/pages/reports.rs", "file", "fetch", ("reports/*",), frozenset({"gateway"})),
]


def asked(text, body):
    """Verbs with which a function of a file asks blobs or sends."""
    found = set(ASKS.findall(body)) | set(SENDS.findall(body))
    return found | (set(WRAPPED.findall(body)) if re.search(r"\bdyn Blobs\b", text) else set())


@functools.cache
def of_code():
    """{(file, function): verbs} of all rooms that are linked into functions; ports and adapters are what is asked."""
    found = {}
    for path in sorted((ROOT / "shared").rglob("*.rs")):
        file = str(path.relative_to(ROOT / "shared"))
        if "/src/" not in file or "test" in file or file.startswith(("adapters/", "ports/")):
            continue
        text = path.read_text()
        for name, body in actions.functions(text):
            if verbs := asked(text, body):
                found[file, name] = found.get((file, name), frozenset()) | verbs
    return found


@functools.cache
def reached(function):
    """(file, function) of all that the function reaches by name."""
    return {(str(path.relative_to(ROOT / "shared")), name) for path, name, _ in actions.reached(function)}


def told(places, code):
    """Complaints about the table itself: what it does not know, what is no more, and who cannot be where it says."""
    said = {(place.file, place.name): frozenset(place.verbs.split()) for place in places}
    for at, verbs in sorted(code.items()):
        if said.get(at) != verbs:
            yield f"{at[0]}: {at[1]} does {', '.join(sorted(verbs))}; infra/checks/places.py does not say of which keys or queues, and for whom"
    for at in sorted(said.keys() - code.keys()):
        yield f"{at[0]}: there is no {at[1]} any more that asks anything; take it out of infra/checks/places.py"
    for place in places:
        for function in sorted(place.who):
            if (place.file, place.name) not in reached(function):
                yield f"{function} does not reach {place.name} of {place.file}; infra/checks/places.py says that it does"


@functools.cache
def needs(function):
    """{(action, keys or queue)} that the function's code needs."""
    here = [place for place in PLACES if function in place.who]
    needed = {(VERBS[verb], what) for place in here for verb in place.verbs.split() for what in place.what if VERBS[verb]}
    made_of = actions.of_port_methods()
    for port, keys in ROOMS.items():
        done = set().union(*(made_of.get(method, set()) for method in actions.methods(function) if method[0] == port))
        needed |= {(action, keys) for action in done if action.startswith("s3:") and action not in actions.MISSING}
    return needed


def grants(template, role):
    """{(action, keys or queue)} of objects and messages that a role allows; what is neither is told as it stands."""
    bucket, granted = f"{template.text({'Fn::GetAtt': ['Bucket', 'Arn']})}/", set()
    for statement in actions.statements(template, role):
        for action in many(statement["Action"]):
            if not action.startswith("s3:") and action != "sqs:SendMessage" or action in actions.MISSING or statement["Effect"] != "Allow":
                continue
            for resource in many(template.text(statement["Resource"])):
                if action == "sqs:SendMessage":
                    granted.add((action, resource.split(":")[-1].removeprefix(f"{template.text({'Ref': 'AWS::StackName'})}-")))
                else:
                    granted.add((action, resource.removeprefix(bucket)))
    return granted


def findings(body):
    """Complaints: keys and queues that a function needs and may not, that it may and does not need; and the table's own."""
    template, found = Template(body), list(told(PLACES, of_code()))
    for name, function in template.of("AWS::Lambda::Function"):
        own = template.text(function["FunctionName"]).removeprefix("proofreel-")
        role = template.resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        needed = needs(own) | {(action, DEAD) for action in actions.of_destinations(template, name) if action == "sqs:SendMessage"}
        granted = grants(template, role)
        found += [f"{name} needs {action} on {what}, which its role does not grant" for action, what in sorted(needed - granted)]
        found += [f"{name} may {action} on {what}, which its code never does" for action, what in sorted(granted - needed)]
    return found
