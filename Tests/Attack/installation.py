"""A server with little memory, and nginx in front of it, on an empty database."""

import contextlib
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# The memory of the server, in MiB.
MEMORY = 512


def say(words):
    print(f"attack: {words}", file=sys.stderr, flush=True)


def free_ports(count):
    """Returns free ports below the range of ephemeral ports, which are all different."""
    probes = []
    while len(probes) < count:
        probe = socket.socket()
        try:
            probe.bind(("127.0.0.1", random.SystemRandom().randrange(10000, 32000)))
        except OSError:
            probe.close()
            continue
        probes.append(probe)
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class MemoryGroup:
    """A control group with a limit of memory, below that of this process; version 2 or 1."""

    def __init__(self, name):
        self.path, self.reason = None, "no control groups"
        mine = dict(line.split(":", 2)[1:] for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines())
        for line in pathlib.Path("/proc/mounts").read_text().splitlines():
            _, mount, kind, options, *_ = line.split()
            if kind == "cgroup" and "memory" in options.split(",") and "memory" in mine:
                self.make(mount + mine["memory"], name, {"memory.limit_in_bytes": MEMORY << 20})
            elif kind == "cgroup2" and "" in mine:
                self.make(mount + mine[""], name, {"memory.max": MEMORY << 20, "memory.swap.max": 0})
            if self.path:
                return

    def make(self, parent, name, limits):
        path = pathlib.Path(parent) / name
        try:
            path.mkdir()
        except OSError as error:
            self.reason = str(error)
            return
        try:
            for file, limit in limits.items():
                (path / file).write_text(str(limit))
            self.path = path
        except OSError as error:
            self.reason = str(error)
            path.rmdir()

    def wrap(self, arguments):
        """Returns the arguments of a program that runs in the group."""
        if self.path is None:
            return arguments
        return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(self.path), *arguments]

    def close(self):
        for _ in range(50):
            if self.path is None or not self.path.exists():
                return
            # A group is busy until the last process is gone.
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return
            time.sleep(0.1)


class Installation:
    """The programs of one line of the table."""

    def __init__(self, kind, folder, server):
        self.kind, self.folder, self.server = kind, folder, server
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        self.port, self.proxy_port = free_ports(2)
        self.group = MemoryGroup(f"kitty-attack-{os.getpid()}-{self.port}")
        self.processes = {}

    def settings(self):
        settings = {
            name: "" for name in (
                "RATE_LIMIT", "RATE_LIMIT_ADDRESS", "SIGN_UP_LIMIT", "SIGN_IN_LIMIT", "SIGN_UP", "PHOTO_MAX_BYTES",
                "IMPORT_MAX_BYTES", "METRICS_PORT", "REDIS_URL", "DATABASE_URL")}
        settings |= {
            "DATA_DIR": str(self.folder / "data"), "HOST": "127.0.0.1", "PORT": str(self.port), "WORKER": "inline",
            "TRUSTED_PROXIES": "127.0.0.1", "LOG_LEVEL": "warning"}
        if self.kind == "postgres":
            settings |= {"DATABASE_URL": self.database(), "REDIS_URL": os.environ["KITTY_TEST_REDIS"]}
        return settings

    def database(self):
        """Makes an empty database, and empties Redis: both are this run's alone."""
        url = os.environ["KITTY_TEST_POSTGRES"]
        name = f"attack_{self.port}"
        psql = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))[-1] / "psql"
        subprocess.run([psql, "-q", url, "-c", f"create database {name}"], check=True)
        port = re.search(r":(\d+)", os.environ["KITTY_TEST_REDIS"])[1]
        subprocess.run(["redis-cli", "-p", port, "flushall"], check=True, stdout=subprocess.DEVNULL)
        return f"{url.rpartition('/')[0]}/{name}"

    def start(self):
        self.run("server", self.group.wrap([self.server, "serve"]), self.settings())
        text = (ROOT / "nginx/nginx.conf").read_text()
        for place, here in [
            ("listen 80;", f"listen 127.0.0.1:{self.proxy_port};"),
            ("server kittycash:8080", f"server 127.0.0.1:{self.port}"),
            ("/usr/share/nginx/html", str(self.folder)),
            ("access_log /dev/stdout", f"access_log {self.folder}/access.log"),
        ]:
            assert place in text, place
            text = text.replace(place, here)
        (self.folder / "nginx.conf").write_text(text)
        arguments = ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr", "-g", "daemon off;"]
        self.run("nginx", arguments, {"PATH": os.environ["PATH"] + ":/usr/sbin"})
        began = time.monotonic()
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.proxy_port}/health/ready", timeout=5).close()
                return
            if time.monotonic() - began > 60 or not self.is_alive():
                raise AssertionError(f"the server does not answer; its log is in {self.folder}")
            time.sleep(0.05)

    def run(self, name, arguments, environment):
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env={**os.environ, **environment})

    def is_alive(self):
        return self.processes["server"].poll() is None

    def faults(self):
        """Returns the lines of the server's log with a fault of the program."""
        lines = (self.folder / "server.log").read_text(errors="replace").splitlines()
        return [line for line in lines if '"fault"' in line]

    def memory(self):
        """Returns the largest resident size of the server so far, in MiB, or None if it is dead."""
        try:
            status = pathlib.Path(f"/proc/{self.processes['server'].pid}/status").read_text()
        except OSError:
            return None
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else None

    def disk(self):
        """Returns the size of the data folder, in MiB, with the files that have no name while they are written."""
        size = 0
        for path in pathlib.Path(f"/proc/{self.processes['server'].pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                if os.readlink(path).endswith(" (deleted)"):
                    size += path.stat().st_blocks * 512
        for path in (self.folder / "data").rglob("*"):
            with contextlib.suppress(OSError):
                size += path.stat().st_blocks * 512
        return size / (1 << 20)

    def stop(self):
        for name in ("nginx", "server"):
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.group.close()
