"""Measures imports and exports of large groups; `make bench-files` calls it.

For each database: a file of another program and a file of KittyCash are imported, and the group is exported, while
others write 50 expenses a second into a group of their own. The table has the time, the most memory of the
server, and the waits of these writes. An export of an import is compared with the file, byte for byte.
"""
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time

import splitwise

FOLDER, SERVER = sys.argv[1:]
ENTRIES = int(os.environ.get("ENTRIES", "200000"))
# Writes a second, by how many clients, and the longest time of one request in seconds.
PACE, WRITERS, LIMIT = 50, 10, 3600


class Server:
    """A server of its own, with a fresh process for each measurement: the most memory of a process never shrinks."""

    def __init__(self, name, environment):
        self.name, self.environment, self.process = name, environment, None
        self.start()
        person = {"name": "anna", "password": "a long password"}
        self.token = None
        self.call("POST", "/v1/users", person)
        self.token = json.loads(self.call("POST", "/v1/sessions", person))["token"]

    def start(self):
        if self.process:
            self.stop()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        log = open(f"{FOLDER}/{self.name}.log", "ab")
        settings = {"DATA_DIR": f"{FOLDER}/{self.name}", "PORT": str(self.port), "LOG_LEVEL": "warning",
                    "RATE_LIMIT": "off", "IMPORT_MAX_BYTES": str(4 << 30), "GROUP_MAX_BYTES": "off"}
        self.process = subprocess.Popen(
            [SERVER, "serve"], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment, **settings})
        for _ in range(3000):
            try:
                if self.connect().request("GET", "/health/ready") is None:
                    return
            except OSError:
                time.sleep(0.01)
        sys.exit(f"the server did not start: {open(f'{FOLDER}/{self.name}.log').read()[-1000:]}")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)

    def call(self, method, path, body=None, type="application/json"):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = type
            body = body if hasattr(body, "read") else json.dumps(body)
        connection = self.connect()
        if hasattr(body, "read"):
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {answer.read()[:500]}")
        return answer.read()

    def group(self):
        return json.loads(self.call("POST", "/v1/groups", {"name": "Flat", "currency": "EUR"}))

    def peak(self):
        return int(re.search(r"VmHWM:\s+(\d+) kB", open(f"/proc/{self.process.pid}/status").read())[1]) / 1024


class Writer(threading.Thread):
    """One of several clients that together write expenses at an even pace, whatever the others wait for."""

    def __init__(self, server, group, number):
        super().__init__(daemon=True)
        self.server, self.group, self.waits, self.ended = server, group, [], threading.Event()
        self.due = time.monotonic() + number / PACE

    def run(self):
        connection = self.server.connect()
        body = json.dumps({"description": "Tea", "amount": 300, "payer": self.group["me"]})
        while not self.ended.is_set():
            time.sleep(max(0, self.due - time.monotonic()))
            began = time.monotonic()
            connection.request(
                "POST", f"/v1/groups/{self.group['id']}/expenses", body,
                {"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 201:
                print(f"a write beside it was refused: {answer.status}", file=sys.stderr)
                os._exit(1)
            self.waits.append(time.monotonic() - began)
            # A client that is late does not catch up.
            self.due = max(self.due + WRITERS / PACE, began)


def table(path):
    """The file of a group of Splitwise."""
    source = random.Random(5)

    def entry(number):
        day = f"20{source.randrange(16, 26)}-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}"
        return day, f"Dinner number {number} at the place", "Dining out"

    with open(path, "w") as file:
        file.writelines(splitwise.lines(source, map(entry, range(ENTRIES))))


def measured(server, what, size, body):
    """Runs one transfer beside a writer, and prints its line of the table."""
    server.start()
    group = server.group()
    writers = [Writer(server, group, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(1)
    began = time.monotonic()
    body()
    seconds = time.monotonic() - began
    for writer in writers:
        writer.ended.set()
    for writer in writers:
        writer.join(60)
    waits = sorted(wait * 1000 for writer in writers for wait in writer.waits)
    print(f"| {server.name} | {what} | {size() / 1e6:.0f} MB | {seconds:.0f} s | {server.peak():.0f} MB | "
          f"{len(waits) / seconds:.0f} | {waits[len(waits) // 2]:.0f} ms | {waits[len(waits) * 99 // 100]:.0f} ms | {waits[-1]:.0f} ms |",
          flush=True)


def main():
    foreign = f"{FOLDER}/splitwise.csv"
    table(foreign)
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, ENTRIES={ENTRIES} make bench-files\n")
    print("| database | what | file | time | memory at its peak | writes a second | half wait at most | 99 % | longest |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for name, environment in [("SQLite", {}), ("PostgreSQL", {"DATABASE_URL": os.environ["KITTY_TEST_POSTGRES"]})]:
        server = Server(name, environment)
        first, second = server.group()["id"], server.group()["id"]
        exports = [f"{FOLDER}/{name}-{number}.json" for number in (1, 2)]

        def export(group, path):
            with open(path, "wb") as file:
                file.write(server.call("GET", f"/v1/groups/{group}/export"))

        def bring(path, address, type):
            with open(path, "rb") as file:
                server.call("POST", address, file, type)

        measured(server, "import of a Splitwise file", lambda: os.path.getsize(foreign),
                 lambda: bring(foreign, f"/v1/groups/{first}/imports", "text/csv"))
        measured(server, "export", lambda: os.path.getsize(exports[0]), lambda: export(first, exports[0]))
        measured(server, "import of the export", lambda: os.path.getsize(exports[0]),
                 lambda: bring(exports[0], f"/v1/groups/{second}/import", "application/json"))
        export(second, exports[1])
        if open(exports[0], "rb").read() != open(exports[1], "rb").read():
            sys.exit("the export of the import is not the file")
        server.stop()


main()
