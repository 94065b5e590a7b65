"""Counting doors to the local AWS: a function's clients go through a door of its own, which notes what was asked.

What: the service of the signature, and the operation by its target header, its action, or its path and method; and as which action
on which resource Amazon would judge it (infra/checks/rights.py), which the local AWS does not."""

import json
import re
import threading
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from capacity import Capacity

SIGNED = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
HOP = {"connection", "transfer-encoding", "content-length"}
S3 = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject", "POST": "PostObject"}
# What a member of a transaction is judged as.
WRITES = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}


def judged(service, method, path, operation, body):
    """[(action, last part of the resource's ARN)] of a request. What is not understood is an action that nobody grants."""
    url = urlsplit(path)
    parts, query = url.path.strip("/").split("/"), parse_qs(url.query, keep_blank_values=True)
    if service == "s3":
        bucket, key = unquote(parts[0]), unquote("/".join(parts[1:]))
        if not key:
            return [("s3:ListBucket", bucket)]
        uploads = {"GET": "s3:ListMultipartUploadParts", "DELETE": "s3:AbortMultipartUpload"} if "uploadId" in query else {}
        plain = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "POST": "s3:PutObject", "DELETE": "s3:DeleteObject"}
        return [({**plain, **uploads}[method], f"{bucket}/{key}")]
    if service == "lambda" and "event-source-mappings" in parts:
        return [({"GET": "lambda:GetEventSourceMapping", "PUT": "lambda:UpdateEventSourceMapping"}[method], f"event-source-mapping:{parts[-1]}")]
    if service == "lambda" and parts[-1] == "invocations":
        return [("lambda:InvokeFunction", f"function:{unquote(parts[-2]).split(':')[-1]}")]
    if service == "polly":
        return [("polly:SynthesizeSpeech", "*")]
    if service == "sns":
        form = parse_qs(body.decode("utf-8", "replace"))
        return [(f"sns:{form['Action'][0]}", form["TopicArn"][0].split(":")[-1])]
    asked = json.loads(body)
    if service == "sqs":
        return [(f"sqs:{operation}", asked["QueueUrl"].split("/")[-1])]
    if service == "ssm":
        return [(f"ssm:{operation}", f"parameter/{asked['Name'].lstrip('/')}")]
    if operation == "TransactWriteItems":
        members = [(kind, one["TableName"]) for item in asked["TransactItems"] for kind, one in item.items()]
        return [(f"dynamodb:{WRITES[kind]}", f"table/{table}") for kind, table in members]
    return [(f"{service}:{operation}", f"table/{asked['TableName']}")]


class Proxy:
    """Doors on free ports of loopback until `stop`; `counts[who, service, operation]` is how often, `judged` holds the
    (who, action, last part of the resource's ARN) of all calls, `units[who, "read" or "write"]` what they took of the table's capacity,
    and `unweighed` names what nobody could reckon."""

    def __init__(self, endpoint):
        self.counts = Counter()
        self.judged = set()
        self.units = Counter()
        self.capacity = Capacity()
        self.unweighed = set()
        self.lock = threading.Lock()
        self.target = urlsplit(endpoint)
        self.servers = []

    def door(self, who):
        """Opens a door and returns its address."""
        outer, target = self, self.target

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = self._chunks()
                outer._note(who, self.command, self.path, self.headers, body)
                upstream = HTTPConnection(target.hostname, target.port, timeout=120)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
                upstream.request(self.command, self.path, body=body, headers=headers)
                answer = upstream.getresponse()
                content = answer.read()
                outer._weigh(who, self.headers, body, content)
                self.send_response(answer.status, answer.reason)
                for key, value in answer.getheaders():
                    if key.lower() not in HOP:
                        self.send_header(key, value)
                # A HEAD tells the length of what it does not send.
                length = answer.getheader("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", length or str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                upstream.close()

            def _chunks(self):
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                    pass
                return body

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on

            def log_message(self, *_):
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    def _note(self, who, method, path, headers, body):
        signed = SIGNED.search(headers.get("Authorization") or "")
        service = signed[1] if signed else "unsigned"
        url = urlsplit(path)
        if target := headers.get("X-Amz-Target"):
            operation = target.split(".")[-1]
        elif service == "s3":
            operation = "ListObjectsV2" if "list-type" in url.query else S3.get(method, method)
        elif action := parse_qs(body.decode("utf-8", "replace")).get("Action") if service == "sqs" else None:
            operation = action[0]
        else:
            operation = f"{method} {re.sub('[0-9a-f-]{36}', '*', url.path)}"
        try:
            asked = judged(service, method, path, operation, body)
        except (KeyError, ValueError, TypeError) as error:
            asked = [(f"{service}:{operation}", f"{path} ({error!r})")]
        with self.lock:
            self.counts[who, service, operation] += 1
            self.judged.update((who, *one) for one in asked)

    def _weigh(self, who, headers, body, content):
        target = headers.get("X-Amz-Target") or ""
        if not target.startswith("DynamoDB_"):
            return
        with self.lock:
            try:
                read, write = self.capacity.units(target.split(".")[-1], json.loads(body), json.loads(content or b"{}"))
            except (KeyError, ValueError, TypeError) as error:
                self.unweighed.add(f"{target}: {error!r}")
                return
            self.units[who, "read"] += read
            self.units[who, "write"] += write

    def stop(self):
        """Closes all doors."""
        for server in self.servers:
            server.shutdown()
