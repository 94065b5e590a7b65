"""`make deploy`, `make destroy` and what is asked of a deployed stack, without Amazon: SAM's command is a stub that writes down how it
was called and deletes the stack when that is asked, everything else talks to a local AWS with the real template in it.

    .cloud-check/bin/python infra/local/deploy_test.py"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import stack
from stack import ROOT, expand, tag

STUB = f"""#!{sys.executable}
import os, sys
with open(os.environ["CALLS"], "a") as calls:
    print(*sys.argv[1:], file=calls)
import boto3
if sys.argv[1] == "deploy" and os.environ.get("DECLINED"):
    cloudformation = boto3.client("cloudformation", region_name=os.environ["AWS_DEFAULT_REGION"])
    body = '{{"Resources": {{"Q": {{"Type": "AWS::SQS::Queue"}}}}}}'
    cloudformation.create_change_set(StackName="proofreel", ChangeSetName="declined", ChangeSetType="UPDATE", TemplateBody=body)
if sys.argv[1] == "delete":
    name, region = (sys.argv[sys.argv.index(option) + 1] for option in ("--stack-name", "--region"))
    cloudformation = boto3.client("cloudformation", region_name=region)
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={{"Delay": 1}})
"""
# `console link`, as far as it is anything to us.
PROGRAM = '#!/bin/sh\necho "$@" "$PROOFREEL_TABLE" "$PROOFREEL_BUCKET" "$PROOFREEL_QUEUE_PREFIX" "$AWS_REGION" >> "$CALLS"\n'
# A function that answers with what it was asked, or fails with it.
FUNCTION = f"""#!{sys.executable}
import os, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as event:
        name, body = event.headers["Lambda-Runtime-Aws-Request-Id"], event.read()
    urllib.request.urlopen(base + name + "/ANSWER", b'{{"asked": ' + body + b'}}')
"""


def run(environment, *arguments, tree):
    """deploy.py of a tree; (exit code, what it said)."""
    done = subprocess.run([sys.executable, tree / "infra/deploy.py", *arguments], env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def keys(s3, bucket, prefix=""):
    """Keys of a bucket."""
    return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])}


def main():
    with tempfile.TemporaryDirectory(prefix="proofreel-deploy-") as folder:
        folder = Path(folder)
        tree, calls = folder / "tree", folder / "calls"
        (tree / "infra/layer").mkdir(parents=True)
        for name in ("channels", "data"):
            subprocess.run(["cp", "-r", ROOT / name, tree / name], check=True)
        for name in ("infra/deploy.py", "samconfig.toml"):
            subprocess.run(["cp", ROOT / name, tree / name], check=True)
        layer = '#!/bin/sh\necho "layer $@" >> "$CALLS"\n'
        for stub, where in ((STUB, folder / "sam"), (layer, tree / "infra/layer/build.sh"), (PROGRAM, tree / "target/release/proofreel")):
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_text(stub)
            where.chmod(0o755)
        aws = stack.LocalAws(folder)
        try:
            # Whatever this machine's own configuration of Amazon's clients says.
            own = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
            environment = {
                **own, "AWS_CONFIG_FILE": os.devnull, "PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(calls), "AWS_ENDPOINT_URL": aws.endpoint,
                "AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": expand.REGION,
            }
            check(aws, environment, tree, calls)
        finally:
            aws.stop()
    print("deploy and destroy do what they say, against a local AWS and a stub of SAM")


def check(aws, environment, tree, calls):
    code, said = run(environment, "deploy", "prod", tree=tree)
    assert code and "AlarmEmail" in said and not calls.exists(), said
    code, said = run(environment, "deploy", "moon", tree=tree)
    assert code and "dev, prod" in said, said
    config = tree / "samconfig.toml"
    mine = "AlarmEmail=me@example.org BatchSchedule='cron(0 7 ? * TUE *)'"
    config.write_text(config.read_text().replace("AlarmEmail=you@example.com", mine))

    # A machine whose clients look in another region than the one that the stack would lie in.
    for variable in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        code, said = run({**environment, variable: "eu-central-1"}, "deploy", "prod", tree=tree)
        assert code and expand.REGION in said and "eu-central-1" in said and not calls.exists(), said
    # One where Amazon gives a function no address: said before anything is built.
    here = config.read_text()
    config.write_text(here.replace(f'region = "{expand.REGION}"', 'region = "eu-central-2"'))
    code, said = run({**environment, "AWS_DEFAULT_REGION": "eu-central-2"}, "deploy", "prod", tree=tree)
    assert code and "eu-central-2 has no Function URLs" in said and "[prod.deploy.parameters]" in said and not calls.exists(), said
    config.write_text(here)
    for verb in ("destroy", "leftovers", "start", "names"):
        code, said = run(environment, verb, "prod", tree=tree)
        assert (code and "there is no stack proofreel" in said) or (verb == "leftovers" and "nothing is left" in said), said

    # A first deploy that Amazon takes back leaves neither bucket nor table, stands in the way of the next one, and is taken away.
    fails = stack.fit(expand.expand(expand.load(), {}), lambda _: aws.endpoint, {})
    fails["Resources"]["QaQueue"]["Properties"]["VisibilityTimeout"] = 1_000_000
    fails["Resources"]["QaQueue"]["DependsOn"] = ["Bucket", "Table"]
    status = stack.attempt(aws, fails, {"AlarmEmail": "operator@example.com"})["StackStatus"]
    assert status == "ROLLBACK_COMPLETE", status
    assert not tables(aws) and not buckets(aws), "a deploy that failed leaves nothing"
    code, said = run(environment, "deploy", "prod", tree=tree)
    assert code and "ROLLBACK_COMPLETE" in said and "make destroy ENV=prod" in said and not calls.exists(), said
    code, said = run(environment, "destroy", "prod", tree=tree)
    assert code == 0 and "nothing is left" in said and calls.read_text().startswith("delete --stack-name proofreel "), said
    calls.write_text("")

    # A first dry run: Amazon makes an empty stack for its change set, which is taken back.
    cloudformation, s3 = aws.client("cloudformation"), aws.client("s3")
    small = '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    cloudformation.create_change_set(StackName="proofreel", ChangeSetName="planned", ChangeSetType="CREATE", TemplateBody=small)
    code, said = run(environment, "deploy", "prod", "--dry-run", tree=tree)
    assert code == 0 and "nothing of the stack was created" in said, said
    assert "--no-execute-changeset" in calls.read_text() and "layer arm64" in calls.read_text()
    assert not cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "REVIEW_IN_PROGRESS"])["StackSummaries"]
    assert not aws.client("sqs").list_queues().get("QueueUrls")

    # What the stub does not do, the local AWS does here.
    answers, fails = FUNCTION.replace("ANSWER", "response").encode(), FUNCTION.replace("ANSWER", "error").encode()
    functions = {"BatchFunction": answers, "WatchdogFunction": answers, "MeasureFunction": fails}
    made = stack.deploy(aws, expand.load(), functions, lambda _: aws.endpoint, {})
    calls.write_text("")
    code, said = run(environment, "deploy", "prod", tree=tree)
    assert code == 0, said
    lines = calls.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["layer", "build", "deploy"], lines
    assert all("--config-env prod" in line for line in lines[1:]) and "--no-execute" not in lines[2], lines
    bucket = made["BucketName"]
    assert "channels/demo.toml" in keys(s3, bucket) and "data/gold/datapackage.json" in keys(s3, bucket), keys(s3, bucket)
    assert not any(key.endswith(".md") for key in keys(s3, bucket))

    # Again: only what changed is sent, what is gone here goes there, and a run's blobs are left alone.
    s3.put_object(Bucket=bucket, Key="data/0123abcd", Body=b"a run's")
    s3.put_object(Bucket=bucket, Key="channels/old.toml", Body=b"id = 'old'")
    (tree / "channels/demo.toml").write_text((tree / "channels/demo.toml").read_text() + "# changed\n")
    code, said = run(environment, "deploy", "prod", tree=tree)
    assert code == 0 and "1 channel and data files copied" in said and "1 removed" in said, said
    assert "channels/old.toml" not in keys(s3, bucket) and "data/0123abcd" in keys(s3, bucket)

    # SAM asked whether to change the stack, and somebody said no.
    (tree / "channels/demo.toml").write_text((tree / "channels/demo.toml").read_text() + "# changed again\n")
    code, no = run({**environment, "DECLINED": "yes"}, "deploy", "prod", tree=tree)
    assert code and "not confirmed" in no and "copied" not in no, no
    assert not cloudformation.list_change_sets(StackName="proofreel")["Summaries"] and bucket in buckets(aws)

    asked(environment, tree, calls, made, said)
    undone(aws, environment, tree, calls, made)


def asked(environment, tree, calls, made, said):
    """What a deploy says at its end works: names, the link, the calls."""
    assert "warning" not in said and "make start ENV=prod" in said and f"--address {made['ConsoleUrl']}" in said, said
    code, named = run(environment, "names", "prod", tree=tree)
    lines = named.splitlines()
    assert code == 0 and all(f"  {line}" in said.splitlines() for line in lines if line.startswith("export")), named
    shell = subprocess.run(["sh", "-c", f'{named}\necho "$PROOFREEL_TABLE $BucketName $ConsoleUrl $AWS_REGION"'], capture_output=True, text=True, env={})
    assert shell.stdout.split() == [made["TableName"], made["BucketName"], made["ConsoleUrl"], expand.REGION], (shell, named)
    calls.write_text("")
    code, said = run(environment, "link", "prod", "", tree=tree)
    assert code and "PERSON=" in said and not calls.read_text(), said
    code, said = run(environment, "link", "prod", "anna", tree=tree)
    words = ["console", "link", "--cloud", "--as", "anna", "--address", made["ConsoleUrl"], made["TableName"], made["BucketName"], made["QueuePrefix"], expand.REGION]
    assert code == 0 and calls.read_text().split() == words, (said, calls.read_text())
    for verb in ("start", "sweep", "watch"):
        code, said = run(environment, verb, "prod", tree=tree)
        assert code == 0 and json.loads(said) == {"asked": {"do": verb}}, said
    code, said = run(environment, "measure", "prod", tree=tree)
    assert code and "proofreel-measure failed" in said and "/aws/lambda/proofreel-measure" in said, said


def undone(aws, environment, tree, calls, made):
    """Destroyed and kept; made again beside what was kept; the old taken away alone; destroyed again, and deleted for good."""
    s3, bucket = aws.client("s3"), made["BucketName"]
    calls.write_text("")
    code, said = run(environment, "destroy", "prod", tree=tree)
    assert code == 0 and f"kept: bucket {bucket}" in said and made["TableName"] in said and calls.read_text().startswith("delete"), said
    assert keys(s3, bucket), "a plain destroy keeps episodes"
    calls.write_text("")
    code, said = run(environment, "destroy", "prod", tree=tree)
    assert code == 0 and "no stack proofreel" in said and f"kept: bucket {bucket}" in said and not calls.read_text(), said

    # Another stack's bucket, whose name looks like one of ours.
    s3.create_bucket(Bucket="proofreel-bucket-holiday")
    tag(s3, "proofreel-bucket-holiday", "proofreel-dev")
    # Amazon draws a new name for each table. The local AWS draws the same again, so the one of an earlier stack is made by hand.
    earlier = "proofreel-Table-EARLIER"
    aws.client("dynamodb").create_table(
        TableName=earlier, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}], Tags=[{"Key": "proofreel:stack", "Value": "proofreel"}],
    )
    again = stack.deploy(aws, expand.load(), {}, lambda _: aws.endpoint, {})
    code, said = run(environment, "deploy", "prod", tree=tree)
    warnings = [line for line in said.splitlines() if "warning" in line]
    assert code == 0 and len(warnings) == 2 and all(bucket in line and earlier in line for line in warnings), said
    assert not any(again["BucketName"] in line or again["TableName"] in line for line in warnings), said
    code, said = run(environment, "leftovers", "prod", tree=tree)
    assert code == 0 and bucket in said and again["BucketName"] not in said and bucket in buckets(aws), said
    code, said = run(environment, "leftovers", "prod", "--purge", tree=tree)
    assert code == 0 and tables(aws) == [again["TableName"]] and buckets(aws) == sorted([again["BucketName"], "proofreel-bucket-holiday"]), said

    assert run(environment, "destroy", "prod", tree=tree)[0] == 0 and keys(s3, again["BucketName"])
    code, said = run(environment, "destroy", "prod", "--purge", tree=tree)
    assert code == 0 and f"deleted for good: bucket {again['BucketName']}" in said, said
    assert not tables(aws) and buckets(aws) == ["proofreel-bucket-holiday"]
    # At once, too.
    third = stack.deploy(aws, expand.load(), {}, lambda _: aws.endpoint, {})
    s3.put_object(Bucket=third["BucketName"], Key="order/1", Body=b"{}")
    code, said = run(environment, "destroy", "prod", "--purge", tree=tree)
    assert code == 0 and not tables(aws) and buckets(aws) == ["proofreel-bucket-holiday"], said
    code, said = run(environment, "destroy", "prod", "--purge", tree=tree)
    assert code and "nothing is left" in said, said


def tables(aws):
    """All tables."""
    return aws.client("dynamodb").list_tables()["TableNames"]


def buckets(aws):
    """All buckets but SAM's."""
    return sorted({entry["Name"] for entry in aws.client("s3").list_buckets()["Buckets"]} - {expand.CODE_BUCKET})


if __name__ == "__main__":
    main()
