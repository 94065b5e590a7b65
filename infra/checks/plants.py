"""Faults planted into the real template, one for each thing the checks claim to see. Each must be caught, under its own
name; the template without faults must be clean."""

import copy

import actions
import policies
import rights
import rules


def _own(body, role):
    """Statements of a role's own policy."""
    return body["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]


def _work(body, sid):
    """A statement of the policy that all functions share."""
    statements = body["Resources"]["WorkPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    return next(statement for statement in statements if statement["Sid"] == sid)


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
    for number in range(3):
        body["Resources"][f"More{number}"] = copy.deepcopy(body["Resources"]["DeadLettersAlarm"])


def _metrics(body):
    _alarms(body)
    for number in range(11):
        body["Resources"][f"Count{number}"] = {"Type": "AWS::Logs::MetricFilter", "Properties": {}}


def _board(body):
    board = body["Resources"]["Dashboard"]["Properties"]
    rows = ",".join(['["AWS/Lambda", "Errors"]'] * 60)
    board["DashboardBody"] = '{"widgets": [{"properties": {"metrics": [' + rows + "]}}]}"


# (rule that must speak, what was done wrong, the fault)
PLANTS = [
    ("no-star-action", "every action of S3", allow("QaRole", "s3:*", {"Fn::GetAtt": ["Bucket", "Arn"]})),
    ("no-star-action", "every action there is", allow("BatchRole", "*", {"Fn::GetAtt": ["Table", "Arn"]})),
    ("no-star-resource", "every table", allow("QaRole", "dynamodb:GetItem", "*")),
    ("no-star-resource", "every bucket", allow("QaRole", "s3:GetObject", "arn:aws:s3:::*/*")),
    ("no-star-resource", "every queue of the account", allow("QaRole", "sqs:SendMessage", {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:*"})),
    ("no-star-resource", "every function, beside speech", allow("RenderRole", ["polly:SynthesizeSpeech", "lambda:InvokeFunction"], "*")),
    ("no-foreign-policy", "administrator", put("QaRole", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"])),
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
    ("logs-end", "logs kept for ever", drop("QaLog", "RetentionInDays")),
    ("logs-end", "a log group that Lambda makes", drop("QaFunction", "LoggingConfig")),
    ("known-types", "a secret for forty cents", add("Secret", "AWS::SecretsManager::Secret", {})),
    ("known-types", "an API gateway", add("Api", "AWS::ApiGatewayV2::Api", {})),
    ("capacity", "paid by request", put("Table", "BillingMode", "PAY_PER_REQUEST")),
    ("capacity", "an index that breaks the 25", put("Table", "GlobalSecondaryIndexes", [{"ProvisionedThroughput": {"ReadCapacityUnits": 25, "WriteCapacityUnits": 1}}])),
    ("alarms", "an eleventh alarm", _alarms),
    ("alarms", "an alarm that tells nobody", drop("DeadLettersAlarm", "AlarmActions")),
    ("alarms", "an alarm without a runbook", put("DeadLettersAlarm", "AlarmDescription", "See specs/OPERATIONS.md, nowhere.")),
    ("metrics", "eleven own metrics", _metrics),
    ("metrics", "sixty metrics on the dashboard", _board),
    ("fits-a-new-account", "more memory than a new account has", put("RenderFunction", "MemorySize", 4096)),
    ("fits-a-new-account", "traces recorded", put("QaFunction", "TracingConfig", {"Mode": "Active"})),
    ("fits-a-new-account", "reserved concurrency", put("QaFunction", "ReservedConcurrentExecutions", 2)),
    ("room-to-unpack", "less memory than a picture may take", put("BatchFunction", "MemorySize", 256)),
    ("concurrency", "no cap", drop("QaFunctionWork", "ScalingConfig")),
    ("concurrency", "more calls at once than a new account has", put("RenderFunctionWork", "ScalingConfig", {"MaximumConcurrency": 9})),
    ("actions", "a right that the code never uses", allow("QaRole", "s3:DeleteObject", {"Fn::Sub": "${Bucket.Arn}/*"})),
    ("actions", "a right that the code needs and has not", lambda body: _work(body, "Records")["Action"].remove("dynamodb:Query")),
    ("actions", "speech for who never speaks", allow("ScriptRole", "polly:SynthesizeSpeech", "*")),
    ("actions", "a voice without its right", _without("RenderRole", "Polly")),
    ("actions", "a destination of failed events without its right", _without("WatchdogRole", "LostEvents")),
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
]

OTHERS = {"parliament": policies.findings, "actions": actions.findings}


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
    untried = set(rules.RULES) - {name for name, _, _ in PLANTS}
    return found + [f"no fault was planted for {name}" for name in sorted(untried)]
