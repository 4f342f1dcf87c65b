#!/usr/bin/env python3
"""Builds the images of the stack, and pushes them to a registry.

    ./build_and_push.py --env test-docker --registry docker --build --service all
    ./build_and_push.py --env prod --registry ecr --build --push --service kittycash nginx --tag 1.2.0
    ./build_and_push.py --env test-docker --registry ghcr.io/team --build --push --platform linux/amd64,linux/arm64
    ./build_and_push.py --pin

The names of the new images are written into .env, if there is one, so that every later `docker compose` uses them.
The base images are in base-images.yml; variables and lines of .env with their names are used instead.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.parse

ROOT = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
sys.dont_write_bytecode = True

from base_images import answer, base_images, pin, qualified

# The services, and the folder of each build.
SERVICES = {
    "kittycash": ".", "worker": ".", "db": "postgres", "redis": "redis", "nginx": "nginx", "ssh": ".", "cloudwatch": "cloudwatch"}
# Services that only some installations run: `all` leaves them out.
OPTIONAL = ["ssh", "cloudwatch"]
# The folder with the files of a build, where it is not the folder of the Dockerfile.
CONTEXTS = {"cloudwatch": "."}
# The stage of a Dockerfile that makes the image, where it is not the last one.
TARGETS = {"kittycash_ssh": "ssh"}
# The variable of docker-compose.yml with the tag of each image: a new server does not replace the database.
TAGS = {
    "kittycash": "TAG", "worker": "TAG", "db": "DB_TAG", "redis": "REDIS_TAG", "nginx": "NGINX_TAG",
    "ssh": "SSH_TAG", "cloudwatch": "CLOUDWATCH_TAG"}
# The base image of each image, and its description.
BASES = {"kittycash": "DEBIAN_IMAGE", "kittycash_db": "POSTGRES_IMAGE", "kittycash_redis": "REDIS_IMAGE",
         "kittycash_nginx": "NGINX_IMAGE", "kittycash_ssh": "DEBIAN_IMAGE", "kittycash_cloudwatch": "DEBIAN_IMAGE"}
DESCRIPTIONS = {
    "kittycash": "The API server and the worker of KittyCash: shared money for a group, run from a terminal.",
    "kittycash_db": "PostgreSQL, as the stack of KittyCash uses it.",
    "kittycash_redis": "Redis, as the stack of KittyCash uses it.",
    "kittycash_nginx": "nginx with the configuration and the fallback page of KittyCash.",
    "kittycash_ssh": "sshd with the terminal client of KittyCash, for users who only have ssh.",
    "kittycash_cloudwatch": "The Amazon CloudWatch agent with the configuration of KittyCash."}
# The platforms of the base images.
PLATFORMS = ["linux/amd64", "linux/arm64"]
VERSION = os.path.join("Sources", "KittyShared", "Values", "KittyCash.swift")


def image_name(service):
    """Returns the name of an image: `kittycash` for the server and its worker, `kittycash_db` and so on for the others."""
    return "kittycash" if service in ("kittycash", "worker") else f"kittycash_{service}"


def compose():
    """Returns the command of Docker Compose on this machine: a plugin of docker, or a separate program."""
    try:
        if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
            return "docker compose"
    except FileNotFoundError:
        pass
    return "docker-compose" if shutil.which("docker-compose") else "docker compose"


def run(command, dry, **options):
    print("+ " + shlex.join(command), flush=True)
    if not dry:
        try:
            return subprocess.run(command, check=True, cwd=ROOT, **options)
        except FileNotFoundError:
            sys.exit(f"{command[0]} is not installed, or not in PATH.")
        except subprocess.CalledProcessError as error:
            sys.exit(f"{command[0]} ended with {error.returncode}; nothing after it was done.")


def program_version():
    """Returns the version of the programs, such as 0.2.0."""
    with open(os.path.join(ROOT, VERSION), encoding="utf-8") as file:
        found = re.search(r'version = "(\d+\.\d+\.\d+)"', file.read())
    return found[1] if found else sys.exit(f"{VERSION} has no version.")


def described():
    """Returns the version from git, as a valid tag of an image: 0.2.0 for the commit with the tag v0.2.0."""
    text = answer("git", "describe", "--tags", "--always", "--dirty")
    if not text:
        sys.exit("git describe does not say which version this is: name it with --tag.")
    version = program_version()
    releases = re.findall(r"^v(\d+\.\d+\.\d+)$", answer("git", "tag", "--points-at", "HEAD") or "", re.M)
    if releases and not text.endswith("-dirty"):
        if version not in releases:
            sys.exit(f"This commit has the tag v{releases[0]}, but {VERSION} says {version}: change one of them, or use --tag.")
        return version
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text)


def labels(name, base):
    """Returns the labels of an image: https://github.com/opencontainers/image-spec/blob/main/annotations.md"""
    base, _, base_digest = base.partition("@")
    revision = answer("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    created = os.environ.get("SOURCE_DATE_EPOCH")
    if created and not created.isdigit():
        sys.exit("SOURCE_DATE_EPOCH must be a number of seconds.")
    # The time of the commit, so that building it again makes the same image.
    if not created and revision and not revision.endswith("-dirty"):
        created = answer("git", "log", "-1", "--format=%ct")
    source = urllib.parse.urlsplit(os.environ.get("IMAGE_SOURCE") or answer("git", "remote", "get-url", "origin") or "")
    # An address may contain a password.
    where = source.hostname and source.hostname + (f":{source.port}" if source.port else "")
    found = {
        "title": name, "description": DESCRIPTIONS[name], "version": program_version(), "revision": revision,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(created or time.time()))),
        "source": f"https://{where}{source.path.removesuffix('.git')}" if source.scheme == "https" and where else None,
        # Of the files of this project. An SBOM names the others.
        "licenses": "Apache-2.0", "base.name": qualified(base), "base.digest": base_digest}
    return {f"org.opencontainers.image.{key}": value for key, value in found.items() if value}


def build(image, folder, platforms, push, build_arguments, dry):
    """Builds an image; for another platform than that of the engine, or for several, with buildx, which pushes it too.

    Returns True if it is pushed.
    """
    dockerfile = os.path.normpath(os.path.join(folder, "Dockerfile"))
    with open(os.path.join(ROOT, dockerfile), encoding="utf-8") as file:
        known = set(re.findall(r"^ARG (\w+)", file.read(), re.M))
    name = image.split("/")[-1].split(":")[0]
    options = [
        part for key, value in sorted(build_arguments.items()) if key in known for part in ("--build-arg", f"{key}={value}")]
    options += [
        part for key, value in labels(name, build_arguments[BASES[name]]).items() for part in ("--label", f"{key}={value}")]
    if name in TARGETS:
        options += ["--target", TARGETS[name]]
    options = ["--tag", image, "--file", dockerfile, *options, CONTEXTS.get(folder, folder)]
    if not platforms or platforms == [answer("docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}")]:
        # `docker build` instead of compose, which is a plugin on some machines and a program on others.
        run(["docker", "build", *options], dry)
        return False
    if not dry and answer("docker", "buildx", "version") is None:
        sys.exit("docker buildx is missing, which builds for other platforms: install it, or leave out --platform.")
    run(["docker", "buildx", "build", "--platform", ",".join(platforms), "--push" if push else "--load", *options], dry)
    return push


def write_sboms(images, platforms, pushed, path, dry):
    """Writes the parts of each image as SPDX: into one file, or into a folder."""
    if not path.endswith(".json") and not dry:
        os.makedirs(path, exist_ok=True)
    for image in images:
        for platform in platforms or [None]:
            if image in pushed:
                # buildx pushed it past the engine, which keeps an image for one platform.
                run(["docker", "pull", "--quiet", "--platform", platform, image], dry)
            name = image.split("/")[-1].replace(":", "-") + (f"-{platform.split('/')[1]}" if platform else "")
            file = path if path.endswith(".json") else os.path.join(path, f"{name}.spdx.json")
            made = run([os.path.join(ROOT, "scripts", "sbom"), image], dry, stdout=subprocess.PIPE)
            if made:
                with open(file, "wb") as output:
                    output.write(made.stdout)
            print(f"  {file}")


def ecr(dry):
    """Signs Docker in to Amazon's registry of the current account, and returns its host."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        sys.exit("Set AWS_REGION to the region of the registry.")
    account = os.environ.get("AWS_ACCOUNT_ID")
    if not account:
        asked = run(
            ["aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text"], dry,
            capture_output=True, text=True)
        account = asked.stdout.strip() if asked else "ACCOUNT"
    host = f"{account}.dkr.ecr.{region}.amazonaws.com"
    password = run(["aws", "ecr", "get-login-password", "--region", region], dry, capture_output=True, text=True)
    run(["docker", "login", "--username", "AWS", "--password-stdin", host], dry, input=password and password.stdout,
        text=True)
    return host


def remember(path, values):
    """Writes variables into an existing file for Compose: the line of each is replaced, or added at the end."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for name, value in values.items():
        line = f"{name}={value}"
        known = [index for index, other in enumerate(lines) if re.match(rf"\s*(export\s+)?{name}\s*=", other)]
        for index in known:
            lines[index] = line
        if not known:
            lines.append(line)
    part = f"{path}.part"
    # With the mode of the file, which has a password in it, before there is anything to read.
    with open(part, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        shutil.copymode(path, part)
        file.write("\n".join(lines) + "\n")
    os.replace(part, path)


def installation():
    """Returns the name that Compose gives to the installation of a .env without COMPOSE_PROJECT_NAME: that of the folder."""
    name = os.environ.get("COMPOSE_PROJECT_NAME") or os.path.basename(ROOT)
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", help="an environment of etc/env.json")
    parser.add_argument(
        "--registry", default="docker", help="docker (the default), ecr, or a registry's host such as registry.example.org/team")
    parser.add_argument(
        "--service", nargs="+", action="extend", help=f"all (the default; not {', '.join(OPTIONAL)}), or some of: {', '.join(SERVICES)}")
    parser.add_argument("--tag", help="the version; default: that of the tag v… of this commit, or git describe")
    parser.add_argument("--build", action="store_true", help="build the images")
    parser.add_argument("--push", action="store_true", help="push them")
    parser.add_argument(
        "--platform", type=lambda text: text.split(","), default=[], metavar="PLATFORM,…",
        help=f"build for these platforms: {', '.join(PLATFORMS)}; default: that of the engine")
    parser.add_argument(
        "--sbom", metavar="FILE|FOLDER", help="write the parts of each image as SPDX: a file that ends in .json, or a folder")
    parser.add_argument("--pin", action="store_true", help="write the digests of the base images into base-images.yml")
    parser.add_argument("--dry-run", action="store_true", help="print the commands and run none")
    parser.add_argument(
        "--settings", default=os.path.join(ROOT, ".env"), help="the file for Compose that gets the names of the images")
    wanted = parser.parse_args()
    if not wanted.env and not wanted.pin:
        parser.error("--env is missing: the name of an environment of etc/env.json")
    return wanted


def need_docker(dry):
    if not dry and not shutil.which("docker"):
        sys.exit("docker is not installed, or not in PATH.")


def check_platforms(wanted, images):
    """Ends with a sentence when the platforms or the files that are wanted cannot be had."""
    unknown = [name for name in wanted.platform if name not in PLATFORMS]
    if unknown:
        sys.exit(f"There are no base images for the platform \"{unknown[0]}\". Known: {', '.join(PLATFORMS)}.")
    if wanted.platform and not wanted.build:
        sys.exit("--platform is for images that are built: add --build.")
    if len(wanted.platform) > 1 and not wanted.push:
        sys.exit("The engine keeps an image for one platform only: add --push, or name one platform.")
    number = len(images) * max(len(wanted.platform), 1)
    if wanted.sbom and wanted.sbom.endswith(".json") and number > 1:
        sys.exit(f"{wanted.sbom} is one file, and there are {number} images: name a folder, or one --service and --platform.")


def main():
    wanted = arguments()
    if wanted.pin:
        need_docker(wanted.dry_run)
        pin(wanted.dry_run)
        if not wanted.env:
            return
    with open(os.path.join(ROOT, "etc", "env.json"), encoding="utf-8") as file:
        environments = json.load(file)
    if wanted.env not in environments:
        sys.exit(f"There is no environment \"{wanted.env}\". Known: {', '.join(environments)}.")
    names = [name for word in wanted.service or ["all"] for name in word.split(",")]
    unknown = [name for name in names if name not in SERVICES and name != "all"]
    if unknown:
        sys.exit(f"There is no service \"{unknown[0]}\". Known: all, {', '.join(SERVICES)}.")
    if not wanted.build and not wanted.push and not wanted.sbom:
        sys.exit("Nothing to do: add --build, --push, --sbom or several of them.")
    tag = described() if wanted.tag is None else wanted.tag
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}", tag):
        sys.exit(f"\"{tag}\" cannot be a tag: use letters, digits, dots, dashes and underscores.")
    environment = environments[wanted.env]
    if wanted.registry == "docker":
        registry = environment["registry"]
        if wanted.push:
            sys.exit(f"{registry} is only the name of images on this machine: name a registry with --registry to push them.")
    elif wanted.registry == "ecr":
        registry = ecr(wanted.dry_run)
    elif re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*", wanted.registry):
        registry = wanted.registry
    else:
        sys.exit(f"\"{wanted.registry}\" is no registry. Known: docker, ecr, or a host such as registry.example.org/team.")
    services = [name for name in SERVICES if name in names or "all" in names and name not in OPTIONAL]
    # The server and its worker share one image.
    images = {f"{registry}/{image_name(service)}:{wanted.env}-{tag}": SERVICES[service] for service in services}
    check_platforms(wanted, images)
    need_docker(wanted.dry_run)
    pushed = set()
    if wanted.build:
        build_arguments = {**environment["arguments"], "DEPLOY": wanted.env, **base_images(wanted.settings)}
        for image, folder in images.items():
            if build(image, folder, wanted.platform, wanted.push, build_arguments, wanted.dry_run):
                pushed.add(image)
    if wanted.push:
        for image in images:
            if image not in pushed:
                run(["docker", "push", image], wanted.dry_run)
    if wanted.sbom:
        write_sboms(images, wanted.platform, pushed, os.path.abspath(wanted.sbom), wanted.dry_run)
    if not wanted.build and not wanted.push:
        return
    values = {"IMAGE_REGISTRY": registry, "ENV": wanted.env, **{TAGS[service]: tag for service in services}}
    # Only what was pushed can be pulled.
    values["PULL_POLICY"] = "if_not_present" if wanted.push else "never"
    if wanted.dry_run or not os.path.exists(wanted.settings):
        print(f"\nPut these lines into {wanted.settings}:")
    else:
        with open(wanted.settings, encoding="utf-8") as file:
            is_named = re.search(r"^\s*(export\s+)?COMPOSE_PROJECT_NAME\s*=", file.read(), re.M)
        if not is_named and os.path.realpath(wanted.settings) == os.path.join(ROOT, ".env") and installation():
            # Then the installation keeps its volumes when the folder gets another name.
            values["COMPOSE_PROJECT_NAME"] = installation()
        remember(wanted.settings, values)
        print(f"\nWritten into {wanted.settings}:")
    for name, value in values.items():
        print(f"  {name}={value}")
    print(f"{compose()} up -d runs them.")


main()
