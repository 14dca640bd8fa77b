"""Sends LOAD_RATE signed webhooks a second to the compose stack's gateways for LOAD_SECONDS; 1 unless all were taken."""

import hashlib
import hmac
import http.client
import json
import os
import queue
import socket
import sys
import threading
import time
import uuid

SECRET = os.environ["MAILROOM__ENDPOINTS__DEMO__SECRET"].encode()
HOST, PORT, PATH = "gateway", 8080, "/webhooks/slack/demo"
SENDERS = 32
CONVERSATIONS = 50


def positive(name):
    """The number in this variable; ends the program with 2 where it is none."""
    try:
        value = float(os.environ[name])
        if 0 < value <= 1e6:
            return value
    except ValueError:
        pass
    print(f"{name} is {os.environ[name]!r}; expected a number above 0, at most a million", file=sys.stderr)
    raise SystemExit(2)


RATE, LASTS = positive("LOAD_RATE"), positive("LOAD_SECONDS")


def message(number, run):
    """An event as Slack sends it, in one of CONVERSATIONS channels."""
    channel = f"C{run}{number % CONVERSATIONS:03}"
    ts = f"{time.time():.6f}"
    event = {"type": "message", "channel": channel, "channel_type": "channel", "user": "ULOAD", "ts": ts,
             "event_ts": ts, "team": "TLOAD", "text": f"message {number}"}
    return json.dumps({"type": "event_callback", "event_id": f"Ev{run}{number}", "event_time": int(time.time()),
                       "team_id": "TLOAD", "api_app_id": "ALOAD", "event": event}).encode()


def signed(body):
    at = str(int(time.time()))
    signature = hmac.new(SECRET, b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}


def send(address, work, results):
    """To one gateway, a connection for each request, timed from when it was due: waiting for a sender counts."""
    while (item := work.get()) is not None:
        due, number, run = item
        body = message(number, run)
        connection = http.client.HTTPConnection(address, PORT, timeout=10)
        try:
            connection.request("POST", PATH, body, signed(body))
            outcome = str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            outcome = type(error).__name__
        finally:
            connection.close()
        results.append((outcome, time.monotonic() - due))


def main():
    addresses = sorted({found[4][0] for found in socket.getaddrinfo(HOST, PORT, socket.AF_INET, socket.SOCK_STREAM)})
    work, results, run = queue.Queue(), [], uuid.uuid4().hex[:8].upper()
    senders = [threading.Thread(target=send, args=(addresses[n % len(addresses)], work, results)) for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    began, total = time.monotonic(), int(RATE * LASTS)
    print(f"{total} webhooks to {len(addresses)} gateways, {RATE:g} a second", flush=True)
    for number in range(total):
        due = began + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        work.put((due, number, run))
    for _ in senders:
        work.put(None)
    for sender in senders:
        sender.join()
    outcomes = {outcome: sum(1 for other, _ in results if other == outcome) for outcome, _ in results}
    times = sorted(took for _, took in results)
    print(json.dumps({"outcomes": outcomes, "median_ms": round(times[len(times) // 2] * 1000, 1),
                      "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1)}))
    return 0 if outcomes == {"200": total} else 1


sys.exit(main())
