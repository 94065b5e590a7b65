"""`make cloud`: the real template and the real functions on a local AWS, from a schedule's event to a film that was approved on the
console and published into the bucket, once. People are told by mail of the film that waits, of a lost consent (once) and of its
return, and get the week's page; figures are read from a stand-in of YouTube's interfaces once its owner consented. In front of
it all lies a message that nobody can read: it keeps nothing from its way, is told and dropped.

    .cloud-check/bin/python infra/local/cloud.py [--keep] [--measure] [--channels DIR] [--bin DIR] [--program FILE] [--out DIR]

Exit code 0 when the film lies in --out and every trigger sleeps again."""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import figures
import measure
import stack  # puts infra/checks on the path
import linked
import rights
from mailbox import Mailbox
from proxy import Proxy
from stack import ROOT, expand
from template import ACCOUNT, Template
from visitor import Visitor
from watch import Watch

BEGAN = time.monotonic()
BATCH = "proofreel-batch"
# What nobody can read.
POISON = '{"run": 7'


def say(text):
    """A line with the seconds since the start."""
    print(f"{time.monotonic() - BEGAN:7.1f} s  {text}", flush=True)


# Architecture of a program for Linux, by the number in its header (ELF, e_machine).
MACHINES = {62: "x86_64", 183: "aarch64"}


def binaries(sam, folder):
    """Logical id of every function → bytes of its binary, without the symbols that a debug build carries."""
    found, there = {}, linked.binaries(folder)
    for name, resource in sam["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            # As `infra/build.sh` names them: PlannerFunction is proofreel-fn-planner.
            function = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.removesuffix("Function")).lower()
            if function not in there:
                raise SystemExit(f"cloud: {folder} has no function {function}; `make cloud` builds them, `make cloud BUILT=1` as they are deployed")
            machine = MACHINES.get(int.from_bytes(there[function].read_bytes()[18:20], "little"), "unknown")
            if machine != platform.machine():
                raise SystemExit(f"cloud: {there[function]} is for {machine}, this machine is {platform.machine()}; `make cloud BUILT=1` builds for this one")
            with tempfile.NamedTemporaryFile() as bare:
                subprocess.run(["strip", "-o", bare.name, there[function]], check=True)
                found[name] = Path(bare.name).read_bytes()
    return found


def judged_by_linker(folder):
    """The code's map against what the linker made of it; of binaries that cannot be asked a line says so."""
    if stale := linked.findings(folder):
        raise SystemExit("\n".join(["cloud: infra/checks/actions.py and the linker differ:", *stale]))
    if mute := linked.silent(folder):
        say(f"NOT CHECKED: infra/checks/actions.py against the linker, for {len(mute)} functions of {folder}: {', '.join(sorted(set(mute.values())))}.")
        say("             Their symbols say nothing of rooms; `make test` asks the development build of the same code.")


def copy(aws, bucket, channels):
    """What `make deploy` copies: channel files and data packages."""
    s3, copied = aws.client("s3"), 0
    for folder, prefix in ((channels, "channels"), (ROOT / "data", "data")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".md":
                s3.put_object(Bucket=bucket, Key=f"{prefix}/{path.relative_to(folder)}", Body=path.read_bytes())
                copied += 1
    return copied


def fire(aws, schedule_of, function="Batch"):
    """Does what the scheduler does: sends a schedule's own input, with the time it asks for, to its target."""
    scheduler = aws.client("scheduler")
    names = [schedule["Name"] for schedule in scheduler.list_schedules()["Schedules"]]
    name = next(name for name in names if f"{function}Function{schedule_of}-" in name)
    target = scheduler.get_schedule(Name=name)["Target"]
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = target["Input"].replace("<aws.scheduler.scheduled-time>", now)
    answer = aws.client("lambda").invoke(FunctionName=target["Arn"], Payload=event.encode())
    report = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise SystemExit(f"cloud: {schedule_of} failed: {report}")
    return report


def head(aws, table, run):
    """A run's head row: where it stands."""
    row = aws.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": f"run#{run}"}, "sk": {"S": "head"}}, ConsistentRead=True)
    return plain(row["Item"]["body"])


def plain(value):
    """An attribute value as JSON."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return {key: plain(item) for key, item in inner.items()}
    if kind == "L":
        return [plain(item) for item in inner]
    return float(inner) if kind == "N" else None if kind == "NULL" else inner


def follow(aws, table, run, seconds):
    """Waits until a run rests; says each stage."""
    until, last = time.monotonic() + seconds, None
    while time.monotonic() < until:
        row = head(aws, table, run)
        now = row["stage"] if row["state"] == "running" else row["state"]
        if now != last:
            say(f"{run}: {now}")
            last = now
        if row["state"] == "done":
            return row
        if row["state"] != "running":
            raise SystemExit(f"cloud: {run} ended as {json.dumps(row)}")
        time.sleep(0.5)
    raise SystemExit(f"cloud: {run} was not done within {seconds} s; it stands at {last}")


def publication(aws, table, channel, run):
    """The row of a run's publication; empty before it was offered."""
    key = {"pk": {"S": f"publication#{channel}"}, "sk": {"S": run}}
    row = aws.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    return plain(row["body"]) if row else {}


def until(what, found, seconds=120):
    """Waits until `found` gives something true, and gives it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.5)
    raise SystemExit(f"cloud: {what} did not come about within {seconds} s")


def operator(args, aws, outputs, *words):
    """What an operator's `proofreel … --cloud` answers, as JSON."""
    environment = {
        **os.environ, "AWS_ENDPOINT_URL": aws.endpoint, "AWS_REGION": expand.REGION, "AWS_ACCESS_KEY_ID": "operator",
        "AWS_SECRET_ACCESS_KEY": "local", "PROOFREEL_TABLE": outputs["TableName"], "PROOFREEL_BUCKET": outputs["BucketName"],
        "PROOFREEL_QUEUE_PREFIX": outputs["QueuePrefix"],
    }
    command = [args.program, "--json", *words, "--cloud"]
    return json.loads(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, cwd=args.channels.parent).stdout)


def dropped(args, aws, outputs):
    """The message that nobody can read lies with the dead letters, with its reason, and an operator drops it."""
    letters = operator(args, aws, outputs, "dlq", "list")["letters"]
    if len(letters) != 1 or "it is no message of the chain" not in letters[0]["why"]:
        raise SystemExit(f"cloud: of a message that nobody can read the dead letters say {letters}")
    shown = operator(args, aws, outputs, "dlq", "show", letters[0]["letter"])
    if json.loads(shown["body"])["body"] != POISON:
        raise SystemExit(f"cloud: the dead letter is not the message that was sent: {shown}")
    operator(args, aws, outputs, "dlq", "drop", letters[0]["letter"], "--reason", "sent to see that nothing waits for it")
    if left := operator(args, aws, outputs, "dlq", "list")["letters"]:
        raise SystemExit(f"cloud: a letter that was dropped is still there: {left}")
    say(f"a message that nobody can read kept no run from its way; told ({letters[0]['why']}) and dropped")


def publish(args, aws, outputs, mailbox, run, row, film):
    """Finished film → offered by the function → its approver told → approved on the console → in the bucket's folder, once."""
    bucket, table, channel = outputs["BucketName"], outputs["TableName"], row["channel"]
    fire(aws, "Sweep")
    until(f"{run} offered", lambda: publication(aws, table, channel, run).get("state") == "awaiting-approval")
    if listed(aws, bucket):
        raise SystemExit("cloud: something was published that nobody approved")
    watched(aws)
    letter = mailbox.one("a film waits for your decision")
    if f"{stack.ADDRESS}/runs/{run}#decision" not in letter:
        raise SystemExit(f"cloud: the mail about {run} does not lead to its decision: {letter}")
    say(f"{run}: offered, told by mail, and not published")
    # Somebody comes by an address of the operator's own, behind which Amazon's is asked.
    visitor = Visitor(aws.client("lambda"), "proofreel-gateway", stack.ADDRESS)
    visitor.sign_in(operator(args, aws, outputs, "console", "link", "--as", "anna", "--address", stack.ADDRESS)["link"])
    visitor.approve(run)
    # The console wakes a sweep by itself; how often the publisher was called is told by that one, or by the next.
    until(f"{run} published", lambda: publication(aws, table, channel, run).get("state") == "published")
    address = publication(aws, table, channel, run)["address"]
    videos = [key for key in listed(aws, bucket) if key.endswith("/video.mp4")]
    stored = aws.client("s3").get_object(Bucket=bucket, Key=videos[0])["Body"].read()
    if len(videos) != 1 or stored != film.read_bytes():
        raise SystemExit(f"cloud: published {videos}, {len(stored)} bytes")
    if fire(aws, "Sweep")["called"]:
        raise SystemExit("cloud: somebody was called for a film that is published")
    say(f"{run}: approved, and published as {address}")


def watched(aws):
    """One look of the watchdog."""
    looked = fire(aws, "Hourly", "Watchdog")["looked"]
    say(f"the watchdog looked at {looked['runs']} runs and found {[condition['what'] for condition in looked['conditions']]}")


def consent(aws, youtube, mailbox, channel):
    """Measuring without a consent that holds, twice: somebody is called once. With one: figures, and the call is taken back."""
    title = f"YouTube no longer accepts the consent for channel {channel}"
    for _ in range(2):
        refused = measured(aws, channel)
        if refused["access"]["access"] != "no_consent" or refused["stored"]["new"]:
            raise SystemExit(f"cloud: a consent that YouTube refused gave {refused}")
    page = mailbox.one(title)
    if "specs/OPERATIONS.md#token-bad" not in page:
        raise SystemExit(f"cloud: the page names no runbook: {page}")
    say(f"measured without a consent: {len(youtube.asked)} refusals, one page by SNS: {title}")
    youtube.consent = True
    told = measured(aws, channel)
    if told["access"]["access"] != "open" or not told["stored"]["new"] or told["reach"]["job"] != "job-1":
        raise SystemExit(f"cloud: with a consent measuring gave {told}; asked {youtube.asked}")
    mailbox.one(f"resolved: {title}")
    say(f"measured with a consent: {told['stored']['new']} rows until {told['last_day']}, and the page was taken back")


def measured(aws, channel):
    """What the daily measuring says of a channel."""
    return next(one for one in fire(aws, "Daily", "Measure")["channels"] if one["channel"] == channel)["fetched"]


def figures_kept(aws, table, channel):
    """How many days of the stand-in's views the table has."""
    query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": f"kpi#{channel}"}}}
    pages = aws.client("dynamodb").get_paginator("query").paginate(TableName=table, **query)
    rows = [plain(item["body"]) for page in pages for item in page["Items"]]
    return sum(row.get("figures", {}).get("views") == figures.VIEWS for row in rows if isinstance(row, dict))


def reported(aws, bucket, table, mailbox):
    """The week's page: kept where its row says, and mailed as plain text."""
    made = fire(aws, "Weekly", "Report")["reports"][0]
    key = {"pk": {"S": f"reports#{made['channel']}"}, "sk": {"S": made["report"]}}
    row = plain(aws.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["body"])
    pages = {name: aws.client("s3").get_object(Bucket=bucket, Key=blob["key"])["Body"].read() for name, blob in row["files"].items()}
    if b"<html" not in pages[f"{made['report']}.html"].lower():
        raise SystemExit(f"cloud: no page is kept of {made}")
    # A subject is plain ASCII, at most 99 signs: what a title has before any other sign.
    letter = mailbox.one(re.match(r"[ -~]{1,90}", row["title"])[0])
    if not letter.startswith(pages[f"{made['report']}.txt"].decode()):
        raise SystemExit(f"cloud: the report's mail is not its page: {letter[:500]}")
    if "<html" in letter.lower():
        raise SystemExit("cloud: the report's mail is no plain text")
    fire(aws, "Weekly", "Report")
    mailbox.one(re.match(r"[ -~]{1,90}", row["title"])[0])
    say(f"report {made['report']}: kept, and mailed once ({len(letter)} characters)")


def listed(aws, bucket):
    """Keys of what was published."""
    answer = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix="published/")
    return [item["Key"] for item in answer.get("Contents", [])]


def fetch(aws, bucket, row, folder):
    """Brings an episode's files home and returns the film's artifact."""
    s3 = aws.client("s3")

    def read(blob):
        return s3.get_object(Bucket=bucket, Key=blob["key"])["Body"].read()

    folder.mkdir(parents=True, exist_ok=True)
    for name, blob in row["files"].items():
        (folder / name).write_bytes(read(blob))
    for stage, blob in row["artifacts"].items():
        (folder / f"{stage}.json").write_bytes(read(blob))
    return json.loads((folder / "render.json").read_bytes())


def probe(path):
    """Seconds of a film by ffprobe, which also shows that it is one."""
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def counted(aws):
    """Names of what functions counted, by their logs; all below the stack's own name, where its alarms look."""
    found = {}
    for name in function_names(aws):
        for page in aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}"):
            for event in page["events"]:
                if '"CloudWatchMetrics"' in event["message"]:
                    for told in json.loads(event["message"])["_aws"]["CloudWatchMetrics"]:
                        found.setdefault(told["Namespace"], set()).update(metric["Name"] for metric in told["Metrics"])
    if set(found) != {stack.NAME} or not {"Started", "Swept", "Recorded", "Published", "Watched"} <= found[stack.NAME]:
        raise SystemExit(f"cloud: functions counted {found}; alarms look below {stack.NAME}")
    return sorted(found[stack.NAME])


def asleep(aws):
    """Whether every trigger is off."""
    states = {mapping["State"] for mapping in aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]}
    return states == {"Disabled"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=Path, default=ROOT / "target/debug", help="folder with the functions' binaries")
    parser.add_argument("--program", type=Path, help="the operator's proofreel; that of --bin, or of a development build")
    parser.add_argument("--channels", type=Path, default=ROOT / "infra/local/channels", help="folder with channel files")
    parser.add_argument("--out", type=Path, default=ROOT / "out/cloud", help="where episodes go")
    parser.add_argument("--keep", action="store_true", help="leave the local AWS running until Ctrl-C")
    parser.add_argument("--measure", action="store_true", help="write infra/measured.toml")
    parser.add_argument("--patience", type=int, default=1200, help="seconds to wait for an episode")
    args = parser.parse_args()
    args.bin, args.channels, args.out = args.bin.resolve(), args.channels.resolve(), args.out.resolve()
    beside = args.bin / "proofreel"
    args.program = (args.program or (beside if beside.exists() else ROOT / "target/debug/proofreel")).resolve()
    if not args.program.exists():
        raise SystemExit(f"cloud: {args.program} is missing, which an operator asks with; `make cloud` builds it")
    with tempfile.TemporaryDirectory(prefix="proofreel-cloud-") as folder:
        aws = stack.LocalAws(Path(folder))
        proxy, watch, youtube = Proxy(aws.endpoint), Watch(Path(folder) / "proofreel"), figures.YouTube()
        try:
            work(args, aws, proxy, watch, youtube)
        finally:
            youtube.stop()
            watch.stop()
            proxy.stop()
            aws.stop()


# How the ARN of what was asked for begins, by service; the account is that of infra/checks/template.py.
ARNS = {"s3": "arn:aws:s3:::", "polly": ""}


def refused(body, judged, bucket, table):
    """What Amazon would have refused of the calls that functions made: the local AWS refuses nothing."""
    template, calls = Template(body), set()
    names = {bucket: template.name("Bucket"), f"table/{table}": f"table/{template.name('Table')}"}
    for who, action, resource in judged:
        service, (first, *rest) = action.split(":")[0], resource.split("/", 1) if action.startswith("s3:") else [resource]
        if first.startswith("event-source-mapping:"):
            # Any mapping is any other's here: only which of them is asked is judged by the template's own checks.
            first = f"event-source-mapping:{template.text({'Ref': 'PlannerFunctionWork'})}"
        where = ARNS.get(service, f"arn:aws:{service}:{expand.REGION}:{ACCOUNT}:")
        calls.add((who, action, where + "/".join([names.get(first, first), *rest])))
    say(f"{len(calls)} kinds of calls were judged by the functions' roles")
    return rights.findings(body, calls)


def consented(aws, bucket, youtube):
    """What the owner does: keys as SSM parameters, and (only here) a law that leads the functions to the stand-in."""
    for name, value in figures.SECRETS.items():
        aws.client("ssm").put_parameter(Name=f"/{stack.NAME}/{name}", Value=value, Type="SecureString")
    aws.client("s3").put_object(Bucket=bucket, Key="providers.toml", Body=youtube.law().encode())


def work(args, aws, proxy, watch, youtube):
    say(f"local AWS at {aws.endpoint}")
    judged_by_linker(args.bin)
    sam = expand.load()
    environment = {"PROOFREEL_VOICE_DIR": os.environ.get("PROOFREEL_VOICE_DIR", str(ROOT / ".voice"))}
    programs = binaries(expand.load(), args.bin)
    say(f"{len(programs)} functions of {args.bin}, {sum(map(len, programs.values())) / 1e6:.0f} MB without symbols")
    outputs = stack.deploy(aws, sam, programs, proxy.door, environment)
    bucket, table = outputs["BucketName"], outputs["TableName"]
    say(f"the template is deployed: bucket {bucket}, table {table}")
    say(f"{copy(aws, bucket, args.channels)} channel and data files copied")
    consented(aws, bucket, youtube)
    mailbox = Mailbox(aws, outputs["AlarmTopic"])
    if not args.measure:  # A planner's call for nothing would be measured, too.
        sqs = aws.client("sqs")
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{stack.NAME}-planner")["QueueUrl"], MessageBody=POISON)
    report = fire(aws, "Start")
    say(f"scheduled event answered: {json.dumps(report)}")
    again = fire(aws, "Start")
    if again["begun"] or sorted(again["known"]) != sorted(report["begun"]):
        raise SystemExit(f"cloud: a repeated trigger started something: {again}")
    before = measure.storage(aws, bucket, table)[0]
    for run in report["begun"]:
        row = follow(aws, table, run, args.patience)
        film = fetch(aws, bucket, row, args.out / run)
        seconds = probe(args.out / run / "video.mp4")
        if abs(seconds * 1000 - film["duration_ms"]) > 100:
            raise SystemExit(f"cloud: the film has {seconds} s, its artifact says {film['duration_ms']} ms")
        say(f"{run}: a film of {seconds:.1f} s in {args.out / run}")
        if not args.measure and run == report["begun"][0]:
            dropped(args, aws, outputs)
        publish(args, aws, outputs, mailbox, run, row, args.out / run / "video.mp4")
        watched(aws)
        consent(aws, youtube, mailbox, row["channel"])
        if not figures_kept(aws, table, row["channel"]):
            raise SystemExit("cloud: what was measured is not in the table")
        reported(aws, bucket, table, mailbox)
    say(f"swept: {json.dumps(fire(aws, 'Sweep'))}")
    if not asleep(aws):
        raise SystemExit("cloud: a trigger stayed awake after the chain had drained")
    say("every trigger sleeps")
    say(f"most memory, MB, programs included: {', '.join(f'{name} {peak:.0f}' for name, peak in sorted(watch.peak_mb.items()))}")
    say(f"counted below the stack's own name: {', '.join(counted(aws))}")
    if wrong := refused(expand.expand(expand.load()), proxy.judged, bucket, table):
        raise SystemExit("\n".join(["cloud: Amazon would have refused:", *wrong]))
    if args.measure:
        note(args, aws, proxy, watch, (bucket, table), film, before)
    if args.keep:
        say(f"AWS_ENDPOINT_URL={aws.endpoint} AWS_DEFAULT_REGION={expand.REGION} AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=me")
        say("Ctrl-C ends it")
        try:
            while True:
                time.sleep(60)
        except KeyboardInterrupt:
            say("ended")


def note(args, aws, proxy, watch, place, film, before):
    """Writes infra/measured.toml."""
    sizes, rows = measure.storage(aws, *place)
    # Films, artifacts and orders of the run; data packages are stored once, whatever the number of runs.
    kept = {key: size - before.get(key, 0) for key, size in sizes.items() if key not in ("channels", "data", "parts")}
    video = next(file for file in film["files"] if file["name"] == "video.mp4")
    names = [name.removeprefix("proofreel-") for name in function_names(aws)]
    characters = sum(len(line.get("text", "")) + 1 for line in film["words"])
    run = {
        "build": args.bin.name, "film_seconds": film["duration_ms"] / 1000, "film_bytes": video["bytes"],
        "kept_bytes": sum(kept.values()), "parts_bytes": sizes.get("parts", 0), "table_bytes": rows, "characters": characters,
    }
    measure.write(ROOT / "infra/measured.toml", measure.functions(aws, proxy, watch, sorted(names)), run)
    say("infra/measured.toml written")


def function_names(aws):
    """Names of all functions."""
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    return [function["FunctionName"] for page in pages for function in page["Functions"]]


if __name__ == "__main__":
    sys.exit(main())
