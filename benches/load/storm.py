"""A storm of sign-ins beside steady traffic: whether who is inside notices it, and what becomes of those at the door.

Right passwords are those of people with an authenticator app, who get as far as the second page; wrong ones are tried at many
accounts, so that no account runs out of tries. Each sign-in comes over a connection of its own, as strangers' do.
"""

import collections
import http.client
import itertools
import os
import threading
import time

import measure
from peers import OTHER_CORE
from vestibule import PASSWORD, Broken, Browser, Person

CLIENTS = 16
WRONG = "Wrong-Horse-7-Battery!!"
ENROLLED, IMPORTED = 4, 200
# Who is inside: so many connections, each with a pause (in milliseconds) between two requests, so that there is a rate to keep.
CONNECTIONS, PAUSE = 8, 1


def prepare(peer):
    """People with a password: logins of those who have a second factor, and of those who have none."""
    known = [f"known{number}@example.com" for number in range(ENROLLED)]
    for login in known:
        Person(peer.gate, login).enrol()
    others = [f"other{number}@example.com" for number in range(IMPORTED)]
    peer.gate.imported(others)
    return known, others


class Storm:
    """Clients that sign in one time after the other, until it is over."""

    def __init__(self, peer, people):
        self.port, self.turns, self.over = peer.port, itertools.count(), threading.Event()
        self.known, self.others = people
        self.lock, self.taken, self.answers, self.trouble = threading.Lock(), [], collections.Counter(), None
        self.clients = [threading.Thread(target=self.client, daemon=True) for _ in range(CLIENTS)]

    def client(self):
        os.sched_setaffinity(0, {int(OTHER_CORE)})
        try:
            while not self.over.is_set():
                self.sign_in(next(self.turns))
        except Exception as trouble:  # noqa: BLE001 - told at the end, whatever it is
            self.trouble = trouble

    def sign_in(self, turn):
        """Every other one with the right password."""
        right, number = turn % 2 == 0, turn // 2
        login = self.known[number % ENROLLED] if right else self.others[number % IMPORTED]
        begun = time.perf_counter()
        try:
            status, place, _ = Browser(self.port).post("/.vestibule/login", login=login, password=PASSWORD if right else WRONG, to="/")
        except (OSError, http.client.HTTPException) as trouble:
            status, place = type(trouble).__name__, ""
        took = time.perf_counter() - begun
        judged = (status, place) == (303, "/.vestibule/verify") if right else status == 422
        if not judged and status in (200, 303, 422):
            raise measure.Wrong(f"{login}: {status} {place!r} for a {'right' if right else 'wrong'} password")
        with self.lock:
            self.answers[f"{'right' if right else 'wrong'} password: {status}"] += 1
            if judged:
                self.taken.append(took)

    def __enter__(self):
        self.begun = time.perf_counter()
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.seconds = time.perf_counter() - self.begun
        judged = len(self.taken)
        for client in self.clients:
            client.join(60)
        if self.trouble:
            raise Broken(f"the storm ended early: {self.trouble}") from self.trouble
        times = sorted(self.taken)
        at = lambda share: times[int(share * (len(times) - 1))] if times else None  # noqa: E731
        self.figures = {"rate": judged / self.seconds, "p50": at(0.5), "p99": at(0.99), "answers": dict(sorted(self.answers.items()))}


def beside(peer, people, seconds):
    """Traffic alone, then the same with the storm, twice as long."""
    alone = traffic(peer, seconds)
    with Storm(peer, people) as storm:
        in_storm = traffic(peer, 2 * seconds)
    return {"alone": alone, "storm": in_storm, "sign_ins": storm.figures}


def traffic(peer, seconds):
    before = measure.checks(peer)
    figures = measure.wrk(peer, "/1k", 1024, CONNECTIONS, seconds, pause=PAUSE, strict=False)
    return {**figures, "check": measure.between(before, measure.checks(peer))}
