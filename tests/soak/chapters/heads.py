"""Heads that are too much: too many lines, too many bytes, too many cookies, one small line that names a large one many times."""

import ssl
import time

from chapters import chapter
from chapters.http2 import pouring
from frames import END_HEADERS, END_STREAM, HEADERS, frame, head, integer
from load import crowd, drained, request, tls


def bombs(number, end, port):
    kinds = ["X-Large: " + "x" * (1 << 20) + "\r\n", "".join(f"X-{each}: x\r\n" for each in range(10_000)),
             "".join(f"Cookie: __Host-vestibule={each}\r\n" for each in range(300)),
             "Cookie: " + "; ".join(f"a{each}=b" for each in range(9000)) + "\r\n"]
    counted = {"sent": 0, "answered": 0}
    while time.monotonic() < end:
        try:
            stream = tls(port, f"127.0.8.{number + 1}", 5)
            try:
                counted["sent"] += 1
                stream.sendall(request(port, "/", more=kinds[counted["sent"] % len(kinds)]))
            except (OSError, ssl.SSLError):
                pass
            counted["answered"] += drained(stream) > 0
            stream.close()
        except (OSError, ssl.SSLError):
            continue
    return counted


def hpack_bomb(port):
    """A line of 3 KiB goes into the table, and is named eight thousand times in as many bytes."""
    long = b"\x40\x01a\x7f" + integer(3000 - 127) + b"x" * 3000
    first = frame(HEADERS, END_HEADERS | END_STREAM, 1, head("GET", port, "/") + long)

    def make():
        yield first
        for stream in range(3, 100_000, 2):
            yield frame(HEADERS, END_HEADERS | END_STREAM, stream, head("GET", port, "/") + b"\xbe" * 8000)
    return make


@chapter("header bombs")
def header_bombs(town, seconds):
    yield crowd(bombs, 3, seconds / 2, town.gate.port)
    yield crowd(pouring, 2, seconds / 2, town.gate.port, hpack_bomb(town.gate.port))
