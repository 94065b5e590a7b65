#!/usr/bin/env python3
"""Binary and zip size, time from exec to the first `next`, one warm message and memory of each function, beside a
hello-world Lambda in the same run.

    python3 tests/bench/lambda.py [--report tests/bench/lambda.md] [--runs 15] [--only planner,batch] [--profile lambda] [--no-build]

Builds with the profile `lambda` unless told otherwise. The runtime API and the stores are played by this script on loopback; the stores know
nothing and answer at once, so the warm message (of a run that is not there: one read of the table, then the answer) is
our own time and the client's. TLS and credentials of real AWS are not in these figures.
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
import statistics
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ["planner", "topic-scoring", "research", "scene-builder", "script", "qa", "batch", "render", "publish"]
TARGETS = {"init": 1.5, "rss_mb": 64.0, "zip_mb": 10.0}
MESSAGES = 30


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

    def do_GET(self):
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
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "/runtime/" in self.path:
            self.server.desk["answers"].put((self.path.rsplit("/", 1)[1], body))
            return self.reply(202, b"")
        self.reply(200, b"{}", [("content-type", "application/x-amz-json-1.0"), ("x-amzn-requestid", "r")])


PROFILE = "lambda"


def build(names):
    """Builds each by itself, so that no function gets another one's features; returns the seconds each took."""
    took = {}
    for name in ["hello", *names]:
        what = ["proofreel-lambda", "--example", "hello"] if name == "hello" else [f"proofreel-fn-{name}"]
        began = time.monotonic()
        subprocess.run(["cargo", "build", "--profile", PROFILE, "--locked", "--quiet", "-p", *what], cwd=ROOT, check=True)
        took[name] = time.monotonic() - began
    return took


def binary(name):
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / ("debug" if PROFILE == "dev" else PROFILE)
    return folder / "examples" / "hello" if name == "hello" else folder / f"proofreel-fn-{name}"


def event(name):
    if name == "batch":
        return {"do": "sweep"}
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
        warm = []
        # A sweep asks several services for lists, which a store that knows nothing cannot give.
        if name != "batch":
            warm = [process.message(number, event(name)) for number in range(MESSAGES)]
            time.sleep(0.3)
        path = binary(name)
        found[name] = {
            "bytes": path.stat().st_size, "zip": zipped(path) if PROFILE == "lambda" else 0, "init": statistics.median(first[name]), "rest": rest,
            "after": process.memory(), "warm": statistics.median(warm[1:]) if warm else None,
        }
        process.end()
    return found


CRATE = re.compile(r"^<*(?:&(?:mut )?|\*const |\*mut |dyn |\[|\()*([a-z_][a-z0-9_]*)::")


def shares(name):
    """Bytes of code and read-only data by crate, of the same binary with its symbols kept."""
    package = f"proofreel-fn-{name}"
    command = ["cargo", "rustc", "--profile", PROFILE, "--locked", "--quiet", "-p", package, "--bin", package, "--"]
    subprocess.run([*command, "-C", "strip=none"], cwd=ROOT, check=True)
    text = subprocess.run(["nm", "-C", "--size-sort", "-t", "d", binary(name)], check=True, capture_output=True, text=True).stdout
    binary(name).unlink()  # the next build makes the stripped one again
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


def report(names, found, took, by_crate, of, runs):
    hello = found["hello"]
    lines = [
        "# Functions, cold and small", "",
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}, profile `{PROFILE}`"
        + (" (opt-level z, fat LTO, one codegen unit, stripped, unwinding)." if PROFILE == "lambda" else
           ": **not the one that is deployed**, so sizes say nothing; `make bench-lambda` measures that one."),
        f"Init is exec to the first `next`, median of {runs} in turn with the others; warm is a message of a run that is not there (one read of",
        f"the table), median of {MESSAGES - 1}. Stores answer at once, without TLS: network and credentials are not in it.", "",
        "| function | binary MB | zip MB | init ms | × hello | RSS at rest MB | RSS after messages MB | warm message ms | build s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in names:
        of_name = found[name]
        warm = "–" if of_name["warm"] is None else f"{of_name['warm'] * 1e3:.2f}"
        zip_mb = f"{of_name['zip'] / 1e6:.2f}" if of_name["zip"] else "–"
        built = f"{took[name]:.0f}" if took[name] else "–"
        lines.append(
            f"| {name} | {of_name['bytes'] / 1e6:.2f} | {zip_mb} | {of_name['init'] * 1e3:.1f} "
            f"| {of_name['init'] / hello['init']:.2f} | {of_name['rest']:.1f} | {of_name['after']:.1f} | {warm} | {built} |")
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
    lines += ["", f"Targets for all but render: init at most {TARGETS['init']} × hello, RSS {TARGETS['rss_mb']:.0f} MB, zip {TARGETS['zip_mb']:.0f} MB. "
              + ("All are met." if not missed else "Missed: " + "; ".join(missed) + ".")]
    if by_crate:
        groups = collections.Counter()
        for crate, size in by_crate.items():
            groups[group(crate)] += size
        lines += ["", f"## What each dependency costs ({of})", "", "Sizes of symbols by crate, in the same build with its symbols kept; what was inlined counts where it ended up.", "",
                  "| part | KB |", "|---|---|"]
        lines += [f"| {name} | {size / 1e3:.0f} |" for name, size in groups.most_common() if size >= 10_000]
    return "\n".join(lines) + "\n", missed


def main():
    global PROFILE
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", default="lambda", help="dev measures what `cargo build --workspace` made")
    parser.add_argument("--no-build", action="store_true", help="measure the binaries that are there")
    parser.add_argument("--report")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--only", default=",".join(FUNCTIONS))
    options = parser.parse_args()
    wanted = [name for name in FUNCTIONS if name in options.only.split(",")]
    PROFILE = options.profile
    took = collections.Counter() if options.no_build else build(wanted)
    names = ["hello", *wanted]
    found = measure(names, options.runs)
    of = next((name for name in wanted if name != "batch"), None)
    text, missed = report(names, found, took, shares(of) if of and not options.no_build else None, of, options.runs)
    print(text)
    if options.report:
        Path(options.report).write_text(text)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
