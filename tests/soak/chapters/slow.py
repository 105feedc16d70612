"""Clients that take their time: heads and bodies that never end, answers that nobody reads."""

import re
import shutil
import ssl
import subprocess
import time

from chapters import chapter
from load import crowd, drained, request, tls
from vestibule import HOST

# Of each kind at a time; below what one client may have open.
MANY = 300


def dripping(number, end, port, first, drop):
    """Opens as many as it may, and sends one byte after the other on each of them; opens anew what the gate has ended."""
    counted, open_ones = {"opened": 0, "ended by the gate": 0}, []
    while time.monotonic() < end:
        while len(open_ones) < MANY and time.monotonic() < end:
            try:
                stream = tls(port, f"127.0.4.{number + 1}")
                stream.sendall(first)
            except (OSError, ssl.SSLError):
                break
            counted["opened"] += 1
            open_ones.append(stream)
        still = []
        for stream in open_ones:
            try:
                stream.sendall(drop)
                still.append(stream)
            except (OSError, ssl.SSLError):
                counted["ended by the gate"] += 1
        open_ones = still
        time.sleep(1)
    for stream in open_ones:
        stream.close()
    return counted


def slowhttptest(town, kind, seconds):
    """The well-known program, where it is there."""
    if not shutil.which("slowhttptest"):
        return "slowhttptest is not installed: own sockets alone"
    command = ["slowhttptest", *kind, "-c", "400", "-r", "200", "-l", str(max(5, int(seconds))), "-p", "30",
               "-u", f"https://localhost:{town.gate.port}/.vestibule/login"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, cwd=town.root, check=False)
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", done.stdout + done.stderr)
    said = [line.strip() for line in plain.splitlines() if "service available" in line or "Exit status" in line]
    if "service available:   YES" not in plain:
        town.wrong(f"slowhttptest {' '.join(kind)}: {plain[-600:]}")
    return "slowhttptest " + " ".join(kind) + ": " + "; ".join(said[-2:])


# Twice as long as others, so that the deadline for heads is met where a chapter has twenty seconds.
@chapter("slow heads", share=2)
def slow_heads(town, seconds):
    first = f"GET / HTTP/1.1\r\nHost: {HOST}:{town.gate.port}\r\nX-Slow: ".encode()
    yield crowd(dripping, 2, seconds / 2, town.gate.port, first, b"x")
    yield slowhttptest(town, ["-H", "-i", "1"], seconds / 2)


@chapter("slow bodies")
def slow_bodies(town, seconds):
    first = (f"POST /.vestibule/login HTTP/1.1\r\nHost: {HOST}:{town.gate.port}\r\nOrigin: {town.gate.url}\r\nContent-Length: 9000\r\n"
             "Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=").encode()
    yield crowd(dripping, 1, seconds / 3, town.gate.port, first, b"x")
    # Somebody inside does the same to the portal.
    first = request(town.gate.port, "/eat", town.mallory.browser.cookie(), "POST", "Content-Length: 9000\r\n")
    yield crowd(dripping, 1, seconds / 3, town.gate.port, first, b"x")
    yield slowhttptest(town, ["-B", "-i", "1"], seconds / 3)


def barely_reading(number, end, port, cookie):
    """Asks for 32 MiB on each of many connections, and takes a few bytes now and then."""
    streams = []
    while time.monotonic() < end:
        if len(streams) < 60:
            stream = tls(port, f"127.0.4.{number + 1}")
            stream.sendall(request(port, "/large", cookie))
            streams.append(stream)
        else:
            for stream in streams:
                try:
                    stream.settimeout(0.05)
                    stream.recv(100)
                except (OSError, ssl.SSLError):
                    pass
            time.sleep(0.5)
    for stream in streams:
        stream.close()
    return {"opened": len(streams)}


@chapter("slow readers")
def slow_readers(town, seconds):
    before = town.gate.memory()
    yield crowd(barely_reading, 2, seconds / 2, town.gate.port, town.mallory.browser.cookie())
    yield f"{town.gate.memory() - before:.1f} MiB more while 120 answers of 32 MiB were not read"
    yield slowhttptest(town, ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "1"], seconds / 2)
    stream = tls(town.gate.port, "127.0.4.9")
    stream.sendall(request(town.gate.port, "/page/after", town.mallory.browser.cookie(), more="Connection: close\r\n"))
    if not drained(stream):
        town.wrong("nobody is served after it")
