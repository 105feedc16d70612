"""Hostile clients as processes of their own: so many at a time, for so long, and what each of them counted."""

import multiprocessing
import socket
import ssl
import time
import traceback

from vestibule import CONTEXT, HOST, Broken


def crowd(work, count, seconds, *args):
    """Runs `work(number, deadline, *args)` in `count` processes; sums the dictionaries that they hand back."""
    queue, end = multiprocessing.Queue(), time.monotonic() + seconds
    children = [multiprocessing.Process(target=one, args=(queue, work, number, end, args), daemon=True) for number in range(count)]
    for child in children:
        child.start()
    total = {}
    try:
        for _ in children:
            counted, trouble = queue.get(timeout=seconds + 120)
            if trouble:
                raise Broken(trouble)
            for name, value in counted.items():
                total[name] = round(total.get(name, 0) + value, 1)
    finally:
        for child in children:
            child.join(5)
            child.kill()
    return total


def one(queue, work, number, end, args):
    try:
        queue.put((work(number, end, *args), None))
    except Exception:  # noqa: BLE001 - told to the parent, whatever it is
        queue.put(({}, traceback.format_exc()))


def tls(port, source, seconds=60):
    """A connection of HTTP/1.1, shaken hands."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0))
    try:
        stream = CONTEXT.wrap_socket(raw, server_hostname=HOST)
    except BaseException:
        raw.close()
        raise
    stream.settimeout(seconds)
    return stream


def drained(stream):
    """All that still comes, until the end or the time is over; how many bytes."""
    size = 0
    try:
        while part := stream.recv(65536):
            size += len(part)
    except (OSError, ssl.SSLError):
        pass
    return size


def request(port, path, cookie="", method="GET", more="", body=b""):
    lines = f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + more
    return (lines + (f"Content-Length: {len(body)}\r\n" if body else "") + "\r\n").encode() + body
