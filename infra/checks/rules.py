"""Our own rules over the expanded template. A rule is a function from a Template to (resource, complaint) pairs; its name is
what an exception in a resource's metadata names: `Metadata: {Exceptions: {rule-name: why}}`."""

import json
import re
import tomllib
from pathlib import Path

import rights
from template import Template, many

ROOT = Path(__file__).resolve().parents[2]
ALLOWANCES = tomllib.loads((ROOT / "specs/policy/allowances.toml").read_text())
LIMITS = ALLOWANCES["limits"]
PIPELINE = tomllib.loads((ROOT / "specs/policy/pipeline.toml").read_text())
PICTURES = tomllib.loads((ROOT / "specs/policy/pictures.toml").read_text())["file"]
EPISODE = tomllib.loads((ROOT / "specs/policy/episode.toml").read_text())
MEASURED = tomllib.loads((ROOT / "infra/measured.toml").read_text())
FREE = {allowance["id"]: allowance["free"] for allowance in ALLOWANCES["allowance"] if "free" in allowance}
RULES = {}

# Types that cost nothing at our size. Whatever is not here has to be argued into the list: API Gateway, Secrets Manager,
# own keys, NAT, composite alarms and Step Functions were left out on purpose.
TYPES = {
    "AWS::Budgets::Budget", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::Table",
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function", "AWS::Lambda::LayerVersion", "AWS::Lambda::Permission", "AWS::Lambda::Url", "AWS::Logs::LogGroup", "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::Scheduler::Schedule",
}
FUNCTION, MAPPING, QUEUE = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::SQS::Queue"


def rule(function):
    """Registers a rule under its name with hyphens."""
    RULES[function.__name__.replace("_", "-")] = function
    return function


def findings(body):
    """All (rule, resource, complaint) of an expanded template, less those that the template argues away."""
    template, found = Template(body), []
    for name, check in RULES.items():
        found += [(name, res, why) for res, why in check(template) if not template.excuse(res, name)]
    return found


# ------------------------------------------------------------------ who may do what


@rule
def no_star_action(t):
    for name, statement in t.policies():
        for action in many(statement.get("Action", [])):
            if statement.get("Effect") == "Allow" and "*" in action:
                yield name, f"allows {action}; name the actions"
        if "NotAction" in statement or "NotResource" in statement:
            yield name, "allows by exclusion (NotAction, NotResource)"


# Actions for which Amazon has no resource but `*`, and which neither read nor write anything of ours.
SPEECH = {"polly:SynthesizeSpeech"}


@rule
def no_star_resource(t):
    for name, statement in t.policies():
        if set(many(statement.get("Action", []))) <= SPEECH and statement.get("Action"):
            continue
        for resource in many(t.text(statement.get("Resource", "*"))):
            if statement.get("Effect") == "Allow" and re.fullmatch(r"[*]|arn:[^:]*:[^:]*:[^:]*:[^:]*:[*]|arn:aws:s3:::[*].*", str(resource)):
                yield name, f"allows {statement.get('Action')} on {resource}; name the resources"


@rule
def no_foreign_policy(t):
    own = {name for name, _ in t.of("AWS::IAM::ManagedPolicy")}
    for name, role in t.of("AWS::IAM::Role"):
        for policy in role.get("ManagedPolicyArns", []):
            if not (isinstance(policy, dict) and policy.get("Ref") in own):
                yield name, f"takes the policy {t.text(policy)}, which is wider than what the code does"


# What IAM takes: characters without white space of a managed policy and of all of a role's own, and managed policies of a role.
MANAGED, INLINE, ATTACHED = 6144, 10240, 10


@rule
def policies_fit(t):
    def size(document):
        return len(json.dumps(t.text(document), separators=(",", ":")))

    for name, policy in t.of("AWS::IAM::ManagedPolicy"):
        if size(policy["PolicyDocument"]) > MANAGED:
            yield name, f"has {size(policy['PolicyDocument'])} characters; IAM takes {MANAGED}"
    for name, role in t.of("AWS::IAM::Role"):
        own = sum(size(policy["PolicyDocument"]) for policy in role.get("Policies", []))
        if own > INLINE:
            yield name, f"has policies of {own} characters; IAM takes {INLINE}"
        if len(role.get("ManagedPolicyArns", [])) > ATTACHED:
            yield name, f"takes {len(role['ManagedPolicyArns'])} managed policies; IAM takes {ATTACHED}"


@rule
def no_way_up(t):
    for name, statement in t.policies():
        for action in many(statement.get("Action", [])):
            if action.split(":")[0].lower() in ("iam", "sts", "organizations", "cloudformation"):
                yield name, f"allows {action}, with which a function could give itself more"


@rule
def no_public_door(t):
    for name, url in t.of("AWS::Lambda::Url"):
        if url.get("AuthType") == "NONE":
            yield name, "is a public function URL"
    for name, permission in t.of("AWS::Lambda::Permission"):
        if permission.get("Principal") == "*":
            yield name, "lets anybody call the function"
    for kind in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"):
        for name, policy in t.of(kind):
            for statement in many(policy.get("PolicyDocument", {}).get("Statement", [])):
                if statement.get("Effect") == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"}):
                    yield name, "is open to everybody"


@rule
def no_secret_in_sight(t):
    for name, function in t.of(FUNCTION):
        for variable in function.get("Environment", {}).get("Variables", {}):
            if re.search(r"TOKEN|PASSWORD|SECRET(?!S$)|API_?KEY|CREDENTIAL", variable):
                yield name, f"carries {variable} in its environment; put it into an SSM parameter"


# ------------------------------------------------------------------ messages


@rule
def visibility(t):
    for name, mapping in t.of(MAPPING):
        queue = t.by_arn(mapping.get("EventSourceArn"), QUEUE)
        function = t.resources.get(str(mapping.get("FunctionName", {}).get("Ref")), {}).get("Properties", {})
        hidden, timeout = (queue or (None, {}))[1].get("VisibilityTimeout", 30), function.get("Timeout", 3)
        if hidden < 6 * timeout:
            yield name, f"hides a message for {hidden} s; six times the function's {timeout} s is {6 * timeout}"


@rule
def redrive(t):
    for name, mapping in t.of(MAPPING):
        queue = t.by_arn(mapping.get("EventSourceArn"), QUEUE)
        if queue is None:
            yield name, "reads a queue that the template does not make"
            continue
        policy = queue[1].get("RedrivePolicy", {})
        target = t.by_arn(policy.get("deadLetterTargetArn"), QUEUE)
        if target is None:
            yield queue[0], "has no dead letters"
            continue
        if policy.get("maxReceiveCount", 0) < 5:
            yield queue[0], "gives a message up before its fifth delivery"
        if policy.get("maxReceiveCount") != PIPELINE["max_receives"]:
            yield queue[0], f"maxReceiveCount differs from pipeline.max_receives, {PIPELINE['max_receives']}"
        if target[1].get("MessageRetentionPeriod", 0) <= queue[1].get("MessageRetentionPeriod", 345600):
            yield target[0], f"keeps letters no longer than {queue[0]}, so an old message would be lost on arrival"
        sources = t.text(target[1].get("RedriveAllowPolicy", {}).get("sourceQueueArns", []))
        if t.text({"Fn::GetAtt": [queue[0], "Arn"]}) not in sources:
            yield target[0], f"does not allow {queue[0]} as a source"
        if len(sources) > 10:
            yield target[0], f"names {len(sources)} sources; Amazon takes ten"


@rule
def one_dead_letter_queue(t):
    targets = {str(t.text(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))) for _, queue in t.of(QUEUE)} - {"None"}
    if len(targets) > 1:
        yield "DeadLetters", f"there are {len(targets)} dead-letter queues, and one alarm that watches one of them"


@rule
def partial_batches(t):
    for name, mapping in t.of(MAPPING):
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield name, "does not report batch item failures: one bad message would fail its neighbours"
        if mapping.get("BatchSize") != 1:
            yield name, "takes more than one message a call; a time-out would repeat them all"


@rule
def no_filter(t):
    for name, mapping in t.of(MAPPING):
        if "FilterCriteria" in mapping:
            yield name, "filters: what does not match is deleted without a word"


@rule
def asleep(t):
    for name, mapping in t.of(MAPPING):
        if mapping.get("Enabled") is not False:
            yield name, "is awake from the start: it polls all month, which eats the free requests of SQS"


@rule
def schedules(t):
    for name, schedule in t.of("AWS::Scheduler::Schedule"):
        target = schedule.get("Target", {})
        if "DeadLetterConfig" not in target or "RetryPolicy" not in target:
            yield name, "has no retry policy or no dead letters: a lost trigger would stay unseen"
        if schedule.get("FlexibleTimeWindow", {}).get("Mode") != "OFF":
            yield name, "has a flexible time window"


@rule
def lost_events(t):
    called = {str(t.text(schedule["Target"]["Arn"])) for _, schedule in t.of("AWS::Scheduler::Schedule")}
    configs = {str(config.get("FunctionName", {}).get("Ref")): config for _, config in t.of("AWS::Lambda::EventInvokeConfig")}
    for name, function in t.of(FUNCTION):
        if t.text({"Fn::GetAtt": [name, "Arn"]}) not in called:
            continue
        target = configs.get(name, {}).get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if t.by_arn(target, QUEUE) is None:
            yield name, "is called by a schedule and has nowhere to put an event that failed for good"
        elif not rights.allowed(t, name, "sqs:SendMessage", t.text(target)):
            yield name, "may not send to the destination of its failed events; Lambda refuses the deploy"


# ------------------------------------------------------------------ what is kept, and how


@rule
def encrypted(t):
    for name, bucket in t.of("AWS::S3::Bucket"):
        if "BucketEncryption" not in bucket:
            yield name, "is not encrypted"
    for name, queue in t.of(QUEUE):
        if queue.get("SqsManagedSseEnabled") is not True:
            yield name, "is not encrypted"
    for name, topic in t.of("AWS::SNS::Topic"):
        if "KmsMasterKeyId" not in topic:
            yield name, "is not encrypted"


@rule
def private_bucket(t):
    block = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for name, bucket in t.of("AWS::S3::Bucket"):
        if not all(bucket.get("PublicAccessBlockConfiguration", {}).get(key) is True for key in block):
            yield name, "does not block public access"
        prefixes = [rule.get("Prefix") for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", []) if "ExpirationInDays" in rule]
        if set(prefixes) != {"parts/", "answers/"}:
            yield name, f"lets {prefixes} expire; only parts/ and answers/ may, and must"
        over_tls = [
            statement
            for _, policy in t.of("AWS::S3::BucketPolicy")
            if policy.get("Bucket") == {"Ref": name}
            for statement in many(policy.get("PolicyDocument", {}).get("Statement", []))
            if statement.get("Effect") == "Deny" and "aws:SecureTransport" in json.dumps(statement.get("Condition", {}))
        ]
        if not over_tls:
            yield name, "answers without TLS"


@rule
def roles_are_written_by_people(t):
    for name, _ in t.of("AWS::S3::Bucket"):
        denied = [
            resource
            for _, policy in t.of("AWS::S3::BucketPolicy")
            for statement in many(policy.get("PolicyDocument", {}).get("Statement", []))
            if statement.get("Effect") == "Deny"
            and statement.get("Principal") == "*"
            and "s3:PutObject" in many(statement.get("Action", []))
            and ":role/${AWS::StackName}-*" in json.dumps(statement.get("Condition", {}).get("ArnLike", {}))
            for resource in many(statement.get("Resource", []))
        ]
        for path in ("channels/*", "notices.toml", "providers.toml"):
            if {"Fn::Sub": "${%s.Arn}/%s" % (name, path)} not in denied:
                yield name, f"lets functions write {path}, where people say who may do what"


@rule
def kept(t):
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table"):
        for name, properties in t.of(kind):
            policies = [t.resources[name].get(policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")]
            if policies[0] == "Retain":
                yield name, "would be left behind by a first deploy that fails; RetainExceptOnCreate keeps it as well"
            elif policies != ["RetainExceptOnCreate", "Retain"]:
                yield name, "would be deleted with the stack"
            if {"Key": "proofreel:stack", "Value": {"Ref": "AWS::StackName"}} not in properties.get("Tags", []):
                yield name, "does not say by its tag proofreel:stack whose it was, so `make leftovers` would not find it"


@rule
def logs_end(t):
    for name, function in t.of(FUNCTION):
        group = t.resources.get(str(function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")), {}).get("Properties", {})
        if not 0 < group.get("RetentionInDays", 0) <= 14:
            yield name, "has no log group of its own that forgets after 14 days"


@rule
def own_lines(t):
    # In its JSON format Lambda gives a line that does not name its time as it expects the level INFO, drops debug lines unless it is told
    # otherwise, and has other words for a time-out than the runbooks (decision 0088). Our lines are JSON by themselves.
    for name, function in t.of(FUNCTION):
        logging = function.get("LoggingConfig", {})
        if logging.get("LogFormat") != "Text":
            yield name, f"has its log in the format {logging.get('LogFormat')}; in Text Lambda leaves our lines as they are"
        if kept_back := sorted({"ApplicationLogLevel", "SystemLogLevel"} & set(logging)):
            yield name, f"has {kept_back[0]}: levels are PROOFREEL_LOG's, and Lambda takes none with Text"


# ------------------------------------------------------------------ free, really


@rule
def known_types(t):
    for name, resource in t.resources.items():
        if resource.get("Type") not in TYPES:
            yield name, f"is of type {resource.get('Type')}, of which nobody has argued that it is free"


@rule
def capacity(t):
    read = write = 0
    for name, table in t.of("AWS::DynamoDB::Table"):
        if table.get("BillingMode", "PROVISIONED") != "PROVISIONED":
            yield name, "is paid by request, which is not in the free allowance"
        for unit in [table, *table.get("GlobalSecondaryIndexes", [])]:
            read += unit.get("ProvisionedThroughput", {}).get("ReadCapacityUnits", 0)
            write += unit.get("ProvisionedThroughput", {}).get("WriteCapacityUnits", 0)
        if table.get("SSESpecification", {}).get("SSEEnabled") is True:
            yield name, "uses a key of KMS, whose requests are counted; DynamoDB's own key is free"
    if read > FREE["dynamodb_read_units"] or write > FREE["dynamodb_write_units"]:
        yield "Table", f"{read} read and {write} write units in sum; 25 of each are free"


@rule
def alarms(t):
    watching = t.of("AWS::CloudWatch::Alarm")
    if len(watching) > FREE["cloudwatch_alarms"]:
        yield watching[-1][0], f"{len(watching)} alarms; {FREE['cloudwatch_alarms']} are free"
    runbook = (ROOT / "specs/OPERATIONS.md").read_text()
    for name, alarm in watching:
        if not alarm.get("AlarmActions") or "TreatMissingData" not in alarm or "Metrics" in alarm:
            yield name, "tells nobody, leaves open what silence means, or uses metric math, which bills every metric in it"
        heading = re.search(r"OPERATIONS\.md, ([a-z-]+)\.", alarm.get("AlarmDescription", ""))
        if not heading or f"\n### {heading[1]}\n" not in runbook:
            yield name, "does not name a section of specs/OPERATIONS.md"


# The stack's own counts: the variable that names their place, as the functions read it, and the counts that they write.
SPACE, OWN_SPACE = "PROOFREEL_NAMESPACE", {"Ref": "AWS::StackName"}
READS_SPACE = f'"{SPACE}"' in (ROOT / "shared/lambda/src/environment.rs").read_text()
COUNTED = set(re.findall(r'Self::\w+ => "(\w+)"', (ROOT / "shared/lambda/src/metrics.rs").read_text()))


def own_alarms(t):
    """(alarm, its namespace, its count) of what is no metric of Amazon's."""
    watching = [(name, alarm.get("Namespace"), alarm.get("MetricName")) for name, alarm in t.of("AWS::CloudWatch::Alarm")]
    return [(name, space, count) for name, space, count in watching if not str(t.text(space)).startswith("AWS/")]


def own_rows(board):
    """(namespace, count) of what a dashboard shows and is no metric of Amazon's; names in it are left as the template has them."""
    body = board["DashboardBody"]
    widgets = json.loads(body["Fn::Sub"] if isinstance(body, dict) else body)["widgets"]
    rows = [row for widget in widgets for row in widget["properties"]["metrics"]]
    return [(space, count) for space, count, *_ in rows if not space.startswith("AWS/")]


@rule
def own_counts(t):
    # Of two stacks in one account each has its own, or the signs of life of one keep the silent other's alarms quiet.
    for name, function in t.of(FUNCTION):
        if not READS_SPACE or function.get("Environment", {}).get("Variables", {}).get(SPACE) != OWN_SPACE:
            yield name, f"does not write its counts below the stack's own name; set {SPACE}, which shared/lambda reads"
    for name, space, count in own_alarms(t):
        if space != OWN_SPACE or count not in COUNTED:
            yield name, f"watches {count} in {t.text(space)}; functions write {sorted(COUNTED)} below the stack's own name"
    for name, board in t.of("AWS::CloudWatch::Dashboard"):
        shown = {count for space, count in own_rows(board) if space == "${AWS::StackName}"}
        if shown != COUNTED or len(shown) < len(own_rows(board)):
            yield name, f"does not show just what functions count, each once and below the stack's own name: {sorted(shown ^ COUNTED)}"


@rule
def metrics(t):
    custom = {count for _, _, count in own_alarms(t)} | {count for _, board in t.of("AWS::CloudWatch::Dashboard") for _, count in own_rows(board)}
    custom |= {(name, "") for name, _ in t.of("AWS::Logs::MetricFilter")}
    if len(custom) > FREE["cloudwatch_metrics"]:
        yield "Dashboard", f"{len(custom)} custom metrics; {FREE['cloudwatch_metrics']} are free"
    boards = t.of("AWS::CloudWatch::Dashboard")
    if len(boards) > FREE["cloudwatch_dashboards"]:
        yield boards[-1][0], f"{len(boards)} dashboards; {FREE['cloudwatch_dashboards']} are free"
    for name, board in boards:
        widgets = json.loads(t.text(board["DashboardBody"]))["widgets"]
        shown = sum(len(widget["properties"]["metrics"]) for widget in widgets)
        if shown > LIMITS["dashboard_metrics"]:
            yield name, f"shows {shown} metrics; {LIMITS['dashboard_metrics']} are free"


@rule
def fits_a_new_account(t):
    for name, function in t.of(FUNCTION):
        if function.get("MemorySize", 128) > LIMITS["new_account_memory_mb"]:
            yield name, f"asks for {function['MemorySize']} MB; a new account gives {LIMITS['new_account_memory_mb']}"
        if function.get("Timeout", 3) > LIMITS["lambda_seconds"]:
            yield name, f"asks for {function['Timeout']} s; Lambda gives {LIMITS['lambda_seconds']}"
        if function.get("TracingConfig", {}).get("Mode") == "Active":
            yield name, "records traces, of which only a hundred thousand are free"
        if "ReservedConcurrentExecutions" in function:
            yield name, "reserves concurrency, which an account with ten cannot give"


@rule
def room_to_unpack(t):
    # A stranger's picture may take what the law lets it take; a function that is ended for it would start no run of the week.
    needed = (PICTURES["memory_bytes"] + 2 * PICTURES["bytes"]) / 1e6 + LIMITS["resident_mb"]
    for name, function in t.of(FUNCTION):
        if t.text(function.get("FunctionName", "")).endswith("-batch") and function.get("MemorySize", 128) < needed:
            yield name, f"has {function.get('MemorySize', 128)} MB; unpacking a stock picture may take {needed:.0f}"


# What grows with the film is its sound as samples (`sound.wav`, 0.384 MB a second while it is mastered), then the film and its segments, which lie there side by side
# while they are joined. Photographs cost more bits than charts, and an attempt that was ended may have left its folder; more than twice that is paid for nothing.
TIMES_MEASURED, TIMES_NEEDED = 4, 2


@rule
def room_to_render(t):
    measured = next(function["storage_mb"] for function in MEASURED["function"] if function["name"] == "render")
    needed = TIMES_MEASURED * measured / MEASURED["run"]["film_seconds"] * EPISODE["runtime_seconds"][1]
    for name, function in t.of(FUNCTION):
        room = function.get("EphemeralStorage", {}).get("Size", LIMITS["free_storage_mb"])
        if t.text(function.get("FunctionName", "")).endswith("-render") and not needed <= room <= max(TIMES_NEEDED * needed, LIMITS["free_storage_mb"]):
            yield name, f"has {room} MB of disk; {TIMES_MEASURED} times what the longest episode takes by infra/measured.toml are {needed:.0f}"


@rule
def concurrency(t):
    caps = {name: mapping.get("ScalingConfig", {}).get("MaximumConcurrency") for name, mapping in t.of(MAPPING)}
    for name, cap in caps.items():
        if cap is None:
            yield name, "has no MaximumConcurrency"
    # A run is in one stage at a time, so as many text stages work at once as runs are alive; render splits a film. Beside them
    # come those whom the clock or a person calls, as in `proofreel budget`.
    films = sum(cap or 0 for name, cap in caps.items() if name.startswith("Render"))
    texts = sum(cap or 0 for name, cap in caps.items() if not name.startswith("Render"))
    peak = films + min(texts, LIMITS["live_runs"]) + LIMITS["beside_runs"]
    if peak > LIMITS["new_account_concurrency"]:
        yield "RenderFunctionWork", f"{peak} calls at once with {LIMITS['live_runs']} runs alive; a new account gives {LIMITS['new_account_concurrency']}"
