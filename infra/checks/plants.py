"""Faults planted into the real template, one for each thing the checks claim to see. Each must be caught, under its own
name; the template without faults must be clean."""

import copy

import actions
import places
import policies
import rights
import rules


def _own(body, role):
    """Statements of a role's own policy."""
    return body["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def _shared(body, policy, sid):
    """A statement of a policy that several functions share."""
    statements = body["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]
    return next(statement for statement in statements if statement["Sid"] == sid)


def _keys(path):
    """Objects of the bucket, as a template names them."""
    return {"Fn::Sub": "${Bucket.Arn}/" + path}


def _queue(name):
    return {"Fn::GetAtt": [name, "Arn"]}


def _properties(name):
    return lambda body: body["Resources"][name]["Properties"]


def put(name, key, value):
    """A fault that sets a property."""
    return lambda body: _properties(name)(body).__setitem__(key, value)


def drop(name, key):
    """A fault that forgets a property."""
    return lambda body: _properties(name)(body).pop(key)


def add(name, kind, properties):
    """A fault that adds a resource."""
    return lambda body: body["Resources"].__setitem__(name, {"Type": kind, "Properties": properties})


def allow(role, action, resource):
    """A fault that allows more."""
    statement = {"Sid": "Planted", "Effect": "Allow", "Action": action, "Resource": resource}
    return lambda body: _own(body, role).append(statement)


def _without(role, sid):
    """A fault that forgets a statement of a role."""
    return lambda body: _own(body, role).remove(next(one for one in _own(body, role) if one["Sid"] == sid))


def _alarms(body):
    for number in range(1):
        body["Resources"][f"More{number}"] = copy.deepcopy(body["Resources"]["DeadLettersAlarm"])


def _metrics(body):
    _alarms(body)
    for number in range(11):
        body["Resources"][f"Count{number}"] = {"Type": "AWS::Logs::MetricFilter", "Properties": {}}


def _board(body):
    board = body["Resources"]["Dashboard"]["Properties"]
    rows = ",".join(['["AWS/Lambda", "Errors"]'] * 60)
    board["DashboardBody"] = '{"widgets": [{"properties": {"metrics": [' + rows + "]}}]}"


def _shown(body, what, other):
    """A fault that shows something else on the dashboard."""
    text = body["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    text["Fn::Sub"] = text["Fn::Sub"].replace(what, other)


# (rule that must speak, what was done wrong, the fault)
PLANTS = [
    ("no-star-action", "every action of S3", allow("QaRole", "s3:*", {"Fn::GetAtt": ["Bucket", "Arn"]})),
    ("no-star-action", "every action there is", allow("BatchRole", "*", {"Fn::GetAtt": ["Table", "Arn"]})),
    ("no-star-resource", "every table", allow("QaRole", "dynamodb:GetItem", "*")),
    ("no-star-resource", "every bucket", allow("QaRole", "s3:GetObject", "arn:aws:s3:::*/*")),
    ("no-star-resource", "every queue of the account", allow("QaRole", "sqs:SendMessage", {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:*"})),
    ("no-star-resource", "every function, beside speech", allow("RenderRole", ["polly:SynthesizeSpeech", "lambda:InvokeFunction"], "*")),
    ("no-foreign-policy", "administrator", put("QaRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"])),
    ("policies-fit", "a role that IAM refuses", allow("QaRole", "s3:GetObject", [_keys(f"artifact/{n:064}") for n in range(120)])),
    ("policies-fit", "a managed policy that IAM refuses", lambda body: _shared(body, "ChainPolicy", "Orders")["Resource"].extend(_keys(f"order/{n:064}") for n in range(80))),
    ("no-way-up", "may pass roles", allow("QaRole", "iam:PassRole", {"Fn::GetAtt": ["BatchRole", "Arn"]})),
    ("no-public-door", "public function URL", add("Door", "AWS::Lambda::Url", {"AuthType": "NONE"})),
    ("no-public-door", "anybody may call", add("Door", "AWS::Lambda::Permission", {"Principal": "*"})),
    ("no-secret-in-sight", "token in the environment", lambda body: _properties("QaFunction")(body)["Environment"]["Variables"].update(API_TOKEN="x")),
    ("roles-are-written-by-people", "functions may change roles", lambda body: _properties("BucketPolicy")(body)["PolicyDocument"]["Statement"].pop()),
    ("visibility", "hidden for less than a call takes", put("RenderQueue", "VisibilityTimeout", 900)),
    ("visibility", "a function that takes longer than it did", put("QaFunction", "Timeout", 300)),
    ("redrive", "one delivery and no more", put("QaQueue", "RedrivePolicy", {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}, "maxReceiveCount": 1})),
    ("redrive", "no dead letters", drop("ScriptQueue", "RedrivePolicy")),
    ("redrive", "a source that may not send its dead there", put("DeadLetters", "RedriveAllowPolicy", {"redrivePermission": "byQueue", "sourceQueueArns": []})),
    ("redrive", "letters that expire on arrival", put("DeadLetters", "MessageRetentionPeriod", 345600)),
    ("one-dead-letter-queue", "a second one nobody watches", put("QaQueue", "RedrivePolicy", {"deadLetterTargetArn": {"Fn::GetAtt": ["ScriptQueue", "Arn"]}, "maxReceiveCount": 12})),
    ("partial-batches", "a whole batch fails", drop("QaFunctionWork", "FunctionResponseTypes")),
    ("partial-batches", "ten messages a call", put("QaFunctionWork", "BatchSize", 10)),
    ("no-filter", "a filter that deletes", put("QaFunctionWork", "FilterCriteria", {"Filters": [{"Pattern": "{}"}]})),
    ("asleep", "a trigger awake all month", put("QaFunctionWork", "Enabled", True)),
    ("schedules", "a trigger that may be lost", lambda body: _properties("BatchFunctionStart")(body)["Target"].pop("DeadLetterConfig")),
    ("lost-events", "a daily round whose failure is forgotten", lambda body: body["Resources"].pop("MeasureFunctionEventInvokeConfig")),
    ("lost-events", "a destination that the role may not send to", _without("ReportRole", "LostEvents")),
    ("encrypted", "a bucket in the clear", drop("Bucket", "BucketEncryption")),
    ("encrypted", "a queue in the clear", drop("QaQueue", "SqsManagedSseEnabled")),
    ("private-bucket", "public access not blocked", drop("Bucket", "PublicAccessBlockConfiguration")),
    ("private-bucket", "no TLS asked for", lambda body: body["Resources"].pop("BucketPolicy")),
    ("private-bucket", "artifacts that expire", put("Bucket", "LifecycleConfiguration", {"Rules": [{"Prefix": "artifact/", "ExpirationInDays": 9}]})),
    ("kept", "a table deleted with its stack", lambda body: body["Resources"]["Table"].pop("DeletionPolicy")),
    ("kept", "a bucket that a failed deploy leaves behind", lambda body: body["Resources"]["Bucket"].__setitem__("DeletionPolicy", "Retain")),
    ("kept", "a table that nobody finds again", drop("Table", "Tags")),
    ("logs-end", "logs kept for ever", drop("QaLog", "RetentionInDays")),
    ("logs-end", "a log group that Lambda makes", drop("QaFunction", "LoggingConfig")),
    ("own-lines", "lines whose levels Lambda judges", lambda body: _properties("QaFunction")(body)["LoggingConfig"].update(LogFormat="JSON")),
    ("own-lines", "a format that nobody chose", lambda body: _properties("RenderFunction")(body)["LoggingConfig"].pop("LogFormat")),
    ("own-lines", "a level beside the function's own", lambda body: _properties("BatchFunction")(body)["LoggingConfig"].update(ApplicationLogLevel="WARN")),
    ("known-types", "a secret for forty cents", add("Secret", "AWS::SecretsManager::Secret", {})),
    ("known-types", "an API gateway", add("Api", "AWS::ApiGatewayV2::Api", {})),
    ("capacity", "paid by request", put("Table", "BillingMode", "PAY_PER_REQUEST")),
    ("capacity", "an index that breaks the 25", put("Table", "GlobalSecondaryIndexes", [{"ProvisionedThroughput": {"ReadCapacityUnits": 25, "WriteCapacityUnits": 1}}])),
    ("alarms", "an eleventh alarm", _alarms),
    ("alarms", "an alarm that tells nobody", drop("DeadLettersAlarm", "AlarmActions")),
    ("alarms", "an alarm without a runbook", put("DeadLettersAlarm", "AlarmDescription", "See specs/OPERATIONS.md, nowhere.")),
    ("own-counts", "a function that counts under everybody's name", lambda body: _properties("BatchFunction")(body)["Environment"]["Variables"].pop("PROOFREEL_NAMESPACE")),
    ("own-counts", "two stacks that count in one place", lambda body: _properties("BatchFunction")(body)["Environment"]["Variables"].update(PROOFREEL_NAMESPACE="proofreel")),
    ("own-counts", "a sign of life that another stack gives", put("SweepSilentAlarm", "Namespace", "proofreel")),
    ("own-counts", "an alarm on what nobody counts", put("WatchdogSilentAlarm", "MetricName", "Looked")),
    ("own-counts", "a dashboard of another stack", lambda body: _shown(body, '"${AWS::StackName}", "Swept"', '"proofreel", "Swept"')),
    ("own-counts", "a count that the dashboard forgets", lambda body: _shown(body, '["${AWS::StackName}", "Watched"]', '["AWS/Lambda", "Errors"]')),
    ("metrics", "eleven own metrics", _metrics),
    ("metrics", "sixty metrics on the dashboard", _board),
    ("fits-a-new-account", "more memory than a new account has", put("RenderFunction", "MemorySize", 4096)),
    ("fits-a-new-account", "traces recorded", put("QaFunction", "TracingConfig", {"Mode": "Active"})),
    ("fits-a-new-account", "reserved concurrency", put("QaFunction", "ReservedConcurrentExecutions", 2)),
    ("room-to-unpack", "less memory than a picture may take", put("BatchFunction", "MemorySize", 256)),
    ("room-to-render", "less disk than a long film may take", put("RenderFunction", "EphemeralStorage", {"Size": 512})),
    ("room-to-render", "disk that nothing needs", put("RenderFunction", "EphemeralStorage", {"Size": 2048})),
    ("concurrency", "no cap", drop("QaFunctionWork", "ScalingConfig")),
    ("concurrency", "more calls at once than a new account has", put("RenderFunctionWork", "ScalingConfig", {"MaximumConcurrency": 9})),
    ("concurrency", "a part of a film too many beside the clock and the console", put("RenderFunctionWork", "ScalingConfig", {"MaximumConcurrency": 5})),
    ("actions", "a right that the code never uses", allow("QaRole", "s3:DeleteObject", {"Fn::Sub": "${Bucket.Arn}/*"})),
    ("actions", "a right that the code needs and has not", lambda body: _shared(body, "RecordsPolicy", "Records")["Action"].remove("dynamodb:Query")),
    ("actions", "speech for who never speaks", allow("ScriptRole", "polly:SynthesizeSpeech", "*")),
    ("actions", "a voice without its right", _without("RenderRole", "Polly")),
    ("actions", "a destination of failed events without its right", _without("WatchdogRole", "LostEvents")),
    ("places", "the whole bucket", allow("QaRole", "s3:GetObject", _keys("*"))),
    ("places", "a stage that may read films", allow("QaRole", "s3:GetObject", _keys("file/*"))),
    ("places", "a stage that may write what its runs begin with", allow("ResearchRole", "s3:PutObject", _keys("order/*"))),
    ("places", "a planner that may read what later stages made", allow("PlannerRole", "s3:GetObject", _keys("artifact/*"))),
    ("places", "a stage that may not read what it begins with", _without("ScriptRole", "Inputs")),
    ("places", "a stage that may not store what it made", lambda body: _shared(body, "ChainPolicy", "Artifacts").__setitem__("Resource", _keys("files/*"))),
    ("places", "films that cannot be stored", _without("RenderRole", "Films")),
    ("places", "kept answers looked for in another place", lambda body: _shared(body, "OutsidePolicy", "Answers").__setitem__("Resource", _keys("cache/*"))),
    ("places", "a watchdog that may write reports", allow("WatchdogRole", "s3:PutObject", _keys("reports/*"))),
    ("places", "a stage that may call the publisher", allow("ResearchRole", "sqs:SendMessage", _queue("PublishQueue"))),
    ("places", "a publisher that may send to a stage", allow("PublishRole", "sqs:SendMessage", _queue("ScriptQueue"))),
    ("places", "a console that may write dead letters", allow("GatewayRole", "sqs:SendMessage", _queue("DeadLetters"))),
    ("places", "a film that nobody offers", _without("RenderRole", "Offer")),
    ("places", "a stage that nobody sends to", lambda body: _shared(body, "ChainPolicy", "Messages")["Resource"].remove(_queue("QaQueue"))),
    ("parliament", "an action that does not exist", allow("QaRole", "s3:GetObjects", {"Fn::Sub": "${Bucket.Arn}/*"})),
    ("parliament", "an action that the resource does not know", allow("QaRole", "s3:PutObject", {"Fn::GetAtt": ["Bucket", "Arn"]})),
]


# Calls that no role of the template allows, by what is wrong with them.
CALLS = [
    ("a stage that deletes artifacts", ("QaFunction", "s3:DeleteObject", "arn:aws:s3:::bucket/artifact/1")),
    ("a voice that deletes artifacts", ("RenderFunction", "s3:DeleteObject", "arn:aws:s3:::bucket/artifact/1")),
    ("another queue's messages", ("QaFunction", "sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:123456789012:proofreel-script")),
    ("another stack's secret", ("ScriptFunction", "ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/other/key")),
    ("a function that changes a channel", ("BatchFunction", "s3:PutObject", "arn:aws:s3:::bucket/channels/demo.toml")),
    ("a stage that reads a film", ("QaFunction", "s3:GetObject", "arn:aws:s3:::bucket/file/1")),
    ("a report over somebody's order", ("ReportFunction", "s3:PutObject", "arn:aws:s3:::bucket/order/1")),
    ("a stage that calls the publisher", ("ScriptFunction", "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:proofreel-publish")),
    ("a key of a provider for the console", ("GatewayFunction", "ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/proofreel/youtube_client_secret")),
]

OTHERS = {"parliament": policies.findings, "actions": actions.findings, "places": places.findings}


def _table(change):
    """What is told of the table of places once it was changed."""
    return list(places.told(change(list(places.PLACES)), places.of_code()))


_ONE = next(place for place in places.PLACES if place.file.startswith("console/"))
# Faults of the table of places, by what is wrong with it.
TABLES = [
    ("a call of the code that the table does not know", lambda: list(places.told(places.PLACES, {**places.of_code(), ("lambda/src/new.rs", "new"): frozenset({"get"})}))),
    ("a place that does more than the table says", lambda: _table(lambda rows: [row._replace(verbs="get") if row == _ONE else row for row in rows])),
    ("a place that is no more", lambda: _table(lambda rows: [*rows, places.Place("lambda/src/gone.rs", "gone", "get", ("order/*",), frozenset())])),
    ("a function that cannot be where the table says", lambda: _table(lambda rows: [*rows, _ONE._replace(who=frozenset({"planner"}))])),
    ("a store asked through another name", lambda: places.asked("struct Held(Arc<dyn Blobs>);", "{ self.0.get(key).await }")),
]


def _speaks(name, body):
    """Whether a rule, parliament or the comparison with the code finds something in an expanded template."""
    if name in OTHERS:
        return bool(OTHERS[name](body))
    return name in {rule for rule, _, _ in rules.findings(body)}


def failures(body):
    """Complaints about the checks themselves: plants missed, and rules that no plant tries."""
    found = []
    for name, what, fault in PLANTS:
        bad = copy.deepcopy(body)
        fault(bad)
        if not _speaks(name, bad):
            found.append(f"planted: {what}; {name} did not see it")
    if actions.unknown_calls("self.s3.copy_object().bucket(b)") != {"copy_object"}:
        found.append("planted: a call of the SDK that nobody knows; actions did not see it")
    if actions.of_port_methods().get(("secrets", "get")) != {"ssm:GetParameter"}:
        found.append("planted: a function that reads a secret; actions does not know which right it needs")
    found += [f"planted: {what}; rights did not see it" for what, call in CALLS if not rights.findings(body, [call])]
    for what, fault in TABLES:
        if not fault():
            found.append(f"planted: {what}; places did not see it")
    untried = set(rules.RULES) - {name for name, _, _ in PLANTS}
    return found + [f"no fault was planted for {name}" for name in sorted(untried)]
