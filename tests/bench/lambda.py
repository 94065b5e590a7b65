#!/usr/bin/env python3
"""Binary and zip size, time from exec to the first `next`, one warm message and memory of each function, beside a
hello-world Lambda in the same run.

    python3 tests/bench/lambda.py [--report tests/bench/lambda.md] [--runs 15] [--only planner,batch] [--profile lambda] [--no-build]
    python3 tests/bench/lambda.py --work --report tests/bench/lambda.md   # only renews the column of memory at work

Builds with the profile `lambda` unless told otherwise, with the symbols kept: what is measured is a stripped copy, what each dependency
costs is read from the symbols of the same build. Functions with the same dependencies are built by one command, so none gets
another one's features and no crate is compiled twice for nothing; `--no-build` takes what a run that was broken off has built.
The runtime API and the stores are played by this script on loopback; the stores know nothing and answer at once, so the warm
message (of a run that is not there, or a look at an empty installation) is our own time and the client's. TLS and credentials
of real AWS are not in these figures. The memory of real work is not measured here but taken from infra/measured.toml, as the budget
reads it: `make cloud MEASURE=1` writes it.
"""

import argparse
import collections
import http.server
import io
import json
import os
import platform
import queue
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ["planner", "topic-scoring", "research", "scene-builder", "qa", "script", "publish", "batch", "measure", "watchdog",
             "report", "gateway", "render"]
TARGETS = {"init": 1.5, "rss_mb": 64.0, "zip_mb": 10.0}
MESSAGES = 30
# The column of memory at real work, where it stands, how the sentence about it begins, and where it comes from.
WORK, BEFORE_WORK, ABOUT_WORK, MEASURED = "RSS at work MB", "RSS after messages MB", "RSS at work is", ROOT / "infra/measured.toml"
# Folders with binaries as they are deployed, by which a measurement names its build: `cargo lambda`'s own, and that of `make build-lambda`.
DEPLOYED = {"lambda", "deployed"}


COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]


class Api(http.server.BaseHTTPRequestHandler):
    """Lambda's runtime API and, for every other path, a store that knows nothing."""

    protocol_version = "HTTP/1.1"
    # One write an answer, sent at once: else the kernel waits 40 ms for more.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        """What was sent, also in chunks, as answers are that a function streams."""
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        # A piece is acknowledged at once: else the function's kernel keeps the next one back for 40 ms.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        return b"".join(parts)

    def do_GET(self):
        if "list-type=2" in self.path:  # S3, whose bucket is empty
            body = b"<?xml version='1.0'?><ListBucketResult><Name>b</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
            return self.reply(200, body, [("content-type", "application/xml"), ("x-amz-request-id", "r")])
        if "/runtime/" not in self.path:  # S3, which has no such object
            body = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
            return self.reply(404, body, [("content-type", "application/xml"), ("x-amz-request-id", "r")])
        desk = self.server.desk
        desk["next"].put(time.monotonic())
        number, event = desk["events"].get()
        if event is None:
            return self.reply(500, b"")
        deadline = int((time.time() + 60) * 1000)
        self.reply(200, json.dumps(event).encode(), [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", f"r-{number}"),
            ("lambda-runtime-deadline-ms", str(deadline)),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:f"),
            ("lambda-runtime-trace-id", "Root=1-2-3"),
        ])

    def do_POST(self):
        body = self.body()
        if "/runtime/" in self.path:
            self.server.desk["answers"].put((self.path.rsplit("/", 1)[1], body))
            return self.reply(202, b"")
        target = self.headers.get("x-amz-target", "")
        known = {"AmazonSQS.GetQueueAttributes": {"Attributes": {name: "0" for name in COUNTS}}, "AmazonSSM.GetParameter": {"__type": "ParameterNotFound"}}
        status = 400 if target == "AmazonSSM.GetParameter" else 200
        self.reply(status, json.dumps(known.get(target, {})).encode(), [("content-type", "application/x-amz-json-1.0"), ("x-amzn-requestid", "r")])

    def do_PUT(self):  # S3, which takes everything
        self.body()
        self.reply(200, b"", [("x-amz-request-id", "r"), ("etag", '"e"')])


PROFILE = "lambda"


def alike(names):
    """Functions by what their manifests ask for: those of one group are built by one command."""
    groups = {}
    for name in names:
        manifest = tomllib.loads((ROOT / "functions" / name / "Cargo.toml").read_text())
        groups.setdefault(json.dumps(manifest["dependencies"], sort_keys=True), []).append(name)
    return list(groups.values())


def build(names):
    """Builds group by group; returns the seconds that a function's group took, by function."""
    environment = {**os.environ, f"CARGO_PROFILE_{PROFILE.upper()}_STRIP": "none"}
    took = {}
    for group in [["hello"], *alike(names)]:
        what = ["-p", "proofreel-lambda", "--example", "hello"] if group == ["hello"] else [part for name in group for part in ("-p", f"proofreel-fn-{name}")]
        print(f"building {', '.join(group)}", flush=True)
        began = time.monotonic()
        subprocess.run(["cargo", "build", "--profile", PROFILE, "--locked", "--quiet", *what], cwd=ROOT, check=True, env=environment)
        took |= {name: time.monotonic() - began for name in group}
    return took


def built(name):
    """The binary with its symbols."""
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / ("debug" if PROFILE == "dev" else PROFILE)
    return folder / "examples" / "hello" if name == "hello" else folder / f"proofreel-fn-{name}"


BARE = Path(tempfile.mkdtemp(prefix="proofreel-bench-lambda-"))


def binary(name):
    """The binary as it is deployed: without symbols."""
    bare = BARE / name
    if not bare.exists():
        subprocess.run(["strip", "--strip-all", "-o", bare, built(name)], check=True)
    return bare


ROUNDS = {"measure": {"do": "measure"}, "watchdog": {"do": "watch"}, "report": {"do": "report", "period": "weekly"}, "batch": {"do": "sweep"}}


def event(name):
    """What a function is asked: its schedule's event, a look at the console's door, or a message of a run that is not there."""
    if name in ROUNDS:
        return ROUNDS[name]
    if name == "gateway":
        http = {"method": "GET", "path": "/sign-in", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"}
        context = {"accountId": "anonymous", "apiId": "a", "domainName": "a.example", "domainPrefix": "a", "requestId": "r",
                   "routeKey": "$default", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0, "http": http}
        return {"version": "2.0", "routeKey": "$default", "rawPath": "/sign-in", "rawQueryString": "", "headers": {"host": "a.example"},
                "requestContext": context, "isBase64Encoded": False}
    body = {"publish": "none"} if name == "publish" else {"run": "none", "channel": "c", "stage": name, "visit": 1, "artifacts": {},
            "order": {"key": "order/" + "0" * 64, "digest": "0" * 64, "bytes": 2}}
    record = {"messageId": "m-1", "receiptHandle": "h", "body": json.dumps(body), "attributes": {}, "messageAttributes": {},
              "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:q", "awsRegion": "eu-central-1"}
    return {"Records": [record]}


class Process:
    """A function under this script's runtime API."""

    def __init__(self, name):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.server.daemon_threads = True
        self.server.desk = {"events": queue.Queue(), "next": queue.Queue(), "answers": queue.Queue()}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        port = self.server.server_address[1]
        environment = {
            "PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}", "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_REGION": "eu-central-1",
            "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_ACCESS_KEY_ID": "k",
            "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "PROOFREEL_TABLE": "t", "PROOFREEL_SECRETS": "/p/",
            "PROOFREEL_BUCKET": "b", "PROOFREEL_QUEUE_PREFIX": f"http://127.0.0.1:{port}/1/p-", "PROOFREEL_LOG": "error",
            "PROOFREEL_BATCH": "batch",
        }
        self.began = time.monotonic()
        self.process = subprocess.Popen([binary(name)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def first_next(self):
        try:
            return self.server.desk["next"].get(timeout=20) - self.began
        except queue.Empty:
            self.process.kill()
            sys.exit(f"the function never asked for an event: {self.process.stderr.read().decode()}")

    def message(self, number, body):
        began = time.monotonic()
        self.server.desk["events"].put((number, body))
        kind, answer = self.server.desk["answers"].get(timeout=20)
        took = time.monotonic() - began
        if kind != "response":
            sys.exit(f"the function told an error: {answer.decode()}")
        return took

    def memory(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024

    def end(self):
        self.process.kill()
        self.process.wait()
        self.server.shutdown()
        self.server.server_close()


def zipped(path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(path, "bootstrap")
    return len(buffer.getvalue())


def measure(names, runs):
    """Rounds over all functions in turn, so that what else the machine does falls on all alike."""
    first = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            process = Process(name)
            first[name].append(process.first_next())
            process.end()
    found = {}
    for name in names:
        process = Process(name)
        process.first_next()
        time.sleep(0.3)
        rest = process.memory()
        warm = [process.message(number, event(name)) for number in range(MESSAGES)]
        time.sleep(0.3)
        path = binary(name)
        found[name] = {
            "bytes": path.stat().st_size, "zip": zipped(path) if PROFILE == "lambda" else 0, "init": statistics.median(first[name]), "rest": rest,
            "after": process.memory(), "first": warm[0], "warm": statistics.median(warm[1:]),
        }
        process.end()
    return found


CRATE = re.compile(r"^<*(?:&(?:mut )?|\*const |\*mut |dyn |\[|\()*([a-z_][a-z0-9_]*)::")


def shares(name):
    """Bytes of code and read-only data by crate, from the symbols of the build that was measured."""
    text = subprocess.run(["nm", "-C", "--size-sort", "-t", "d", built(name)], check=True, capture_output=True, text=True).stdout
    by_crate = collections.Counter()
    for line in text.splitlines():
        size, _, symbol = line.split(" ", 2)
        match = CRATE.match(symbol)
        by_crate[match[1] if match else "(C, and what has no crate's name)"] += int(size)
    return by_crate


def group(crate):
    if crate.startswith(("aws_sdk_",)):
        return crate
    if crate.startswith(("aws_", )):
        return "AWS: configuration, signing, smithy"
    if crate in {"rustls", "ring", "webpki", "rustls_webpki", "hyper_rustls", "tokio_rustls", "rustls_native_certs"}:
        return "TLS: rustls, ring"
    if crate in {"hyper", "hyper_util", "http", "http_body", "http_body_util", "h2", "httparse", "tower", "indexmap"}:
        return "HTTP: hyper, h2"
    if crate in {"tokio", "tokio_util", "futures", "futures_util", "tracing", "tracing_core", "tracing_subscriber", "sharded_slab"}:
        return "tokio, tracing"
    if crate in {"lambda_runtime", "lambda_runtime_api_client", "aws_lambda_events"}:
        return "lambda_runtime, aws_lambda_events"
    if crate in {"std", "core", "alloc", "gimli", "addr2line", "rustc_demangle", "hashbrown", "memchr"}:
        return "Rust's standard library"
    if crate in {"jsonschema", "fancy_regex", "regex", "regex_automata", "regex_syntax", "referencing", "fluent_uri", "email_address",
                 "idna", "icu_normalizer", "fraction", "num_bigint", "uuid_simd", "outref"}:
        return "jsonschema, regular expressions"
    if crate.startswith("proofreel_"):
        return crate.replace("_", "-")
    if crate in {"serde", "serde_json", "serde_core", "toml", "toml_parser", "winnow", "csv", "csv_core", "jiff", "schemars"}:
        return "serde, toml, csv, jiff, schemars"
    return "other"


def at_work(lines, measured):
    """A report's lines with the column of memory at real work, and what it is, in the place of one that is there."""
    memory = {function["name"]: function["memory_mb"] for function in measured["function"]}
    lines = [line for line in lines if not line.startswith(ABOUT_WORK)]
    first = next(number for number, line in enumerate(lines) if line.startswith("| function |"))
    head = None
    for number in range(first, lines.index("", first)):
        cells = [cell.strip() for cell in lines[number].strip("|").split("|")]
        head = head or [*cells]
        if WORK in head:
            del cells[head.index(WORK)]
        title = {first: WORK, first + 1: "---"}
        of_name = f"{memory[cells[0]]:.1f}" if cells[0] in memory else "–"
        cells.insert([cell for cell in head if cell != WORK].index(BEFORE_WORK) + 1, title.get(number, of_name))
        lines[number] = "|" + "|".join(cells) + "|" if number == first + 1 else "| " + " | ".join(cells) + " |"
    built = measured["machine"].split(", ")[-1].removesuffix(" build")
    same = built in DEPLOYED and any("profile `lambda`" in line for line in lines)
    profile = "the profile of the other columns" if same else "not the profile of the other columns"
    about = (f"{ABOUT_WORK} the most that a function and its programs held while films, publications, figures and pages were made on the local AWS"
             f" (`make cloud MEASURE=1`, {measured['measured']}, {measured['machine']}, {profile}):"
             " what `proofreel budget` compares with the memory that the template gives.")
    lines.insert(first - 1, about)
    return lines


def heavy(measured):
    """Functions but for render that hold more at work than they shall."""
    return [f"{function['name']}: RSS at work {function['memory_mb']:.2f}, at most {TARGETS['rss_mb']:g}" for function in measured["function"]
            if function["name"] != "render" and function["memory_mb"] > TARGETS["rss_mb"]]


def report(names, found, took, costs, runs, measured):
    hello = found["hello"]
    lines = [
        "# Functions, cold and small", "",
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}, profile `{PROFILE}`"
        + (" (opt-level z, fat LTO, one codegen unit, stripped, unwinding)." if PROFILE == "lambda" else
           ": **not the one that is deployed**, so sizes say nothing; `make bench-lambda` measures that one."),
        f"Init is exec to the first `next`, median of {runs} in turn with the others; warm is the median of {MESSAGES - 1} messages of a run that is not there, of looks",
        "at an empty installation, or of requests for the sign-in page; the first message makes clients and law. Stores answer at once, without TLS: network and",
        "credentials are not in it. Build is the group's: functions with the same dependencies are built by one command.", "",
        "| function | binary MB | zip MB | init ms | × hello | RSS at rest MB | RSS after messages MB | first message ms | warm message ms | build s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in names:
        of_name = found[name]
        first, warm = f"{of_name['first'] * 1e3:.1f}", f"{of_name['warm'] * 1e3:.2f}"
        zip_mb = f"{of_name['zip'] / 1e6:.2f}" if of_name["zip"] else "–"
        seconds = f"{took[name]:.0f}" if took[name] else "–"
        lines.append(
            f"| {name} | {of_name['bytes'] / 1e6:.2f} | {zip_mb} | {of_name['init'] * 1e3:.1f} "
            f"| {of_name['init'] / hello['init']:.2f} | {of_name['rest']:.1f} | {of_name['after']:.1f} | {first} | {warm} | {seconds} |")
    missed = []
    for name in names:
        if name in ("hello", "render"):
            continue
        of_name = found[name]
        for what, value, most in (
            ("init", of_name["init"] / hello["init"], TARGETS["init"]), ("RSS", of_name["after"], TARGETS["rss_mb"]),
            ("zip", of_name["zip"] / 1e6, TARGETS["zip_mb"]),
        ):
            if value > most and (what != "zip" or PROFILE == "lambda"):
                missed.append(f"{name}: {what} {value:.2f}, at most {most:g}")
    missed += heavy(measured)
    lines += ["", f"Targets for all but render: init at most {TARGETS['init']} × hello, RSS {TARGETS['rss_mb']:.0f} MB after messages and at work, zip {TARGETS['zip_mb']:.0f} MB. "
              + ("All are met." if not missed else "Missed: " + "; ".join(missed) + ".")]
    lines += ["", "## What each dependency costs, KB", "",
              "Sizes of symbols by crate, of the very builds that were measured, before they were stripped; what was inlined counts where it ended up. One function of each",
              "group with the same dependencies: " + "; ".join(", ".join(group) for group in alike([name for name in names if name != "hello"])) + ".", "",
              "| part | " + " | ".join(costs) + " |", "|---" * (len(costs) + 1) + "|"]
    parts = collections.Counter()
    for by_part in costs.values():
        parts |= by_part
    lines += [f"| {part} | " + " | ".join(f"{by_part[part] / 1e3:.0f}" if by_part[part] else "–" for by_part in costs.values()) + " |"
              for part, size in parts.most_common() if size >= 10_000]
    return "\n".join(at_work(lines, measured)) + "\n", missed


def costs_of(names):
    """Bytes by part, of hello and of the first function of each group with the same dependencies."""
    costs = {}
    for name in ["hello", *(group[0] for group in alike(names))]:
        costs[name] = collections.Counter()
        for crate, size in shares(name).items():
            costs[name][group(crate)] += size
    return costs


def main():
    global PROFILE
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", default="lambda", help="dev measures what `cargo build --workspace` made")
    parser.add_argument("--no-build", action="store_true", help="measure the binaries that are there")
    parser.add_argument("--report")
    parser.add_argument("--work", action="store_true", help="measure nothing: renew the memory at work in the report")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--only", default=",".join(FUNCTIONS))
    options = parser.parse_args()
    measured = tomllib.loads(MEASURED.read_text())
    if options.work:
        text = Path(options.report).read_text()
        Path(options.report).write_text("\n".join(at_work(text.split("\n"), measured)))
        return 1 if heavy(measured) else 0
    wanted = [name for name in FUNCTIONS if name in options.only.split(",")]
    PROFILE = options.profile
    took = collections.Counter() if options.no_build else build(wanted)
    names = ["hello", *wanted]
    found = measure(names, options.runs)
    text, missed = report(names, found, took, costs_of(wanted), options.runs, measured)
    print(text)
    if options.report:
        Path(options.report).write_text(text)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
