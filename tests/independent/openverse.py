#!/usr/bin/env python3
"""A stand-in for Openverse on this machine: one photograph under CC BY 4.0, and its file. Writes its port into the file it is given.

    python3 tests/independent/openverse.py PORT_FILE
"""

import http.server
import json
import struct
import sys
import zlib
from urllib.parse import urlsplit

WORK = "6f1c9a52-0b7d-4e7a-9a31-5f0c2d8e4b10"
SIZE = (1400, 800)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def photograph():
    """A PNG of soft colours, light and dark."""
    width, height = SIZE
    rows = (b"\0" + bytes(v for x in range(width) for v in (x * 255 // width, y * 255 // height, 90)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class Openverse(http.server.BaseHTTPRequestHandler):
    """`/v1/images/` lists the work, its `thumb` is the file."""

    file = photograph()
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/v1/images/":
            work = {
                "id": WORK, "title": "Stacked bars", "creator": "Ann Example", "license": "by", "license_version": "4.0",
                "license_url": "https://creativecommons.org/licenses/by/4.0/", "mature": False, "tags": [{"name": "metal"}],
                "foreign_landing_url": "https://photos.example.org/works/42",
            }
            self.answer(200, "application/json", json.dumps({"result_count": 1, "page_count": 1, "results": [work]}).encode())
        elif path == f"/v1/images/{WORK}/thumb/":
            self.answer(200, "image/png", self.file)
        else:
            self.answer(404, "application/json", b'{"detail": "Not found."}')

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Openverse)
with open(sys.argv[1], "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
