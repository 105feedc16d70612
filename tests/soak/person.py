"""Somebody in front of a browser who signs in through the real pages, with a password and a phone."""

import base64
import hashlib
import hmac
import html
import http.client
import re
import ssl
import struct
import time
import urllib.parse

from gate import HOST, Broken

PASSWORD = "Correct-Horse-7-Battery"
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Tls(http.client.HTTPSConnection):
    """TLS to this machine, asking for the portal's name."""

    def __init__(self, port, source, timeout=20):
        super().__init__("127.0.0.1", port, timeout=timeout, context=CONTEXT, source_address=(source, 0))

    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = CONTEXT.wrap_socket(self.sock, server_hostname=HOST)


class Browser:
    """Keeps cookies, follows nothing, a connection for each request."""

    def __init__(self, port, source="127.0.0.1"):
        self.port, self.source, self.cookies = port, source, {}

    def ask(self, method, path, fields=None):
        headers = {"Host": f"{HOST}:{self.port}", "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                   "Sec-Fetch-Site": "same-origin" if method == "POST" else "none"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if method == "POST":
            body = urllib.parse.urlencode(fields or {})
            headers |= {"Origin": f"https://{HOST}:{self.port}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = Tls(self.port, self.source)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value and "max-age=0" not in rest.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer.status, answer.headers.get("Location", ""), text

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **fields):
        return self.ask("POST", path, fields)

    def cookie(self):
        return f"__Host-vestibule={self.cookies['__Host-vestibule']}"


def code_at(secret, step):
    """RFC 6238 with what every app assumes: SHA-1, six digits, thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06}"


class Person:
    """A login, a password, what the app holds, and the last step whose code was used."""

    def __init__(self, gate, login, source="127.0.0.1"):
        self.gate, self.login, self.step, self.secret = gate, login, 0, ""
        self.browser = Browser(gate.port, source)

    def expect(self, answer, status, place=None):
        if answer[0] != status or (place is not None and answer[1] != place):
            words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer[2]))[:300]
            raise Broken(f"{self.login}: {answer[0]} {answer[1]!r} instead of {status} {place or ''}: {words}")
        return answer

    def now(self):
        return int(time.time() + self.gate.offset) // 30

    def fresh_code(self, browser=None):
        """The code of a step that was not used yet; waits for one if it must (the gate takes one step to either side)."""
        while self.now() + 1 <= self.step:
            time.sleep(0.5)
        self.step = max(self.now(), self.step + 1)
        return code_at(self.secret, self.step)

    def enrol(self):
        """From the invitation to the first session."""
        link = self.gate.cli("user", "invite", self.login).strip()
        path = urllib.parse.urlsplit(link).path
        browser = self.browser
        self.expect(browser.get(path), 303, "/.vestibule/register")
        self.expect(browser.post("/.vestibule/register", new_password=PASSWORD, new_password_again=PASSWORD), 200)
        self.expect(self.log_in(browser), 303, "/.vestibule/setup")
        page = self.expect(browser.post("/.vestibule/setup"), 200)[2]
        self.secret = re.search(r"otpauth://[^\"]*?secret=([A-Z2-7]+)", html.unescape(page))[1]
        self.expect(browser.post("/.vestibule/setup", code=self.fresh_code()), 303, "/.vestibule/setup/codes")
        self.expect(browser.post("/.vestibule/setup/codes", act="download"), 200)
        self.expect(browser.post("/.vestibule/setup/codes", act="next", saved="on"), 303, "/.vestibule/verify")
        self.expect(browser.post("/.vestibule/verify", code=self.fresh_code()), 303)
        return self

    def log_in(self, browser):
        return browser.post("/.vestibule/login", login=self.login, password=PASSWORD, to="/")

    def sign_in(self):
        """Both doors, in a browser that is known and has nothing left of its last session."""
        browser = Browser(self.gate.port, self.browser.source)
        browser.cookies = {name: value for name, value in self.browser.cookies.items() if name.endswith("-device")}
        self.expect(self.log_in(browser), 303, "/.vestibule/verify")
        self.expect(browser.post("/.vestibule/verify", code=self.fresh_code()), 303, "/")
        self.browser = browser
