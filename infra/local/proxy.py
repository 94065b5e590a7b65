"""Counting doors to the local AWS: a function's clients go through a door of its own, which notes what was asked.

What: the service of the signature, and the operation by its target header, its action, or its path and method."""

import re
import threading
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SIGNED = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
HOP = {"connection", "transfer-encoding", "content-length"}
S3 = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject", "POST": "PostObject"}


class Proxy:
    """Doors on free ports of loopback until `stop`; `counts[who, service, operation]` is how often."""

    def __init__(self, endpoint):
        self.counts = Counter()
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
        with self.lock:
            self.counts[who, service, operation] += 1

    def stop(self):
        """Closes all doors."""
        for server in self.servers:
            server.shutdown()
