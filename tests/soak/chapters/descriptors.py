"""Strangers take all file descriptors that they can get, from a gate that has few; whoever is inside and connected notices nothing."""

import http.client
import socket
import threading
import time

from chapters import chapter
from gate import Gate
from load import tls
from users import wrong
from vestibule import HOST, PATIENCE, Person, Tls

FEW = 300
PEOPLE = 5


def asks(gate, person, number, inside, full, over, told):
    """Connects, and asks again and again once the strangers are there; then the gate has to connect to the portal for it."""
    connection = Tls(gate.port, f"127.0.12.{number + 10}")
    headers = {"Host": f"{HOST}:{gate.port}", "Cookie": person.browser.cookie(), "Sec-Fetch-Mode": "cors"}
    connection.request("GET", "/.vestibule/state", None, headers)
    connection.getresponse().read()
    inside.wait()
    full.wait(PATIENCE)
    asked = 0
    while not over.is_set():
        asked += 1
        path = f"/page/{number}/{asked}"
        try:
            connection.request("GET", path, None, headers)
            answer = connection.getresponse()
            error = wrong(answer.status, answer.read(), path, person.login)
        except (OSError, http.client.HTTPException) as trouble:
            error = f"{type(trouble).__name__}: {trouble}"
        told.append(error)
        if error:
            return
        time.sleep(0.02)


def stranger(gate, number):
    return socket.create_connection(("127.0.0.1", gate.port), timeout=60, source_address=(f"127.0.12.{100 + number % 7}", 0))


@chapter("descriptors exhausted", share=0.8)
def descriptors(town, seconds):
    gate = Gate(town.gate.binary, town.root / f"few{town.round}", town.portal)
    gate.prefix += ["prlimit", f"--nofile={FEW}:{FEW}"]
    strangers, told, full, over = [], [], threading.Event(), threading.Event()
    inside = threading.Barrier(PEOPLE + 1, timeout=PATIENCE)
    try:
        gate.start()
        person = Person(gate, "few@example.com").enrol()
        threads = [threading.Thread(target=asks, args=(gate, person, number, inside, full, over, told), daemon=True)
                   for number in range(PEOPLE)]
        for thread in threads:
            thread.start()
        inside.wait()
        while len(strangers) < 3 * FEW:
            strangers.append(stranger(gate, len(strangers)))
        full.set()
        end, latest, ready = time.monotonic() + max(5, seconds), time.monotonic() + PATIENCE, 0
        # They come again: the gate sends away whoever says nothing.
        while time.monotonic() < end or (time.monotonic() < latest and (len(told) < 50 or ready != 200)):
            strangers.pop(0).close()
            strangers.append(stranger(gate, len(strangers)))
            ready = gate.asks("/readyz")[0]
            time.sleep(0.01)
        over.set()
        for thread in threads:
            thread.join(60)
        for each in strangers:
            each.close()
        begun = time.monotonic()
        tls(gate.port, "127.0.12.2").close()
        failed = [each for each in told if each]
        if failed or ready != 200 or len(told) < 50:
            town.wrong(f"of {len(told)} requests of people inside {len(failed)} failed: {failed[:3]}; /readyz {ready}")
        yield (f"{len(strangers)} strangers at {FEW} descriptors: {len(told)} requests of people inside, {len(failed)} failed; somebody new was "
               f"served {time.monotonic() - begun:.2f} s after it was over")
    finally:
        over.set()
        gate.stop()
        town.panics += gate.panics
