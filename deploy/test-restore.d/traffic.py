"""Sends messages to a gateway as providers do, and writes down when each was first sent and when it was acknowledged.

The ledger has a line for each: `S line seq time` before the first attempt, `A line seq time` after the first 2xx; times
are seconds of this machine's clock, which is PostgreSQL's too. A line is a conversation: its next message is sent only
when the one before is acknowledged, so arrival order is known. One in twenty is sent again after its acknowledgement.
"""

import argparse
import http.client
import json
import random
import signal
import sys
import threading
import time

import ledger

stop = threading.Event()


class Sender:
    """One connection, reopened when it breaks."""

    def __init__(self, address):
        self._address, self._connection = address, None

    def acknowledged(self, run, line, seq):
        """Whether one attempt got a 2xx."""
        body = json.dumps({"from": ledger.caller(run, line), "to": ledger.CALLED, "type": "sms",
                           "messaging_provider_id": f"{run}-{line}-{seq}", "body": f"{run} {line} {seq}",
                           "attachments": None, "timestamp": "2026-01-01T00:00:00Z"})
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._address, timeout=8)
            self._connection.request("POST", "/api/webhooks/sms", body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            answer.read()
            return 200 <= answer.status < 300
        except (OSError, http.client.HTTPException):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return False


def send_on(given, book, lines, chance, pause):
    """Goes round its lines until told to stop."""
    sender, following = Sender(given.to), {line: 1 for line in lines}
    while not stop.is_set():
        for line in lines:
            seq = following[line]
            book.sent(line, seq)
            while not stop.is_set():
                if sender.acknowledged(given.run, line, seq):
                    book.acknowledged(line, seq)
                    following[line] += 1
                    break
                stop.wait(0.05)
            if chance.random() < 0.05:
                sender.acknowledged(given.run, line, seq)
            stop.wait(pause)


def send_again(given, book, lines, refused):
    """What providers do who never saw an answer, and more: all that was ever sent, in line. Notes what was not taken."""
    sender = Sender(given.to)
    for line, seq in sorted(name for name in book.all_sent if name[0] in lines):
        for _ in range(40):
            if sender.acknowledged(given.run, line, seq):
                book.acknowledged(line, seq)
                break
            time.sleep(0.05)
        else:
            refused.append((line, seq))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", required=True, metavar="HOST:PORT")
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--run", required=True, type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, default=160, help="messages a second, about")
    parser.add_argument("--again", action="store_true", help="send all of the ledger once more, and end")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    apart = time.time() - time.monotonic()
    with ledger.Book(given.ledger) as book:
        senders, refused = 8, []
        shares = [range(first, ledger.LINES, senders) for first in range(senders)]
        if given.again:
            work = [(send_again, (given, book, share, refused)) for share in shares]
        else:
            work = [(send_on, (given, book, share, random.Random(given.seed * 100 + share.start), senders / given.rate))
                    for share in shares]
        threads = [threading.Thread(target=target, args=its) for target, its in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Seconds mean nothing if the clock was set meanwhile.
        book.clock(time.time() - time.monotonic() - apart)
    sys.exit(1 if refused else 0)


main()
