"""`make deploy` and `make destroy` without Amazon: SAM's command is a stub that writes down how it was called, everything else
talks to a local AWS with the real template in it.

    .cloud-check/bin/python infra/local/deploy_test.py"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import stack
from stack import ROOT, expand

STUB = '#!/bin/sh\necho "$@" >> "$CALLS"\n'


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
        for stub, where in ((STUB, folder / "sam"), ('#!/bin/sh\necho "layer $@" >> "$CALLS"\n', tree / "infra/layer/build.sh")):
            where.write_text(stub)
            where.chmod(0o755)
        aws = stack.LocalAws(folder)
        try:
            environment = {
                **os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(calls), "AWS_ENDPOINT_URL": aws.endpoint,
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

    # A first dry run: Amazon makes an empty stack for its change set, which is taken back.
    cloudformation, s3 = aws.client("cloudformation"), aws.client("s3")
    small = '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    cloudformation.create_change_set(StackName="proofreel", ChangeSetName="planned", ChangeSetType="CREATE", TemplateBody=small)
    code, said = run(environment, "deploy", "prod", "--dry-run", tree=tree)
    assert code == 0 and "nothing was created" in said, said
    assert "--no-execute-changeset" in calls.read_text() and "layer arm64" in calls.read_text()
    assert not cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "REVIEW_IN_PROGRESS"])["StackSummaries"]
    assert not aws.client("sqs").list_queues().get("QueueUrls")

    # What the stub does not do, the local AWS does here.
    made = stack.deploy(aws, expand.load(), {}, lambda _: aws.endpoint, {})
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

    calls.write_text("")
    code, said = run(environment, "destroy", "prod", tree=tree)
    assert code == 0 and "kept: bucket" in said and calls.read_text().startswith("delete"), said
    assert keys(s3, bucket), "a plain destroy keeps episodes"
    code, said = run(environment, "destroy", "prod", "--purge", tree=tree)
    assert code == 0 and made["TableName"] not in aws.client("dynamodb").list_tables()["TableNames"], said
    assert bucket not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
    code, said = run(environment, "destroy", "dev", tree=tree)
    assert code and "no stack" in said, said


if __name__ == "__main__":
    main()
