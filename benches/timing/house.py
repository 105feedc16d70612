"""The gate that is timed, in a scratch folder, the people in it, and a browser that times what it sends."""

import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import socket
import sqlite3
import ssl
import struct
import subprocess
import time
import urllib.parse

PASSWORD, WRONG = "Correct-Horse-7-Battery", "Wrong-Horse-7-Battery!!"
STEP = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def code(secret, step):
    """RFC 6238 with SHA-1 and six digits."""
    mac = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 0xF
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Gate:
    """A release build, set up so that no limit refuses. Its tables are emptied of counters between attempts, never during one."""

    def __init__(self, folder, binary):
        self.folder, self.binary, self.port = pathlib.Path(folder), binary, free_port()
        self.run_in(".", "init", "--yes", "--dir", folder, "--portal", f"http://127.0.0.1:{free_port()}", "--host",
                    f"https://localhost:{self.port}", "--admin", "admin@example.com")
        (self.folder / "bench.toml").write_text(f"""
[listen]
https = "127.0.0.1:{self.port}"
ops = "127.0.0.1:{free_port()}"
workers = 1
[tls]
certificate = "certs/portal.pem"
private_key = "certs/portal.key"
[store]
url = "sqlite://vestibule.db"
master_key_file = "vestibule.key"
[log]
access = false
[limits]
anonymous_per_client = "100000/s burst 100000"
failures_per_client = "100000/s burst 100000"
[[portal]]
url = "https://localhost:{self.port}"
upstreams = ["http://127.0.0.1:{free_port()}"]
""")
        self.tls = ssl.create_default_context(cafile=self.folder / "certs/portal.pem")
        self.log = open(self.folder / "gate.log", "wb")
        self.process = subprocess.Popen([binary, "serve", "--config", "bench.toml"], cwd=folder, stdout=self.log, stderr=self.log)
        self.wait()
        self.store = sqlite3.connect(self.folder / "vestibule.db", timeout=20, isolation_level=None)
        self.store.execute("PRAGMA synchronous = OFF")

    def run_in(self, folder, *words):
        for _ in range(10):
            done = subprocess.run([self.binary, *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return done.stdout
            if "does not answer" not in done.stderr:
                break
        raise SystemExit(f"{' '.join(map(str, words))}:\n{done.stderr}")

    def command(self, *words):
        return self.run_in(self.folder, *words, "--config", "bench.toml")

    def work(self):
        """What all threads of the gate have used of the processor, in nanoseconds."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())

    def wait(self):
        """Until it says so: knocking at a free port may well answer itself."""
        for _ in range(600):
            words = (self.folder / "gate.log").read_text()
            if "the gate is open" in words:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"the gate does not start:\n{words[-2000:]}")

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.store.close()
        self.log.close()

    def link(self, login):
        printed = self.command("user", "invite", login)
        return re.search(r"https://\S+(/\.vestibule/\S+)", printed)[1]

    def enrolled(self, login):
        """Somebody with a password and an authenticator app, whose browser is thrown away: its secret."""
        browser = Browser(self)
        browser.get(self.link(login))
        browser.post("register", new_password=PASSWORD, new_password_again=PASSWORD)
        browser.post("login", login=login, password=PASSWORD)
        secret = re.search(r"otpauth://[^\"]*?secret=([A-Z2-7]+)", browser.post("setup")[1])[1]
        browser.post("setup", code=code(secret, int(time.time()) // STEP))
        browser.post("setup/codes", act="download")
        status, _ = browser.post("setup/codes", act="next", saved="on")
        if status != 303:
            raise SystemExit(f"{login} could not enrol: {status}")
        return secret

    def imported(self, logins):
        """Accounts with a password of the gate's own making, that of somebody who has one."""
        (known,) = self.store.execute("SELECT password FROM accounts WHERE password IS NOT NULL LIMIT 1").fetchone()
        people = [{"login": login, "password_hash": known} for login in logins]
        (self.folder / "people.json").write_text(json.dumps(people))
        self.command("user", "import", "people.json")

    def forget_failures(self):
        self.store.execute("DELETE FROM buckets")
        self.store.execute("DELETE FROM attempts")

    def lock(self, logins):
        for login in logins:
            self.store.execute("UPDATE accounts SET locked_at = ? WHERE login = ?", (int(time.time() * 1000), login))

    def ready_for_code(self, login, step):
        """Nobody has failed yet, and the code of this step was used a moment ago: for whoever enters a wrong one too."""
        self.store.execute("BEGIN IMMEDIATE")
        self.forget_failures()
        self.store.execute("UPDATE pendings SET attempts = 0")
        self.store.execute("UPDATE accounts SET locked_at = NULL, last_step = ? WHERE login = ?", (step, login))
        self.store.execute("COMMIT")


class Browser:
    """Keeps cookies and a connection."""

    def __init__(self, gate, by_work=False):
        self.gate, self.by_work, self.cookies = gate, by_work, {}
        self.open()

    def open(self):
        self.wire = http.client.HTTPSConnection("localhost", self.gate.port, context=self.gate.tls, timeout=60)
        self.wire.connect()
        self.wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, method, path, body):
        headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin", "Accept": "text/html",
                   "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Origin": f"https://localhost:{self.gate.port}", "Content-Type": "application/x-www-form-urlencoded"}
        if not self.cookies:
            del headers["Cookie"]
        if self.wire.sock is None:
            self.open()
        clock = self.gate.work if self.by_work else time.perf_counter_ns
        begin = clock()
        self.wire.request(method, path, body, headers)
        answer = self.wire.getresponse()
        text = answer.read()
        self.took = clock() - begin
        for line in answer.headers.get_all("Set-Cookie", []):
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if "max-age=0" in line.lower():
                del self.cookies[name]
        return answer.status, text.decode()

    def get(self, path):
        return self.send("GET", path, None)

    def post(self, page, **fields):
        return self.send("POST", f"/.vestibule/{page}", urllib.parse.urlencode(fields))
