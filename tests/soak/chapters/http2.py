"""What HTTP/2 lets a client do cheaply: streams that are reset at once, heads and bodies without an end."""

import select
import ssl
import time

from chapters import chapter
from frames import (CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, HELLO, PADDED, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
                    connect, frame, head)
from load import crowd


def pouring(number, end, port, make):
    """Connects again and again, and pours what `make` gives into it, while it takes what comes back."""
    counted = {"connections": 0, "MiB sent": 0.0, "ended by the gate": 0}
    while time.monotonic() < end:
        try:
            stream = connect(port, f"127.0.7.{number + 1}", 3)
            stream.sendall(HELLO)
            counted["connections"] += 1
            for piece in make():
                if time.monotonic() > end:
                    break
                stream.sendall(piece)
                counted["MiB sent"] += len(piece) / (1 << 20)
                while select.select([stream], [], [], 0)[0] or stream.pending():
                    if not stream.recv(65536):
                        raise ConnectionResetError
        except (OSError, ssl.SSLError):
            counted["ended by the gate"] += 1
        finally:
            try:
                stream.close()
            except (OSError, UnboundLocalError):
                pass
    counted["MiB sent"] = round(counted["MiB sent"], 1)
    return counted


def resets(block):
    def make():
        for first in range(1, 200_000, 200):
            yield b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, block) + frame(RST_STREAM, 0, stream, CANCEL)
                           for stream in range(first, first + 200, 2))
    return make


def endless(first, piece):
    def make():
        yield first
        while True:
            yield piece * max(1, 16384 // len(piece))
    return make


@chapter("h2 rapid reset")
def rapid_reset(town, seconds):
    port = town.gate.port
    inside = head("GET", port, "/hang", cookie=town.mallory.browser.cookie())
    for block in (inside, head("GET", port, "/"), head("GET", port, "/.vestibule/login")):
        yield crowd(pouring, 2, seconds / 3, port, resets(block))


@chapter("h2 continuation, empty data")
def continuation(town, seconds):
    port, cookie = town.gate.port, town.mallory.browser.cookie()
    opened = frame(HEADERS, END_STREAM, 1, head("GET", port, "/", cookie=cookie))
    body = frame(HEADERS, END_HEADERS, 1, head("POST", port, "/hang", cookie=cookie))
    form = frame(HEADERS, END_HEADERS, 1, head("POST", port, "/.vestibule/login", origin=town.gate.url))
    floods = [(opened, frame(CONTINUATION, 0, 1, b"")), (opened, frame(CONTINUATION, 0, 1, b"\0\x01a\x7f\xe1\x06" + b"x" * 1000)),
              (body, frame(DATA, 0, 1, b"")), (form, frame(DATA, 0, 1, b"")), (body, frame(DATA, PADDED, 1, b"\xff" + bytes(255)))]
    for first, piece in floods:
        yield crowd(pouring, 1, seconds / len(floods), port, endless(first, piece))


@chapter("h2 settings, ping, window")
def control(town, seconds):
    pieces = [frame(SETTINGS, 0, 0, b"\0\x04\0\0\xff\xff"), frame(PING, 0, 0, b"12345678"), frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1")]
    for piece in pieces:
        yield crowd(pouring, 1, seconds / len(pieces), town.gate.port, endless(b"", piece))
