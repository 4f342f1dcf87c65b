"""TLS in front of the stack: by its own nginx with a certificate of the operator, and by Caddy."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import uuid

from project import ROOT, expect, free_port, run, say, until

NAME = "kitty.example.org"
SPOOFED = "203.0.113.7"
# The image of Caddy when none is named: the program of Debian's package.
STAND_IN = "localhost/kittycash-test/caddy"


def settings(stack, **values):
    """Replaces lines of the settings."""
    lines = [line for line in stack.settings.read_text().splitlines() if line.split("=")[0] not in values]
    stack.settings.write_text("\n".join(lines + [f"{name}={value}" for name, value in values.items()]) + "\n")


def override(stack, kind):
    """Lets Compose read another file beside docker-compose.yml, in place of an earlier one."""
    base = stack.command[:stack.command.index(str(ROOT / "docker-compose.yml")) + 1]
    stack.command = base + ["-f", str(ROOT / f"docker-compose.{kind}.yml")]


def hold(connection):
    """Sends a request without its body."""
    connection.sendall(
        f"POST /v1/users HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n".encode())


class Front:
    """One way to reach the stack with TLS, by the name of its certificate."""

    def __init__(self, stack, ca, port, plain):
        self.stack, self.ca, self.port, self.plain = stack, ca, port, plain
        self.url = f"https://{NAME}:{port}"

    def curl(self, path, *arguments, check=True):
        return run(
            "curl", "-sS", "-m", "20", "--cacert", self.ca, "--resolve", f"{NAME}:{self.port}:127.0.0.1",
            "--resolve", f"{NAME}:{self.plain}:127.0.0.1", *arguments, path if "://" in path else self.url + path, check=check)

    def connect(self, version=None):
        context = ssl.create_default_context(cafile=self.ca)
        if version:
            context.minimum_version = context.maximum_version = version
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 20), server_hostname=NAME)

    def serial(self):
        try:
            with self.connect() as connection:
                return connection.getpeercert()["serialNumber"]
        except OSError:
            return None

    def client(self, ask):
        """Returns the address that the server sees of a request with a false X-Forwarded-For, sent by `ask`."""
        request = f"address-{uuid.uuid4()}"
        ask("/v1/me", "-H", f"X-Forwarded-For: {SPOOFED}", "-H", f"X-Real-IP: {SPOOFED}", "-H", f"X-Request-Id: {request}")
        log = lambda: [
            line for copy in self.stack.containers("kittycash") for line in run("docker", "logs", copy).splitlines() if request in line]
        return json.loads(until("the request is in the log", log)[0])["client"]

    def check(self):
        """Checks what both ways have in common."""
        head = self.curl("/v1/me", "-D", "-", "-o", "/dev/null", "-w", "%{http_version}").lower()
        expect(head.startswith("http/2 401") and head.endswith("2"), f"HTTP/2 is not negotiated: {head}")
        expect(head.count("strict-transport-security: max-age=31536000") == 1, f"HSTS with TLS: {head}")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.connect(version).close()
        head = self.curl(f"http://{NAME}:{self.plain}/about?a=b", "-D", "-", "-o", "/dev/null").lower()
        expect(re.match(r"http/1.1 308 ", head) and f"location: https://{NAME}" in head and "/about?a=b" in head, f"redirect: {head}")
        expect("strict-transport-security" not in head, f"HSTS without TLS: {head}")
        seen = self.client(self.curl)
        expect(seen != SPOOFED, f"a client can choose its address with X-Forwarded-For: the server sees {seen}")
        return seen


def certificate(folder, ca, user, image):
    """Makes a certificate and installs it as the manual says, after certbot has renewed it. Its key belongs to `user`.

    Returns its serial number.
    """
    lineage = folder / "lineage"
    lineage.mkdir(exist_ok=True)
    (lineage / "names").write_text(f"subjectAltName=DNS:{NAME},DNS:localhost,IP:127.0.0.1\n")
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={NAME}",
        "-keyout", lineage / "privkey.pem", "-out", lineage / "request.pem")
    run("openssl", "x509", "-req", "-in", lineage / "request.pem", "-CA", ca, "-CAkey", ca.with_suffix(".key"), "-CAcreateserial",
        "-days", "2", "-extfile", lineage / "names", "-out", lineage / "fullchain.pem")
    manual = (ROOT / "docs/operations.md").read_text()
    hook, = re.findall(r"renewal-hooks/deploy/kittycash <<'END'\n(.*?)\nEND\n", manual, re.S)
    expect("-o 101 " in hook, f"the hook gives the key to another user than 101: {hook}")
    run("docker", "run", "--rm", "-i", "-u", "0", "-v", f"{folder / 'tls'}:/etc/kittycash/tls", "-v", f"{lineage}:/lineage:ro",
        "-e", "RENEWED_LINEAGE=/lineage", "--entrypoint", "sh", image, input=hook.replace("-o 101 ", f"-o {user} "))
    return run("openssl", "x509", "-in", lineage / "fullchain.pem", "-noout", "-serial").strip().removeprefix("serial=")


def check_own(stack, folder):
    """Checks nginx with a certificate of the operator: before there is one, with it, and when it is renewed."""
    say("TLS by the stack's own nginx")
    image = run("docker", "inspect", "-f", "{{.Config.Image}}", stack.containers("nginx")[0]).strip()
    user = run("docker", "exec", stack.containers("nginx")[0], "id", "-u").strip()
    ca = folder / "ca.pem"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=Test authority", "-keyout", ca.with_suffix(".key"), "-out", ca)
    challenge = folder / "tls/acme/.well-known/acme-challenge"
    challenge.mkdir(parents=True)
    (challenge / "token").write_text("answer")
    folder.chmod(0o755)
    front = Front(stack, ca, free_port(), stack.port)
    settings(stack, REAL_IP_FROM="", TLS_FOLDER=folder / "tls", HTTPS_PUBLISH=f"127.0.0.1:{front.port}")
    override(stack, "tls")
    stack.compose("up", "-d", "--no-build", "--no-deps", "nginx")
    # The way of certbot to the first certificate.
    until("nginx answers challenges", lambda: stack.ask("GET", "/.well-known/acme-challenge/token")[2] == b"answer")
    status, _, body = stack.ask("GET", "/v1/me")
    expect(status == 403 and b"https_required" in body, f"the API without TLS: {status} {body}")
    expect(front.serial() is None, "nginx has TLS without a certificate")
    first = certificate(folder, ca, user, image)
    until("nginx has the certificate", lambda: front.serial() == first)
    seen = front.check()
    expect(front.curl("/health/ready", "-o", "/dev/null", "-w", "%{http_code}") == "200", "the server is not ready behind TLS")
    status, answered, _ = stack.ask("GET", "/health/nginx")
    expect(status == 200, f"the health check of nginx: {status}")
    with front.connect() as held:
        hold(held)
        second = certificate(folder, ca, user, image)
        until("nginx has the renewed certificate", lambda: front.serial() == second)
        held.sendall(b"x" * 50)
        expect(held.recv(4096).startswith(b"HTTP/1.1 400"), "the renewal broke a request")
    # A key that nginx may not read, and one of another certificate.
    certificate(folder, ca, "0", image)
    log = lambda: subprocess.run(["docker", "logs", stack.containers("nginx")[0]], capture_output=True, text=True).stderr
    until("nginx keeps the last certificate", lambda: "cannot read privkey.pem" in log() and "the last certificate stays" in log())
    (folder / "tls/fullchain.pem").unlink()
    shutil.copy(ca, folder / "tls/fullchain.pem")
    run("docker", "run", "--rm", "-u", "0", "-v", f"{folder / 'tls'}:/tls", "--entrypoint", "chown", image, user, "/tls/privkey.pem")
    until("nginx refuses the key of another certificate", lambda: "key values mismatch" in log())
    expect(front.serial() == second, "a broken certificate has replaced the last one")
    say(f"a certificate before, with and after its renewal; a client is {seen}, whatever it claims")
    return front


def check_client(front, token):
    """Checks the terminal client with the authority of the test, and without it."""
    programs = [ROOT / f".build/{kind}/kittycash" for kind in ("release", "debug")]
    # The newest: the other may be of an earlier version.
    program = max((path for path in programs if path.exists()), key=lambda path: path.stat().st_mtime, default=None)
    if program is None:
        say("SKIPPED: the terminal client with TLS: it is not built")
        return
    url = f"https://127.0.0.1:{front.port}"
    environment = {**os.environ, "KITTYCASH_TOKEN": token, "KITTYCASH_SERVER": url}
    for name in ("KITTYCASH_CA", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"):
        environment.pop(name, None)
    expect("Flat 12" in run(program, "groups", "--plain", "--ca", front.ca, env=environment), "kittycash --ca lists no group")
    expect("Flat 12" in run(program, "groups", "--plain", env={**environment, "SSL_CERT_FILE": str(front.ca)}), "SSL_CERT_FILE")
    refused = subprocess.run([program, "groups"], capture_output=True, text=True, env=environment)
    expect(refused.returncode == 6 and "--ca FILE" in refused.stderr, f"without --ca: {refused.returncode} {refused.stderr}")


def caddy_image():
    """Returns an image of Caddy: that of CADDY_IMAGE, or Debian's program in an image of this test."""
    if os.environ.get("CADDY_IMAGE"):
        return os.environ["CADDY_IMAGE"]
    if subprocess.run(["docker", "image", "inspect", STAND_IN], capture_output=True).returncode:
        say("an image of Debian's Caddy")
        run("docker", "build", "-q", "-t", STAND_IN, "-", input=f"""
FROM {os.environ.get("DEBIAN_IMAGE", "debian:bookworm-slim")}
RUN apt-get update && apt-get install -y --no-install-recommends caddy libcap2-bin && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /config /data /etc/caddy && setcap cap_net_bind_service=+ep /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
""")
    return STAND_IN


def check_caddy(stack, folder):
    """Checks Caddy in front of nginx, with a certificate of its own authority."""
    say("TLS by Caddy in front of nginx")
    front = Front(stack, folder / "caddy.pem", free_port(), free_port())
    settings(stack, DOMAIN=NAME, CADDY_TLS="'tls internal'", CADDY_IMAGE=caddy_image(), REAL_IP_FROM="caddy",
             HTTPS_PUBLISH=f"127.0.0.1:{front.port}", REDIRECT_PUBLISH=f"127.0.0.1:{front.plain}")
    override(stack, "caddy")
    stack.compose("up", "-d", "--no-build", "--no-deps", "nginx", "caddy")
    caddy, = stack.containers("caddy")
    root = lambda: run("docker", "exec", caddy, "cat", "/data/caddy/pki/authorities/local/root.crt", check=False)
    front.ca.write_text(until("Caddy has an authority", root))
    address = run("docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", caddy).strip()
    until("Caddy has a certificate, and nginx reaches a server",
          lambda: front.curl("/health/ready", "-o", "/dev/null", "-w", "%{http_code}", check=False) == "200")
    until("nginx knows the address of Caddy", lambda: front.client(front.curl) != address)
    seen = front.check()
    expect(seen != address, f"the server sees Caddy ({address}) instead of its clients")
    # Another client, in a container of its own.
    with neighbour(stack, front) as (ask, other):
        expect(front.client(ask) == other, f"the server does not see {other}, a client behind Caddy")
        check_held(front, ask)
    say(f"Caddy: clients are {seen} and {other}, whatever they claim; 300 requests of one do not stop the other")


@contextlib.contextmanager
def neighbour(stack, front):
    """Runs a container in the network of the stack, which asks Caddy; yields its curl and its address."""
    image = run("docker", "inspect", "-f", "{{.Config.Image}}", stack.containers("nginx")[0]).strip()
    name = f"{stack.name}-neighbour"
    run("docker", "run", "-d", "--rm", "--name", name, "--network", f"{stack.name}_cool_network", "--entrypoint", "sleep", image, "300")
    try:
        run("docker", "cp", front.ca, f"{name}:/tmp/ca.pem")
        caddy = run("docker", "exec", name, "getent", "ahostsv4", "caddy").split()[0]
        address = run("docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name).strip()

        def ask(path, *arguments):
            return run("docker", "exec", name, "curl", "-sS", "-m", "20", "--cacert", "/tmp/ca.pem", "--resolve",
                       f"{NAME}:443:{caddy}", *arguments, f"https://{NAME}{path}")

        yield ask, address
    finally:
        run("docker", "rm", "-f", name, check=False)


def check_held(front, ask):
    """Holds 300 requests of one client: it has reached its limit, another client has not."""
    held = []
    try:
        for _ in range(300):
            held.append(front.connect())
            hold(held[-1])
        status = lambda send: send("/v1/me", "-o", "/dev/null", "-w", "%{http_code}")
        until("the client has reached its limit", lambda: status(front.curl) == "429", seconds=10)
        expect(status(ask) == "401", "a client is refused because of another one behind the same proxy")
    finally:
        for connection in held:
            connection.close()


def check_tls(stack, folder, token):
    """Checks both ways. The containers of the stack stay those of the last one."""
    folder = pathlib.Path(folder) / "tls-test"
    folder.mkdir()
    try:
        front = check_own(stack, folder)
        check_client(front, token)
        check_caddy(stack, folder)
    finally:
        # The key belongs to the user of nginx.
        shutil.rmtree(folder, ignore_errors=True)
