"""scripts/setup on a machine that has the images: run again, with the passwords in files, and with changed passwords."""

import re
import shlex
import subprocess

from project import ROOT, Stack, expect, free_port, run, say

SECRETS = ("postgres_password", "redis_password", "secrets_key")


class Installation(Stack):
    """A Compose project whose settings scripts/setup writes."""

    def __init__(self, folder, images):
        super().__init__("kittycash-setup", folder, images)
        self.settings.unlink()
        self.secrets = folder / "secrets"
        self.command = [*self.command[:self.command.index("--env-file")], "--env-file", str(self.settings)]
        self.wanted = [
            "COMPOSE_PROJECT_NAME=kittycash-setup", f"HTTP_PUBLISH=127.0.0.1:{self.port}",
            f"POSTGRES_PUBLISH=127.0.0.1:{free_port()}", f"SECRETS_FOLDER={self.secrets}", *images.split()]

    def setup(self, *arguments, settings=None, fails=False):
        """Runs scripts/setup without a terminal; returns what it prints."""
        result = subprocess.run(
            [ROOT / "scripts/setup", "--no-build", "--settings", settings or self.settings, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expect((result.returncode != 0) == fails, f"scripts/setup ended with {result.returncode}:\n{result.stdout}")
        return result.stdout

    def everything(self):
        """Returns what a second run must not change."""
        users = self.compose("exec", "-T", "kittycash", "kittycash-server", "user", "list", "--json")
        return self.settings.read_bytes(), sorted(self.compose("ps", "-q").split()), users

    def document(self, title, number):
        """Runs a block of a section of the operator's manual, as written, on this project."""
        section = (ROOT / "docs/operations.md").read_text().split(f"\n### {title}\n")[1].split("\n## ")[0]
        lines = section.split("```sh\n")[1 + number].split("```")[0]
        expect("docker compose" in lines, f"\"{title}\" does not use the stack:\n{lines}")
        for written, here in (("docker compose", shlex.join(self.command)), (" .env", f" {self.settings}"),
                              ("secrets/", f"{self.secrets}/")):
            lines = lines.replace(written, here)
        run("bash", "-euo", "pipefail", "-c", lines)
        self.wait()

    def accepts(self, password):
        """Returns True when the database accepts a password from the network of the containers."""
        return subprocess.run(
            ["docker", "exec", "-e", f"PGPASSWORD={password}", self.containers("db")[0],
             "psql", "-h", "db", "-U", "kitty", "-c", "select 1", "kitty"], capture_output=True).returncode == 0


def setting(stack, name):
    return re.findall(f"^{name}=(.*)$", stack.settings.read_text(), re.M)[-1]


def sign_in(stack, password):
    return stack.make("POST", "/v1/sessions", {"name": "anna", "password": password})["token"]


def check_first_run(stack):
    """Returns the password of the first account."""
    options = [part for value in stack.wanted for part in ("--set", value)]
    words = stack.setup(*options, fails=True)
    expect("--name NAME" in words and not stack.settings.exists(), f"without a name:\n{words}")
    words = stack.setup(*options, "--name", "anna")
    expect(stack.settings.stat().st_mode & 0o777 == 0o600, "others can read the settings")
    password = re.search(r"Added anna, with the password (\S+)", words)
    invite = re.search(r"The first invite, for one sign-up: (\S+)", words)
    expect(password and invite and f"  kittycash --server http://127.0.0.1:{stack.port}\n" in words, words)
    made = [setting(stack, name.upper()) for name in SECRETS]
    expect(all(re.fullmatch("[0-9a-f]{64}", value) for value in made) and len(set(made)) == 3, f"the passwords are {made}")
    sign_in(stack, password[1])
    bob = {"name": "bob", "password": "a long password"}
    expect(stack.ask("POST", "/v1/users", bob)[0] == 403, "one can sign up without an invite")
    stack.make("POST", "/v1/users", {**bob, "invite": invite[1]})
    status, headers, page = stack.ask("GET", "/", accept="text/html")
    expect(status == 200 and headers["Content-Type"].startswith("text/html"), f"GET / for a browser: {status}")
    expect(f"kittycash --server http://127.0.0.1:{stack.port}" in page.decode() and b"needs an invite" in page, page)
    return password[1]


def check_second_run(stack):
    before = stack.everything()
    words = stack.setup()
    expect(stack.everything() == before and "nothing was changed" in words, f"a second run changed something:\n{words}")


def check_lost_settings(stack, folder):
    """New passwords for old data would stop the server."""
    before = stack.everything()
    words = stack.setup("--set", "COMPOSE_PROJECT_NAME=kittycash-setup", "--name", "carl",
                        settings=folder / "lost.env", fails=True)
    expect("data of an earlier installation" in words and stack.everything() == before, words)


def check_secrets(stack, password):
    """Moves the passwords into files: no container has one in its environment, and Compose prints none."""
    values = [setting(stack, name.upper()) for name in SECRETS]
    stack.setup("--secrets")
    stack.wait()
    expect([(stack.secrets / name).read_text() for name in SECRETS] == values, "the passwords were not moved")
    expect(stack.secrets.stat().st_mode & 0o777 == 0o700, "others can read the folder of the secrets")
    containers = stack.compose("ps", "-q").split()
    expect(len(containers) == 5, f"{len(containers)} containers run")
    shown = run("docker", "inspect", *containers) + stack.compose("config") + stack.settings.read_text()
    for container in containers:
        shown += run("docker", "top", container, "-eo", "pid,args")
    for name, value in zip(SECRETS, values):
        expect(value not in shown, f"{name} is shown")
    sign_in(stack, password)
    check_second_run(stack)


def check_installation(folder, images):
    """Runs scripts/setup as a person would; the project is removed at the end."""
    say("scripts/setup, and passwords in files")
    stack = Installation(folder, images)
    try:
        password = check_first_run(stack)
        check_second_run(stack)
        check_lost_settings(stack, folder)
        old = setting(stack, "POSTGRES_PASSWORD")
        stack.document("Changed passwords", 0)
        new = setting(stack, "POSTGRES_PASSWORD")
        expect(old != new and stack.accepts(new) and not stack.accepts(old), "the password of the database is the old one")
        sign_in(stack, password)
        check_secrets(stack, password)
        stack.document("Changed passwords", 1)
        new, old = (stack.secrets / "postgres_password").read_text().strip(), new
        expect(old != new and stack.accepts(new) and not stack.accepts(old), "the password of the database is the old one")
        sign_in(stack, password)
        answer = run("docker", "exec", stack.containers("redis")[0], "redis-cli", "ping")
        expect("NOAUTH" in answer, f"Redis answers without a password: {answer}")
        say("scripts/setup made an installation; its passwords were changed, and are in no environment")
    finally:
        if stack.settings.exists():
            stack.compose("down", "-v", "--remove-orphans", check=False)
