"""The gate as its operator runs it: a folder, a process without privileges, its log, its memory, its commands."""

import collections
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

HOST = "portal.localhost"
# Where the soak is root's, the gate is a root without privileges: otherwise no file would be read-only for it.
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


class Broken(Exception):
    """The gate did what it must never do."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Log:
    """What the gate says: the last lines are kept, and whatever is worse than usual; the rest is counted and thrown away."""

    def __init__(self, stream, trouble, panics):
        self.last, self.trouble, self.panics, self.lines = collections.deque(maxlen=400), trouble, panics, 0
        self.thread = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.thread.start()

    def read(self, stream):
        for raw in stream:
            self.lines += 1
            if raw.startswith(b'{"kind":"access"') or b'"kind":"access"' in raw:
                continue
            line = raw.decode("utf-8", "replace").rstrip()
            self.last.append(line)
            if "panicked" in line or "RUST_BACKTRACE" in line:
                self.panics.append(line)
            if self.trouble.tell() < 4 << 20:
                self.trouble.write(line + "\n")


class Gate:
    """One `vestibule serve` with all that belongs to it in one folder."""

    def __init__(self, binary, folder, upstream, more=""):
        """`more`: further lines of [limits]."""
        self.binary, self.folder, self.port, self.ops = binary, folder, free_port(), free_port()
        self.process, self.starts, self.offset, self.panics = None, 0, 0, []
        # What the command line begins with.
        self.prefix = list(UNPRIVILEGED)
        folder.mkdir()
        self.url = f"https://{HOST}:{self.port}"
        self.clock = folder / "clock"
        self.clock.write_text("0\n")
        subprocess.run([binary, "init", "--yes", "--dir", folder / "data", "--portal", f"http://127.0.0.1:{upstream}", "--host", self.url,
                        "--admin", "admin@example.com"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.data = folder / "data"
        self.text = f"""
[listen]
https = "127.0.0.1:{self.port}"
ops = "127.0.0.1:{self.ops}"
drain = "2s"
[tls]
certificate = "certs/portal.pem"
private_key = "certs/portal.key"
[store]
url = "sqlite://vestibule.db"
master_key_file = "vestibule.key"
[limits]
connections = 12000
{more}
[log]
format = "json"
[[portal]]
url = "{self.url}"
hosts = ["localhost"]
upstreams = ["http://127.0.0.1:{upstream}"]
response_timeout = "5s"
"""
        self.configure(self.text)
        self.trouble = open(folder / "gate.log", "a", encoding="utf-8")

    def configure(self, text):
        fresh = self.data / "vestibule.toml.new"
        fresh.write_text(text)
        fresh.replace(self.data / "vestibule.toml")

    def start(self, ready=True):
        env = {"VESTIBULE_TEST_CLOCK": str(self.clock), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
        # With SIGXFSZ ignored, as Python leaves it, a limit on file sizes is an error of writing: a full disk.
        self.process = subprocess.Popen([*self.prefix, self.binary, "serve", "--config", self.data / "vestibule.toml"], cwd=self.data, env=env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        restore_signals=False, start_new_session=True)
        self.log = Log(self.process.stderr, self.trouble, self.panics)
        self.starts += 1
        if ready:
            self.until_ready(60)
        return self

    def until_ready(self, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Broken(f"the gate ended with {self.process.returncode}:\n" + "\n".join(list(self.log.last)[-12:]))
            if self.asks("/readyz")[0] == 200:
                return
            time.sleep(0.05)
        raise Broken(f"the gate is not ready after {seconds} s: {self.asks('/readyz')[1]}")

    def asks(self, path):
        """What the ops listener says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def metric(self, name):
        """The sum of a metric over its labels."""
        lines = self.asks("/metrics")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def cli(self, *args, check=True):
        done = subprocess.run([self.binary, *args, "--config", self.data / "vestibule.toml"], cwd=self.data, capture_output=True, text=True,
                              timeout=120, env={"VESTIBULE_TEST_CLOCK": str(self.clock), "PATH": "/usr/bin:/bin"})
        if check and done.returncode:
            raise Broken(f"vestibule {' '.join(args)}: {done.returncode} {done.stderr}")
        return done.stdout if check else done

    def list(self, *args):
        return json.loads(self.cli(*args, "--format", "json"))

    def move_clock(self, seconds):
        self.offset = seconds
        fresh = self.folder / "clock.new"
        fresh.write_text(f"{seconds}\n")
        fresh.replace(self.clock)

    def limit(self, what, soft):
        """Lowers (or lifts) a limit of the running process; hands back what held."""
        before = resource.prlimit(self.process.pid, what)
        resource.prlimit(self.process.pid, what, (before[1] if soft is None else soft, before[1]))
        return before

    def memory(self):
        """Resident memory that is the process's own, in MiB."""
        try:
            for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) / 1024
        except OSError:
            pass
        return 0.0

    def signal(self, which):
        self.process.send_signal(which)

    def kill(self):
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.trouble.flush()

    def certificate_of(self, name):
        """Another certificate for the same host, by the same command that made the first."""
        made = self.folder / name
        subprocess.run([self.binary, "init", "--yes", "--dir", made, "--portal", "http://127.0.0.1:9", "--host", self.url, "--admin",
                        "admin@example.com"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pair = {each: (made / "certs" / each).read_bytes() for each in ("portal.pem", "portal.key")}
        shutil.rmtree(made)
        return pair
