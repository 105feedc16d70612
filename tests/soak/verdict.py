"""What the run has shown: a table for people, and whether it is good enough."""

import array
import os
import threading
import time

# Nobody waits longer than this for an answer, whatever strangers do. Not a figure of speed: a bound that says "still served", on a
# machine with other things to do too.
PATIENCE = {"keeps": 30.0, "connects": 30.0, "sign-in": 90.0}
# What allocators keep and caches hold after the first chapters, and 19 MiB that a hashing thread may keep at hand; beyond it memory
# has grown.
SLACK_MIB = 24 + 19 * min(8, os.cpu_count() or 1)
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
        self.gate, self.problems, self.rests = gate, [], []
        self.times, self.errors, self.put_off = {}, 0, 0
        print(f"{'chapter':<34}{'seconds':>8}{'requests':>9}{'errors':>7}{'p50 ms':>8}{'p99 ms':>8}{'sign-ins':>9}{'errors':>7}{'p99 ms':>8}"
              f"{'peak MiB':>10}{'after':>7}")

    def row(self, name, seconds, met, memory, tolerates):
        met, put_off = met
        self.put_off += put_off
        asked = [met[kind] for kind in ("keeps", "connects") if kind in met]
        doors = met.get("sign-in", {"times": [], "errors": 0})
        requests, errors = [took for each in asked for took in each["times"]], sum(each["errors"] for each in asked)
        p50, p99 = at(requests, 0.5), at(requests, 0.99)
        print(f"{name:<34}{seconds:>8.1f}{len(requests):>9}{errors:>7}{p50 * 1000:>8.1f}{p99 * 1000:>8.1f}"
              f"{len(doors['times']):>9}{doors['errors']:>7}{at(doors['times'], 0.99) * 1000:>8.0f}"
              f"{memory[0]:>10.1f}{memory[1]:>7.1f}", flush=True)
        if not requests and seconds > 30:
            self.wrong(name, "nobody was served at all")
        for kind, each in met.items():
            self.times.setdefault("sign-ins" if kind == "sign-in" else "requests", array.array("d")).extend(each["times"])
            self.errors += each["errors"]
            if each["errors"] and kind not in tolerates:
                self.wrong(name, f"{each['errors']} of {len(each['times'])} of those who {verb(kind)} got no right answer: "
                                 + "; ".join(each["told"]))
            if kind not in tolerates and at(each["times"], 0.99) > PATIENCE[kind]:
                self.wrong(name, f"p99 of those who {verb(kind)} is {at(each['times'], 0.99):.1f} s")
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
        print("all together: " + "; ".join(f"{len(times)} {what}, p50 {at(times, 0.5) * 1000:.1f} ms, p99 {at(times, 0.99) * 1000:.1f} ms, "
                                           f"at most {max(times):.1f} s" for what, times in self.times.items())
              + f"; {self.errors} errors; {self.put_off} sign-ins were asked to try again, because the disk was too slow")
        if set(self.times) != {"requests", "sign-ins"}:
            self.problems.append("nobody was served at all, or nobody signed in")
        bound = max(first * GROWTH, first + SLACK_MIB)
        print(f"memory at rest: {first:.1f} MiB after the first round of work, then {', '.join(f'{size:.1f}' for size in self.rests)} MiB; "
              f"allowed at the end: {bound:.1f} MiB")
        if last > bound:
            self.problems.append(f"memory has grown from {first:.1f} to {last:.1f} MiB")
        if gate.panics:
            self.problems.append(f"panics: {gate.panics[:5]}")
        if self.problems or self.put_off:
            print("\n".join(["what the gate warned of:", *gate.warned()]))
        for problem in self.problems:
            print(f"WRONG: {problem}")
        print("verdict: " + ("FAILED" if self.problems else "good"))
        return 1 if self.problems else 0


def at(times, share):
    """The time that this share of them stays below."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def verb(kind):
    return {"keeps": "keep a connection", "connects": "connect anew", "sign-in": "sign in"}[kind]
