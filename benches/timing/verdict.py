"""Whether groups of times can be told apart: by their medians, against what two groups of the very same thing differ by."""

import random
import statistics

RESAMPLED = 1000
SMALL = 0.01


def difference(one, other):
    return statistics.median(other) - statistics.median(one)


def interval(one, other, dice):
    """99 % of what the difference of the medians could as well have been (bootstrap)."""
    drawn = sorted(difference(dice.choices(one, k=len(one)), dice.choices(other, k=len(other))) for _ in range(RESAMPLED))
    return drawn[RESAMPLED // 200], drawn[-1 - RESAMPLED // 200]


def judge(title, groups, twins):
    """Prints a table; `twins` are the two groups of the same thing, the first of them what all others are held against. True: alike."""
    dice, reference = random.Random(1), groups[twins[0]]
    base = statistics.median(reference)
    low, high = interval(reference, groups[twins[1]], dice)
    noise = max(abs(low), abs(high))
    print(f"\n{title}: {len(reference)} of each, interleaved; two groups of the same differ by up to {noise / 1e3:,.0f} µs")
    print(f"{'':34}{'median ms':>11}{'difference µs':>15}{'of median':>11}   99 % interval µs")
    alike = True
    for name, times in groups.items():
        apart = difference(reference, times)
        low, high = interval(reference, times, dice)
        told = name not in twins and abs(apart) >= SMALL * base and abs(apart) > noise
        alike &= not told
        print(f"{name:34}{statistics.median(times) / 1e6:11.3f}{apart / 1e3:15,.1f}{apart / base:11.2%}   {low / 1e3:,.0f} to {high / 1e3:,.0f}"
              f"{'   TOLD APART' if told else ''}")
    return alike
