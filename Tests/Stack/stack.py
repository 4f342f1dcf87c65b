"""Builds the images of the stack, runs it with Docker Compose, and uses it through nginx, as users do.

    stack.py FOLDER

The project has its own name and ports, listens on the loopback only, and is removed at the end with its volumes. KEEP=1
keeps it running. The images stay, so that the next run is quick. RESTART_ENGINE is a command that restarts the Docker
engine, with everything that runs on it, such as `systemctl restart docker`; without it that test is skipped.
With UPGRADE_FROM=COMMIT it only upgrades from the server of that commit, under load.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
import uuid

from cloudwatch import check_agent, check_awslogs
from documents import check_documents
from faults import check_engine, check_fallback, check_restarts
from former import check_upgrade_from
from installation import check_installation
from project import Load, ROOT, Stack, expect, health, run, say, until
from release import check_copies, check_images, check_start
from ssh import check_ssh, settings as ssh_settings
from tls import check_tls

FOLDER = pathlib.Path(sys.argv[1])
TAG = "stack"
# The image of the server, without its version.
SERVER = "localhost/kittycash/kittycash:test-docker-"
# The maximum size of the server's image. Reading HEIC and AVIF takes 26 MB of it: libheif loads encoders too.
MAX_IMAGE_BYTES = 220_000_000


def build():
    """Builds the images; returns the lines of the settings that name them."""
    say("building the images (the first time takes some minutes)")
    settings = FOLDER / "images.env"
    settings.touch()
    run(ROOT / "build_and_push.py", "--env", "test-docker", "--registry", "docker", "--build", "--service", "all", "ssh", "--tag", TAG,
        "--settings", settings, "--sbom", FOLDER / "sbom")
    check_images(FOLDER / "sbom", TAG)
    size = int(run("docker", "image", "inspect", "-f", "{{.Size}}", SERVER + TAG))
    say(f"the server's image has {size / 1e6:.0f} MB")
    expect(size < MAX_IMAGE_BYTES, f"the server's image has {size / 1e6:.0f} MB")
    return settings.read_text()


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
    for service in ("kittycash", "worker", "db", "redis", "nginx"):
        for container in stack.containers(service):
            lines = run("docker", "top", container, "-eo", "pid,uid,args").splitlines()[1:]
            # The health check of the database starts as its image does.
            users = {line.split()[1] for line in lines if "pg_isready" not in line}
            expect(users and "0" not in users, f"{service} runs as {users}")
            expect(subprocess.run(["docker", "exec", container, "touch", "/x"], capture_output=True).returncode != 0,
                   f"the root file system of {service} is writable")
    container = stack.containers("kittycash")[0]
    expect(run("docker", "exec", container, "stat", "-c", "%a", "/data/photos").strip() == "750", "the folder of photos must have mode 750")


def check_address(stack, is_proxy):
    """Checks whose address the server sees behind this machine, as a proxy that REAL_IP_FROM names or as any client."""
    request = f"address-{uuid.uuid4()}"
    stack.ask("GET", "/v1/me", X_Forwarded_For="203.0.113.7", X_Request_Id=request)
    log = lambda: [line for line in run("docker", "logs", stack.containers("kittycash")[0]).splitlines() if request in line]
    client = json.loads(until("the request is in the log", log)[0])["client"]
    expect((client == "203.0.113.7") == is_proxy, f"the server sees {client} behind nginx")


def check_redis(stack):
    """Checks that Redis carries invalidations between the servers, and counts sign-ups."""
    container = stack.containers("redis")[0]
    listeners = run("docker", "exec", container, "redis-cli", "pubsub", "numsub", "kittycash:outdated").split()
    expect(int(listeners[-1]) >= 1, f"no server subscribes to invalidations in Redis: {listeners}")
    expect("signup" in run("docker", "exec", container, "redis-cli", "--scan"), "Redis has no counter of sign-ups")


def number_of_entries(stack, token, path):
    count, cursor = 0, ""
    while cursor is not None:
        page = stack.get(f"{path}/entries?limit=200{cursor}", token)
        count, cursor = count + len(page["items"]), page.get("next") and f"&cursor={page['next']}"
    return count


def check_rolling_restart(stack, token, path):
    say("three servers, restarted one by one under load")
    before = number_of_entries(stack, token, path)
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
    stored = number_of_entries(stack, token, path) - before
    expect(stored == load.written, f"{load.written} expenses were acknowledged, {stored} are stored")
    # A session that ends on one server ends on all servers.
    other = stack.make("POST", "/v1/sessions", {"name": "anna", "password": "a long password"})["token"]
    for _ in range(12):
        stack.get("/v1/me", other)
    expect(stack.ask("DELETE", "/v1/sessions/current", token=other)[0] == 204, "DELETE of the session failed")
    time.sleep(1)
    expect({stack.ask("GET", "/v1/me", token=other)[0] for _ in range(12)} == {401}, "a server still accepts an ended session")
    say(f"{load.written} expenses while three servers were restarted, no request failed")
    stack.up("--scale", "kittycash=1", "--no-recreate")


def check_upgrade(stack, token, path):
    """Upgrades as the manual says, with the same server under another tag. No request may fail, with a key or without."""
    say("an upgrade under load")
    before, tag = number_of_entries(stack, token, path), f"{TAG}-next"
    run("docker", "tag", SERVER + TAG, SERVER + tag)
    stack.settings.write_text(re.sub("^TAG=.*$", f"TAG={tag}", stack.settings.read_text(), flags=re.M))
    others = [container for service in ("db", "redis", "nginx") for container in stack.containers(service)]
    load = Load(stack, token, path, without_key=True)
    with load.running():
        run(ROOT / "scripts/upgrade", *stack.options)
        time.sleep(2)
    expect(not load.failures, f"{len(load.failures)} requests failed, the first: {load.failures[:3]}")
    stored = number_of_entries(stack, token, path) - before
    expect(load.written > 20 and stored == load.written, f"{load.written} expenses were acknowledged, {stored} are stored")
    for service in ("kittycash", "worker"):
        images = {run("docker", "inspect", "-f", "{{.Config.Image}}", container).strip() for container in stack.containers(service)}
        expect(images == {SERVER + tag}, f"{service} runs {images}")
    expect(others == [container for service in ("db", "redis", "nginx") for container in stack.containers(service)],
           "the upgrade replaced a container that has no new image")
    say(f"{load.written} expenses during an upgrade, no request failed")


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
    images = build()
    if os.environ.get("UPGRADE_FROM"):
        return check_upgrade_from(os.environ["UPGRADE_FROM"], FOLDER, images, create_group)
    check_installation(FOLDER, images)
    ssh_port, lines = ssh_settings()
    first = Stack("kittycash-test", FOLDER, images, lines)
    # The second one is behind a proxy on this machine.
    second = Stack("kittycash-restored", FOLDER, images, "REAL_IP_FROM=172.16.0.0/12,192.168.0.0/16\n")
    first.compose("config", "-q")
    try:
        first.down("-v")
        say("starting")
        check_start(first)
        token, path = create_group(first)
        check_privileges(first)
        check_redis(first)
        check_address(first, is_proxy=False)
        check_ssh(first, ssh_port, FOLDER / "ssh")
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
        expect(snapshot(first, token, path) == before, "the group is not the same after a new start")

        def same(when):
            expect(snapshot(first, token, path) == before, f"the group is not the same {when}")

        say("every container restarted and killed")
        check_restarts(first, same)
        check_engine(first, same)
        check_rolling_restart(first, token, path)
        check_upgrade(first, token, path)
        check_copies(first)
        say("a backup, restored into a second stack beside the first")
        before = snapshot(first, token, path)
        file = backup(first)
        restore(second, file)
        expect(snapshot(second, token, path) == before, "the restored group is not the one that was backed up")
        check_address(second, is_proxy=True)
        printed = second.compose("exec", "-T", "kittycash", "kittycash-server", "check")
        expect("balance" in printed, printed)
        say("the files for CloudWatch")
        check_awslogs(second)
        check_agent(second)
        check_tls(second, FOLDER, token)
        second.down("-v")
        check_documents(FOLDER, images, create_group, snapshot)
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
