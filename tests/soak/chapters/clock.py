"""The wall clock is set a minute forth and up to a day back; windows follow real time, and nobody inside notices."""

import time

from chapters import chapter

# Forth no farther than a minute: windows are never given back, and a gate whose clock is 90 s behind them rightly says for as long
# that it is not ready.
JUMPS = (60, -3600, 0, 59, -31, -86_400)


@chapter("clock back and forth", without_sign_ins=True)
def clock(town, seconds):
    if not town.clock_moves:
        time.sleep(1)
        yield "left out: this is a release, whose clock no file moves"
        return
    end, jumps = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < end:
            town.gate.move_clock(JUMPS[jumps % len(JUMPS)])
            jumps += 1
            time.sleep(0.3)
        drift = town.gate.metric("vestibule_clock_drift_seconds")
    finally:
        town.gate.move_clock(0)
    live = len(town.gate.list("session", "list"))
    if live < len(town.people):
        town.wrong(f"only {live} sessions are left")
    yield f"{jumps} jumps, {live} sessions live, windows measured up to {drift:.0f} s ahead of the wall clock"
