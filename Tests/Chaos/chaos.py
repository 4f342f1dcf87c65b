"""Breaks a running installation at random under load, and checks the books afterwards.

    chaos.py FOLDER ROUNDS SEED sqlite|postgres

In each round writers create and change entries, each with an Idempotency-Key, and repeat requests without an answer, as
a client does. At the same time a program is killed (SIGKILL) or paused (SIGSTOP), or the disk is full. After recovery
every acknowledged entry must exist exactly once, with the matching balances, on every server, and
`kittycash-server check` must find nothing.

The order of the faults depends on SEED alone; their timing depends on the machine.
"""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVER = os.environ.get("KITTY_SERVER", str(ROOT / ".build/debug/kittycash-server"))
WRITERS = 4
# Statuses that a writer retries: no server, or a server that is unavailable.
RETRYABLE = {502, 503, 504}
# The time limit for recovery, in seconds.
RECOVERY_SECONDS = 60


def say(words):
    print(f"chaos: {words}", file=sys.stderr, flush=True)


def free_port():
    """Returns a free port below the range of ephemeral ports."""
    while True:
        port = random.SystemRandom().randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Program:
    """A program that is restarted when it exits, as a supervisor does, unless it is held down."""

    def __init__(self, name, arguments, folder, *, environment=None, user=None, ready=None):
        self.name, self.arguments, self.environment, self.user = name, arguments, environment or {}, user
        self.ready = ready
        self.log = open(folder / f"{name}.log", "ab")
        self.process, self.held = None, False

    def start(self):
        self.held = False
        options = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/",
            env={**os.environ, **self.environment}, **options)

    def family(self):
        """Returns the process and its children; those of PostgreSQL have their own sessions."""
        parents = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    pass
        return [self.process.pid, *(child for child, parent in parents.items() if parent == self.process.pid)]

    def signal(self, number):
        for pid in self.family():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        self.held = True
        self.signal(signal.SIGKILL)
        self.process.wait()

    def revive(self):
        """Starts the program if it does not run."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def stop(self):
        self.held = True
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


class Disk:
    """A small file system in memory that can be filled up."""

    def __init__(self, path, megabytes):
        self.path, self.ballast = path, path / "ballast"
        path.mkdir(parents=True)
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "kitty-chaos", str(path)],
            capture_output=True, text=True)
        self.mounted = made.returncode == 0
        if not self.mounted:
            say(f"SKIPPED: full disks, because mounting one is not permitted ({made.stderr.strip()})")

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def clear(self):
        self.ballast.unlink(missing_ok=True)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=False)


class API:
    """The servers; a request goes to any of them."""

    def __init__(self, ports, token=None, seed=0):
        self.ports, self.token, self.random = ports, token, random.Random(seed)
        self.connections = {}

    def call(self, method, path, body=None, **headers):
        """Returns the status, the headers and the body, or None without an answer."""
        port = self.random.choice(self.ports)
        connection = self.connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=5))
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            return None

    def insist(self, method, path, body=None, **headers):
        """Sends the request until the outcome is known; a retry may go to another server."""
        began = time.monotonic()
        while True:
            answer = self.call(method, path, body, **headers)
            if answer and answer[0] < 300:
                return answer
            if answer and answer[0] not in RETRYABLE:
                raise AssertionError(f"{method} {path} returned {answer[0]}: {answer[2]}")
            if time.monotonic() - began > 2 * RECOVERY_SECONDS:
                raise AssertionError(f"{method} {path} had no answer for {2 * RECOVERY_SECONDS} s; the last was {answer}")
            time.sleep(0.05)


@dataclasses.dataclass
class Entry:
    """The requested and acknowledged entries."""
    tag: str
    payer: int
    amount: int
    version: int = 1
    payee: int | None = None


class Writer(threading.Thread):
    """Creates entries in one group, and changes some of them, until it is stopped."""

    def __init__(self, seed, ports, token, group, members):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.api = API(ports, token, seed)
        self.group, self.members = group, members
        self.entries, self.failure, self.ending = [], None, threading.Event()

    def run(self):
        try:
            while not self.ending.is_set():
                self.write()
                time.sleep(0.01)
        except Exception as error:  # reported to the thread that joins this one
            self.failure = error

    def write(self):
        key = str(uuid.UUID(int=self.random.getrandbits(128)))
        payer = self.random.randrange(3)
        path = f"/v1/groups/{self.group}"
        entry = Entry(f"entry {key}", payer, 300 * self.random.randint(1, 20))
        if self.random.random() < 0.2:
            entry.payee = (payer + 1) % 3
            body = {"from": self.members[payer], "to": self.members[entry.payee], "amount": entry.amount, "description": entry.tag}
            self.api.insist("POST", f"{path}/payments", body, Idempotency_Key=key)
            self.entries.append(entry)
            return
        body = {"description": entry.tag, "amount": entry.amount, "payer": self.members[payer]}
        _, headers, made = self.api.insist("POST", f"{path}/expenses", body, Idempotency_Key=key)
        self.entries.append(entry)
        if self.random.random() < 0.3:
            change = {"amount": entry.amount * 2}
            self.api.insist("PATCH", f"{path}/expenses/{made['id']}", change, Idempotency_Key=f"{key}-2", If_Match=headers["ETag"])
            entry.amount, entry.version = entry.amount * 2, 2


class Installation:
    """The programs of one kind of installation, and their disk."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        self.disk = Disk(folder / "disk", 320 if kind == "postgres" else 96)
        self.settings = {
            "DATA_DIR": str(self.disk.path / "data"), "RATE_LIMIT": "off", "SIGN_UP_LIMIT": "off", "SIGN_IN_LIMIT": "off",
            "LOG_LEVEL": "warning", "DATABASE_URL": "", "REDIS_URL": "", "WORKER": "inline"}
        self.ports = [free_port()]
        self.programs = []
        if kind == "postgres":
            self.ports.append(free_port())
            self.add_services()
        for index, port in enumerate(self.ports):
            self.programs.append(Program(
                f"server{index + 1}", [SERVER, "serve", "--port", str(port)], folder, environment=self.settings))
        if kind == "postgres":
            self.programs.append(Program("worker", [SERVER, "worker"], folder, environment=self.settings))

    def add_services(self):
        binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))[-1]
        user = "postgres" if os.geteuid() == 0 else None
        database, redis = free_port(), free_port()
        data = self.disk.path / "postgres"
        data.mkdir()
        options = {"user": user, "group": user, "extra_groups": []} if user else {}
        if user:
            subprocess.run(["chown", user, str(data)], check=True)
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "kitty", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **options)
        self.programs.append(Program("postgres", [
            str(binaries / "postgres"), "-D", str(data), "-c", "listen_addresses=127.0.0.1", "-c", f"port={database}",
            "-c", "unix_socket_directories=", "-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB",
            "-c", "dynamic_shared_memory_type=mmap"], self.folder, user=user))
        self.programs.append(Program("redis", [
            "redis-server", "--bind", "127.0.0.1", "--port", str(redis), "--save", "", "--appendonly", "no"], self.folder))
        self.settings |= {
            "DATABASE_URL": f"postgresql://kitty@127.0.0.1:{database}/postgres", "REDIS_URL": f"redis://127.0.0.1:{redis}",
            "WORKER": "separate"}

    def revive(self):
        for program in self.programs:
            program.revive()

    def recover(self):
        """Waits until all programs run and every server is ready."""
        began = time.monotonic()
        while True:
            self.revive()
            answers = [API([port]).call("GET", "/health/ready") for port in self.ports]
            if all(answer and answer[0] == 200 for answer in answers):
                return
            if time.monotonic() - began > RECOVERY_SECONDS:
                raise AssertionError(f"not recovered after {RECOVERY_SECONDS} s: {answers}")
            time.sleep(0.05)

    def supervise(self, seconds):
        """Waits for some seconds and restarts programs that exit."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for program in self.programs:
                if not program.held:
                    program.revive()
            time.sleep(0.05)

    def cause_fault(self, random):
        """Causes one random fault, and repairs it."""
        program = random.choice(self.programs)
        seconds = random.uniform(0.1, 1.5)
        kinds = ["killed", "killed", "stopped"] + (["full"] if self.disk.mounted else [])
        match random.choice(kinds):
            case "killed":
                say(f"  {program.name} is killed, and restarted after {seconds:.1f} s")
                program.kill()
                self.supervise(seconds)
                program.revive()
            case "stopped":
                say(f"  {program.name} is paused for {seconds:.1f} s")
                program.signal(signal.SIGSTOP)
                self.supervise(seconds)
                program.signal(signal.SIGCONT)
            case "full":
                say(f"  the disk is full for {seconds:.1f} s")
                self.disk.fill()
                self.supervise(seconds)
                self.disk.clear()

    def check(self):
        result = subprocess.run(
            [SERVER, "check"], env={**os.environ, **self.settings}, capture_output=True, text=True, timeout=120)
        if result.returncode:
            raise AssertionError(f"`check` found: {result.stdout}{result.stderr}")

    def close(self):
        for program in reversed(self.programs):
            program.stop()
        self.disk.close()


def expected_nets(entries):
    """Returns the balance of each of the three members."""
    net = [0, 0, 0]
    for entry in entries:
        if entry.payee is None:
            net[entry.payer] += entry.amount
            for member in range(3):
                net[member] -= entry.amount // 3
        else:
            net[entry.payer] += entry.amount
            net[entry.payee] -= entry.amount
    return net


def compare(port, token, group, members, entries):
    """Compares what a server returns for a group with what it acknowledged."""
    api = API([port], token)
    shown, cursor = [], ""
    while cursor is not None:
        _, _, page = api.insist("GET", f"/v1/groups/{group}/entries?limit=200{cursor}")
        shown += page["items"]
        cursor = page.get("next") and f"&cursor={page['next']}"
    found = sorted((item["description"], item["amount"], item["version"]) for item in shown)
    wanted = sorted((entry.tag, entry.amount, entry.version) for entry in entries)
    if found != wanted:
        raise AssertionError(
            f"of {len(wanted)} acknowledged entries {len(found)} exist; "
            f"lost or duplicated: {sorted(set(wanted) ^ set(found))[:5]}")
    _, _, balances = api.insist("GET", f"/v1/groups/{group}/balances")
    net = {balance["account"]: balance["net"] for balance in balances["balances"]}
    right = dict(zip(members, expected_nets(entries)))
    if {member: net.get(member, 0) for member in members} != right:
        raise AssertionError(f"the balances are {net}, expected {right}")


def run_round(installation, token, random):
    """Runs one round: writers, one or more faults, and the check of the books."""
    api = API(installation.ports, token)
    _, _, group = api.insist("POST", "/v1/groups", {"name": "Chaos", "currency": "EUR"}, Idempotency_Key=str(uuid.uuid4()))
    members = [group["me"]]
    for name in ("Bob", "Carl"):
        _, _, member = api.insist(
            "POST", f"/v1/groups/{group['id']}/members", {"name": name}, Idempotency_Key=str(uuid.uuid4()))
        members.append(member["id"])
    writers = [Writer(random.random(), installation.ports, token, group["id"], members) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    installation.supervise(0.2)
    for _ in range(random.choice((1, 1, 2))):
        installation.cause_fault(random)
    installation.supervise(0.3)
    for writer in writers:
        writer.ending.set()
    installation.recover()
    for writer in writers:
        writer.join(3 * RECOVERY_SECONDS)
        if writer.failure or writer.is_alive():
            raise AssertionError(f"a writer failed: {writer.failure or 'it has not ended'}")
    entries = [entry for writer in writers for entry in writer.entries]
    for port in installation.ports:
        compare(port, token, group["id"], members, entries)
    installation.check()
    return group["id"], members, entries


def main():
    folder, rounds, seed, kind = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    order = random.Random(seed)
    installation = Installation(kind, folder)
    done = []
    try:
        # The database first: a server without a database exits, and would be restarted again and again.
        for program in installation.programs:
            program.start()
            if program.name == "redis":
                time.sleep(1)
        installation.recover()
        api = API(installation.ports)
        user = {"name": "anna", "password": "a long password"}
        api.insist("POST", "/v1/users", user)
        _, _, session = api.insist("POST", "/v1/sessions", user)
        for number in range(rounds):
            say(f"{kind}, round {number + 1} of {rounds}")
            done.append(run_round(installation, session["token"], order))
        # The data of the first rounds must survive all later rounds.
        for group, members, entries in done:
            compare(installation.ports[-1], session["token"], group, members, entries)
    except AssertionError as failure:
        say(f"FAILED on {kind} with SEED={seed} in round {len(done) + 1}: {failure}")
        say(f"the logs are in {folder}")
        sys.exit(1)
    finally:
        installation.close()
    total = sum(len(entries) for _, _, entries in done)
    say(f"{kind}: {rounds} rounds, {total} entries acknowledged, each exists once; the books balance (SEED={seed})")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main()
