"""Measures requests at the pace of a person and prints a table; scripts/bench-pace calls it.

Each pace of each installation has a person, with a group and a session of their own. A turn is two requests: the balances of
the group, whose reply can be cached, and the list of its entries, whose session and membership can be. With three copies, the
turns go to one after the other. Nothing is compressed: a minute between two turns is a minute.
"""
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time

FOLDER, SERVER = sys.argv[1:3]
POSTGRES, REDIS = os.environ["KITTY_TEST_POSTGRES"], os.environ["KITTY_TEST_REDIS"]
# Seconds between two turns, and the number of turns that are measured.
PACES = {1: 60, 5: 24, 15: 12, 60: 3}
# A copy keeps values for a second only in its first minute (decision 48).
SETTLING = 65
processes = []


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(port, method, path, token=None, body=None):
    """Returns the answer and the seconds from the first byte sent to the last one received."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers["Content-Type"], body = "application/json", json.dumps(body)
    began = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    took = time.perf_counter() - began
    connection.close()
    if answer.status >= 300:
        sys.exit(f"{method} {path}: {answer.status} {data[:300]}")
    return data, took


class Copy:
    """A server, one request at a time, so that its queries can be counted."""

    def __init__(self, name, environment):
        self.port, self.metrics, self.lock = free_port(), free_port(), threading.Lock()
        folder = f"{FOLDER}/{name}"
        log = open(f"{folder}.log", "wb")
        processes.append(subprocess.Popen(
            [SERVER, "serve", "--data", folder, "--port", str(self.port), "--metrics-port", str(self.metrics),
             "--worker", "separate", "--rate-limit", "off", "--sign-up-limit", "off"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment}))
        for _ in range(300):
            try:
                fetch(self.port, "GET", "/health/ready")
                return
            except OSError:
                time.sleep(0.1)
        sys.exit(f"{name} does not answer: {open(f'{folder}.log').read()[-1000:]}")

    def queries(self):
        """The statements that were sent to read so far. The page itself sends some, which it counts or leaves to the next."""
        text = fetch(self.metrics, "GET", "/metrics")[0].decode()
        return float(re.search(r'^kittycash_database_statements_total\{pool="reader"\} (\S+)$', text, re.M)[1])

    def measure(self, path, token):
        """Returns the queries and the seconds of a request."""
        with self.lock:
            one, two = self.queries(), self.queries()
            took = fetch(self.port, "GET", path, token)[1]
            return self.queries() - two - (two - one), took


class Person(threading.Thread):
    def __init__(self, name, copies, pace):
        super().__init__(daemon=True)
        self.copies, self.pace, self.results = copies, pace, {"balances": [], "entries": []}
        port = copies[0].port
        user = {"name": f"p{pace}", "password": "pace of a person"}
        fetch(port, "POST", "/v1/users", body=user)
        self.token = json.loads(fetch(port, "POST", "/v1/sessions", body=user)[0])["token"]
        group = json.loads(fetch(port, "POST", "/v1/groups", self.token, {"name": name, "currency": "EUR"})[0])
        self.group = f"/v1/groups/{group['id']}"
        fetch(port, "POST", f"{self.group}/members", self.token, {"name": "Bob"})
        for number in range(20):
            fetch(port, "POST", f"{self.group}/expenses", self.token,
                  {"description": f"Dinner {number}", "amount": 300, "payer": group["me"]})

    def turn(self, copy, keep):
        for name in self.results:
            found = copy.measure(f"{self.group}/{name}", self.token)
            if keep:
                self.results[name].append(found)

    def run(self):
        # The first turn on each copy fills its cache, and is not counted.
        for copy in self.copies:
            self.turn(copy, keep=False)
        began = time.monotonic()
        for number in range(1, PACES[self.pace] + 1):
            time.sleep(max(0, began + number * self.pace - time.monotonic()))
            self.turn(self.copies[number % len(self.copies)], keep=True)


def database(name):
    subprocess.run(["psql", "-q", POSTGRES, "-c", f"create database {name}"], check=True)
    return re.sub(r"/[^/]*$", f"/{name}", POSTGRES)


def main():
    installations = [("SQLite, one copy", 1, None)]
    for copies, words in [(1, "one copy"), (3, "three copies")]:
        for redis in [REDIS, ""]:
            installations.append((f"PostgreSQL, {words}, Redis {'on' if redis else 'off'}", copies, redis))
    people = []
    for number, (name, count, redis) in enumerate(installations):
        environment = {} if redis is None else {"DATABASE_URL": database(f"pace{number}"), "REDIS_URL": redis}
        copies = [Copy(f"pace{number}-{copy}", environment) for copy in range(count)]
        people.append((name, [Person(name, copies, pace) for pace in PACES]))
    time.sleep(SETTLING)
    for _, each in people:
        for person in each:
            person.start()
            # So that the people do not all ask in the same moment.
            time.sleep(0.13)
    for _, each in people:
        for person in each:
            person.join()
    print("| installation | a request every | balances: queries | ms | entries: queries | ms |")
    print("|---|---|---|---|---|---|")
    for name, each in people:
        for person in each:
            cells = [name, f"{person.pace} s"]
            for results in person.results.values():
                if len(results) != PACES[person.pace]:
                    sys.exit(f"{name}, {person.pace} s: {len(results)} turns")
                cells.append(f"{statistics.median(queries for queries, _ in results):.0f}")
                cells.append(f"{statistics.median(took for _, took in results) * 1000:.2f}")
            print("| " + " | ".join(cells) + " |")


try:
    main()
finally:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=20)
