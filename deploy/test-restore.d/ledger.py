"""What was sent and what was acknowledged, when: written by the traffic, read by the checker."""

import threading
import time

LINES = 24
CALLED = "+15559990000"


def caller(run, line):
    return f"+1555{run:02}{line:05}"


def key(run, line):
    return f"sms:{caller(run, line)}<->{CALLED}"


class Book:
    """Appends to a ledger; every line is with the system when the call returns."""

    def __init__(self, path):
        known = Ledger(path)
        self.all_sent, self._acknowledged = set(known.sent), set(known.acknowledged)
        self._file, self._lock = open(path, "a", encoding="ascii"), threading.Lock()

    def sent(self, line, seq):
        self._note("S", line, seq, time.time())

    def acknowledged(self, line, seq):
        now = time.time()
        if (line, seq) not in self._acknowledged:
            self._acknowledged.add((line, seq))
            self._note("A", line, seq, now)

    def clock(self, moved):
        self._note("C", 0, 0, moved)

    def _note(self, kind, line, seq, when):
        with self._lock:
            self._file.write(f"{kind} {line} {seq} {when:.6f}\n")
            self._file.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


class Ledger:
    """A ledger read: (line, seq) to when it was first sent, and to when it was acknowledged."""

    def __init__(self, path):
        self.sent, self.acknowledged, self.clock_moved = {}, {}, 0.0
        try:
            with open(path, encoding="ascii") as file:
                for text in file:
                    kind, line, seq, when = text.split()
                    if kind == "C":
                        self.clock_moved = max(self.clock_moved, abs(float(when)))
                    else:
                        (self.sent if kind == "S" else self.acknowledged)[int(line), int(seq)] = float(when)
        except FileNotFoundError:
            pass
