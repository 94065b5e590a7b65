"""A person at the console behind its Function URL: signs in by a one-time link, looks, decides. Speaks to the function as a Function
URL does, event by event, and reads its streamed answers. A Function URL is found by its own name and lets no other through, so what
lies before it (`address`) asks by that name too; only the browser's words about itself have the address."""

import json
import re
from urllib.parse import urlencode

HOST = "abc123.lambda-url.us-east-1.on.aws"
GAP = b"\0" * 8


class Visitor:
    """Asks the function of this name as a browser does that was sent to `address`; keeps cookies."""

    def __init__(self, client, function, address):
        self.client, self.function, self.address, self.cookies = client, function, address, {}

    def ask(self, method, path, form=None, expect=200):
        """The answer's text; stops when its status is another one."""
        path, _, query = path.partition("?")
        headers = {"host": HOST, "accept": "text/html", "user-agent": "visitor"}
        if form is not None:
            headers |= {"content-type": "application/x-www-form-urlencoded", "origin": self.address, "sec-fetch-site": "same-origin"}
        event = {
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": headers,
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "requestContext": {
                "accountId": "anonymous", "apiId": "abc123", "domainName": HOST, "domainPrefix": "abc123", "requestId": "r",
                "routeKey": "$default", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "visitor"},
            },
            "body": urlencode(form) if form is not None else None, "isBase64Encoded": False,
        }
        answer = self.client.invoke(FunctionName=self.function, Payload=json.dumps(event).encode())
        raw = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise SystemExit(f"cloud: the console failed at {method} {path}: {raw[:500]}")
        if raw.startswith(b'"'):
            # The local AWS gives the stream back as one text in JSON.
            raw = json.loads(raw).encode()
        if GAP not in raw:
            raise SystemExit(f"cloud: {method} {path} gave no streamed answer: {raw[:500]}")
        head, _, body = raw.partition(GAP)
        head = json.loads(head)
        for cookie in head.get("cookies", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        if head["statusCode"] != expect:
            raise SystemExit(f"cloud: {method} {path} answered {head['statusCode']}, not {expect}: {body[:500]}")
        return body.decode(errors="replace")

    def sign_in(self, link):
        """Uses a one-time link, as the page behind it does."""
        query = link.partition("?")[2]
        token = dict(part.split("=", 1) for part in query.split("&"))["link"]
        self.ask("GET", f"/sign-in?{query}")
        self.ask("POST", "/sign-in", {"link": token, "next": "/"}, expect=303)

    def approve(self, run):
        """Looks at an episode and approves what the page shows."""
        page = self.ask("GET", f"/runs/{run}")
        form = page[page.index('id="approve-form"') :].split("</form>")[0]
        hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([a-z_]+)"[^>]*value="([^"]*)"', form))
        self.ask("POST", f"/runs/{run}/approve", {**hidden, "visibility": "public", "publish_at": "", "override_reason": ""}, expect=303)
