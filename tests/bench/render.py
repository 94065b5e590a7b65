#!/usr/bin/env python3
"""How close rendering comes to the encoder alone, in one run on one machine.

Usage: render.py path/to/proofreel. Makes the shortest film, then decodes it and encodes the same frames again with the
same settings and nothing to draw: that is the limit. Prints both and their ratio.
"""
import json, os, subprocess, sys, tempfile, time

binary = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
with tempfile.TemporaryDirectory() as work:
    out = subprocess.run(
        [binary, "produce", "--quiet", "--json", "--state", f"{work}/state", "--out", f"{work}/out", "--as-of", "2026-11-22",
         "--channel", os.path.join(here, "../channels/short.toml")], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stdout + out.stderr)
    folder = json.loads(out.stdout)["folder"]
    rows = [json.loads(line) for line in open(f"{folder}/run-log.jsonl")]
    render = next(r["metrics"]["latency_ms"] for r in rows if r["stage"] == "render" and r["status"] == "success") / 1000
    rest = sum(r["metrics"]["latency_ms"] for r in rows if r["stage"] != "render") / 1000
    frames = json.load(open(f"{folder}/film.json"))["duration_ms"] * 30 // 1000
    raw = f"{work}/frames.yuv"
    seconds = min(20, frames // 30)   # twenty seconds of raw frames are two gigabytes
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-ss", "10", "-i", f"{folder}/video.mp4", "-t", str(seconds), "-f", "rawvideo",
                    "-pix_fmt", "yuv420p", raw], check=True)
    count = os.path.getsize(raw) // (1920 * 1080 * 3 // 2)
    began = time.monotonic()
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "1920x1080", "-r", "30", "-i", raw,
                    "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-f", "null", "-"], check=True)
    limit = count / (time.monotonic() - began)
    speed = frames / render
    print(f"stages before render   {rest:8.2f} s")
    print(f"render, all of it      {speed:8.1f} frames/s   {frames} frames in {render:.1f} s, {speed / 30:.2f} x real time")
    print(f"encoder alone          {limit:8.1f} frames/s")
    print(f"rendering reaches {speed / limit:.0%} of the encoder's speed")
