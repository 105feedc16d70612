"""`kill -9` in the middle of sign-ins, again and again, on a gate of its own; afterwards nothing was taken twice and nothing is torn."""

import http.client
import random
import shutil
import threading
import time

from chapters import chapter
from gate import Broken, Gate
from person import Browser, Person, code_at

DOORS = 4


def enter(door, code, given, person):
    try:
        door.post("/.vestibule/verify", code=code)
    except (OSError, http.client.HTTPException):
        pass
    if "__Host-vestibule" in door.cookies:
        given.append((person, code, door))


def one_round(gate, person, given, wait, pendings):
    """The same two codes at four doors, and the power goes somewhere between."""
    doors = [Browser(gate.port, f"127.0.14.{number + 1}") for number in range(DOORS)]
    for door in doors:
        person.expect(person.log_in(door), 303, "/.vestibule/verify")
    first = person.now()
    codes = [code_at(person.secret, first), code_at(person.secret, first + 1)]
    person.step = first + 1
    pendings.append(doors[0].cookies["__Host-vestibule-pending"])
    threads = [threading.Thread(target=enter, args=(door, codes[number % 2], given, person)) for number, door in enumerate(doors)]
    for thread in threads:
        thread.start()
    time.sleep(wait)
    gate.kill()
    for thread in threads:
        thread.join()


def invariants(town, gate, people, given, pendings):
    """No code twice, no session without both factors, the trail whole."""
    taken = [(person.login, code) for person, code, _ in given]
    if len(set(taken)) != len(taken):
        town.wrong(f"a code was taken twice: {sorted(taken)}")
    for person, _, door in given:
        if door.get("/page/inside")[0] != 200:
            town.wrong(f"{person.login} was told to be inside and is not")
    for pending in pendings:
        half = Browser(gate.port)
        half.cookies = {"__Host-vestibule-pending": pending, "__Host-vestibule": pending}
        if half.get("/page/half")[0] == 200:
            town.wrong("a password alone got in")
    verdict = gate.cli("audit", "verify", check=False)
    if verdict.returncode:
        town.wrong(f"audit verify: {verdict.stdout}{verdict.stderr}")
    sessions = [each["login"] for each in gate.list("session", "list")]
    started = [each["login"] for each in gate.list("audit") if each["action"] == "session.start"]
    for person in people:
        if sessions.count(person.login) > started.count(person.login) or started.count(person.login) > 1 + person.rounds * 2:
            town.wrong(f"{person.login}: {sessions.count(person.login)} sessions, {started.count(person.login)} sign-ins in the trail, "
                       f"{person.rounds * 2} codes")
    return verdict.stdout.strip()


@chapter("kill -9 during sign-ins", share=1.5)
def kills(town, seconds):
    gate = Gate(town.gate.binary, town.root / f"killed{town.round}", town.portal, "failures_per_client = \"1000/s burst 1000\"")
    people, given, pendings, rounds = [], [], [], 0
    try:
        gate.start()
        people = [Person(gate, f"killed{number}@example.com").enrol() for number in range(6)]
        for person in people:
            person.rounds = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end or rounds < len(people):
            person = people[rounds % len(people)]
            while person.now() <= person.step:
                time.sleep(0.2)
            person.rounds += 1
            one_round(gate, person, given, random.choice([0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4]), pendings)
            rounds += 1
            gate.start()
        if not given:
            town.note("nobody got in before the power went: this shows little")
        yield f"{rounds} kills, {len(given)} of {rounds * DOORS} doors were passed; {invariants(town, gate, people, given, pendings)}"
    except Broken as trouble:
        town.wrong(str(trouble))
    finally:
        gate.stop()
        town.panics += gate.log.panics
        shutil.rmtree(gate.folder)
