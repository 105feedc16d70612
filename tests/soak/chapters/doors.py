"""A storm of sign-ins by strangers; people whose browser is known get in all the same."""

import http.client
import random
import time

from chapters import chapter
from load import crowd
from vestibule import Browser


def guessing(number, end, port, login, spread):
    """Wrong passwords, for one name or for many, from one address or from many."""
    counted = {}
    while time.monotonic() < end:
        source = f"127.0.9.{number + 1}" if not spread else f"127.{random.randrange(10, 250)}.{random.randrange(250)}.{random.randrange(1, 250)}"
        name = login or f"{random.randrange(1 << 40):x}@example.com"
        try:
            status = Browser(port, source).post("/.vestibule/login", login=name, password="Wrong-Horse-7-Battery", to="/")[0]
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        counted[f"{status}"] = counted.get(f"{status}", 0) + 1
    return counted


@chapter("login storm")
def storm(town, seconds):
    for login, spread in ((None, False), (None, True), (town.spare[0].login, True)):
        yield crowd(guessing, 6, seconds / 3, town.gate.port, login, spread)
