#!/usr/bin/env python3
"""Stands in for ffmpeg while our renderer runs and keeps what it is fed.

The real program (REAL_FFMPEG) is run unchanged. Where frames arrive on standard input, they are also written without
loss to CAPTURE_DIR/N.mkv, arguments and how memory is allocated to CAPTURE_DIR/N.json: the encoder alone is later fed the same frames with
the same settings.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

real, arguments = os.environ["REAL_FFMPEG"], sys.argv[1:]
if "rawvideo" not in arguments or not {"pipe:0", "pipe:", "-"} & set(arguments):
    os.execv(real, [real, *arguments])

folder = Path(os.environ["CAPTURE_DIR"])
name = folder / f"{os.getpid():08}"
memory = {key: os.environ[key] for key in ["GLIBC_TUNABLES"] if key in os.environ}
name.with_suffix(".json").write_text(json.dumps({"arguments": arguments, "environment": memory}))


def value(option: str) -> str:
    return arguments[arguments.index(option) + 1]


keep = subprocess.Popen(
    [real, "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", value("-pix_fmt"), "-s", value("-s"), "-r", value("-r"),
     "-i", "pipe:0", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-g", "30", str(name.with_suffix(".mkv"))],
    stdin=subprocess.PIPE)
encode = subprocess.Popen([real, *arguments], stdin=subprocess.PIPE)
while chunk := sys.stdin.buffer.read(1 << 22):
    keep.stdin.write(chunk)
    encode.stdin.write(chunk)
keep.stdin.close()
encode.stdin.close()
sys.exit(encode.wait() or keep.wait())
