"""`make deploy`, `make destroy`: the stack of one section of samconfig.toml.

    deploy.py deploy ENV [--dry-run]     build, deploy, copy channels/ and data/ into the bucket
    deploy.py destroy ENV [--purge]      delete the stack; with --purge also the table and the bucket with all episodes

`--dry-run` builds, lets Amazon work out the change set, prints it and takes it back. What goes wrong is said with what to do."""

import argparse
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parents[1]
PLACEHOLDER = "you@example.com"


def settings(env):
    """Stack name, region and parameters of a section."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    if env not in config:
        raise SystemExit(f"deploy: samconfig.toml has no section [{env}]; choose one of {', '.join(k for k in config if k != 'version')}")
    deploy = config[env]["deploy"]["parameters"]
    pairs = dict(pair.split("=", 1) for pair in shlex.split(deploy["parameter_overrides"]))
    return deploy["stack_name"], deploy["region"], pairs


def sam(env, *arguments, **variables):
    """Runs SAM's command with a section of samconfig.toml and these variables."""
    bin_folder = ROOT / ".cloud-check/bin"
    environment = {**os.environ, **variables, "SAM_CLI_TELEMETRY": "0", "PATH": f"{os.environ['PATH']}:{bin_folder}:{ROOT / '.cloud-deploy/bin'}"}
    command = ["sam", *arguments, "--config-env", env, "--config-file", str(ROOT / "samconfig.toml")]
    if subprocess.run(command, env=environment, cwd=ROOT).returncode:
        raise SystemExit(f"deploy: `{' '.join(command[:2])}` failed; its message stands above")


def outputs(cloudformation, stack):
    """Outputs of a deployed stack; None when there is no such stack."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])} | {"status": found["StackStatus"]}


def copy(s3, bucket):
    """Copies channel files and data packages whose content differs, and removes those that are gone here."""
    wanted = {}
    for folder in ("channels", "data"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".md":
                wanted[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    # Blobs of the runs lie under data/ too, by digest; a package has a folder of its own.
    packages = {key.split("/")[1] for key in wanted if key.startswith("data/")}
    there = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="channels/"):
        there.update((item["Key"], item["Size"]) for item in page.get("Contents", []))
    for package in sorted(packages):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"data/{package}/"):
            there.update((item["Key"], item["Size"]) for item in page.get("Contents", []))
    sent = 0
    for key, content in wanted.items():
        if there.get(key) != len(content) or s3.get_object(Bucket=bucket, Key=key)["Body"].read() != content:
            s3.put_object(Bucket=bucket, Key=key, Body=content)
            sent += 1
    gone = sorted(set(there) - set(wanted))
    for key in gone:
        s3.delete_object(Bucket=bucket, Key=key)
    print(f"deploy: {sent} channel and data files copied, {len(wanted) - sent} unchanged, {len(gone)} removed")


def take_back(cloudformation, stack):
    """Removes the change set of a dry run, and the empty stack that Amazon makes for the first one."""
    for summary in cloudformation.list_change_sets(StackName=stack)["Summaries"]:
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=summary["ChangeSetId"])
    if outputs(cloudformation, stack)["status"] == "REVIEW_IN_PROGRESS":
        cloudformation.delete_stack(StackName=stack)
    print("deploy: dry run; the change set is taken back and nothing was created")


def deploy(env, dry_run):
    stack, region, parameters = settings(env)
    if parameters.get("AlarmEmail", PLACEHOLDER) == PLACEHOLDER:
        raise SystemExit(f"deploy: write your own address for AlarmEmail into samconfig.toml, section [{env}.deploy.parameters]")
    architecture = parameters.get("Architecture", "arm64")
    subprocess.run([ROOT / "infra/layer/build.sh", architecture], check=True)
    # Of the parameters only this one decides what is built; `make` hears of it by the environment (infra/build.sh).
    sam(env, "build", "--parameter-overrides", f"Architecture={architecture}", PROOFREEL_ARCHITECTURE=architecture)
    cloudformation = boto3.client("cloudformation", region_name=region)
    if dry_run:
        sam(env, "deploy", "--no-execute-changeset")
        return take_back(cloudformation, stack)
    sam(env, "deploy")
    made = outputs(cloudformation, stack)
    copy(boto3.client("s3", region_name=region), made["BucketName"])
    for key, value in sorted(made.items()):
        print(f"{key:<18} {value}")
    print("deploy: done. Confirm the mail from Amazon about the alarms; the first batch begins by the schedule, or now with")
    print(f"  aws lambda invoke --function-name {made['BatchFunctionName']} --payload '{{\"do\":\"start\"}}' --cli-binary-format raw-in-base64-out /dev/stdout")


def destroy(env, purge):
    stack, region, _ = settings(env)
    made = outputs(boto3.client("cloudformation", region_name=region), stack)
    if made is None:
        raise SystemExit(f"destroy: there is no stack {stack} in {region}")
    sam(env, "delete", "--stack-name", stack, "--region", region, "--no-prompts")
    if not purge:
        print(f"destroy: kept: bucket {made['BucketName']} (episodes) and table {made['TableName']} (run log); PURGE=1 deletes them")
        return
    s3 = boto3.client("s3", region_name=region)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=made["BucketName"]):
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=made["BucketName"], Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=made["BucketName"])
    boto3.client("dynamodb", region_name=region).delete_table(TableName=made["TableName"])
    print(f"destroy: bucket {made['BucketName']} and table {made['TableName']} are deleted")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["deploy", "destroy"])
    parser.add_argument("env")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--purge", action="store_true")
    args = parser.parse_args()
    try:
        deploy(args.env, args.dry_run) if args.verb == "deploy" else destroy(args.env, args.purge)
    except (BotoCoreError, ClientError) as error:
        raise SystemExit(f"{args.verb}: {error}\n  hint: `aws configure` sets the account and the region's keys") from error


if __name__ == "__main__":
    sys.exit(main())
