"""`make deploy`, `make destroy` and what is asked of a deployed stack: that of one section of samconfig.toml.

    deploy.py deploy ENV [--dry-run]     build, deploy, copy channels/ and data/ into the bucket
    deploy.py destroy ENV [--purge]      delete the stack; with --purge also every table and bucket of its name, with all episodes
    deploy.py leftovers ENV [--purge]    tables and buckets of earlier stacks of this name; with --purge delete them
    deploy.py names ENV                  outputs as lines for a shell: eval "$(make -s names)"
    deploy.py start|sweep|watch|measure ENV   call the function that does it, now
    deploy.py link ENV NAME              a link that signs NAME in on the console

`--dry-run` builds, lets Amazon work out the change set, prints it and takes it back. Everything goes to the region that samconfig.toml
names. What goes wrong is said with what to do."""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parents[1]
PLACEHOLDER = "you@example.com"
# What of a stack that could not be made, or not be deleted, is in the way of the next one.
BROKEN = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
# Which function does what, as its schedule asks it in infra/template.yaml.
CALLS = {"start": "batch", "sweep": "batch", "watch": "watchdog", "measure": "measure"}
# Where Lambda gives a function no address, which the console needs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html,
# looked at on 2026-11-29.
WITHOUT_ADDRESS = (
    "ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-2",
    "il-central-1", "me-central-1",
)
# Bucket and table carry the name of their stack; they outlive it (infra/template.yaml).
TAG = "proofreel:stack"


def settings(env):
    """Stack name, region and parameters of a section."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    if env not in config:
        raise SystemExit(f"deploy: samconfig.toml has no section [{env}]; choose one of {', '.join(k for k in config if k != 'version')}")
    deploy = config[env]["deploy"]["parameters"]
    pairs = dict(pair.split("=", 1) for pair in shlex.split(deploy["parameter_overrides"]))
    return deploy["stack_name"], deploy["region"], pairs


def one_region(env, region):
    """Stops in a region where Amazon would take the stack back, and where samconfig.toml and the machine name different regions: the
    stack would lie in one, and whoever looks without saying where would look in the other."""
    if region in WITHOUT_ADDRESS:
        raise SystemExit(
            f"deploy: {region} has no Function URLs, which the console needs (nor had {', '.join(name for name in WITHOUT_ADDRESS if name != region)},"
            f" by Amazon's list of 2026-11-29)\n  hint: write another region into samconfig.toml, section [{env}.deploy.parameters], and into `aws configure`"
        )
    machine = os.environ.get("AWS_REGION") or boto3.Session().region_name
    if machine and machine != region:
        raise SystemExit(
            f"deploy: samconfig.toml says {region} in section [{env}.deploy.parameters], this machine (`aws configure`, AWS_REGION) says {machine}\n"
            "  hint: write the one that you want into both"
        )


def sam(env, *arguments, **variables):
    """Runs SAM's command with a section of samconfig.toml and these variables."""
    environment = {**os.environ, **variables, "SAM_CLI_TELEMETRY": "0", "PATH": f"{os.environ['PATH']}:{ROOT / '.cloud-check/bin'}"}
    command = ["sam", *arguments, "--config-env", env, "--config-file", str(ROOT / "samconfig.toml")]
    if subprocess.run(command, env=environment, cwd=ROOT).returncode:
        raise SystemExit(f"deploy: `{' '.join(command[:2])}` failed; its message stands above")


def outputs(cloudformation, stack):
    """Outputs of a stack, none of one that is not whole, and its status; None when there is no such stack."""
    try:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])} | {"status": found["StackStatus"]}


def standing(env):
    """Stack name, region and outputs of a stack that can be asked something."""
    stack, region, _ = settings(env)
    made = outputs(boto3.client("cloudformation", region_name=region), stack)
    if not made or "BucketName" not in made:
        raise SystemExit(f"there is no stack {stack} in {region}\n  hint: `make deploy ENV={env}` makes it")
    return stack, region, made


def leftovers(stack, region, present=None, gone=None):
    """(buckets, tables) that stacks of this name left: those with its tag, less those of the present stack, and those of the one that
    has just gone, by the outputs of both."""
    tagging = boto3.client("resourcegroupstaggingapi", region_name=region)
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": TAG, "Values": [stack]}], ResourceTypeFilters=["s3", "dynamodb:table"]
    )
    arns = [entry["ResourceARN"] for page in pages for entry in page["ResourceTagMappingList"]]
    s3, dynamodb = boto3.client("s3", region_name=region), boto3.client("dynamodb", region_name=region)

    def those(found, key, there):
        # By name too: the index of tags hears of what is new, and of what is gone, only after a while.
        named = [made[key] for made in [gone or {}] if key in made]
        return sorted(name for name in {*found, *named} - {(present or {}).get(key)} if there(name))

    return (
        those((arn.split(":")[-1] for arn in arns if ":s3:" in arn), "BucketName", lambda name: still(s3.head_bucket, Bucket=name)),
        those((arn.split("/")[-1] for arn in arns if ":dynamodb:" in arn), "TableName", lambda name: still(dynamodb.describe_table, TableName=name)),
    )


def still(question, **what):
    """Whether something is there: asking about it is not answered that it is gone."""
    try:
        question(**what)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchBucket", "ResourceNotFoundException"):
            return False
        raise
    return True


def listed(buckets, tables):
    """Names for a sentence."""
    return ", ".join([*(f"bucket {name} (episodes)" for name in buckets), *(f"table {name} (run log)" for name in tables)])


def warn(env, stack, region, made):
    """Tells what earlier stacks of this name left: this one does not go on with it."""
    left = listed(*leftovers(stack, region, made))
    if left:
        print(
            f"deploy: warning: an earlier {stack} left {left}. This stack has a bucket and a table of its own and does not go on with those; each\n"
            f"  such table takes 6 and 6 of the 25 units of capacity that are free. `make leftovers ENV={env}` lists them, PURGE=1 deletes them"
        )


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


def planned(cloudformation, stack):
    """Change sets that wait to be carried out."""
    if outputs(cloudformation, stack) is None:
        return set()
    return {each["ChangeSetId"] for each in cloudformation.list_change_sets(StackName=stack)["Summaries"] if each.get("ExecutionStatus") == "AVAILABLE"}


def take_back(cloudformation, stack):
    """Removes change sets that nobody carries out, and the empty stack that Amazon makes for the first one."""
    for summary in cloudformation.list_change_sets(StackName=stack)["Summaries"]:
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=summary["ChangeSetId"])
    if outputs(cloudformation, stack)["status"] == "REVIEW_IN_PROGRESS":
        cloudformation.delete_stack(StackName=stack)


def deploy(env, dry_run):
    stack, region, parameters = settings(env)
    if parameters.get("AlarmEmail", PLACEHOLDER) == PLACEHOLDER:
        raise SystemExit(f"deploy: write your own address for AlarmEmail into samconfig.toml, section [{env}.deploy.parameters]")
    one_region(env, region)
    cloudformation = boto3.client("cloudformation", region_name=region)
    # Before the build, which takes long.
    made = outputs(cloudformation, stack)
    if made and made["status"] in BROKEN:
        raise SystemExit(f"deploy: the stack {stack} in {region} is {made['status']}, and Amazon changes no such stack\n  hint: `make destroy ENV={env}` takes it away, then deploy again")
    warn(env, stack, region, made)
    architecture = parameters.get("Architecture", "arm64")
    subprocess.run([ROOT / "infra/layer/build.sh", architecture], check=True)
    # Of the parameters only this one decides what is built; `make` hears of it by the environment (infra/build.sh).
    sam(env, "build", "--parameter-overrides", f"Architecture={architecture}", PROOFREEL_ARCHITECTURE=architecture)
    if dry_run:
        sam(env, "deploy", "--no-execute-changeset")
        take_back(cloudformation, stack)
        print("deploy: dry run; the change set is taken back and nothing of the stack was created; SAM keeps its own bucket, with what was built")
        return
    before = planned(cloudformation, stack)
    sam(env, "deploy")
    # Where SAM asks first (`confirm_changeset`), "no" is no failure to it.
    if planned(cloudformation, stack) - before:
        take_back(cloudformation, stack)
        raise SystemExit("deploy: nothing was changed, since the change was not confirmed; it is taken back\n  hint: the same again, and answer y")
    made = outputs(cloudformation, stack)
    copy(boto3.client("s3", region_name=region), made["BucketName"])
    for key, value in sorted(made.items()):
        print(f"{key:<18} {value}")
    warn(env, stack, region, made)
    print(f"""deploy: done, in {region}. Confirm the mail from Amazon about the alarms; the first batch begins by the schedule. From here:
  make start ENV={env}             begins this week's episodes now
  make link ENV={env} PERSON=NAME  signs NAME in on the console; NAME stands under [publishing] approvers of the channel's file
For `proofreel … --cloud` in a shell of yours, eval "$(make -s names ENV={env})", or:""")
    print("\n".join(f"  {line}" for line in exports(region, made)))
    print(f"  proofreel console link --cloud --as NAME --address {address(env, made)}")


def destroy(env, purge):
    stack, region, _ = settings(env)
    made = outputs(boto3.client("cloudformation", region_name=region), stack)
    if made:
        sam(env, "delete", "--stack-name", stack, "--region", region, "--no-prompts")
    buckets, tables = leftovers(stack, region, gone=made)
    if not made and not buckets and not tables:
        raise SystemExit(f"destroy: there is no stack {stack} in {region}, and nothing is left of one")
    if not made:
        print(f"destroy: there is no stack {stack} in {region} any more")
    kept_or_deleted("destroy", region, buckets, tables, purge)


def left(env, purge):
    stack, region, _ = settings(env)
    made = outputs(boto3.client("cloudformation", region_name=region), stack)
    if made and "BucketName" not in made:
        raise SystemExit(f"leftovers: the stack {stack} in {region} is {made['status']}, so what is its own is not known\n  hint: wait until it is whole, or `make destroy ENV={env}`")
    kept_or_deleted("leftovers", region, *leftovers(stack, region, made), purge)


def kept_or_deleted(verb, region, buckets, tables, purge):
    """Says what is left, and deletes it for good when that is wanted."""
    names = listed(buckets, tables)
    if not names:
        print(f"{verb}: nothing is left")
        return
    if not purge:
        print(f"{verb}: kept: {names}; PURGE=1 deletes them")
        return
    s3, dynamodb = boto3.client("s3", region_name=region), boto3.client("dynamodb", region_name=region)
    for bucket in buckets:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
            if keys:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
        s3.delete_bucket(Bucket=bucket)
    for table in tables:
        dynamodb.delete_table(TableName=table)
    print(f"{verb}: deleted for good: {names}")


def variables(region, made):
    """By these `proofreel … --cloud` and Amazon's own clients find the stack."""
    return {
        "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "PROOFREEL_TABLE": made["TableName"], "PROOFREEL_BUCKET": made["BucketName"],
        "PROOFREEL_QUEUE_PREFIX": made["QueuePrefix"],
    }


def exports(region, made):
    """The same as lines of a shell."""
    return [f"export {name}={shlex.quote(value)}" for name, value in variables(region, made).items()]


def address(env, made):
    """Where people find the console: the address of one's own, or Amazon's."""
    return settings(env)[2].get("ConsoleAddress") or made["ConsoleUrl"]


def names(env):
    _, region, made = standing(env)
    print("\n".join(exports(region, made)))
    print("\n".join(f"{key}={shlex.quote(value)}" for key, value in sorted(made.items()) if key != "status"))


def link(env, name):
    if not name:
        raise SystemExit("link: say for whom: make link PERSON=NAME, a name under [publishing] of a channel's file")
    _, region, made = standing(env)
    command = [ROOT / "target/release/proofreel", "console", "link", "--cloud", "--as", name, "--address", address(env, made)]
    raise SystemExit(subprocess.run(command, env={**os.environ, **variables(region, made)}, cwd=ROOT).returncode)


def call(env, do):
    """Has a function do what its schedule has it do, and says what it answered."""
    stack, region, _ = standing(env)
    function = f"{stack}-{CALLS[do]}"
    # As long as a function may take, and once: a call that is repeated because nobody waited does everything twice.
    client = boto3.client("lambda", region_name=region, config=Config(read_timeout=900, tcp_keepalive=True, retries={"total_max_attempts": 1}))
    answer = client.invoke(FunctionName=function, Payload=json.dumps({"do": do}).encode())
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise SystemExit(f"{do}: {function} failed: {said}\n  hint: its log group /aws/lambda/{function} says more")
    print(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["deploy", "destroy", "leftovers", "names", "link", *CALLS])
    parser.add_argument("env")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--purge", action="store_true")
    args = parser.parse_args()
    verbs = {
        "deploy": lambda: deploy(args.env, args.dry_run), "destroy": lambda: destroy(args.env, args.purge),
        "leftovers": lambda: left(args.env, args.purge), "names": lambda: names(args.env), "link": lambda: link(args.env, args.name),
    }
    try:
        verbs.get(args.verb, lambda: call(args.env, args.verb))()
    except (BotoCoreError, ClientError) as error:
        hint = "credentials are those of `aws configure` (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the region is that of samconfig.toml"
        raise SystemExit(f"{args.verb}: {error}\n  hint: {hint}") from error


if __name__ == "__main__":
    sys.exit(main())
