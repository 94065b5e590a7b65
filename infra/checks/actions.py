"""Which actions each function needs, read from the code, against what its role grants: neither more nor less.

    code of the function ──reaches──► methods of ports ──are made of──► calls of the SDK ──need──► actions

Reaching is by name, from the functions' entry points through the rooms that are linked into them. A name that two
functions share counts for both: that errs towards "needed", and a right that nothing needs is still told."""

import functools
import re

from rules import ROOT
from template import Template, many

ADAPTERS = "shared/adapters/src/aws"
# The port behind each adapter file, and the words by which code holds it.
PORTS = {
    "blobs": ("blobs.rs", "blobs"), "parts": ("parts.rs", "parts"), "records": ("records.rs", "records"),
    "queue": ("queue.rs", "queue|messages"), "stamps": ("stamps.rs", "stamps"), "triggers": ("triggers.rs", "triggers"),
    "secrets": ("secrets.rs", "secrets"), "host": ("bucket_host.rs", "host"),
    "waker": ("waker.rs", "waker"), "mail": ("mail.rs", "mailer"),
    "voice": ("polly.rs", "voice"),
}
# A call of the SDK and the actions that Amazon asks for. A transaction needs those of what it is made of.
SDK = {
    "put_object": ["s3:PutObject"], "get_object": ["s3:GetObject"], "head_object": ["s3:GetObject"],
    "delete_object": ["s3:DeleteObject"], "list_objects_v2": ["s3:ListBucket"],
    "get_item": ["dynamodb:GetItem"], "put_item": ["dynamodb:PutItem"], "update_item": ["dynamodb:UpdateItem"],
    "query": ["dynamodb:Query"], "Put::builder": ["dynamodb:PutItem"], "Delete::builder": ["dynamodb:DeleteItem"],
    "Update::builder": ["dynamodb:UpdateItem"], "ConditionCheck::builder": ["dynamodb:ConditionCheckItem"],
    "send_message": ["sqs:SendMessage"], "receive_message": ["sqs:ReceiveMessage"], "delete_message": ["sqs:DeleteMessage"],
    "change_message_visibility": ["sqs:ChangeMessageVisibility"], "get_queue_attributes": ["sqs:GetQueueAttributes"],
    "invoke": ["lambda:InvokeFunction"], "publish": ["sns:Publish"],
    "get_parameter": ["ssm:GetParameter"], "synthesize_speech": ["polly:SynthesizeSpeech"],
    "create_multipart_upload": ["s3:PutObject"], "upload_part": ["s3:PutObject"], "complete_multipart_upload": ["s3:PutObject"],
    "list_parts": ["s3:ListMultipartUploadParts"],
    "get_event_source_mapping": ["lambda:GetEventSourceMapping"],
    "update_event_source_mapping": ["lambda:UpdateEventSourceMapping"],
}
# Other calls of the SDK that start a request would be overlooked: these words betray them.
CALL = re.compile(r"\.(?:s3|sqs|dynamodb|lambda|ssm|client)\s*\.(\w+)\(\)")
# Members of the clients that ask nothing, and the transaction, whose parts are what counts.
NO_REQUEST = {"config", "clone", "transact_write_items"}
# Where the functions begin: the room's file and function.
ENTRIES = {"stage": ("consume.rs", "take"), "batch": ("batch/mod.rs", "handle"), "publish": ("publish.rs", "take"),
           "gateway": ("gateway.rs", "after"), "measure": ("rounds.rs", "measure"), "watchdog": ("rounds.rs", "watch"),
           "report": ("rounds.rs", "report")}
# What is another function's, by kind: reaching by name would find it. infra/checks/linked.py asks the linker whether that is so.
FOREIGN = {
    "stage": ("/batch/", "lambda/src/publish.rs", "lambda/src/world.rs", "lambda/src/gateway.rs"),
    "batch": ("lambda/src/consume.rs", "lambda/src/publish.rs", "lambda/src/gateway.rs"),
    "gateway": ("/batch/", "lambda/src/consume.rs", "lambda/src/publish.rs", "lambda/src/world.rs", "publishing/src/publisher", "operations/src/notices", "pipeline/src/worker.rs"),
    "publish": ("/batch/", "lambda/src/consume.rs", "lambda/src/stage.rs", "lambda/src/gateway.rs", "operations/src/notices", "pipeline/src/worker.rs"),
}
# Rooms beside those of every function: the batch looks what publishing waits for.
BESIDE = {
    "batch": ["shared/publishing/src/ledger.rs", "shared/publishing/src/open.rs"],
    "publish": ["shared/publishing/src", "shared/operations/src"],
    "gateway": ["shared/publishing/src", "shared/operations/src"],
}
# Rooms of which every function may run, by a table of addresses.
PAGES = {"gateway": ["shared/console/src", "shared/lambda/src/gateway.rs"]}
# What the clock calls has the operations and no queue.
ROUNDS = ("measure", "watchdog", "report")
for _kind in ROUNDS:
    # Whoever measures also reads the packages that the batch would order with, and the live series among them; the others are linked alike.
    FOREIGN[_kind] = (*(f"batch/{file}.rs" for file in ("mod", "start", "sweep", "triggers")),
                      *(f"lambda/src/{file}.rs" for file in ("bell", "consume", "gateway", "publish", "stage", "world")), "publishing/src/publisher",
                      *(f"pipeline/src/{file}.rs" for file in ("commit", "driver", "handle", "letters", "outbox", "parts", "sweep", "work", "worker")))
    BESIDE[_kind] = ["shared/publishing/src/ledger.rs", "shared/operations/src"]
# Functions that reach the outside, and what runs there behind a trait: the governor, and whoever asks it for secrets.
OUTSIDE = {
    "script": ["shared/lambda/src/world.rs", "shared/governor/src"],
    "render": ["shared/lambda/src/world.rs", "shared/governor/src", "shared/providers/src/speech"],
    "batch": ["shared/lambda/src/world.rs", "shared/governor/src", "shared/providers/src/source"],
    "publish": ["shared/lambda/src/world.rs", "shared/governor/src", "shared/providers/src/youtube"],
    "measure": ["shared/lambda/src/world.rs", "shared/lambda/src/clockwork.rs", "shared/governor/src", "shared/providers/src/youtube", "shared/providers/src/source"],
    "watchdog": ["shared/lambda/src/world.rs", "shared/lambda/src/clockwork.rs", "shared/governor/src"],
    "report": ["shared/lambda/src/world.rs", "shared/lambda/src/clockwork.rs", "shared/governor/src"],
}
# Linked into the functions and never run there: the loop of the one-machine runtime.
NEVER = {"work_until_idle", "step", "drain", "look_after"}
# ... and what publishing calls by the same name.
OFTEN = {"publish": {"step"}}
# What Lambda itself needs of a function's role: to poll its queue, to write its log, to find a missing object missing.
POLLER = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
MISSING = {"s3:ListBucket"}
# ... and to put an event that failed for good where its destination is, by the service of that.
DESTINATION = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}


class Code:
    """Functions of Rust files by name: bodies, with comments and texts taken out."""

    def __init__(self, *folders, skip=()):
        self.bodies = {}
        for folder in folders:
            start = ROOT / folder
            for path in sorted(start.rglob("*.rs")) if start.is_dir() else [start]:
                if not any(part in str(path) for part in skip):
                    for name, body in functions(path.read_text()):
                        self.bodies.setdefault(name, []).append((path, body))

    def all(self):
        """(path, name, body) of every function."""
        return [(path, name, body) for name, found in self.bodies.items() for path, body in found]

    def reach(self, file, entry, never=frozenset(NEVER), more=()):
        """(path, name, body) of what is reached from a function of a file, itself included."""
        waiting = [(path, entry, body) for path, body in self.bodies.get(entry, []) if str(path).endswith(file)]
        if not waiting:
            raise ValueError(f"infra/checks/actions.py: there is no function {entry} in {file} any more")
        waiting += more
        found, seen = [], {entry}
        while waiting:
            found.append(waiting.pop())
            for name in set(re.findall(r"\b(\w+)\s*\(", found[-1][2])) - seen - never:
                seen.add(name)
                waiting += [(path, name, body) for path, body in self.bodies.get(name, [])]
        return found


def functions(text):
    """(name, body) of every function of a Rust file, tests left out."""
    text = text.split("#[cfg(test)]")[0]
    # Texts, signs and comments, whichever begins first.
    text = re.sub(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'|//[^\n]*""", "", text, flags=re.DOTALL)
    for head in re.finditer(r"\bfn (\w+)", text):
        brace, end = text.find("{", head.end()), text.find(";", head.end())
        if brace < 0 or 0 <= end < brace and "[" not in text[head.end() : end]:
            continue  # a declaration without a body
        depth, at = 0, brace
        while at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0:
                break
            at += 1
        yield head[1], text[brace : at + 1]


def unknown_calls(body):
    """Calls of the SDK's clients of which nobody has said what they need."""
    return {name for name in CALL.findall(body) if name not in SDK and name not in NO_REQUEST}


@functools.cache
def of_port_methods():
    """{(port, method): actions} from the adapters."""
    everywhere = Code(ADAPTERS, skip=("polly", "marks", "ssml", "bucket_host"))
    needed, unknown = {}, set()
    for port, (file, _) in PORTS.items():
        own = dict(functions((ROOT / ADAPTERS / file).read_text()))
        for method in own:
            waiting, seen, actions = [own[method]], {method}, set()
            while waiting:
                body = waiting.pop()
                for call, granted in SDK.items():
                    if re.search(rf"\b{call}\s*\(", body):
                        actions.update(granted)
                unknown |= unknown_calls(body)
                # Its own helpers by `self.`, those of other files as plain calls.
                for name in set(re.findall(r"\bself\.(\w+)\s*\(", body)) - seen:
                    seen.add(name)
                    waiting += [own[name]] if name in own else []
                for name in set(re.findall(r"(?<![.\w])(\w+)\s*\(", body)) - seen:
                    seen.add(name)
                    waiting += [found for _, found in everywhere.bodies.get(name, [])]
            needed[port, method] = actions
    if unknown:
        raise ValueError(f"infra/checks/actions.py does not know which actions {', '.join(sorted(unknown))} need")
    return needed


def of_defaults():
    """{(port, method): methods} that a port's trait makes of its others."""
    defaults = {}
    for port in PORTS:
        path = ROOT / f"shared/ports/src/{port}.rs"
        # `Secrets` stands beside the door to the network and has no method made of others.
        for name, body in functions(path.read_text()) if path.exists() else ():
            defaults[port, name] = set(re.findall(r"\bself\.(\w+)\s*\(", body))
    return defaults


def kind_of(function):
    """A function's own name, or `stage`."""
    return function if function in ENTRIES else "stage"


def foreign(function):
    """Paths that count as another function's."""
    return [path for path in FOREIGN[kind_of(function)] if f"shared/{path}" not in OUTSIDE.get(function, [])]


def own(function):
    """Paths that count as this function's beside those of all."""
    kind = kind_of(function)
    return [*BESIDE.get(kind, []), *PAGES.get(kind, []), *OUTSIDE.get(function, [])]


@functools.cache
def reached(function):
    """(path, name, body) of all that a function reaches by name: a stage's name, `batch` or `publish`."""
    kind = kind_of(function)
    rooms = ["shared/lambda/src", "shared/pipeline/src", *BESIDE.get(kind, [])]
    common = len(rooms)
    if kind == "stage":
        rooms += [path for path in (f"shared/stages/src/{function.replace('-', '_')}", f"shared/stages/src/{function.replace('-', '_')}.rs") if (ROOT / path).exists()]
    # A stage's function does not hold the batch, nor the batch a stage.
    code = Code(*rooms, skip=("/tests", *foreign(function)))
    pages = [found for path in PAGES.get(kind, []) for found in Code(path, skip=("/tests",)).all()]
    found = code.reach(*ENTRIES[kind], NEVER - OFTEN.get(kind, set()), pages)
    # The driver calls its stage through a trait, and so do those who ask for the outside.
    for path in rooms[common:] + OUTSIDE.get(function, []):
        found += Code(path, skip=("/tests",)).all()
    return found


@functools.cache
def methods(function):
    """{(port, method)} that a function asks for."""
    found = set()
    for _, _, body in reached(function):
        for port, (_, words) in PORTS.items():
            calls = re.findall(rf"\b(?:{words})(?:\s*\.\s*as_ref\(\))?\s*\.\s*(\w+)\s*\(", body)
            found |= {(port, method) for method in calls}
    defaults = of_defaults()
    return found | {(port, inner) for port, method in found for inner in defaults.get((port, method), ())}


@functools.cache
def needs(function):
    """Actions that the code of a function needs."""
    kind, made_of = kind_of(function), of_port_methods()
    actions = set().union(*(made_of.get(method, set()) for method in methods(function)))
    return actions | LOG | MISSING | (set() if kind in ("batch", "gateway", *ROUNDS) else POLLER)


def statements(template, role):
    """Statements of a role, its managed policies included."""
    policies = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
    for reference in role.get("ManagedPolicyArns", []):
        policies.append(template.resources[reference["Ref"]]["Properties"]["PolicyDocument"])
    return [statement for policy in policies for statement in policy["Statement"]]


def grants(template, role):
    """Actions that a role allows."""
    return {action for statement in statements(template, role) if statement["Effect"] == "Allow" for action in many(statement["Action"])}


def of_destinations(template, name):
    """Actions that Lambda needs of a function's role for the destinations of its asynchronous calls."""
    configs = (config for _, config in template.of("AWS::Lambda::EventInvokeConfig") if config["FunctionName"] == {"Ref": name})
    targets = (target for config in configs for target in config.get("DestinationConfig", {}).values())
    return {DESTINATION[template.text(target["Destination"]).split(":")[2]] for target in targets}


def findings(body):
    """Complaints: what a function needs and may not, what it may and does not need."""
    template, found = Template(body), []
    for name, function in template.of("AWS::Lambda::Function"):
        stage = template.text(function["FunctionName"]).removeprefix("proofreel-")
        role = template.resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        needed, granted = needs(stage) | of_destinations(template, name), grants(template, role)
        found += [f"{name} needs {action}, which its role does not grant" for action in sorted(needed - granted)]
        found += [f"{name} may {action}, which its code never does" for action in sorted(granted - needed)]
    return found
