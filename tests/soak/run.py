"""The gate under load and fault: chapters of trouble, people who go on meanwhile, and a verdict at the end. `scripts/soak --help`."""

import argparse
import importlib
import inspect
import os
import pathlib
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "python")]
import portal  # noqa: E402
from chapters import book  # noqa: E402
from gate import Gate  # noqa: E402
from users import Users  # noqa: E402
from verdict import Memory, Report  # noqa: E402
from vestibule import Broken, Person  # noqa: E402

# Inside all the time; signing in again and again; signing in once a fault is over.
PEOPLE, SIGNERS, SPARE = 6, 8, 3


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/soak", description="Puts a real gate under load and fault, while people go on using it; "
                                     "prints what they met in each chapter, and ends with 1 if anybody got a wrong answer, none, or too late, "
                                     "or if memory grew. Traffic stays on this machine's loopback addresses.")
    parser.add_argument("--minutes", type=float, default=10, help="how long, enrolment aside; every chapter comes again and again (10)")
    parser.add_argument("--quick", action="store_true", help="two minutes: every chapter once, for a few seconds")
    parser.add_argument("--only", action="append", help="chapters whose name contains this")
    parser.add_argument("--binary", type=pathlib.Path, help="the program; default: target/release/vestibule, or target/debug with --quick")
    return parser.parse_args()


class Town:
    """All that stands around the gate, as chapters see it."""

    def __init__(self, root, binary, chapters, quick):
        self.root, self.round, self.panics, self.watching, self.victim = root, 0, [], None, None
        self.quick = quick
        self.portal, self.portal_process = portal.start()
        self.gate = Gate(binary, root / "gate", self.portal)
        self.clock_moves = b"VESTIBULE_TEST_CLOCK" in binary.read_bytes()
        self.gate.start()
        begun = time.monotonic()
        self.people = [Person(self.gate, f"person{number}@example.com").enrol() for number in range(PEOPLE)]
        self.signers = [Person(self.gate, f"signer{number}@example.com", f"127.0.2.{number + 1}").enrol() for number in range(SIGNERS)]
        self.spare = [Person(self.gate, f"spare{number}@example.com", f"127.0.2.{number + 100}").enrol() for number in range(SPARE)]
        self.mallory = Person(self.gate, "mallory@example.com", "127.0.3.1").enrol()
        if any(name.startswith("kill") for name, *_ in chapters):
            self.victim = importlib.import_module("chapters.kills").Victim(self)
        print(f"{PEOPLE + SIGNERS + SPARE + 1} people enrolled in {time.monotonic() - begun:.1f} s; files: "
              f"{resource.getrlimit(resource.RLIMIT_NOFILE)[0]}; clock {'moves' if self.clock_moves else 'stands as the system has it'}")
        self.users = Users(self.gate, self.people, self.signers)
        self.memory = Memory(self.gate)
        self.memory.start()
        self.report = Report(self.gate)

    def wrong(self, text):
        self.report.wrong(self.name, text)

    def note(self, text):
        self.report.note(text)

    def peak(self):
        return max((size for at, size in self.memory.samples if at >= self.begun), default=self.gate.memory())

    def watch(self, look):
        """Keeps the greatest value that `look` gives, until `watched`."""
        self.most, over = look(), threading.Event()

        def looking():
            while not over.wait(0.3):
                self.most = max(self.most, look())
        thread = threading.Thread(target=looking, daemon=True)
        thread.start()
        self.watching = (thread, over)

    def watched(self):
        thread, over = self.watching
        over.set()
        thread.join(15)
        return self.most

    def beside(self, work, *args):
        """Runs this in the background, until `beside_done` hands back what it gave."""
        self.side = []
        self.side_thread = threading.Thread(target=lambda: self.side.append(work(*args)), daemon=True)
        self.side_thread.start()

    def beside_done(self):
        self.side_thread.join(120)
        if not self.side:
            raise Broken("what ran beside it did not end")
        return self.side[0]

    def play(self, name, seconds, tolerates, without_sign_ins, work):
        """One chapter, and what the users met in it."""
        self.name = name
        if without_sign_ins:
            self.users.pause_sign_ins(True)
        self.users.chapter()
        self.begun, notes = time.monotonic(), []
        try:
            done = work(self, seconds)
            for note in done if inspect.isgenerator(done) else []:
                notes.append(note)
        except Exception as trouble:  # noqa: BLE001 - the other chapters are still to be seen
            self.wrong(traceback.format_exc() if not isinstance(trouble, (Broken, OSError)) else f"{type(trouble).__name__}: {trouble}")
        finally:
            if without_sign_ins:
                self.users.pause_sign_ins(False)
        took = time.monotonic() - self.begun
        self.report.row(name, took, self.users.chapter(), self.memory.since(self.begun), tolerates)
        for note in notes:
            self.note(str(note))
        if self.gate.process.poll() is not None:
            raise Broken(f"the gate ended with {self.gate.process.returncode} in {name}:\n" + "\n".join(list(self.gate.log.last)[-20:]))

    def close(self):
        if hasattr(self, "users"):
            self.users.stop()
        self.gate.stop()
        self.portal_process.kill()


def settle(town, seconds=6):
    """Until what the chapters have left open is closed by its own deadlines; what memory is then held at rest."""
    end = time.monotonic() + 120
    while town.gate.metric("vestibule_connections") > 50 and time.monotonic() < end:
        time.sleep(0.5)
    # What a sign-in takes for a moment is no part of it.
    end, least = time.monotonic() + seconds, town.gate.memory()
    while time.monotonic() < end:
        time.sleep(0.2)
        least = min(least, town.gate.memory())
    return least


def soak(town, options):
    chapters, first = book(options.only), None
    share = sum(each[1] for each in chapters)
    end = time.monotonic() + (75 if options.quick else options.minutes * 60)
    # Twenty seconds for each chapter at most, so that memory is looked at often.
    each = 3.5 if options.quick else min(20, max(4, options.minutes * 60 / share / 3))
    while True:
        for number, (name, part, tolerates, without_sign_ins, work) in enumerate(chapters):
            town.play(name, each * part, tolerates, without_sign_ins, work)
            # With one round alone, its first half is what the second is compared with.
            if options.quick and number == len(chapters) // 2:
                first = settle(town)
        town.round += 1
        size = settle(town)
        first = first or size
        town.report.rest(size)
        if options.quick or time.monotonic() > end:
            return first


def main():
    options = arguments()
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[1] / "target"))
    binary = options.binary or target / ("debug" if options.quick else "release") / "vestibule"
    if not binary.exists():
        sys.exit(f"{binary} is missing: cargo build {'--features testing' if options.quick else '--release'}")
    sys.stdout.reconfigure(line_buffering=True)
    # Whoever ends it, as a limit of time does, leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("the soak was ended from outside"))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="vestibule-soak-") as name:
        root = pathlib.Path(name)
        root.chmod(0o755)
        # A copy: whoever the gate runs as may read it, and nobody replaces it meanwhile.
        mine = pathlib.Path(shutil.copy(binary, root / "vestibule"))
        mine.chmod(0o755)
        town = Town(root, mine, book(options.only), options.quick)
        try:
            first = soak(town, options)
        except Broken as trouble:
            print(f"WRONG: {trouble}\nverdict: FAILED")
            sys.exit(1)
        finally:
            lived = town.gate.process.poll() is None and town.gate.starts == 1
            town.close()
        if not lived:
            town.report.problems.append("the gate did not live through it")
        town.report.problems += [f"panic: {line}" for line in town.panics]
        whole = town.gate.cli("audit", "verify", check=False)
        print(whole.stdout.strip() or whole.stderr.strip())
        if whole.returncode:
            town.report.problems.append("the audit trail is not whole")
        sys.exit(town.report.verdict(first))


if __name__ == "__main__":
    main()
