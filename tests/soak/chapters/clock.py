"""The wall clock is set back and forth by an hour; windows follow real time, and nobody inside notices."""

import time

from chapters import chapter


@chapter("clock back and forth", without_sign_ins=True)
def clock(town, seconds):
    if not town.clock_moves:
        yield "left out: this is a release, whose clock no file moves"
        return
    end, jumps = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < end:
            jumps += 1
            town.gate.move_clock((3600, -3600, 0, 59, -31)[jumps % 5])
            time.sleep(0.3)
    finally:
        town.gate.move_clock(0)
    # A session is not older than real time and the hour that the clock was ahead.
    left = [each["window_left"] for each in town.gate.list("session", "list")]
    yield f"{jumps} jumps, {len(left)} sessions live"
    time.sleep(1)
