"""Uses the service `ssh` as users do, with a real sshd and ssh clients, and as attackers would."""

import concurrent.futures
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import uuid

from project import ROOT, expect, free_port, health, run, say, until

SECRET = "a-secret-of-the-stack-test"
PASSWORD = "a long password"
SPLITWISE = b"""Date,Description,Category,Cost,Currency,sshanna,bob

2026-03-01,Bread,Groceries,15.00,EUR,7.50,-7.50

2026-03-02,Total balance,,,EUR,7.50,-7.50
"""


def settings():
    """Returns the lines of the settings that the service needs, and its port."""
    port = free_port()
    return port, f"SSH_SECRET={SECRET}\nSSH_UNKNOWN_KEYS=welcome\nSSH_PUBLISH=127.0.0.1:{port}\nSSH_ADDRESS=kitty@pay.example.org\n"


class Gate:
    """The service of a stack, and the keys of users."""

    def __init__(self, stack, port, folder):
        self.stack, self.port, self.folder = stack, port, folder
        self.container = stack.compose("--profile", "ssh", "ps", "-q", "ssh").strip()

    def key(self, name, *options):
        """Makes a key; returns the line of the public key."""
        path = self.folder / name
        run("ssh-keygen", "-q", "-N", "", "-C", name, "-f", path, *options)
        return path.with_suffix(".pub").read_text()

    def command(self, name, *words, options=()):
        """Returns the command of ssh with a key."""
        return ["ssh", "-F", "none", "-p", str(self.port), "-i", str(self.folder / name), "-o", "IdentitiesOnly=yes",
                "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder / 'hosts'}",
                "-o", "LogLevel=ERROR", *options, "kitty@127.0.0.1", *words]

    def ask(self, name, *words, input=b"", status=0, options=()):
        """Runs a command over ssh; returns its output."""
        result = subprocess.run(self.command(name, *words, options=options), input=input, capture_output=True, timeout=60)
        expect(result.returncode == status,
               f"ssh {words}: {result.returncode}, not {status}: {result.stdout[:300]} {result.stderr[:500]}")
        return result.stdout.decode() if status == 0 else result.stderr.decode()

    def read(self, name, *words):
        """Runs a command over ssh; returns the bytes that it writes."""
        result = subprocess.run(self.command(name, *words), stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        expect(result.returncode == 0, f"ssh {words}: {result.returncode}: {result.stderr[:500]}")
        return result.stdout

    def clients(self):
        """Returns the lines of the clients that run in the container."""
        return [line for line in run("docker", "top", self.container, "-eo", "pid,uid,args").splitlines() if "ssh-session" in line]


class Terminal:
    """An ssh client in a terminal of 100 × 30 cells."""

    def __init__(self, gate, name):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ["TERM"] = "xterm-256color"
            command = gate.command(name)
            os.execvp(command[0], command)
        import fcntl, struct, termios
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.text = ""

    def read(self, seconds):
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if not select.select([self.terminal], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return
            # Without colours and moves of the cursor.
            self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]", "", data.decode(errors="replace"))

    def wait(self, words, seconds=20):
        ends = time.monotonic() + seconds
        while words not in self.text:
            expect(time.monotonic() < ends, f"the terminal does not show {words!r}: {self.text[-1500:]!r}")
            self.read(0.2)
        self.text = self.text[self.text.index(words) + len(words):]

    def type(self, text):
        os.write(self.terminal, text.encode())

    def hang_up(self):
        os.kill(self.process, signal.SIGKILL)
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def check_ssh(stack, port, folder):
    """Starts the service and uses it."""
    folder.mkdir()
    stack.compose("--profile", "ssh", "up", "-d", "--no-build", "ssh")
    gate = Gate(stack, port, folder)
    until("the service ssh is healthy", lambda: health(gate.container) == "healthy")
    check_container(gate)
    anna = check_users(gate)
    check_commands(gate)
    check_session(gate, anna)
    check_forbidden(gate)
    check_tickets(gate)
    check_crowd(gate)
    stack.compose("--profile", "ssh", "rm", "-sf", "ssh")


def check_container(gate):
    users = {line.split()[1] for line in run("docker", "top", gate.container, "-eo", "pid,uid,args").splitlines()[1:]}
    expect(users == {"10001"}, f"ssh runs as {users}")
    expect(subprocess.run(["docker", "exec", gate.container, "touch", "/x"], capture_output=True).returncode != 0,
           "the root file system of ssh is writable")
    processes = run("docker", "top", gate.container, "-eo", "pid,args")
    expect(SECRET not in processes, "the secret is in the list of processes")
    say("ssh runs without root, on a read-only file system")


def check_users(gate):
    """Three people with three kinds of keys: a key that was added, one that signs up, and one that is added by a password."""
    stack = gate.stack
    for name in ("sshanna", "sshcleo"):
        stack.make("POST", "/v1/users", {"name": name, "password": PASSWORD})
    anna = stack.make("POST", "/v1/sessions", {"name": "sshanna", "password": PASSWORD})["token"]
    stack.make("POST", "/v1/me/keys", {"key": gate.key("anna", "-t", "ed25519")}, anna)
    gate.key("bob", "-t", "ecdsa")
    gate.key("cleo", "-t", "rsa", "-b", "3072")
    expect("not known here" in gate.ask("bob", "groups", status=3), "an unknown key ran a command")

    terminal = Terminal(gate, "bob")
    terminal.wait("Your choice:")
    terminal.type("1\n")
    terminal.wait("User name")
    terminal.type("sshbob\n")
    terminal.wait("others see")
    terminal.type("Bob\n")
    terminal.wait("No groups yet")
    terminal.type("q")
    terminal.read(2)
    terminal = Terminal(gate, "cleo")
    terminal.wait("Your choice:")
    terminal.type("2\n")
    terminal.wait("User name")
    terminal.type("sshcleo\n")
    terminal.wait("Password:")
    terminal.type("wrong one\n")
    terminal.wait("User name")
    terminal.type("sshcleo\n")
    terminal.wait("Password:")
    terminal.type(PASSWORD + "\n")
    terminal.wait("No groups yet")
    terminal.hang_up()
    expect("ecdsa-sha2-nistp256" in gate.ask("bob", "keys"), "the key of bob is not his")
    expect("ssh-rsa" in gate.ask("cleo", "keys"), "the key of cleo is not hers")
    say("three kinds of keys sign in: one was added, one signed up, one was added by a password")
    return anna


def check_commands(gate):
    made = gate.ask("anna", "import", "--new", "flat", input=json.dumps(sample(gate)).encode())
    expect("" == made, made)
    expect("flat" in gate.ask("anna", "groups"), "the imported group is missing")
    expect("#" in gate.ask("anna", "add", "flat", "'42.50 dinner @bob'"), "nothing was added")
    rows = json.loads(gate.ask("anna", "entries", "flat", "--json"))
    expect(rows["items"][0]["description"] == "dinner", f"{rows}")
    expect("21.25" in gate.ask("anna", "balances", "flat"), "the balances are wrong")
    expect("21.25" in gate.ask("anna", "settle", "flat", "--plain"), "the settlement is wrong")
    file = gate.ask("anna", "export", "flat")
    expect(json.loads(file)["name"] == "flat", "the export is wrong")
    picture = (ROOT / "Tests/EndToEndTests/Pictures/cat.jpg").read_bytes()
    expect(re.match(r"[0-9a-f]{64}\t", gate.ask("anna", "photo", "flat", "--plain", input=picture)), "the photo was not set")
    number = next(row["number"] for row in rows["items"] if row["description"] == "dinner")
    gate.ask("anna", "receipt", "flat", f"'#{number}'", input=picture)
    expect(gate.ask("anna", "receipts", "flat", "--plain").count("\n") == 1, "the receipt is not in the list")
    expect(gate.read("anna", "receipt", "flat", f"'#{number}'", "--read", "1") == picture, "the receipt came back changed")
    gate.ask("anna", "import", "flat", input=SPLITWISE)
    expect("13.75" in gate.ask("anna", "balances", "flat"), "the balances after the import of a file of Splitwise are wrong")
    gate.ask("anna", "settings", "--set", input=b'theme = "mono"\n')
    expect(gate.ask("anna", "settings") == 'theme = "mono"\n', "the settings were not kept")
    expect("theme" in gate.ask("anna", "settings", "--set", input=b'theme = "no"\n', status=2), "wrong settings were kept")

    watch = subprocess.Popen(gate.command("anna", "watch", "flat", "--interval", "1"), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    expect(b"Waiting" in watch.stderr.readline(), "watch does not start")
    gate.ask("anna", "add", "flat", "'7 tea'")
    line = watch.stdout.readline()
    expect(b"tea" in line, f"watch does not show what is entered: {line} {watch.poll()} {watch.stderr.read() if not line else ''}")
    watch.kill()
    watch.wait()
    until("watch has ended with its connection", lambda: not gate.clients(), 10)

    for words, status in (("groups", 0), ("help", 0), ("entries --help", 0), ("balances none", 4), ("entries", 2), ("sh", 2)):
        gate.ask("anna", words, status=status)
    say("groups, add, entries, balances, settle, export, import, photo, settings and watch work over ssh")


def sample(gate):
    """Returns the file of a group that anna shares with bob."""
    stack = gate.stack
    token = stack.make("POST", "/v1/sessions", {"name": "sshanna", "password": PASSWORD})["token"]
    group = stack.make("POST", "/v1/groups", {"name": "flat", "currency": "EUR"}, token)
    path = f"/v1/groups/{group['id']}"
    stack.make("POST", f"{path}/members", {"name": "bob"}, token)
    file = stack.get(f"{path}/export", token)
    status, _, _ = stack.ask("DELETE", path + "?force=true", token=token)
    expect(status == 204, f"DELETE of the group: {status}")
    return file


def check_session(gate, anna):
    """A hang-up ends the client and keeps its draft, and a removed key ends its sessions."""
    terminal = Terminal(gate, "anna")
    terminal.wait("flat")
    terminal.type("\r")
    terminal.wait("dinner")
    terminal.type("n")
    terminal.wait("What for")
    draft = f"draft{uuid.uuid4().hex[:8]}"
    terminal.type(draft)
    # Shorter than the pause after which a draft is kept.
    terminal.read(0.3)
    terminal.hang_up()
    start = time.monotonic()
    until("the client has ended", lambda: not gate.clients(), 10)
    expect(time.monotonic() - start < 2, "the client ends too late after a hang-up")
    terminal = Terminal(gate, "anna")
    terminal.wait(draft)
    terminal.hang_up()
    until("the client has ended", lambda: not gate.clients(), 10)

    gate.key("second", "-t", "ed25519")
    gate.ask("anna", "keys", "add", "-", input=(gate.folder / "second.pub").read_bytes())
    terminal = Terminal(gate, "second")
    terminal.wait("flat")
    gate.ask("anna", "keys", "remove", "second")
    start = time.monotonic()
    terminal.wait("session was ended", 10)
    expect(time.monotonic() - start < 2, "the session of a removed key ends too late")
    terminal.read(1)
    expect("not known here" in gate.ask("second", "groups", status=3), "a removed key still opens the account")
    say("a hang-up ends the client within two seconds and keeps the draft; a removed key ends its session")


def check_forbidden(gate):
    """What is not a command of KittyCash is refused, and nothing is forwarded."""
    for words in ("; sh", "$(id)", "`id`", "balances flat; id", "cat /etc/passwd", "internal-sftp", "scp -t .", "kittycash api me",
                  "rsync --server -e.LsfxCIvu . x", "rsync --server --sender -e.LsfxCIvu . /etc/passwd",
                  "groups --server http://127.0.0.1:1", "photo flat /etc/passwd", "import flat /etc/passwd", "keys add /etc/passwd"):
        answer = gate.ask("anna", words, status=2)
        expect("uid=" not in answer and "root:" not in answer, f"{words} was run: {answer}")
    expect("longer than" in gate.ask("anna", "x" * 100_000, status=2), "a long command was read")
    config = gate.folder / "long"
    # More than sshd reads in one packet, 256 KiB. The local ssh needs minutes to read a line of 10 MB.
    config.write_text("RemoteCommand " + "x" * 1_000_000 + "\n")
    command = gate.command("anna")
    command[command.index("none")] = str(config)
    expect(subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60).returncode != 0, "a command of 1 MB was taken")

    # An environment that is sent does not arrive.
    os.environ["KITTYCASH_SERVER"] = "http://127.0.0.1:1"
    try:
        gate.ask("anna", "groups", options=["-o", "SendEnv=KITTYCASH_SERVER"])
    finally:
        del os.environ["KITTYCASH_SERVER"]
    copy = [option for option in gate.command("anna")[1:-1] if option != "-p" and option != str(gate.port)]
    for program in ("scp", "sftp"):
        port = ["-P", str(gate.port)]
        file = gate.folder / "anna.pub"
        target = [str(file), "kitty@127.0.0.1:x"] if program == "scp" else ["-b", "/dev/null", "kitty@127.0.0.1"]
        result = subprocess.run([program, *port, *copy, *target], capture_output=True, timeout=60)
        # The sign-in works, and what comes after it does not.
        expect(result.returncode != 0 and b"subsystem request failed" in result.stderr, f"{program}: {result}")
    direct = subprocess.run(gate.command("anna", options=["-W", "kittycash:8080"]), capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    expect(direct.returncode != 0 and not direct.stdout and b"Permission denied" not in direct.stderr, f"-W forwards: {direct}")
    for options in (["-R", f"{free_port()}:127.0.0.1:1"], ["-w", "0:0"]):
        result = subprocess.run(
            gate.command("anna", options=["-N", "-o", "ExitOnForwardFailure=yes", *options]),
            capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        expect(result.returncode != 0, f"{options} forwards: {result}")
    for kind in ("-L", "-D"):
        local = free_port()
        value = f"{local}:kittycash:8080" if kind == "-L" else str(local)
        tunnel = subprocess.Popen(
            gate.command("anna", options=["-N", kind, value]), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.5)
        proxy = ["--socks5-hostname", f"127.0.0.1:{local}"] if kind == "-D" else []
        url = "http://kittycash:8080/" if kind == "-D" else f"http://127.0.0.1:{local}/"
        result = subprocess.run(["curl", "-sS", "-m", "5", *proxy, url], capture_output=True, timeout=30)
        expect(result.returncode != 0 and not result.stdout, f"{kind} forwards: {result}")
        tunnel.kill()
        tunnel.wait()
    for option in ("-A", "-X"):
        gate.ask("anna", "groups", options=[option])
    say("no shell, no file, no forwarding, no environment: only the commands")


def check_tickets(gate):
    """A ticket in the list of processes is worthless, also for a program of the same account in the container."""
    watch = subprocess.Popen(gate.command("anna", "watch", "flat"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL)
    line = until("the client runs", gate.clients)[0]
    ticket = line.split()[-1]
    for _ in range(2):
        result = subprocess.run(["docker", "exec", gate.container, "kittycash", "ssh-session", ticket], capture_output=True, timeout=30)
        expect(result.returncode != 0, "a ticket works for another program")
    used = subprocess.run(
        ["docker", "exec", "-e", "SSH_ORIGINAL_COMMAND=groups", gate.container, "kittycash", "ssh-session", ticket],
        capture_output=True, timeout=30)
    expect(used.returncode == 5 and b"opens KittyCash once" in used.stderr, f"{used}")
    type, key = (gate.folder / "anna.pub").read_text().split()[:2]
    offered = subprocess.run(
        ["docker", "exec", gate.container, "kittycash-server", "ssh-key", type, key], capture_output=True, timeout=30)
    expect(offered.returncode != 0 and not offered.stdout, f"a key was offered by another program than sshd: {offered}")
    watch.kill()
    watch.wait()
    say("a ticket is worth nothing outside of its connection")


def check_crowd(gate):
    """200 connections at once are served or refused, and the service goes on."""
    def connect(_):
        start = time.monotonic()
        try:
            code = subprocess.run(gate.command("anna", "groups"), capture_output=True, stdin=subprocess.DEVNULL, timeout=120).returncode
        except subprocess.TimeoutExpired:
            code = None
        return code, time.monotonic() - start

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        found = list(pool.map(connect, range(200)))
    codes = [code for code, _ in found]
    expect(set(codes) <= {0, 6, 255}, f"200 connections ended with {sorted(set(map(str, codes)))}")
    expect(codes.count(0) >= 10, f"only {codes.count(0)} of 200 connections were served")
    until("all clients have ended", lambda: not gate.clients(), 30)
    expect(run("docker", "inspect", "-f", "{{.State.OOMKilled}} {{.RestartCount}}", gate.container).split() == ["false", "0"],
           "the container was killed")
    until("the service answers", lambda: subprocess.run(
        gate.command("anna", "groups"), capture_output=True, stdin=subprocess.DEVNULL).returncode == 0, 60)
    say(f"of 200 connections at once {codes.count(0)} were served, {200 - codes.count(0)} refused, the last after "
        f"{max(seconds for _, seconds in found):.0f} s")
