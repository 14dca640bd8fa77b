"""Compares a restored instance, by SQL and by its HTTP API, with what was acknowledged, and says what differs.

Committed before acknowledged, sent before committed, and all of it by one clock: so with a restore to just before the
second T everything acknowledged before T must be there, nothing first sent at T or later may, and what was on its way at T
may be either. With a restore to the end of the archive, T is when the last one that survived was first sent.
"""

import argparse
import collections
import json
import subprocess
import sys
import time
import urllib.request

import ledger

EVENTS = r"""copy (
    select e.provider_message_id, e.status, e.arrival, e.conversation_key, m.body, extract(epoch from m.created_at), c.key
    from messaging.inbound_events e
    left join messaging.messages m on m.lane = e.lane and m.event_id = e.id
    left join messaging.conversations c on c.lane = m.lane and c.id = m.conversation_id
    where e.provider_message_id like 'RUN-%') to stdout"""

# Each of these asks for something that must be so whatever was restored: true, or it is named.
ALWAYS = {
    "conversation_counts says how many conversations there are":
        "select (select coalesce(sum(conversations), 0) from messaging.conversation_counts)"
        " = (select count(*) from messaging.conversations)",
    "message_count says how many messages each conversation has":
        "select not exists (select from messaging.conversations c left join (select lane, conversation_id, count(*) n"
        " from messaging.messages group by 1, 2) m on m.lane = c.lane and m.conversation_id = c.id"
        " where coalesce(m.n, 0) <> c.message_count)",
    "every message has its event":
        "select not exists (select from messaging.messages m where not exists (select from messaging.inbound_events e"
        " where e.lane = m.lane and e.id = m.event_id))",
    "the sequence of arrivals is not behind":
        "select last_value >= (select max(arrival) from messaging.inbound_events) from messaging.arrivals",
}


def psql(sql):
    done = subprocess.run(["psql", "-XqAtw", "-v", "ON_ERROR_STOP=1", "-c", sql], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"check: the restored database refused a question (psql: {done.returncode})")
    return done.stdout.splitlines()


def settle(run, patience=60):
    """Waits until workers have nothing left to do."""
    deadline = time.monotonic() + patience
    while True:
        waiting = int(psql("select count(*) from messaging.inbound_events where status not in ('processed', 'dead_letter')"
                           f" and provider_message_id like '{run}-%'")[0])
        if waiting == 0 or time.monotonic() > deadline:
            return
        time.sleep(0.2)


def pages(address):
    """All items of a list of the API, page by page, and the total it tells."""
    items, cursor = [], ""
    while True:
        separator = "&" if cursor else ""
        with urllib.request.urlopen(f"{address}?pageSize=200{separator}{cursor}", timeout=20) as answer:
            page = json.load(answer)
        items += page["items"]
        if not page["meta"].get("next_cursor"):
            return items, page["meta"]["total"]
        cursor = "cursor=" + page["meta"]["next_cursor"]


class Findings:
    """What differs, by kind, with a few examples each."""

    def __init__(self):
        self.kinds = collections.defaultdict(list)

    def add(self, kind, example):
        self.kinds[kind].append(example)

    def tell(self):
        for kind, examples in self.kinds.items():
            print(f"  WRONG {kind}: {len(examples)}, such as {', '.join(str(e) for e in examples[:3])}")


def check(given, book):
    wrong = Findings()
    if book.clock_moved > 0.05:
        wrong.add("the clock was set during the run, seconds cannot be compared", f"{book.clock_moved:.2f} s")
    settle(given.run)

    # By SQL.
    there, messages, lines = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for row in psql(EVENTS.replace("RUN", str(given.run))):
        name, status, arrival, its_key, body, shown, shown_in = row.split("\t")
        line, seq = (int(n) for n in name.split("-")[1:])
        there[line, seq] += 1
        if status != "processed" or body == "\\N":
            wrong.add("recorded, but turned into no message", f"{name} ({status})")
            continue
        messages[body] += 1
        lines[line].append((int(arrival), float(shown), seq))
        if body != f"{given.run} {line} {seq}" or {its_key, shown_in} != {ledger.key(given.run, line)}:
            wrong.add("another content or conversation", name)
    for name, times in there.items():
        if times > 1:
            wrong.add("there more than once", name)
        if name not in book.sent:
            wrong.add("there, and never sent", name)
    for body, times in messages.items():
        if times > 1:
            wrong.add("more than one message of it", body)

    before = {"end": max((book.sent.get(name, 0) for name in there), default=0), "all": float("inf")}.get(given.before)
    before = float(given.before) if before is None else before
    due = {name for name, when in book.acknowledged.items() if when < before}
    for name in sorted(due - there.keys()):
        wrong.add("acknowledged before that moment, and lost", name)
    if given.before not in ("end", "all"):
        for name in sorted(name for name, when in book.sent.items() if when >= before and name in there):
            wrong.add("sent at that moment or later, and there", name)
    if not due:
        wrong.add("nothing was acknowledged before that moment: nothing is shown", given.before)

    # Each line's messages are its first ones, without a hole, shown in order.
    for line, found in lines.items():
        found.sort()
        if [seq for _, _, seq in found] != list(range(1, len(found) + 1)):
            wrong.add("not in order, or with a hole, by arrival", f"line {line}")
        if any(later[1] < earlier[1] for earlier, later in zip(found, found[1:])):
            wrong.add("shown before the one it follows", f"line {line}")

    # By HTTP, as applications see it.
    api = f"http://{given.api}/api/conversations"
    conversations, total = pages(api)
    by_key = {conversation["key"]: conversation for conversation in conversations}
    if len(by_key) != len(conversations) or total != len(conversations):
        wrong.add("the API's list of conversations is not what it says it is", f"{len(by_key)} of {total}")
    for line in sorted({line for line, _ in due} | lines.keys()):
        conversation = by_key.get(ledger.key(given.run, line))
        if conversation is None:
            wrong.add("no such conversation in the API", f"line {line}")
            continue
        shown, total = pages(f"{api}/{conversation['id']}/messages")
        expected = [f"{given.run} {line} {seq}" for seq in range(1, len(lines[line]) + 1)]
        if [message["body"] for message in shown] != expected:
            wrong.add("the API shows other messages, or in another order", f"line {line}")
        if {total, conversation["message_count"]} != {len(expected)}:
            wrong.add("the API counts otherwise", f"line {line}")

    for said, sql in ALWAYS.items():
        if psql(sql) != ["t"]:
            wrong.add("not so", said)
    if given.filler and psql(FILLER) != [given.filler]:
        wrong.add("older rows differ", psql(FILLER)[0])

    lost = len(book.acknowledged.keys() - there.keys())
    last = max((book.acknowledged[name] for name in there if name in book.acknowledged), default=0.0)
    print(f"  {len(book.acknowledged)} acknowledged, {len(due)} of them before that moment; {sum(there.values())} there,"
          f" {sum(messages.values())} messages in {len(lines)} conversations; {lost} acknowledged and not there")
    if given.destroyed_at:
        seen = given.destroyed_at - last
        print(f"RPO {seen:.2f}")
        if seen > given.rpo_bound:
            wrong.add(f"the last acknowledged event that survived is older than {given.rpo_bound:.0f} s", f"{seen:.2f} s")
    wrong.tell()
    return not wrong.kinds


# What the older rows are, in two numbers.
FILLER = ("select count(*) || ' ' || coalesce(sum(hashtextextended(m.id::text || m.body || e.payload::text, 0)), 0)"
          " from messaging.messages m join messaging.inbound_events e on e.lane = m.lane and e.id = m.event_id"
          " where m.channel = 'email'")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=int, default=0)
    parser.add_argument("--ledger")
    parser.add_argument("--api", metavar="HOST:PORT")
    parser.add_argument("--before", metavar="T", help="seconds since 1970, `end` (of the archive) or `all`")
    parser.add_argument("--filler", help="what --fingerprint printed")
    parser.add_argument("--destroyed-at", type=float)
    parser.add_argument("--rpo-bound", type=float, default=300)
    parser.add_argument("--fingerprint", action="store_true", help="print what the older rows are, and end")
    given = parser.parse_args()
    if given.fingerprint:
        print(psql(FILLER)[0])
        return
    if not check(given, ledger.Ledger(given.ledger)):
        sys.exit(1)


main()
