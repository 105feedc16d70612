"""The database is locked, full, read-only, gone, and comes back: nobody signs in meanwhile, and nobody who is inside notices."""

import os
import resource
import sqlite3
import time

from chapters import chapter
from gate import Gate
from vestibule import PASSWORD, PATIENCE, Browser


def nobody_gets_in(town, what):
    """Signing in says that it is not possible now, and gives no cookie."""
    browser = Browser(town.gate.port, "127.0.11.1")
    status, place, _ = browser.post("/.vestibule/login", login=town.spare[0].login, password=PASSWORD, to="/")
    if status != 503 or browser.cookies:
        town.wrong(f"{what}: signing in was answered {status} {place!r} with {sorted(browser.cookies)}")


def seen(town, what, seconds, back):
    """While it lasts the gate says that it is not ready; afterwards it is, without a restart."""
    end = time.monotonic() + max(3, seconds)
    nobody_gets_in(town, what)
    states = set()
    while time.monotonic() < end or (503 not in states and time.monotonic() < end + PATIENCE):
        states.add(town.gate.asks("/readyz")[0])
        time.sleep(0.2)
    if 503 not in states or not states <= {200, 503}:
        town.wrong(f"{what}: /readyz said {sorted(states)}")
    back()
    begun = time.monotonic()
    town.gate.until()
    took = time.monotonic() - begun
    min(town.spare, key=lambda person: person.step).sign_in()
    return f"ready {took:.1f} s after it was over, and somebody signed in"


@chapter("database locked", share=0.8, without_sign_ins=True)
def locked(town, seconds):
    db = sqlite3.connect(town.gate.data / "vestibule.db", isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    yield seen(town, "locked", seconds, lambda: (db.execute("ROLLBACK"), db.close()))


@chapter("disk full", share=0.8, without_sign_ins=True)
def full(town, seconds):
    town.gate.limit(resource.RLIMIT_FSIZE, 4096)
    yield seen(town, "full", seconds, lambda: town.gate.limit(resource.RLIMIT_FSIZE, None))


@chapter("database gone and back", share=0.8, without_sign_ins=True)
def gone(town, seconds):
    away = town.gate.folder / "away"
    town.gate.data.rename(away)
    yield seen(town, "gone", seconds, lambda: away.rename(town.gate.data))


@chapter("database read-only", share=0.4)
def read_only(town, _seconds):
    """A file that may only be read keeps a gate shut, in plain words, until it may be written. (On a gate of its own: what is open
    already stays writable, whatever the file's mode says.)"""
    gate = Gate(town.gate.binary, town.root / f"read-only{town.round}", town.portal)
    files = [each for each in gate.data.glob("vestibule.db*") if each.is_file()]

    def mode(file, folder):
        for each in files:
            os.chmod(each, file)
        os.chmod(gate.data, folder)

    mode(0o400, 0o500)
    gate.start(ready=False)
    code = gate.process.wait(PATIENCE)
    gate.log.thread.join(5)
    said = list(gate.log.last)[-1:]
    if code not in (69, 78) or not said:
        town.wrong(f"read-only: ended with {code}: {said}")
    mode(0o600, 0o700)
    gate.start()
    gate.stop()
    yield f"exit {code}: {' '.join(said)[:200]}; starts once it may be written"
