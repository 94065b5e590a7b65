"""Asks the console everything that its own document allows, and much that it does not: schemathesis over /openapi.json.

    fuzz.py PROOFREEL EXAMPLES [WORK]

No answer may be a 5xx, of a status or of a media type that the document does not name. EXAMPLES is how many requests are made
at least; WORK is the folder of a walk (its state is copied, so the walk's own stays as it is). The pages are asked as somebody
who is signed in and may approve, then as nobody.
"""
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"


def main():
    program, wanted = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="proofreel-fuzz-") as folder:
        work = Path(folder)
        source = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None
        if source is None:
            sys.exit("fuzz.py: name the folder of a walk, which holds a finished episode")
        for part in ("state", "channels"):
            shutil.copytree(source / part, work / part)
        state = ["--state", str(work / "state")]
        runs = json.loads(subprocess.check_output([program, "runs", "list", "--json", *state]))["runs"]
        server = subprocess.Popen(
            [program, "console", "--json", "--listen", "127.0.0.1:0", "--as", "anna", "--channels-dir", work / "channels", "--out", work / "out", *state],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            said = json.loads(server.stdout.readline())
            address, link = said["address"], said["link"]
            known = {"runs": [run["run_id"] for run in runs], "files": ["video.mp4", "captions.vtt", "thumbnail-1.png", "console.css", "week-2026-11-09.md"], "reports": ["week-2026-11-09"]}
            cookie = signed_in(address, link)
            page = ask(address, "GET", f"/runs/{known['runs'][-1]}", headers={"Cookie": cookie})[2]
            known["csrf"] = found(r'name="csrf" value="([^"]+)"', page)
            known["film"] = found(r"\b([0-9a-f]{64})\b", page)
            made = 0
            turn = 1
            # The examples of one call are spread over the operations, and not every operation uses its share up.
            while made < wanted:
                rest = wanted - made
                made += asked(address, known, cookie, max(20, rest // 16), seed=turn)
                made += asked(address, known, None, max(5, rest // 64), seed=turn)
                turn += 1
                if turn > 60:
                    sys.exit(f"fuzz.py: only {made} of {wanted} requests came about")
            alive = ask(address, "GET", "/openapi.json")[0]
            if alive != 200:
                sys.exit(f"fuzz.py: afterwards the console answers {alive}")
            print(f"ok: {made} requests in {turn - 1} rounds; no 5xx, no status and no media type that the document does not name")
        finally:
            server.terminate()
            server.wait(20)


def asked(address, known, cookie, examples, seed):
    """One run of schemathesis; how many cases it made."""
    who = ["--header", f"Cookie: {cookie}"] if cookie else []
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PROOFREEL_WALK": json.dumps(known)}
    command = [
        Path(sys.executable).parent / "schemathesis", "run", f"{address}/openapi.json", "--checks", CHECKS, "--max-examples", str(examples),
        "--phases", "examples,coverage,fuzzing", "--seed", str(seed), "--suppress-health-check", "all", "--generation-database", "none",
        "--continue-on-failure", "--no-color", "--request-timeout", "20", *who,
    ]
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=3600)
    if done.returncode != 0:
        print(done.stdout[-60000:], done.stderr[-2000:])
        sys.exit("fuzz.py: the console answered what its document does not allow; see above")
    return int(found(r"(\d+) generated", done.stdout.replace(",", "")))


def found(pattern, text):
    match = re.search(pattern, text)
    if not match:
        sys.exit(f"fuzz.py: nothing like {pattern} in: {text[-1500:]}")
    return match.group(1)


def ask(address, method, path, body=None, headers=None):
    url = urllib.parse.urlsplit(address)
    line = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    line.request(method, path, body, headers or {})
    answer = line.getresponse()
    return answer.status, answer.headers, answer.read().decode("utf-8", "replace")


def signed_in(address, link):
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["link"][0]
    form = urllib.parse.urlencode({"link": token, "next": "/"})
    status, headers, page = ask(address, "POST", "/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
    if status != 303:
        sys.exit(f"fuzz.py: signing in was answered with {status}: {page[:400]}")
    return headers["Set-Cookie"].split(";")[0]


if __name__ == "__main__":
    main()
