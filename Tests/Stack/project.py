"""A Compose project for tests, and users who load it."""

import concurrent.futures
import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVICES = ("db", "redis", "kittycash", "worker", "nginx")


def say(words):
    print(f"stack: {words}", file=sys.stderr, flush=True)


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def run(*command, check=True, **options):
    """Returns the output of a command, or fails with it."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT, **options)
    if check and result.returncode:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(words, condition, seconds=90):
    """Waits for a condition."""
    ends = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > ends:
            raise AssertionError(f"waited {seconds} s in vain until {words}")
        time.sleep(0.2)


class Stack:
    """A Compose project.

    `images` are the lines that build_and_push.py writes into the settings, `more` are other lines.
    """

    def __init__(self, name, folder, images, more=""):
        self.name, self.port = name, free_port()
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
        self.settings = folder / f"{name}.env"
        self.settings.write_text(
            # A password may contain any character.
            f"COMPOSE_PROJECT_NAME={name}\nPOSTGRES_PASSWORD='p@ss/w:rd?%41 #$x'\n{images}{more}"
            f"HTTP_PUBLISH=127.0.0.1:{self.port}\nPOSTGRES_PUBLISH=127.0.0.1:{free_port()}\n")
        self.options = ["--env-file", str(self.settings), "-f", str(ROOT / "docker-compose.yml")]
        self.command = [*(["docker", "compose"] if plugin else ["docker-compose"]), *self.options]

    def add(self, file):
        """Adds a Compose file of the repository to the project."""
        self.options += ["-f", str(ROOT / file)]
        self.command += ["-f", str(ROOT / file)]

    def compose(self, *arguments, **options):
        return run(*self.command, *arguments, **options)

    def containers(self, service):
        return self.compose("ps", "-q", service).split()

    def up(self, *arguments):
        self.compose("up", "-d", "--no-build", *arguments)
        self.wait()

    def wait(self):
        """Waits until every container is healthy and nginx reaches a server."""
        for service in SERVICES:
            for container in self.containers(service):
                until(f"{service} is healthy", lambda c=container: health(c) == "healthy")
        until("nginx reaches a server", lambda: self.ask("GET", "/health/ready")[0] == 200)

    def ask(self, method, path, body=None, token=None, accept="application/json", **headers):
        """Returns the status, the headers and the body of an answer through nginx; status 0 without an answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Accept"] = accept
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            headers["Content-Type"], body = "application/json", json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()
        except (OSError, ConnectionError):
            return 0, {}, b""

    def get(self, path, token=None):
        status, _, body = self.ask("GET", path, token=token)
        expect(status == 200, f"GET {path}: {status} {body[:300]}")
        return json.loads(body)

    def make(self, method, path, body, token=None, **headers):
        status, _, answer = self.ask(method, path, body, token, **headers)
        expect(200 <= status < 300, f"{method} {path}: {status} {answer[:300]}")
        return json.loads(answer)

    def down(self, *arguments):
        self.compose("down", "--remove-orphans", *arguments)


def health(container):
    return run("docker", "inspect", "-f", "{{.State.Health.Status}}", container, check=False).strip()


class Load:
    """Users who read and write continuously; every request must succeed."""

    def __init__(self, stack, token, path, without_key=False):
        self.without_key = without_key
        self.stack, self.token, self.path = stack, token, path
        self.ending, self.failures, self.written, self.copies = threading.Event(), [], 0, set()
        self.payer = stack.get(path, token)["me"]
        self.lock = threading.Lock()

    def user(self):
        # Four of them stay below the rate limit of one token.
        while not self.ending.wait(0.1):
            key = str(uuid.uuid4())
            body = {"description": key, "amount": 300, "payer": self.payer}
            for method, path, status, arguments in (
                ("GET", f"{self.path}/balances", 200, {}),
                ("POST", f"{self.path}/expenses", 201, {"body": body, "Idempotency_Key": key}),
                *([("POST", f"{self.path}/expenses", 201, {"body": body})] if self.without_key else [])):
                answer = self.stack.ask(method, path, token=self.token, **arguments)
                with self.lock:
                    if answer[0] != status:
                        self.failures.append((method, path, answer[0], answer[2][:200]))
                    elif status == 201:
                        self.written += 1

    @contextlib.contextmanager
    def running(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            users = [pool.submit(self.user) for _ in range(4)]
            try:
                yield self
            finally:
                self.ending.set()
                for user in users:
                    user.result()
