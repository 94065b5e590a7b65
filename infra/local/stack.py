"""A local AWS with the real template in it.

`infra/template.yaml` is expanded as SAM expands it, and the differences that a local AWS needs are made in one place, `fit`;
specs/CLOUD.md lists them. Everything else is deployed as it would be to Amazon, by CloudFormation's API."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra/checks"))
import expand  # noqa: E402  (found by the line above)

ACCOUNT = "000000000000"
NAME = "proofreel"
# An address of the operator's own before the console; nobody listens there.
ADDRESS = "https://console.example.org"
# Not known to the local AWS; neither takes part in an episode.
LEFT_OUT = ("AWS::Budgets::Budget",)


class LocalAws:
    """The server and its clients. Ends with this process: the server watches its standard input. `modules` are folders in which it finds
    what its own Python does not have."""

    def __init__(self, folder, *modules):
        # Functions inherit the server's environment: a clean one, so that nothing works by accident.
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "LAMBDA_EXECUTOR": "local",
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "MINISTACK_REGION": expand.REGION,
        }
        command = [ROOT / ".cloud/bin/python", ROOT / "scripts/cloud/serve.py", "ministack", *modules]
        self.log = open(folder / "local-aws.log", "w")
        self.server = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=folder
        )
        port = self.server.stdout.readline().strip()
        if not port:
            raise SystemExit(f"cloud: the local AWS did not start; see {self.log.name} (make setup-tests installs it)")
        self.endpoint = f"http://127.0.0.1:{port}"

    def client(self, service, endpoint=None):
        """A client of the local AWS."""
        return boto3.client(
            service, endpoint_url=endpoint or self.endpoint, region_name=expand.REGION, aws_access_key_id="operator",
            aws_secret_access_key="local", config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def stop(self):
        """Ends the server and the functions it started."""
        self.server.stdin.close()
        self.server.wait(timeout=20)


def fit(body, door, environment):
    """Makes the expanded template fit a local AWS, in place.

    Leaves out what it does not know, leads each function's clients to the address that `door` gives for it, and puts programs
    and data where they lie here (`environment`) instead of in the layer."""
    for name in [name for name, res in body["Resources"].items() if res["Type"] in LEFT_OUT]:
        del body["Resources"][name]
    for name, resource in body["Resources"].items():
        if resource["Type"] != "AWS::Lambda::Function":
            continue
        properties = resource["Properties"]
        properties.pop("Layers", None)
        layer = ("PROOFREEL_FFMPEG", "PROOFREEL_FFPROBE", "PROOFREEL_FONTS")
        variables = {key: value for key, value in properties["Environment"]["Variables"].items() if key not in layer}
        # A new table: SAM's translator gives functions without variables of their own the same one.
        properties["Environment"] = {"Variables": {**variables, **environment, "AWS_ENDPOINT_URL": door(name)}}
    return body


def archive(binary):
    """A function's zip: the binary as `bootstrap`, executable, stored without compression because nobody travels far."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        entry = zipfile.ZipInfo("bootstrap", (2026, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        file.writestr(entry, binary)
    return buffer.getvalue()


def deploy(aws, sam, binaries, door, environment):
    """Creates the stack; returns its outputs. `binaries`: logical id of a function → its bytes."""
    parameters = {"AlarmEmail": "operator@example.com", "Architecture": "x86_64", "LogLevel": "info", "ConsoleAddress": ADDRESS}
    body = fit(expand.expand(sam, parameters), door, environment)
    stack = attempt(aws, body, parameters, binaries)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = aws.client("cloudformation").describe_stack_events(StackName=NAME)["StackEvents"]
        reasons = [f"  {e['LogicalResourceId']}: {e.get('ResourceStatusReason')}" for e in events if "FAILED" in e["ResourceStatus"]]
        raise SystemExit("\n".join([f"cloud: the stack is {stack['StackStatus']}", *reasons]))
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    # The local AWS gives a table the tags of the template, and a bucket none.
    tag(aws.client("s3"), outputs["BucketName"], NAME)
    mappings = aws.client("lambda")
    # The local AWS makes every trigger awake, whatever the template says.
    for mapping in mappings.list_event_source_mappings()["EventSourceMappings"]:
        mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    return outputs


def tag(s3, bucket, name):
    """Gives a bucket the tag that infra/template.yaml gives it."""
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "proofreel:stack", "Value": name}]})


def attempt(aws, body, parameters, binaries=None):
    """Has the stack created, with what it is made of in a bucket; returns it as it is when Amazon has ended."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=expand.CODE_BUCKET)
    for name, resource in body["Resources"].items():
        if resource["Type"] in ("AWS::Lambda::Function", "AWS::Lambda::LayerVersion"):
            s3.put_object(Bucket=expand.CODE_BUCKET, Key=f"{name}.zip", Body=archive((binaries or {}).get(name, b"")))
    cloudformation = aws.client("cloudformation")
    # Too long to be sent along; `sam deploy` puts it into a bucket, too.
    s3.put_object(Bucket=expand.CODE_BUCKET, Key="template.json", Body=json.dumps(body).encode())
    cloudformation.create_stack(
        StackName=NAME, TemplateURL=f"{aws.endpoint}/{expand.CODE_BUCKET}/template.json", Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    return wait_for_stack(cloudformation)


def wait_for_stack(cloudformation, seconds=60):
    """The stack once nothing of it is under way any more."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        stack = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        time.sleep(0.2)
    raise SystemExit(f"cloud: the stack is still {stack['StackStatus']} after {seconds} s")
