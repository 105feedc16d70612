"""The chapters in their order: each makes trouble for so many seconds, while the users go on."""

import importlib

BOOK = []


def chapter(name, share=1.0, tolerates=(), without_sign_ins=False):
    """Registers one. `share`: of the usual length. `tolerates`: kinds of users whom this trouble may meet, and why stands beside it."""
    def register(work):
        BOOK.append((name, share, tolerates, without_sign_ins, work))
        return work
    return register


def book(only):
    if not BOOK:
        for part in ("peace", "slow", "crowds", "http2", "heads", "doors", "upstream", "database", "descriptors", "operation", "clock", "kills"):
            importlib.import_module(f"chapters.{part}")
    return [each for each in BOOK if not only or any(word in each[0] for word in only)]
