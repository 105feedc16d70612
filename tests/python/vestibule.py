"""A gate for whoever looks at it from outside: its folder, its configuration, its process, and people with a browser and a phone.

The soak and the benches make theirs of these. Traffic stays on loopback addresses.
"""

import base64
import hashlib
import hmac
import html
import http.client
import json
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HOST = "portal.localhost"
PASSWORD = "Correct-Horse-7-Battery"
# How long a code lives.
STEP = 30
# How long anything may take that is sure to happen: no figure of speed, a machine may have other things to do.
PATIENCE = 120
# Certificates are made for the occasion, and nobody knows who signed them.
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Broken(Exception):
    """The gate did what it must never do."""


class Away(Broken):
    """It could not reach its records in time, and said so: a slow disk. Nothing was changed; people try again."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gate:
    """What `vestibule init` makes in the folder `data`, in front of the upstream at that port, and what is run there."""

    def __init__(self, binary, data, upstream, more=None, certificate=None):
        """`more`: further lines for sections of the configuration. `certificate`: paths to one and to its key, instead of its own."""
        self.binary, self.data, self.port, self.ops = binary, pathlib.Path(data), free_port(), free_port()
        self.url, self.process, self.env = f"https://{HOST}:{self.port}", None, None
        # How far the gate's clock was moved.
        self.offset = 0
        own = ["--certificate", certificate[0], "--private-key", certificate[1]] if certificate else []
        self.init(self.data, upstream, *own)
        self.config = self.data / "gate.toml"
        self.text = self.sections(upstream, more or {}, certificate or ("certs/portal.pem", "certs/portal.key"))
        self.configure(self.text)

    def init(self, folder, upstream, *more):
        self.run(self.data.parent, "init", "--yes", "--dir", folder, "--portal", f"http://127.0.0.1:{upstream}", "--host", self.url,
                 "--admin", "admin@example.com", *more)

    def sections(self, upstream, more, certificate):
        made = {
            "[listen]": f'https = "127.0.0.1:{self.port}"\nops = "127.0.0.1:{self.ops}"',
            "[tls]": f'certificate = "{certificate[0]}"\nprivate_key = "{certificate[1]}"',
            "[store]": 'url = "sqlite://vestibule.db"\nmaster_key_file = "vestibule.key"',
            "[limits]": "",
            "[log]": 'format = "json"',
            "[[portal]]": f'url = "{self.url}"\nupstreams = ["http://127.0.0.1:{upstream}"]',
        }
        known = {section.strip("[]") for section in made}
        made |= {f"[{section}]": "" for section in more if section not in known}
        return "".join(f"{section}\n{text}\n{more.get(section.strip('[]'), '')}\n" for section, text in made.items())

    def configure(self, text):
        fresh = self.config.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.config)

    def command(self):
        return [self.binary, "serve", "--config", self.config]

    def start(self, prefix=(), **how):
        """Its process; `how` as in `subprocess.Popen`."""
        self.process = subprocess.Popen([*prefix, *self.command()], cwd=self.data, env=self.env, stdin=subprocess.DEVNULL, **how)

    def until(self, path="/readyz", seconds=PATIENCE):
        """Until the ops listener answers 200 to this."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Broken(f"the gate ended with {self.process.returncode}:\n{self.last_words()}")
            if self.asks(path)[0] == 200:
                return
            time.sleep(0.05)
        raise Broken(f"{path} is not good after {seconds} s: {self.asks(path)[1]}\n{self.last_words()}")

    def last_words(self):
        return ""

    def asks(self, path):
        """What the ops listener says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def cli(self, *args, check=True):
        return self.run(self.data, *args, "--config", self.config, check=check)

    def imported(self, logins):
        """Accounts with a password of the gate's own making, that of somebody who has one."""
        store = sqlite3.connect(f"file:{self.data / 'vestibule.db'}?mode=ro", uri=True, timeout=20)
        (known,) = store.execute("SELECT password FROM accounts WHERE password IS NOT NULL LIMIT 1").fetchone()
        store.close()
        (self.data / "people.json").write_text(json.dumps([{"login": login, "password_hash": known} for login in logins]))
        self.cli("user", "import", "people.json")

    def run(self, folder, *args, check=True):
        """A command of the program: its output, or with `check=False` all about it. It is asked again where the store is busy."""
        end = time.monotonic() + PATIENCE
        while True:
            done = subprocess.run([self.binary, *map(str, args)], cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
                                  env=self.env, check=False)
            if not check:
                return done
            if done.returncode == 0:
                return done.stdout
            if "does not answer" not in done.stderr or time.monotonic() > end:
                raise Broken(f"vestibule {' '.join(map(str, args))}: {done.returncode} {done.stderr}")
            time.sleep(1)

    def kill(self):
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


class Tls(http.client.HTTPSConnection):
    """TLS to this machine, asking for the portal's name."""

    def __init__(self, port, source="127.0.0.1", timeout=60):
        super().__init__("127.0.0.1", port, timeout=timeout, context=CONTEXT, source_address=(source, 0))

    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = CONTEXT.wrap_socket(self.sock, server_hostname=HOST)


class Browser:
    """Keeps cookies, follows nothing, a connection for each request."""

    def __init__(self, port, source="127.0.0.1"):
        self.port, self.source, self.cookies = port, source, {}

    def ask(self, method, path, fields=None):
        """Status, `Location`, text."""
        headers = {"Host": f"{HOST}:{self.port}", "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                   "Sec-Fetch-Site": "same-origin" if method == "POST" else "none"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if method == "POST":
            body = urllib.parse.urlencode(fields or {})
            headers |= {"Origin": f"https://{HOST}:{self.port}", "Content-Type": "application/x-www-form-urlencoded"}
        answer, text = self.exchange(method, path, body, headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value and "max-age=0" not in rest.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer.status, answer.headers.get("Location", ""), text.decode("utf-8", "replace")

    def exchange(self, method, path, body, headers):
        """The answer's head, and its body."""
        connection = Tls(self.port, self.source)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **fields):
        return self.ask("POST", path, fields)

    def send(self, path, **fields):
        """The form of this page, with the token that is in it for this browser alone."""
        token = re.search(r'name="form_token" value="([^"]*)"', self.get(path)[2])
        return self.post(path, **({"form_token": html.unescape(token[1])} if token else {}), **fields)

    def cookie(self):
        return f"__Host-vestibule={self.cookies['__Host-vestibule']}"


def code_at(secret, step):
    """RFC 6238 with what every app assumes: SHA-1, six digits, thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def expect(login, answer, status, place=None):
    if answer[0] != status or (place is not None and answer[1] != place):
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer[2]))[:300]
        kind = Away if answer[0] == 503 and "We cannot reach our records" in answer[2] else Broken
        raise kind(f"{login}: {answer[0]} {answer[1]!r} instead of {status} {place or ''}: {words}")
    return answer


class Person:
    """A login, a password, what the app holds, and the last step whose code was used."""

    def __init__(self, gate, login, source="127.0.0.1"):
        self.gate, self.login, self.step, self.secret = gate, login, 0, ""
        self.browser = Browser(gate.port, source)

    def now(self):
        return int(time.time() + self.gate.offset) // STEP

    def fresh_code(self):
        """The code of a step that was not used yet; waits for one if it must (the gate takes one step to either side)."""
        while self.now() + 1 <= self.step:
            time.sleep(0.5)
        self.step = max(self.now(), self.step + 1)
        return code_at(self.secret, self.step)

    def enrol(self):
        """From the invitation to the first session."""
        link = urllib.parse.urlsplit(self.gate.cli("user", "invite", self.login).strip()).path
        browser = self.browser
        self.passes(lambda: browser.get(link), 303, "/.vestibule/register")
        self.passes(lambda: browser.send("/.vestibule/register", new_password=PASSWORD, new_password_again=PASSWORD), 200)
        self.passes(lambda: self.log_in(browser), 303, "/.vestibule/setup")
        page = self.passes(lambda: browser.post("/.vestibule/setup"), 200)[2]
        self.secret = re.search(r"otpauth://[^\"]*?secret=([A-Z2-7]+)", html.unescape(page))[1]
        self.passes(lambda: browser.post("/.vestibule/setup", code=self.fresh_code()), 303, "/.vestibule/setup/codes")
        self.passes(lambda: browser.post("/.vestibule/setup/codes", act="download"), 200)
        self.passes(lambda: browser.post("/.vestibule/setup/codes", act="next", saved="on"), 303, "/.vestibule/verify")
        self.passes(lambda: browser.post("/.vestibule/verify", code=self.fresh_code()), 303)
        return self

    def passes(self, step, status, place=None):
        """What the step gives at last: it is done again where the gate could not reach its records."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return expect(self.login, step(), status, place)
            except Away:
                if time.monotonic() > end:
                    raise
            time.sleep(1)

    def log_in(self, browser):
        return browser.post("/.vestibule/login", login=self.login, password=PASSWORD, to="/")

    def sign_in(self):
        """Both doors, in a browser that is known and has nothing left of its last session. How often the store kept it waiting."""
        end, put_off = time.monotonic() + PATIENCE, 0
        while True:
            browser = Browser(self.gate.port, self.browser.source)
            browser.cookies = {name: value for name, value in self.browser.cookies.items() if name.endswith("-device")}
            try:
                expect(self.login, self.log_in(browser), 303, "/.vestibule/verify")
                expect(self.login, browser.post("/.vestibule/verify", code=self.fresh_code()), 303, "/")
                self.browser = browser
                return put_off
            except Away:
                put_off += 1
                if time.monotonic() > end:
                    raise
            time.sleep(1)
