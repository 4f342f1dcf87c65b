"""A server with a large group, and a proxy that counts the bytes between it and a client."""
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
import uuid

import ssh

GRACE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server on SQLite in a folder."""

    def __init__(self, program, folder, port=None):
        self.port, self.log, self.token = port or free_port(), f"{folder}/server.log", None
        self.gateway_port = free_port()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--data", f"{folder}/data", "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": "/usr/bin:/bin", "HOME": folder, "RATE_LIMIT": "off", "LOG_LEVEL": "warning", "SIGN_IN_LIMIT": "off",
                     "SSH_SECRET": ssh.SECRET, "SSH_GATEWAY_PORT": str(self.gateway_port)})
        self.wait()

    def wait(self):
        end = time.monotonic() + GRACE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        sys.exit(f"the server did not start:\n{open(self.log).read()[-2000:]}")

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=GRACE)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {data[:500]}")
        return json.loads(data) if data else None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def load(server, name, count):
    """Makes a group of three with `count` expenses: one over the API, and an import of its export with more like it."""
    person = {"name": "anna", "password": "a long password"}
    server.call("POST", "/v1/users", person)
    server.token = server.call("POST", "/v1/sessions", person)["token"]
    pattern = server.call("POST", "/v1/groups", {"name": "Pattern", "currency": "EUR"})
    for guest in ["Bob", "Carl"]:
        server.call("POST", f"/v1/groups/{pattern['id']}/members", {"name": guest})
    server.call("POST", f"/v1/groups/{pattern['id']}/expenses",
                {"description": "Dinner", "amount": 300, "payer": pattern["me"]})
    books = server.call("GET", f"/v1/groups/{pattern['id']}/export?format=json")
    server.call("DELETE", f"/v1/groups/{pattern['id']}?force=true")
    [entry] = books["entries"]
    milliseconds = time.time_ns() // 1_000_000

    def copy(number):
        made = json.loads(json.dumps(entry))
        random = uuid.uuid4().int & (1 << 74) - 1
        # UUIDv7: the time in front, so that the ids are in the order of the entries.
        made["id"] = str(uuid.UUID(int=(milliseconds - count + number) << 80 | 7 << 76 | random >> 62 << 64
                                   | 2 << 62 | random & (1 << 62) - 1))
        made["number"] = number
        made["revisions"][0]["content"]["description"] = f"Dinner {number}"
        return made

    books.update(name=name, entries=[copy(number) for number in range(1, count + 1)], lastNumber=count)
    group = server.call("POST", "/v1/groups", {"name": name, "currency": "EUR"})
    server.call("POST", f"/v1/groups/{group['id']}/import", books)


class CountingProxy:
    """Passes connections on to a port, and counts the bytes of both directions."""

    def __init__(self, upstream):
        self.upstream, self.count, self.lock, self.sockets = upstream, 0, threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.upstream))
            except OSError:
                return
            self.sockets += [client, server]
            for source, target in [(client, server), (server, client)]:
                threading.Thread(target=self.pass_on, args=(source, target), daemon=True).start()

    def pass_on(self, source, target):
        try:
            while data := source.recv(1 << 16):
                with self.lock:
                    self.count += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            target.close()

    def settle(self, quiet=1.5):
        """Waits until nothing passed for a time."""
        end, last, since = time.monotonic() + GRACE, self.count, time.monotonic()
        while time.monotonic() - since < quiet:
            if time.monotonic() > end:
                sys.exit("the client never stops asking")
            time.sleep(0.05)
            if self.count != last:
                last, since = self.count, time.monotonic()

    def close(self):
        """The server is away: connections are cut, and new ones refused."""
        # A blocked accept() would keep the port open.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in self.sockets:
            each.close()
