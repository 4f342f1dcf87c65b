"""Builds the images of the stack, runs it with Docker Compose, and uses it through nginx, as users do.

    stack.py FOLDER

The project has its own name and ports, listens on the loopback only, and is removed at the end with its volumes. KEEP=1
keeps it running. The images stay, so that the next run is quick.
"""

import concurrent.futures
import contextlib
import json
import os
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
FOLDER = pathlib.Path(sys.argv[1])
TAG = "stack"
# The maximum size of the server's image.
MAX_IMAGE_BYTES = 200_000_000


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
    """A Compose project."""

    def __init__(self, name):
        self.name, self.port = name, free_port()
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
        self.settings = FOLDER / f"{name}.env"
        self.settings.write_text(
            # A password may contain any character.
            "POSTGRES_PASSWORD='p@ss/w:rd?%41 #$x'\nENV=test-docker\nIMAGE_REGISTRY=docker.io/kittycash\n"
            f"TAG={TAG}\nHTTP_PUBLISH=127.0.0.1:{self.port}\nPOSTGRES_PUBLISH=127.0.0.1:{free_port()}\n")
        self.command = [
            *(["docker", "compose"] if plugin else ["docker-compose"]), "-p", name, "--env-file", str(self.settings),
            "-f", str(ROOT / "docker-compose.yml")]

    def compose(self, *arguments, **options):
        return run(*self.command, *arguments, **options)

    def containers(self, service):
        return self.compose("ps", "-q", service).split()

    def up(self, *arguments):
        self.compose("up", "-d", "--no-build", *arguments)
        for service in ("db", "redis", "kittycash", "worker"):
            for container in self.containers(service):
                until(f"{service} is healthy", lambda c=container: health(c) == "healthy")
        until("nginx answers", lambda: self.ask("GET", "/health/ready")[0] == 200)

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


def build():
    say("building the images (the first time takes some minutes)")
    run(ROOT / "build_and_push.py", "--env", "test-docker", "--registry", "docker", "--build", "--service", "all", "--tag", TAG)
    size = int(run("docker", "image", "inspect", "-f", "{{.Size}}", f"docker.io/kittycash/kittycash:test-docker-{TAG}"))
    say(f"the server's image has {size / 1e6:.0f} MB")
    expect(size < MAX_IMAGE_BYTES, f"the server's image has {size / 1e6:.0f} MB")


def create_group(stack):
    """Creates a group with an expense and a photo; returns the token of the user and the path of the group."""
    user = {"name": "anna", "password": "a long password"}
    stack.make("POST", "/v1/users", user)
    token = stack.make("POST", "/v1/sessions", user)["token"]
    group = stack.make("POST", "/v1/groups", {"name": "Flat 12", "currency": "EUR"}, token)
    path = f"/v1/groups/{group['id']}"
    for name in ("Bob", "Carl"):
        stack.make("POST", f"{path}/members", {"name": name}, token)
    stack.make("POST", f"{path}/expenses", {"description": "Dinner", "amount": "100.00", "payer": group["me"]}, token)
    picture = (ROOT / "Tests/EndToEndTests/Pictures/cat.jpg").read_bytes()
    photo = stack.make("PUT", f"{path}/photo", picture, token, Content_Type="image/jpeg")
    expect(photo["width"] > 0, f"the photo is {photo}")
    nets = sorted(balance["net"] for balance in stack.get(f"{path}/balances", token)["balances"])
    expect(sum(nets) == 0 and nets[2] in (6666, 6667), f"the balances are {nets}")
    status, _, small = stack.ask("GET", f"{path}/photo?size=small", token=token, accept="image/*")
    expect(status == 200 and small[:2] == b"\xff\xd8", f"GET of the photo: {status}")
    return token, path


def snapshot(stack, token, path):
    """Returns the balances, entries, export and photo of a group, for comparison."""
    _, _, photo = stack.ask("GET", f"{path}/photo", token=token, accept="image/*")
    expect(photo[:2] == b"\xff\xd8", "the photo is missing")
    export = stack.ask("GET", f"{path}/export", token=token)
    expect(export[0] == 200, f"GET of the export: {export[0]} {export[2][:200]}")
    # The sequence is higher after a restore, so that no client misses a change.
    return stack.get(f"{path}/balances", token), stack.get(f"{path}/entries", token)["items"], export[2], photo


def check_privileges(stack):
    """Checks that no process runs as root, and that the root file system is read-only."""
    for service in ("kittycash", "worker", "redis", "nginx"):
        for container in stack.containers(service):
            lines = run("docker", "top", container, "-eo", "pid,uid").splitlines()[1:]
            users = {line.split()[1] for line in lines}
            expect(users and "0" not in users, f"{service} runs as {users}")
            expect(subprocess.run(["docker", "exec", container, "touch", "/x"], capture_output=True).returncode != 0,
                   f"the root file system of {service} is writable")
    container = stack.containers("kittycash")[0]
    expect(run("docker", "exec", container, "stat", "-c", "%a", "/data/photos").strip() == "750", "the folder of photos must have mode 750")


def check_redis(stack):
    """Checks that Redis carries invalidations between the servers, and counts sign-ups."""
    container = stack.containers("redis")[0]
    listeners = run("docker", "exec", container, "redis-cli", "pubsub", "numsub", "kittycash:outdated").split()
    expect(int(listeners[-1]) >= 1, f"no server subscribes to invalidations in Redis: {listeners}")
    expect("signup" in run("docker", "exec", container, "redis-cli", "--scan"), "Redis has no counter of sign-ups")


def check_fallback(stack):
    """Checks what nginx answers while the server is stopped."""
    container, = stack.containers("kittycash")
    began = time.monotonic()
    run("docker", "stop", container)
    took = time.monotonic() - began
    expect(took < 10, f"the server took {took:.1f} s to stop")
    expect(run("docker", "inspect", "-f", "{{.State.ExitCode}}", container).strip() == "0", "the exit code of the stopped server is not 0")
    status, headers, body = stack.ask("GET", "/v1/me")
    # 502: connection refused; 504: no answer from the address of a removed container.
    expect(status in (502, 504) and headers["Content-Type"] == "application/problem+json", f"the API answers {status} {headers}")
    expect(json.loads(body)["code"] == "unavailable" and headers["Retry-After"], f"the API answers {body}")
    status, headers, body = stack.ask("GET", "/", accept="text/html")
    expect(status in (502, 504) and headers["Content-Type"].startswith("text/html") and b"KittyCash" in body, f"a browser gets {status}")
    run("docker", "start", container)
    until("the server is back", lambda: stack.ask("GET", "/health/ready")[0] == 200)


class Load:
    """Users who read and write continuously; every request must succeed."""

    def __init__(self, stack, token, path):
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
                ("POST", f"{self.path}/expenses", 201, {"body": body, "Idempotency_Key": key})):
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


def check_rolling_restart(stack, token, path):
    say("three servers, restarted one by one under load")
    before = len(stack.get(f"{path}/entries?limit=200", token)["items"])
    stack.up("--scale", "kittycash=3", "--no-recreate")
    copies = stack.containers("kittycash")
    expect(len(copies) == 3, f"{len(copies)} servers run, expected 3")
    load = Load(stack, token, path)
    with load.running():
        addresses = lambda: run(
            "docker", "exec", stack.containers("nginx")[0], "getent", "ahostsv4", "kittycash").count("STREAM")
        until("nginx finds three servers", lambda: addresses() == 3)
        time.sleep(8)
        for copy in copies:
            run("docker", "restart", copy)
            until("the server is healthy", lambda c=copy: health(c) == "healthy")
    expect(not load.failures, f"{len(load.failures)} requests failed, the first: {load.failures[:3]}")
    expect(load.written > 20, f"only {load.written} expenses were written")
    count, cursor = 0, ""
    while cursor is not None:
        page = stack.get(f"{path}/entries?limit=200{cursor}", token)
        count, cursor = count + len(page["items"]), page.get("next") and f"&cursor={page['next']}"
    expect(count == before + load.written, f"{load.written} expenses were acknowledged, {count - before} are stored")
    # A session that ends on one server ends on all servers.
    other = stack.make("POST", "/v1/sessions", {"name": "anna", "password": "a long password"})["token"]
    for _ in range(12):
        stack.get("/v1/me", other)
    expect(stack.ask("DELETE", "/v1/sessions/current", token=other)[0] == 204, "DELETE of the session failed")
    time.sleep(1)
    expect({stack.ask("GET", "/v1/me", token=other)[0] for _ in range(12)} == {401}, "a server still accepts an ended session")
    say(f"{load.written} expenses while three servers were restarted, no request failed")
    stack.up("--scale", "kittycash=1", "--no-recreate")


def backup(stack):
    file = FOLDER / "backup.tar"
    container = stack.containers("kittycash")[0]
    with open(file, "wb") as output:
        subprocess.run(["docker", "exec", container, "kittycash-server", "backup", "-"], stdout=output, check=True)
    return file


def restore(stack, file):
    """Restores a backup into an empty stack."""
    stack.compose("up", "-d", "--no-build", "db", "redis")
    for service in ("db", "redis"):
        until(f"{service} is healthy", lambda: health(stack.containers(service)[0]) == "healthy")
    file.chmod(0o644)
    stack.compose("run", "--rm", "-T", "-v", f"{file}:/backup.tar:ro", "kittycash", "restore", "/backup.tar")
    stack.up()


def main():
    build()
    first = Stack("kittycash-test")
    second = Stack("kittycash-restored")
    first.compose("config", "-q")
    try:
        first.down("-v")
        say("starting")
        first.up()
        token, path = create_group(first)
        check_privileges(first)
        check_redis(first)
        say("the server stopped: the fallback page")
        check_fallback(first)
        before = snapshot(first, token, path)
        say("stopping and starting again")
        began = time.monotonic()
        first.compose("stop", "kittycash", "worker")
        took = time.monotonic() - began
        expect(took < 10, f"stopping took {took:.1f} s")
        first.down()
        first.up()
        expect(snapshot(first, token, path) == before, "the group is not the same after a restart")
        check_rolling_restart(first, token, path)
        say("a backup, restored into a second stack")
        before = snapshot(first, token, path)
        file = backup(first)
        first.down("-v")
        restore(second, file)
        expect(snapshot(second, token, path) == before, "the restored group is not the one that was backed up")
        printed = second.compose("exec", "-T", "kittycash", "kittycash-server", "check")
        expect("balance" in printed, printed)
    except BaseException:
        for stack in (first, second):
            sys.stderr.write(stack.compose("logs", "--no-color", "--tail=40", check=False))
        raise
    finally:
        if not os.environ.get("KEEP"):
            for stack in (first, second):
                stack.compose("down", "-v", "--remove-orphans", check=False)
    say("everything works")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main()
    except AssertionError as failure:
        sys.exit(f"stack: FAILED: {failure}")
