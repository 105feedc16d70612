"""`kill -9` in the middle of sign-ins, again and again, on a gate of its own; afterwards nothing was taken twice and nothing is torn."""

import http.client
import random
import threading
import time

from chapters import chapter
from gate import Gate
from vestibule import Browser, Person, code_at

DOORS, PEOPLE = 4, 4


def enter(door, code, given, person):
    try:
        door.post("/.vestibule/verify", code=code)
    except (OSError, http.client.HTTPException):
        pass
    if "__Host-vestibule" in door.cookies:
        given.append((person, code, door))


def one_round(gate, person, given, pendings):
    """The same two codes at four doors, and the power goes somewhere between."""
    doors = [Browser(gate.port, f"127.0.14.{number + 1}") for number in range(DOORS)]
    begun = time.monotonic()
    for door in doors:
        person.passes(lambda: person.log_in(door), 303, "/.vestibule/verify")
    # As long as all of page one took, at most: sometimes before the first code is taken, sometimes after the last.
    wait = random.uniform(0, time.monotonic() - begun)
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


def invariants(town, victim):
    """No code twice, no session without both factors, the trail whole."""
    gate, given = victim.gate, victim.given
    taken = [(person.login, code) for person, code, _ in given]
    if len(set(taken)) != len(taken):
        town.wrong(f"a code was taken twice: {sorted(taken)}")
    for person, _, door in given[-100:]:
        if door.get("/page/inside")[0] != 200:
            town.wrong(f"{person.login} was told to be inside and is not")
    for pending in victim.pendings[-100:]:
        half = Browser(gate.port)
        half.cookies = {"__Host-vestibule-pending": pending, "__Host-vestibule": pending}
        if half.get("/page/half")[0] == 200:
            town.wrong("a password alone got in")
    verdict = gate.cli("audit", "verify", check=False)
    if verdict.returncode:
        town.wrong(f"audit verify: {verdict.stdout}{verdict.stderr}")
    sessions = [each["login"] for each in gate.list("session", "list")]
    started = [each["login"] for each in gate.list("audit") if each["action"] == "session.start"]
    for person in victim.people:
        # One code at the enrolment, two in each round.
        if sessions.count(person.login) > started.count(person.login) or started.count(person.login) > 1 + person.rounds * 2:
            town.wrong(f"{person.login}: {sessions.count(person.login)} sessions, {started.count(person.login)} sign-ins in the trail, "
                       f"{person.rounds * 2} codes")
    return verdict.stdout.strip()


class Victim:
    """The gate that is killed, with people who were enrolled long enough ago for fresh codes, and all that was ever given out."""

    def __init__(self, town):
        self.gate = Gate(town.gate.binary, town.root / "killed", town.portal, "failures_per_client = \"1000/s burst 1000\"").start()
        self.people = [Person(self.gate, f"killed{number}@example.com").enrol() for number in range(PEOPLE)]
        for person in self.people:
            person.rounds = 0
        self.gate.stop()
        self.given, self.pendings = [], []


@chapter("kill -9 during sign-ins", share=1.5)
def kills(town, seconds):
    if not town.victim:
        town.victim = Victim(town)
    victim = town.victim
    gate, before, rounds = victim.gate, len(victim.given), 0
    end = time.monotonic() + seconds
    try:
        # Everybody once; then whoever has a fresh code.
        while rounds < PEOPLE or time.monotonic() < end:
            person = min(victim.people, key=lambda person: person.step)
            while person.now() <= person.step and (rounds < PEOPLE or time.monotonic() < end):
                time.sleep(0.2)
            if person.now() <= person.step:
                break
            gate.start()
            person.rounds += 1
            one_round(gate, person, victim.given, victim.pendings)
            rounds += 1
        gate.start()
        whole = invariants(town, victim)
        yield f"{rounds} kills, {len(victim.given) - before} of {rounds * DOORS} doors were passed before them; {whole}"
        if len(victim.given) == before:
            yield "nobody got in before the power went: this shows little"
    finally:
        gate.stop()
        town.panics += gate.panics
        gate.panics.clear()
