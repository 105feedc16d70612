"""WebSocket messages there and back, frame by frame (RFC 6455): a portal that echoes, and those who write to it; a program each.

`echo.py serve PORT`, `echo.py ask`: the latter is told on its first line of input what to ask (see `measure.echo`), says `open` once
all tunnels are, waits for another line, and prints its figures. Every echo is compared with what was sent.
"""

import base64
import hashlib
import json
import os
import pathlib
import random
import select
import socket
import ssl
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/python"))
from vestibule import CONTEXT, HOST  # noqa: E402

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# The longest message whose length fits into the second byte.
SIZE = 125
CLOSE, BINARY, FINAL, MASKED = 8, 2, 0x80, 0x80


def accept(key):
    return base64.b64encode(hashlib.sha1(key + MAGIC).digest())


def xored(data, mask):
    stretched = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(stretched, "big")).to_bytes(len(data), "big")


def field(head, name):
    """The value of a header, empty if it is not there."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


class Echoed:
    """A connection as the portal sees it: first a handshake, then frames, which clients must mask."""

    def __init__(self, stream):
        self.stream, self.buffer, self.is_open = stream, b"", False

    def turn(self):
        """What came is answered; `False`: it is over."""
        part = self.stream.recv(65536)
        self.buffer += part
        if not self.is_open and b"\r\n\r\n" in self.buffer:
            self.open()
        while self.is_open and len(self.buffer) >= 6:
            first, second = self.buffer[:2]
            size = second & 127
            if not second & MASKED or size > SIZE:
                return False
            if len(self.buffer) < 6 + size:
                break
            payload = xored(self.buffer[6:6 + size], self.buffer[2:6])
            self.buffer = self.buffer[6 + size:]
            self.stream.send(bytes((first, size)) + payload)
            if first & 15 == CLOSE:
                return False
        return bool(part)

    def open(self):
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade",
                 b"Sec-WebSocket-Accept: " + accept(field(head, b"sec-websocket-key")),
                 b"X-Seen-User: " + field(head, b"x-forwarded-user")]
        self.stream.send(b"\r\n".join([*lines, b"", b""]))
        self.is_open = True


def serve(port):
    listener, poll, there = socket.create_server(("127.0.0.1", port), backlog=4096), select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                stream = listener.accept()[0]
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                there[stream.fileno()] = Echoed(stream)
                poll.register(stream, select.EPOLLIN)
                continue
            try:
                goes_on = there[number].turn()
            except OSError:
                goes_on = False
            if not goes_on:
                poll.unregister(number)
                there.pop(number).stream.close()


class Talk:
    """One tunnel: a message goes when the last one has come back."""

    def __init__(self, asked, number, cookie, login):
        self.number, self.count, self.buffer = number, 0, b""
        raw = socket.create_connection(("127.0.0.1", asked["port"]), timeout=30)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = CONTEXT.wrap_socket(raw, server_hostname=HOST) if asked["https"] else raw
        self.head = self.shake_hands(asked, cookie)
        self.is_open = self.head.startswith(b"HTTP/1.1 101 ")
        if self.is_open and login and field(self.head, b"x-seen-user").decode() != login:
            raise SystemExit(f"the portal saw {field(self.head, b'x-seen-user')!r}, it was {login}")

    def shake_hands(self, asked, cookie):
        key = base64.b64encode(os.urandom(16))
        host = f"{HOST}:{asked['port']}"
        lines = ["GET /ws HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {key.decode()}", f"Origin: https://{host}", f"Cookie: {cookie}"]
        self.stream.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head and (part := self.stream.recv(65536)):
            head += part
        if head.startswith(b"HTTP/1.1 101 ") and (field(head, b"sec-websocket-accept") != accept(key) or not head.endswith(b"\r\n\r\n")):
            raise SystemExit(f"no right handshake: {head!r}")
        return head

    def says(self):
        self.count += 1
        mask, payload = os.urandom(4), struct.pack(">II", self.number, self.count) + random.randbytes(SIZE - 8)
        self.expected = bytes((FINAL | BINARY, SIZE)) + payload
        self.since = time.perf_counter()
        self.stream.send(bytes((FINAL | BINARY, MASKED | SIZE)) + mask + xored(payload, mask))

    def hears(self):
        """How long the echo took; `None`: it is not all there yet."""
        try:
            part = self.stream.recv(65536)
            while isinstance(self.stream, ssl.SSLSocket) and self.stream.pending():
                part += self.stream.recv(65536)
        except ssl.SSLWantReadError:
            return None
        self.buffer += part
        if part and len(self.buffer) < len(self.expected):
            return None
        if self.buffer != self.expected:
            raise SystemExit(f"sent {self.expected.hex()}, came back {self.buffer.hex() or 'the end'}")
        self.buffer = b""
        return time.perf_counter() - self.since

    def ends(self):
        self.stream.send(bytes((FINAL | CLOSE, MASKED)) + os.urandom(4))
        self.stream.close()


def ask():
    asked = json.loads(sys.stdin.readline())
    if asked["checks"] and Talk(asked, 0, "", None).is_open:
        raise SystemExit("a stranger got a tunnel")
    talks = [Talk(asked, number, cookie, login) for number, (cookie, login) in enumerate(asked["people"])]
    for talk in talks:
        if not talk.is_open:
            raise SystemExit(f"no tunnel: {talk.head[:300]!r}")
        talk.stream.setblocking(False)
    print("open", flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    times = there_and_back(talks, begun + asked["seconds"])
    seconds = time.perf_counter() - begun
    for talk in talks:
        talk.ends()
    times.sort()
    print(json.dumps({"messages": len(times), "rate": len(times) / seconds, **{
        name: times[int(share * (len(times) - 1))] * 1e6 for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999))}}))


def there_and_back(talks, end):
    """What each message took, until all have heard their last one."""
    poll, by_number, times, waiting = select.epoll(), {talk.stream.fileno(): talk for talk in talks}, [], len(talks)
    for number, talk in by_number.items():
        poll.register(number, select.EPOLLIN)
        talk.says()
    while waiting:
        ready = poll.poll(20)
        if not ready:
            raise SystemExit("no echo for 20 s")
        for number, _ in ready:
            took = by_number[number].hears()
            if took is None:
                continue
            times.append(took)
            if time.perf_counter() < end:
                by_number[number].says()
            else:
                waiting -= 1
    return times


if __name__ == "__main__":
    serve(int(sys.argv[2])) if sys.argv[1] == "serve" else ask()
