"""Very many connections: ten thousand that do nothing, and one client that opens more than it may."""

import resource
import socket
import ssl
import time

from chapters import chapter
from load import crowd, request, tls

WANTED = 10_000


def idling(number, end, port, count, hold):
    """Shakes hands, asks once, and does nothing more."""
    streams, failed = [], 0
    while len(streams) < count and time.monotonic() < end:
        try:
            stream = tls(port, f"127.0.5.{1 + number * 20 + len(streams) // 250}")
            stream.sendall(request(port, "/.vestibule/state"))
            stream.recv(4096)
            streams.append(stream)
        except (OSError, ssl.SSLError):
            failed += 1
            time.sleep(0.05)
    time.sleep(max(0, min(hold, end + hold - time.monotonic())))
    for stream in streams:
        stream.close()
    return {"idle connections": len(streams), "failed": failed}


@chapter("idle connections", share=2)
def idle(town, seconds):
    mine, theirs = resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.prlimit(town.gate.process.pid, resource.RLIMIT_NOFILE)[0]
    count = min(WANTED, 4 * (mine - 200), theirs - 1000, 11_000)
    before, most = town.gate.memory(), 0
    town.watch(lambda: town.gate.metric("vestibule_connections"))
    counted = crowd(idling, 4, seconds, town.gate.port, count // 4, 3)
    most = town.watched()
    yield f"{counted}, wanted {count} (file limits: {mine} here, {theirs} of the gate); the gate had {most:.0f} open at once"
    yield f"{(town.peak() - before) * 1024 / max(1, most):.1f} KiB for each at most"


def flooding(number, end, port, shake):
    """As many connections as it can, from one address."""
    counted, streams = {"opened": 0, "closed at once": 0}, []
    while time.monotonic() < end:
        try:
            if shake:
                streams.append(tls(port, "127.0.6.1", 5))
            else:
                streams.append(socket.create_connection(("127.0.0.1", port), timeout=5, source_address=("127.0.6.1", 0)))
            counted["opened"] += 1
        except (OSError, ssl.SSLError):
            counted["closed at once"] += 1
        if len(streams) > 1500:
            for stream in streams:
                stream.close()
            streams = []
    for stream in streams:
        stream.close()
    return counted


@chapter("connection flood")
def flood(town, seconds):
    town.watch(lambda: town.gate.metric("vestibule_connections"))
    yield crowd(flooding, 2, seconds / 2, town.gate.port, False)
    yield crowd(flooding, 2, seconds / 2, town.gate.port, True)
    most = town.watched()
    yield f"the gate had {most:.0f} open at most, of which one client may have 1024"
    if most > 1024 + 200:
        town.wrong(f"one client had {most:.0f} connections")
