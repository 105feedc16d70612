"""Live sessions by the thousand in a scratch database, so that nobody signs in 100,000 times.

Writes straight into the tables of a database that `vestibule init` has made and nobody serves yet; never use it on another one.
"""

import base64
import hashlib
import os
import sqlite3
import time
import uuid

DAY = 24 * 60 * 60 * 1000


def seed(database, portal, count, cookies, accounts=1000, crowded=0):
    """Makes `count` sessions of up to `accounts` accounts, and writes `login cookie` lines to the file `cookies`. `crowded`: every
    so-many-th session is of the first account, so that there is one with many."""
    accounts = min(accounts, count)
    now = int(time.time() * 1000)
    people = [(uuid.uuid4().bytes, f"person{number}@example.com") for number in range(accounts)]
    lines = []

    def rows():
        for number in range(count):
            account, login = people[0 if crowded and number % crowded == 0 else number % accounts]
            token = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
            lines.append(f"{login} {token}\n")
            hashed = hashlib.sha256(token.encode()).digest()
            yield (uuid.uuid4().bytes, hashed, account, portal, now - 60_000, now - 60_000, (now - 60_000) // 30_000,
                   now - 60_000, now + 30 * DAY, "127.0.0.1", "bench")

    db = sqlite3.connect(database)
    # Nothing is lost if the machine fails meanwhile; and rows come in no order, so that all pages are wanted all the time.
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -1000000")
    with db:
        db.executemany(
            "INSERT INTO accounts (id, login, name, member_of, admin, created) VALUES (?, ?, 'Person', '[\"staff\"]', 0, ?)",
            [(account, login, now) for account, login in people])
        db.executemany(
            "INSERT INTO sessions (id, token, account, portal, epoch, created, code_at, code_step, last_seen, expires, client,"
            " agent, shared) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, 0)", rows())
    db.close()
    with open(cookies, "w", encoding="ascii") as file:
        file.writelines(lines)


def seen_since(database, moment):
    """How many sessions have had a request since `moment` (seconds), as far as that has been written behind."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    (count,) = db.execute("SELECT count(*) FROM sessions WHERE last_seen >= ?", (int(moment * 1000),)).fetchone()
    db.close()
    return count
