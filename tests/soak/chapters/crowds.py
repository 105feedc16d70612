"""Very many connections: ten thousand that do nothing, and one client that opens more than it may."""

import multiprocessing
import pathlib
import resource
import socket
import ssl
import time

from chapters import chapter
from load import crowd, request, tls

# With --quick: enough to see that it goes. No limit of a machine stands in the way of so few.
WANTED, QUICK = 10_000, 1_000
CROWDS, MINUTES = 4, 9
# A kept connection is closed after 75 s without a request; whoever still waits for the others asks again before that.
FRESH = 45
# Of the flood.
FLOODER = "127.0.6.1"


def idling(number, end, port, count, there, wanted):
    """Shakes hands, asks once, and does nothing more until all are there."""
    streams, counted = [], {}

    def ask(stream):
        stream.sendall(request(port, "/.vestibule/state"))
        if not stream.recv(4096):
            raise ConnectionResetError
        streams.append((stream, time.monotonic()))

    while time.monotonic() < end and there.value < wanted:
        before = len(streams)
        try:
            if before and streams[0][1] < time.monotonic() - FRESH:
                ask(streams.pop(0)[0])
            elif before < count:
                # Addresses of their own, because of what one client may have.
                ask(tls(port, f"127.0.5.{1 + number * 20 + before // 250}"))
            else:
                time.sleep(0.2)
        except (OSError, ssl.SSLError) as why:
            counted[f"failed: {type(why).__name__}"] = counted.get(f"failed: {type(why).__name__}", 0) + 1
            time.sleep(0.05)
        with there.get_lock():
            there.value += len(streams) - before
    time.sleep(3)
    for stream, _ in streams:
        stream.close()
    return {"idle connections": len(streams), **counted}


@chapter("idle connections", share=2)
def idle(town, _seconds):
    gate, mine = town.gate, resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    theirs = resource.prlimit(gate.process.pid, resource.RLIMIT_NOFILE)[0]
    # The gate keeps 128 for itself and two for each connection; fifty connections are for the people.
    wanted = QUICK if town.quick else WANTED
    count = min(wanted, CROWDS * (mine - 200), (theirs - 128) // 2 - 50) // CROWDS * CROWDS
    if count < wanted:
        yield f"{count} instead of {wanted}: this machine lets a process have {theirs} open files (ulimit -Hn), and a connection may need two"
    # The least of some looks: what a sign-in takes for a moment is no part of it.
    before, memory = gate.metric("vestibule_connections"), min(gate.memory() for _ in range(15) if not time.sleep(0.2))
    town.watch(lambda: (gate.metric("vestibule_connections"), gate.memory()))
    there, begun = multiprocessing.Value("i", 0), time.monotonic()
    counted = crowd(idling, CROWDS, MINUTES * 60, gate.port, count // CROWDS, there, count)
    most, then = town.watched()
    yield (f"{counted} of {count} after {time.monotonic() - begun:.0f} s; the gate had {most:.0f} open at once, at "
           f"{(then - memory) * 1024 / max(1, most - before):.1f} KiB of memory for each")
    if counted["idle connections"] < count:
        town.wrong(f"only {counted} of {count} idle connections")


def held(port, source):
    """How many connections from this address a process has at this port, by the kernel's word."""
    here, there = f":{port:04X}", socket.inet_aton(source)[::-1].hex().upper() + ":"
    fields = (line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])
    # Established, or ended by the other side; what nobody has accepted yet has no inode.
    return sum(1 for each in fields if each[1].endswith(here) and each[2].startswith(there) and each[3] in ("01", "08") and each[9] != "0")


def flooding(number, end, port, shake):
    """As many connections as it can, from one address."""
    counted, streams = {"opened": 0, "closed at once": 0}, []
    # Far more than one client may have.
    most = min(4000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100)
    while time.monotonic() < end:
        try:
            if shake:
                streams.append(tls(port, FLOODER, 5))
            else:
                streams.append(socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(FLOODER, 0)))
            counted["opened"] += 1
        except (OSError, ssl.SSLError):
            counted["closed at once"] += 1
        if len(streams) >= most:
            for stream in streams:
                stream.close()
            streams = []
    for stream in streams:
        stream.close()
    return counted


@chapter("connection flood")
def flood(town, seconds):
    town.watch(lambda: held(town.gate.port, FLOODER))
    yield crowd(flooding, 2, seconds / 2, town.gate.port, False)
    yield crowd(flooding, 2, seconds / 2, town.gate.port, True)
    most = town.watched()
    yield f"it had {most} at most, and may have 1024"
    # What is accepted and then turned away is seen here for a moment; without any cap it would be all that they open.
    if most > 3 * 1024:
        town.wrong(f"one client had {most} connections")
