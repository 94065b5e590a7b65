"""YouTube's figures for one channel on loopback: the token endpoint, the Analytics API and the Reporting API, as far as their
contracts (tests/data/youtube) know the question; any other is refused as YouTube refuses it. Made-up figures, the same each day."""

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from stack import ROOT

CONTRACTS = {
    "v2": json.loads((ROOT / "tests/data/youtube/youtubeAnalytics.v2.subset.json").read_text()),
    "v1": json.loads((ROOT / "tests/data/youtube/youtubereporting.v1.subset.json").read_text()),
}
# What the owner's consent is worth: a refresh token is exchanged for this.
ACCESS = "access-of-the-stand-in"
VIEWS = 321
SECRETS = {"youtube_client_id": "client", "youtube_client_secret": "secret", "youtube_refresh_token_short": "refresh"}


def methods(document):
    """All methods of a discovery document."""
    open_, found = [document.get("resources", {})], []
    while open_:
        for resource in open_.pop().values():
            found += resource.get("methods", {}).values()
            open_.append(resource.get("resources", {}))
    return found


def refusal(method, path, query):
    """Why the contract does not know a question; None when it does."""
    document = CONTRACTS.get(path.split("/")[1])
    have = path.strip("/").split("/")

    def fits(known):
        want = known["path"].split("/")
        length = len(have) >= len(want) if "{+" in known["path"] else len(have) == len(want)
        return known["httpMethod"] == method and length and all(w.startswith("{") or w == h for w, h in zip(want, have))

    known = next((one for one in methods(document or {}) if fits(one)), None)
    if known is None:
        return f"no method {method} {path}"
    own, common = known.get("parameters", {}), document.get("parameters", {})
    if strange := [name for name in query if name not in own and name not in common]:
        return f"no parameter {strange[0]}"
    missing = [name for name, about in own.items() if about.get("required") and about.get("location") == "query" and name not in query]
    return f"{missing[0]} is missing" if missing else None


def table(query):
    """Rows by day, every metric the same each day; videos have none."""
    metrics = query["metrics"].split(",")
    first, last = (datetime.date.fromisoformat(query[name]) for name in ("startDate", "endDate"))
    days = [] if "filters" in query else [first + datetime.timedelta(n) for n in range((last - first).days + 1)]
    value = {"views": VIEWS, "engagedViews": 200, "estimatedMinutesWatched": 800, "averageViewDuration": 90, "averageViewPercentage": 41.5}
    names = [query["dimensions"]] if "dimensions" in query else []
    rows = [[day.isoformat(), *(value.get(metric, 1) for metric in metrics)] for day in days] if names == ["day"] else []
    answer = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": [{"name": name} for name in names + metrics]}
    return answer | ({"rows": rows} if rows else {})


class YouTube:
    """Serves until `stop`; `consent` says whether the refresh token is good, `asked` what was asked."""

    def __init__(self):
        self.consent, self.asked = False, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self):
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, answer = outer.answer(self.command, url.path, dict(parse_qsl(url.query)), body, self.headers)
                outer.asked.append((self.command, url.path, status))
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _answer

            def log_message(self, *_):
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, method, path, query, body, headers):
        """(status, JSON) of a question."""
        if path == "/token":
            form = parse_qs(body.decode())
            good = form.get("refresh_token") == ["refresh"] and form.get("client_secret") == ["secret"]
            if not (self.consent and good):
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return 200, {"access_token": ACCESS, "expires_in": 3600, "token_type": "Bearer"}
        if headers.get("Authorization") != f"Bearer {ACCESS}":
            return 401, {"error": {"code": 401, "message": "no token"}}
        if why := refusal(method, path, query):
            return 400, {"error": {"code": 400, "message": why}}
        if path.startswith("/v2/"):
            # Not in the partner programme: YouTube refuses to tell revenue.
            return (403, {"error": {"code": 403, "message": "Forbidden"}}) if "estimatedRevenue" in query["metrics"] else (200, table(query))
        job = {"id": "job-1", "reportTypeId": "channel_reach_basic_a1"}
        return 200, job if method == "POST" else {"reports": []} if path.endswith("/reports") else {}

    def law(self):
        """What an operator would write into providers.toml to have the functions ask here."""
        at = f"http://127.0.0.1:{self.server.server_port}"
        lies = {"google-oauth": at, "youtube-analytics": f"{at}/v2", "youtube-reporting": f"{at}/v1"}
        return "".join(f'[providers.{name}]\nbase_url = "{address}"\n' for name, address in lies.items())

    def stop(self):
        """Closes it."""
        self.server.shutdown()
