"""What the run has shown: a table for people, and whether it is good enough."""

import threading
import time

# Nobody waits longer than this for an answer, whatever strangers do. Not a figure of speed: a bound that says "still served".
PATIENCE = {"keeps": 5.0, "connects": 8.0, "sign-in": 20.0}
# What allocators keep and caches hold after the first chapters; beyond it memory has grown.
SLACK_MIB = 24
GROWTH = 1.25


class Memory(threading.Thread):
    """Looks at the gate's memory once a second."""

    def __init__(self, gate):
        super().__init__(daemon=True)
        self.gate, self.samples, self.over = gate, [], threading.Event()

    def run(self):
        while not self.over.wait(1):
            size = self.gate.memory()
            if size:
                self.samples.append((time.monotonic(), size))

    def since(self, moment):
        sizes = [size for at, size in self.samples if at >= moment] or [self.gate.memory()]
        return max(sizes), sizes[-1]


class Report:
    """Rows as they come, and everything that was wrong."""

    def __init__(self, gate):
        self.gate, self.problems, self.rests, self.worst = gate, [], [], {}
        print(f"{'chapter':<34}{'seconds':>8}{'requests':>9}{'errors':>7}{'p50 ms':>8}{'p99 ms':>8}{'sign-ins':>9}{'errors':>7}{'p99 ms':>8}"
              f"{'peak MiB':>10}{'after':>7}")

    def row(self, name, seconds, met, memory, tolerates):
        asked = [met[kind] for kind in ("keeps", "connects") if kind in met]
        doors = met.get("sign-in")
        count, errors = sum(each["count"] for each in asked), sum(each["errors"] for each in asked)
        # Whom this trouble may meet is not what its figures are about.
        timed = [met[kind] for kind in ("keeps", "connects") if kind in met and kind not in tolerates]
        p50, p99 = min((each["p50"] for each in timed), default=0), max((each["p99"] for each in timed), default=0)
        print(f"{name:<34}{seconds:>8.1f}{count:>9}{errors:>7}{p50 * 1000:>8.1f}{p99 * 1000:>8.1f}"
              f"{doors['count'] if doors else 0:>9}{doors['errors'] if doors else 0:>7}{doors['p99'] * 1000 if doors else 0:>8.0f}"
              f"{memory[0]:>10.1f}{memory[1]:>7.1f}", flush=True)
        if not count and seconds > 2:
            self.wrong(name, "nobody was served at all")
        for kind, each in met.items():
            if each["errors"] and kind not in tolerates:
                self.wrong(name, f"{each['errors']} of {each['count']} of those who {verb(kind)} got no right answer: " + "; ".join(each["told"]))
            if kind not in tolerates and each["p99"] > PATIENCE[kind]:
                self.wrong(name, f"p99 of those who {verb(kind)} is {each['p99']:.1f} s")
            if any("SOMEBODY ELSE" in told for told in each["told"]):
                self.wrong(name, "; ".join(each["told"]))

    def note(self, text):
        print(f"    {text}", flush=True)

    def wrong(self, name, text):
        self.problems.append(f"{name}: {text}")
        print(f"    WRONG: {text}", flush=True)

    def rest(self, size):
        """Memory when nobody floods: at the end of each round."""
        self.rests.append(size)

    def verdict(self, first):
        """Memory is flat, nothing panicked, and nothing else was wrong."""
        gate, last = self.gate, self.rests[-1]
        bound = max(first * GROWTH, first + SLACK_MIB)
        print(f"memory at rest: {first:.1f} MiB after the first round of work, then {', '.join(f'{size:.1f}' for size in self.rests)} MiB; "
              f"allowed at the end: {bound:.1f} MiB")
        if last > bound:
            self.problems.append(f"memory has grown from {first:.1f} to {last:.1f} MiB")
        if gate.panics:
            self.problems.append(f"panics: {gate.panics[:5]}")
        if self.problems:
            said = [line for line in gate.log.last if '"ERROR"' in line or '"WARN"' in line]
            print("\n".join(["the gate's last words of warning:", *said[-15:]]))
        for problem in self.problems:
            print(f"WRONG: {problem}")
        print("verdict: " + ("FAILED" if self.problems else "good"))
        return 1 if self.problems else 0


def verb(kind):
    return {"keeps": "keep a connection", "connects": "connect anew", "sign-in": "sign in"}[kind]
