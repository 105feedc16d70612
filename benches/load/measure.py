"""What is asked of each peer, and how its cost is read: load from core 1, CPU time of the proxy from /proc, answers checked."""

import http.client
import json
import random
import re
import socket
import ssl
import subprocess
import sys
import threading
import time

from peers import ECHO, HOST, OTHER_CORE

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE

WRK = """
local requests, seed = {}, %d
math.randomseed(seed)
for line in io.lines("%s") do
  requests[#requests + 1] = "GET %s HTTP/1.1\\r\\nHost: %s\\r\\n" .. "Cookie: theme=dark; " .. line .. "; _ga=GA1.2.3; lang=en\\r\\n"
    .. "Accept: text/html\\r\\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0\\r\\nAccept-Encoding: gzip\\r\\n%s\\r\\n"
end
function request() return requests[math.random(#requests)] end
%s
function done(summary, latency)
  io.write(string.format('{"requests": %%d, "micros": %%d, "bytes": %%d, "errors": %%d, "p50": %%f, "p90": %%f, "p99": %%f, "p999": %%f}\\n',
    summary.requests, summary.duration, summary.bytes,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9)))
end
"""


class Wrong(Exception):
    """A peer did not answer as it must: its figures would be worth nothing."""


class Prober(threading.Thread):
    """Asks as one person after the other while the load runs, and looks at every answer."""

    def __init__(self, peer, path, size):
        super().__init__(daemon=True)
        self.peer, self.path, self.size = peer, path, size
        self.people, self.over, self.count, self.trouble = peer.cookies(), threading.Event(), 0, None

    def run(self):
        try:
            connection = open_connection(self.peer)
            while not self.over.wait(0.1):
                cookie, login = random.choice(self.people)
                connection.request("GET", self.path, headers={"Host": f"{HOST}:{self.peer.port}", "Cookie": cookie})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200 or len(body) != self.size:
                    raise Wrong(f"{self.peer.name}: {answer.status} with {len(body)} bytes for {self.path}")
                if login and answer.headers.get("X-Seen-User") != login:
                    raise Wrong(f"{self.peer.name}: the portal saw {answer.headers.get('X-Seen-User')!r}, it was {login}")
                self.count += 1
        except (Wrong, OSError, http.client.HTTPException) as trouble:
            self.trouble = trouble

    def finish(self):
        self.over.set()
        self.join(30)
        if self.trouble:
            raise Wrong(str(self.trouble))
        return self.count


def open_connection(peer):
    if peer.https:
        return http.client.HTTPSConnection("127.0.0.1", peer.port, context=CONTEXT, timeout=30)
    return http.client.HTTPConnection("127.0.0.1", peer.port, timeout=30)


def refuses_strangers(peer):
    """Whoever checks must send a stranger away; otherwise it would be measured doing nothing."""
    connection = open_connection(peer)
    connection.request("GET", "/1k", headers={"Host": f"{HOST}:{peer.port}"})
    status = connection.getresponse().status
    connection.close()
    if status == 200:
        raise Wrong(f"{peer.name} let a stranger in")


def wrk(peer, path, size, connections, seconds, close=False, pause=0, strict=True):
    """HTTP/1.1 by wrk, every request with the cookie of a person drawn at random. `pause`: milliseconds that each connection waits
    between two requests. Without `strict`, errors are told and not the end."""
    names, script = peer.folder / "wrk.cookies", peer.folder / "wrk.lua"
    if not names.exists():
        people = peer.cookies()
        names.write_text("".join(f"{cookie}\n" for cookie, _ in random.sample(people, len(people))))
    script.write_text(WRK % (random.randrange(1 << 30), names, path, HOST, "Connection: close\\r\\n" if close else "",
                             f"function delay() return {pause} end" if pause else ""))
    scheme = "https" if peer.https else "http"
    command = ["taskset", "-c", OTHER_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(script),
               f"{scheme}://127.0.0.1:{peer.port}{path}"]
    prober = Prober(peer, path, size)
    prober.start()
    before = cpu(peer)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = cpu(peer)
    checked = prober.finish()
    figures = json.loads(output.strip().splitlines()[-1])
    if strict and figures["errors"]:
        raise Wrong(f"{peer.name}: {figures['errors']} errors of {figures['requests']} requests over {connections} connections")
    if figures["bytes"] < (figures["requests"] - figures["errors"]) * size:
        # To wrk a redirect is no error; it is shorter than what was asked for, though.
        raise Wrong(f"{peer.name}: {figures['bytes']} bytes in {figures['requests']} answers of {size} bytes each")
    done = figures["requests"] + checked
    return result(before, after, done, figures["requests"] / figures["micros"] * 1e6,
                  {name: figures[name] for name in ("p50", "p90", "p99", "p999", *(() if strict else ("errors",)))})


def h2load(peer, path, size, connections, streams, seconds):
    """HTTP/2 by h2load, eight of them at the same time as eight people."""
    people = random.sample(peer.cookies(), min(8, len(peer.cookies())))
    each = max(1, connections // len(people))
    commands = [["taskset", "-c", OTHER_CORE, "h2load", f"-c{each}", f"-m{streams}", f"-D{seconds}", "--warm-up-time=1", "-t1",
                 "-H", f":authority: {HOST}", "-H", f"cookie: {cookie}",
                 f"https://127.0.0.1:{peer.port}{path}"] for cookie, _ in people]
    prober = Prober(peer, path, size)
    prober.start()
    before = cpu(peer)
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for command in commands]
    outputs = [child.communicate()[0] for child in children]
    after = cpu(peer)
    checked = prober.finish()
    total = 0
    for output in outputs:
        counts = re.search(r"requests: (\d+) total, (\d+) started, (\d+) done, (\d+) succeeded, (\d+) failed", output)
        statuses = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
        if not counts or not statuses or any(int(n) for n in statuses.groups()[1:]) or int(counts[5]):
            raise Wrong(f"{peer.name}: HTTP/2 went wrong\n{output}")
        total += int(counts[4])
    # What came during warming up is not in its figures but in the CPU time: see `warm` below.
    return result(before, after, total + checked, total / seconds, {}, warm=1 + 1 / seconds)


def echo(peer, connections, seconds):
    """WebSocket messages there and back, by echo.py: all tunnels are open before the first message."""
    people = peer.cookies()
    asked = {"port": peer.port, "https": peer.https, "checks": peer.checks, "seconds": seconds,
             "people": [random.choice(people) for _ in range(connections)]}
    child = subprocess.Popen(["taskset", "-c", OTHER_CORE, sys.executable, ECHO, "ask"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    child.stdin.write(json.dumps(asked) + "\n")
    child.stdin.flush()
    child.stdout.readline()
    before = cpu(peer)
    output, trouble = child.communicate("go\n")
    after = cpu(peer)
    if child.returncode:
        raise Wrong(f"{peer.name}: {trouble.strip()}")
    figures = json.loads(output)
    return result(before, after, figures["messages"], figures["rate"], {name: figures[name] for name in ("p50", "p90", "p99", "p999")})


def result(before, after, done, rate, latency, warm=1):
    figures = {"requests": done, "rate": rate, **latency}
    if before is not None:
        (own, helping), (own_after, helping_after) = before, after
        figures["cpu"] = (own_after - own) / (done * warm) * 1e6
        figures["helper"] = (helping_after - helping) / (done * warm) * 1e6
    return figures


def cpu(peer):
    if peer.process is None:
        return None
    return peer.process.cpu(), peer.checker.cpu() if peer.checker else 0


def stream(peer, bytes_expected):
    """One large answer, read to its end: megabytes per second and CPU per gigabyte."""
    cookie, _ = peer.cookies()[0]
    command = ["taskset", "-c", OTHER_CORE, "curl", "-sk", "--http1.1", "-o", "/dev/null", "-w", "%{size_download} %{time_total}", "-H",
               f"Host: {HOST}", "-H", f"Cookie: {cookie}",
               f"{'https' if peer.https else 'http'}://127.0.0.1:{peer.port}/1g"]
    before = cpu(peer)
    size, seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    after = cpu(peer)
    if int(size) != bytes_expected:
        raise Wrong(f"{peer.name}: {size} bytes of {bytes_expected}")
    figures = {"rate": int(size) / float(seconds) / 1e6}
    if before is not None:
        figures["cpu"] = (after[0] - before[0]) * 1e6
    return figures


def idle(peer, count):
    """`count` TLS connections that do nothing: memory that each costs the proxy, in bytes; they stay open until closed."""
    before = peer.process.memory()
    sockets = []
    for number in range(count):
        raw = socket.create_connection(("127.0.0.1", peer.port), timeout=30, source_address=(f"127.0.{1 + number // 250}.1", 0))
        sockets.append(CONTEXT.wrap_socket(raw, server_hostname=HOST))
    time.sleep(1)
    return sockets, (peer.process.memory() - before) / count


def checks(peer):
    """`vestibule_check_seconds` so far: upper bounds and cumulated counts, and the sum."""
    connection = http.client.HTTPConnection("127.0.0.1", peer.ops, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    buckets = {}
    for bound, count in re.findall(r'^vestibule_check_seconds_bucket\{.*?le="([^"]+)"\} (\d+)', text, re.MULTILINE):
        bound = float("inf") if bound == "+Inf" else float(bound)
        buckets[bound] = buckets.get(bound, 0) + int(count)
    sums = re.findall(r"^vestibule_check_seconds_sum(?:\{[^}]*\})? (\S+)", text, re.MULTILINE)
    return sorted(buckets.items()), sum(map(float, sums))


def between(before, after):
    """What the checks between two readings took: how many, their mean, and quantiles, the bounds below which they stayed as well as
    what lies within the bucket, were it filled evenly (as `histogram_quantile` of Prometheus has it)."""
    (old, old_sum), (new, new_sum) = before, after
    counts = [(bound, count - dict(old).get(bound, 0)) for bound, count in new]
    total = counts[-1][1] if counts else 0
    if not total:
        return {"count": 0}
    figures = {"count": total, "mean": (new_sum - old_sum) / total}
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        figures[name], figures[f"{name}_bound"] = quantile(counts, share * total)
    return figures


def quantile(counts, rank):
    """Estimate and bound of the check at this place in the order."""
    low = below = 0
    for bound, count in counts:
        if count >= rank:
            return (low if bound == float("inf") else low + (bound - low) * (rank - below) / (count - below)), bound
        low, below = bound, count
    raise ValueError(rank)
