"""People who go on all the time, in a process of their own; whatever else happens, each of them gets their own answer, and soon."""

import http.client
import json
import multiprocessing
import ssl
import threading
import time
import traceback

from vestibule import HOST, Broken, Tls

# How often each of them asks: a person who clicks, many times over.
PAUSE = 0.1
# How long a sign-in waits before the next begins; a code is good once, so there must be several people.
SIGN_IN_PAUSE = 3


class Samples:
    """What was asked since the last look: seconds that it took, and what went wrong, by kind of user."""

    def __init__(self):
        self.lock, self.taken, self.errors, self.put_off = threading.Lock(), {}, {}, 0

    def add(self, kind, seconds, error=None):
        with self.lock:
            self.taken.setdefault(kind, []).append(seconds)
            if error:
                self.errors.setdefault(kind, []).append(error)

    def take(self):
        with self.lock:
            taken, errors, self.taken, self.errors = self.taken, self.errors, {}, {}
            put_off, self.put_off = self.put_off, 0
        return {kind: {"times": times, "errors": len(errors.get(kind, [])), "told": errors.get(kind, [])[:5]}
                for kind, times in taken.items()}, put_off


class Users:
    """Starts them; `chapter` hands back what they have met since it was asked last."""

    def __init__(self, gate, people, signers):
        self.here, there = multiprocessing.Pipe()
        self.child = multiprocessing.Process(target=crowd, args=(gate, people, signers, there), daemon=True)
        self.child.start()
        there.close()

    def chapter(self):
        self.here.send("look")
        return self.here.recv()

    def pause_sign_ins(self, yes):
        self.here.send("pause" if yes else "go on")
        if not self.here.recv():
            raise Broken("a sign-in hangs")

    def stop(self):
        self.here.send("stop")
        self.child.join(10)
        self.child.kill()


def crowd(gate, people, signers, pipe):
    samples, calm, busy = Samples(), threading.Event(), threading.Lock()
    for number, person in enumerate(people):
        threading.Thread(target=asks, args=(gate, person, f"127.0.1.{number + 1}", number % 3 != 0, samples), daemon=True).start()
    threading.Thread(target=signs_in, args=(signers, samples, calm, busy), daemon=True).start()
    while True:
        word = pipe.recv()
        if word == "look":
            pipe.send(samples.take())
        elif word == "stop":
            return
        elif word == "pause":
            calm.set()
            pipe.send(busy.acquire(timeout=300))
        else:
            calm.clear()
            busy.release()
            pipe.send(True)


def asks(gate, person, source, keeps, samples):
    """Somebody inside. Who `keeps` holds the connection; the others make one for each request."""
    kind, connection, number = "keeps" if keeps else "connects", None, 0
    headers = {"Host": f"{HOST}:{gate.port}", "Cookie": person.browser.cookie(), "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    while True:
        number += 1
        path, body = f"/page/{person.login}/{number}", b"x" * 2000 if number % 7 == 0 else None
        begun = time.monotonic()
        error, again = None, connection is not None
        try:
            connection = connection or Tls(gate.port, source, timeout=60)
            connection.request("POST" if body else "GET", path, body, headers)
            answer = connection.getresponse()
            error = wrong(answer.status, answer.read(), path, person.login)
            if not keeps or answer.will_close:
                connection.close()
                connection = None
        except (OSError, http.client.HTTPException) as trouble:
            if connection:
                connection.close()
            connection = None
            # A kept connection may be closed between two requests; a browser asks again on a new one, and so does this.
            if again and isinstance(trouble, (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)):
                continue
            error = f"{type(trouble).__name__}: {trouble}"
        samples.add(kind, time.monotonic() - begun, error and f"{time.strftime('%H:%M:%S')} {path}: {error}")
        time.sleep(PAUSE)


def wrong(status, body, path, login):
    """What is wrong with an answer, if anything: it must be the one to this question of this person."""
    if status != 200:
        return f"{status} {body[:200]!r}"
    try:
        seen = json.loads(body)
    except ValueError:
        return f"not an answer: {body[:200]!r}"
    return None if (seen["path"], seen["user"]) == (path, login) else f"SOMEBODY ELSE'S ANSWER: {seen}"


def signs_in(signers, samples, calm, busy):
    """One after the other passes both doors anew."""
    number = 0
    while True:
        person = signers[number % len(signers)]
        number += 1
        while person.now() < person.step:
            time.sleep(0.5)
        begun, error = time.monotonic(), None
        with busy:
            if not calm.is_set():
                try:
                    begun = time.monotonic()
                    samples.put_off += person.sign_in()
                except Broken as trouble:
                    error = str(trouble)
                except (OSError, http.client.HTTPException) as trouble:
                    error = f"{person.login}: {type(trouble).__name__}: {trouble}"
                except Exception:  # noqa: BLE001 - a mistake of this file must not pass for peace
                    error = traceback.format_exc()
                samples.add("sign-in", time.monotonic() - begun, error)
        time.sleep(SIGN_IN_PAUSE)
