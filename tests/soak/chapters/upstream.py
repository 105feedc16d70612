"""A portal that hangs, resets, talks rubbish, answers too early, informs for ever; nobody else ever gets anything of that."""

import ssl
import time

from chapters import chapter
from load import crowd, request, tls

HABITS = ["reset", "half", "garbage", "two-lengths", "early", "informs", "heads", "drip", "hang", "upload"]


def provoking(number, end, port, cookie):
    """Somebody inside who asks for the worst; leaves when it takes too long."""
    counted = {}
    asked = number
    while time.monotonic() < end:
        habit = HABITS[asked % len(HABITS)]
        asked += 1
        body = b"x" * 300_000 if habit == "upload" else b""
        try:
            stream = tls(port, f"127.0.10.{number + 1}", 2)
            try:
                stream.sendall(request(port, f"/{habit}", cookie, "POST" if body else "GET", "", body))
            except (OSError, ssl.SSLError):
                pass
            try:
                status = stream.recv(65536)[9:12].decode("latin-1") or "closed"
            except TimeoutError:
                status = "left"
            except (OSError, ssl.SSLError):
                status = "closed"
            stream.close()
        except (OSError, ssl.SSLError):
            status = "refused"
        name = f"{habit} {status}"
        counted[name] = counted.get(name, 0) + 1
    return counted


@chapter("upstream with bad habits", share=1.5)
def bad_habits(town, seconds):
    yield crowd(provoking, 8, seconds, town.gate.port, town.mallory.browser.cookie())
