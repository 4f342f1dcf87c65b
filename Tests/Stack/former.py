"""An upgrade from the server of an older commit, under load. UPGRADE_FROM names the commit; its image is built once."""

import os
import re
import subprocess
import sys

from project import Load, ROOT, Stack, expect, run, say, until

sys.path.insert(0, str(ROOT / "scripts"))
from base_images import base_images

SERVER = "localhost/kittycash/kittycash:test-docker-"
# The older server needs a URL without an empty password.
OVERRIDE = """
services:
  kittycash: {environment: {REDIS_URL: "redis://redis:6379/0"}}
  worker: {environment: {REDIS_URL: "redis://redis:6379/0"}}
"""


def build(folder, commit):
    """Builds the server's image of a commit; returns its tag."""
    tag = f"former-{run('git', 'rev-parse', '--short=12', commit + '^{commit}').strip()}"
    if subprocess.run(["docker", "image", "inspect", SERVER + tag], capture_output=True).returncode:
        say(f"building the image of {commit} (this takes some minutes)")
        source = folder / "former"
        source.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", source], input=archive, check=True)
        bases = base_images(folder / "none.env")
        run("docker", "build", "--tag", SERVER + tag, *(
            part for name in ("SWIFT_IMAGE", "DEBIAN_IMAGE") for part in ("--build-arg", f"{name}={bases[name]}")), source)
    return tag


def balances(stack, token, path):
    """Returns each account's balances in each currency."""
    columns = ("name", "paid", "share", "sent", "received", "net")
    return {(row["account"], row["currency"]): [row[name] for name in columns]
            for row in stack.get(f"{path}/balances", token)["balances"] if row["paid"] or row["share"] or row["net"]}


def entries(stack, token, path):
    rows, cursor = [], ""
    while cursor is not None:
        page = stack.get(f"{path}/entries?limit=200{cursor}", token)
        rows, cursor = rows + page["items"], page.get("next") and f"&cursor={page['next']}"
    return {row["id"]: (row["number"], row["description"], row["amount"], row["currency"]) for row in rows}


def check_upgrade_from(commit, folder, images, create_group):
    """Starts a stack with the server of a commit, upgrades it as the manual says, and compares the books."""
    former, tag = build(folder, commit), re.search("^TAG=(.*)$", images, re.M)[1]
    stack = Stack("kittycash-former", folder, re.sub("^TAG=.*$", f"TAG={former}", images, flags=re.M))
    override = folder / "former.yml"
    override.write_text(OVERRIDE)
    try:
        stack.down("-v")
        say(f"starting the server of {commit}")
        run(*stack.command, "-f", override, "up", "-d", "--no-build")
        stack.wait()
        token, quiet = create_group(stack)
        payer = stack.get(quiet, token)["me"]
        for number in range(30):
            tea = {"description": f"Tea {number}", "amount": 100 + number, "payer": payer}
            stack.make("POST", f"{quiet}/expenses", tea, token)
        busy = f"/v1/groups/{stack.make('POST', '/v1/groups', {'name': 'Busy', 'currency': 'EUR'}, token)['id']}"
        stack.make("POST", f"{busy}/members", {"name": "Bob"}, token)
        before = balances(stack, token, quiet), entries(stack, token, quiet)
        stack.settings.write_text(re.sub("^TAG=.*$", f"TAG={tag}", stack.settings.read_text(), flags=re.M))
        load = Load(stack, token, busy, without_key=True)
        with load.running():
            until("the load runs", lambda: load.written > 20)
            run(ROOT / "scripts/upgrade", *stack.options)
            written = load.written
            until("the load goes on", lambda: load.written > written + 20)
        expect(not load.failures, f"{len(load.failures)} requests failed, the first: {load.failures[:3]}")
        for service in ("kittycash", "worker"):
            used = {run("docker", "inspect", "-f", "{{.Config.Image}}", one).strip() for one in stack.containers(service)}
            expect(used == {SERVER + tag}, f"{service} runs {used}")
        expect((balances(stack, token, quiet), entries(stack, token, quiet)) == before, "the quiet group is not the same")
        stored = entries(stack, token, busy)
        expect(len(stored) == load.written, f"{load.written} expenses were acknowledged, {len(stored)} are stored")
        # Compose 1.29 finds no copy with another number than 1.
        printed = stack.compose("exec", "-T", "worker", "kittycash-server", "check")
        expect("balance" in printed, printed)
        refused = subprocess.run(
            [*stack.command, "run", "--rm", "-T", "-e", "REDIS_URL=redis://redis:6379/0", "worker", "check"],
            cwd=ROOT, capture_output=True, text=True, env={**os.environ, "TAG": former})
        expect(refused.returncode != 0 and "schema version" in refused.stdout + refused.stderr, f"the older server: {refused}")
        say(f"{load.written} expenses during an upgrade from {commit}, no request failed; the books are the same")
    except BaseException:
        sys.stderr.write(stack.compose("logs", "--no-color", "--tail=40", check=False))
        raise
    finally:
        stack.compose("down", "-v", "--remove-orphans", check=False)
