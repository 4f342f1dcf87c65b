"""The images as they are released: their labels, their parts, and the number of copies that .env names."""

import json
import re
import time

from project import ROOT, SERVICES, expect, run, say, until
from spdx import faults

VERSION = re.search(r'version = "(.*)"', (ROOT / "Sources/KittyShared/Values/KittyCash.swift").read_text())[1]
# A package that must be in each image, by the name of the image.
PARTS = {"kittycash": ["libpq5", "swift-nio", "grdb.swift", "vips", "swift"], "kittycash_db": ["postgresql"],
         "kittycash_redis": ["redis"], "kittycash_nginx": ["nginx"], "kittycash_ssh": ["openssh-server", "swift-argument-parser"]}


def check_images(folder, tag):
    """Checks the labels of the images, and the documents that were written with them."""
    base = "org.opencontainers.image."
    for name, parts in PARTS.items():
        image = f"localhost/kittycash/{name}:test-docker-{tag}"
        labels = json.loads(run("docker", "image", "inspect", "-f", "{{json .Config.Labels}}", image))
        expect(labels[base + "version"] == VERSION and labels[base + "title"] == name, f"{image} has the labels {labels}")
        needed = {base + key for key in ("created", "licenses", "base.name", "description")}
        expect(needed <= set(labels), f"{image} has the labels {labels}")
        document = json.loads((folder / f"{name}-test-docker-{tag}.spdx.json").read_text())
        expect(not faults(document), f"the SBOM of {image} is wrong: {faults(document)[:5]}")
        packages = {package["name"]: package for package in document["packages"]}
        for part in parts:
            found = [package for known, package in packages.items() if known == part or known.startswith(part + "-")]
            expect(found and found[0]["versionInfo"], f"{part} is not in the SBOM of {image}: {sorted(packages)}")
        unknown = [
            package["name"] for package in document["packages"] if package["name"].startswith("swift-")
            and package["licenseDeclared"] == "NOASSERTION"]
        expect(not unknown, f"no licence is known of {unknown}")
        say(f"{name}: {len(packages) - 1} parts in its SBOM")
    printed = run("docker", "run", "--rm", "--network", "none", f"localhost/kittycash/kittycash:test-docker-{tag}", "--version")
    expect(printed.strip() == VERSION, f"--version of the image prints {printed}")


def check_start(stack):
    """Starts a stack without volumes, and says how long it takes until it is healthy."""
    began = time.monotonic()
    stack.compose("up", "-d", "--no-build")
    containers = run("docker", "ps", "-q", "--filter", f"label=com.docker.compose.project={stack.name}").split()
    expect(len(containers) == len(SERVICES), f"{len(containers)} containers run")
    until("the stack is healthy", lambda: set(
        run("docker", "inspect", "-f", "{{.State.Health.Status}}", *containers).split()) == {"healthy"})
    took = time.monotonic() - began
    stack.wait()
    say(f"healthy {took:.1f} s after `up`, from nothing")
    # On a busy machine; docs/operations.md has the time of an idle one.
    expect(took < 60, f"it took {took:.1f} s until the stack was healthy")


def check_copies(stack):
    """Checks that a plain `up` makes the number of copies in .env, and keeps it."""
    text = stack.settings.read_text()
    stack.settings.write_text(f"{text}COPIES=2\n")
    for arguments in (["--no-recreate"], []):
        stack.up(*arguments)
        expect(len(stack.containers("kittycash")) == 2, f"{len(stack.containers('kittycash'))} copies run, .env says 2")
    stack.settings.write_text(text)
    stack.up()
    expect(len(stack.containers("kittycash")) == 1, "without COPIES one copy must run")
