"""What one run cost, written to infra/measured.toml for `proofreel budget`."""

import datetime
import os
import platform
import re

READS = {"GetObject", "HeadObject"}
REPORT = re.compile(r"REPORT RequestId: \S+\s+Duration: ([\d.]+) ms")


def plain(who):
    """A function's name as its log group has it: of PlannerFunction it is planner."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", who.removesuffix("Function")).lower()


def invocations(logs, function):
    """(durations in seconds, bytes that the function itself wrote) of a function's calls, from its log."""
    durations, written = [], 0
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/proofreel-{function}")
    for page in pages:
        for event in page["events"]:
            message = event["message"]
            if report := REPORT.search(message):
                durations.append(float(report[1]) / 1000)
            elif not message.startswith(("START ", "END ", "INIT_START ")):
                # CloudWatch counts 26 bytes for each line beside its text.
                written += len(message.encode()) + 26
    return durations, written


def keys(judged, name):
    """How many secrets a function asked for: each new process asks for them again."""
    return len({what for who, action, what in judged if who == name and action == "ssm:GetParameter"})


def units(proxy, name, kind):
    """What a function's calls took of the table's capacity: read or write."""
    return sum(taken for (who, what), taken in proxy.units.items() if plain(who) == name and what == kind)


def functions(aws, proxy, watch, names):
    """One entry a function that was called."""
    if proxy.unweighed:
        raise SystemExit(f"cloud: nobody has said what these take of the table's capacity: {sorted(proxy.unweighed)}")
    logs, rows = aws.client("logs"), []
    by_function = {}
    for (who, service, operation), times in proxy.counts.items():
        name = plain(who)
        kind = service if service != "s3" else "s3_reads" if operation in READS else "s3_writes"
        by_function.setdefault(name, {}).setdefault(kind, 0)
        by_function[name][kind] += times
    for name in names:
        durations, written = invocations(logs, name)
        calls, asked = len(durations), by_function.get(name, {})
        if not calls or not asked:
            raise SystemExit(f"cloud: {name} was called {calls} times and asked {asked}; there is nothing to measure")
        rows.append({
            "name": name, "calls": calls, "seconds": max(durations), "cpu_seconds": watch.cpu_seconds.get(name, 0) / calls,
            "memory_mb": watch.peak_mb.get(name, 0), "storage_mb": watch.disk_mb.get(name, 0), "log_bytes": written / calls,
            "sqs": asked.get("sqs", 0) / calls,
            "s3_reads": asked.get("s3_reads", 0) / calls, "s3_writes": asked.get("s3_writes", 0) / calls,
            "read_units": units(proxy, name, "read") / calls, "write_units": units(proxy, name, "write") / calls,
            "keys": keys({(plain(who), *rest) for who, *rest in proxy.judged}, name),
        })
    return rows


def storage(aws, bucket, table):
    """Bytes by first part of the key, and bytes of the table's rows."""
    sizes = {}
    for page in aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            first = item["Key"].split("/")[0]
            sizes[first] = sizes.get(first, 0) + item["Size"]
    rows = 0
    for page in aws.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        rows += sum(len(str(item)) for item in page["Items"])
    return sizes, rows


def write(path, rows, run):
    """Writes the file."""
    lines = [
        "# What one run costs in the cloud: measured by `make cloud` (infra/local/measure.py) on the local AWS, not written by hand.",
        "# Counts of a function are of one call; processor time, memory and disk are those of its programs, too; keys are a process's.",
        f'measured = "{datetime.date.today()}"',
        f'machine = "{platform.machine()}, {os.cpu_count()} processors, {run.pop("build")} build"',
        "", "[run]", *[f"{key} = {value:.6g}" for key, value in run.items()],
    ]
    for row in rows:
        lines += ["", "[[function]]", f'name = "{row.pop("name")}"', *[f"{key} = {value:.6g}" for key, value in row.items()]]
    path.write_text("\n".join(lines) + "\n")
