#!/usr/bin/env python3
"""Builds the images of the stack, and pushes them to a registry.

    ./build_and_push.py --env test-docker --registry docker --build --service all
    ./build_and_push.py --env prod --registry ecr --build --push --service kittycash nginx --tag 1.2.0

The names of the new images are written into .env, if there is one, so that every later `docker compose` uses them.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
# The services, and the folder of each build.
SERVICES = {"kittycash": ".", "worker": ".", "db": "postgres", "redis": "redis", "nginx": "nginx"}
# The variable of docker-compose.yml with the tag of each image: a new server does not replace the database.
TAGS = {"kittycash": "TAG", "worker": "TAG", "db": "DB_TAG", "redis": "REDIS_TAG", "nginx": "NGINX_TAG"}
# Build arguments that can come from the environment of this program.
FROM_ENVIRONMENT = ["SWIFT_IMAGE", "DEBIAN_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE", "NGINX_IMAGE"]


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


def described():
    """Returns the version from git, as a valid tag of an image."""
    try:
        text = subprocess.run(
            ["git", "describe", "--tags", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        sys.exit("git describe does not say which version this is: name it with --tag.")
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text.strip())


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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", required=True, help="an environment of etc/env.json")
    parser.add_argument(
        "--registry", default="docker", help="docker (the default), ecr, or a registry's host such as registry.example.org/team")
    parser.add_argument(
        "--service", nargs="+", action="extend", help=f"all (the default), or some of: {', '.join(SERVICES)}")
    parser.add_argument("--tag", help="the version; default: git describe")
    parser.add_argument("--build", action="store_true", help="build the images")
    parser.add_argument("--push", action="store_true", help="push them")
    parser.add_argument("--dry-run", action="store_true", help="print the commands and run none")
    parser.add_argument(
        "--settings", default=os.path.join(ROOT, ".env"), help="the file for Compose that gets the names of the images")
    return parser.parse_args()


def main():
    wanted = arguments()
    with open(os.path.join(ROOT, "etc", "env.json"), encoding="utf-8") as file:
        environments = json.load(file)
    if wanted.env not in environments:
        sys.exit(f"There is no environment \"{wanted.env}\". Known: {', '.join(environments)}.")
    names = [name for word in wanted.service or ["all"] for name in word.split(",")]
    unknown = [name for name in names if name not in SERVICES and name != "all"]
    if unknown:
        sys.exit(f"There is no service \"{unknown[0]}\". Known: all, {', '.join(SERVICES)}.")
    if not wanted.build and not wanted.push:
        sys.exit("Nothing to do: add --build, --push or both.")
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
    if not wanted.dry_run and not shutil.which("docker"):
        sys.exit("docker is not installed, or not in PATH.")

    build_arguments = {**environment["arguments"], "DEPLOY": wanted.env}
    build_arguments.update({name: os.environ[name] for name in FROM_ENVIRONMENT if os.environ.get(name)})
    services = list(SERVICES) if "all" in names else list(dict.fromkeys(names))
    # The server and its worker share one image.
    images = {f"{registry}/{image_name(service)}:{wanted.env}-{tag}": SERVICES[service] for service in services}
    # `docker build` instead of compose, which is a plugin on some machines and a program on others.
    if wanted.build:
        for image, folder in images.items():
            dockerfile = os.path.normpath(os.path.join(folder, "Dockerfile"))
            with open(os.path.join(ROOT, dockerfile), encoding="utf-8") as file:
                known = set(re.findall(r"^ARG (\w+)", file.read(), re.M))
            options = [
                part for name, value in sorted(build_arguments.items()) if name in known
                for part in ("--build-arg", f"{name}={value}")]
            run(["docker", "build", "--tag", image, "--file", dockerfile, *options, folder], wanted.dry_run)
    if wanted.push:
        for image in images:
            run(["docker", "push", image], wanted.dry_run)
    values = {"IMAGE_REGISTRY": registry, "ENV": wanted.env, **{TAGS[service]: tag for service in services}}
    # Only what was pushed can be pulled.
    values["PULL_POLICY"] = "if_not_present" if wanted.push else "never"
    if wanted.dry_run or not os.path.exists(wanted.settings):
        print(f"\nPut these lines into {wanted.settings}:")
    else:
        remember(wanted.settings, values)
        print(f"\nWritten into {wanted.settings}:")
    for name, value in values.items():
        print(f"  {name}={value}")
    print(f"{compose()} up -d runs them.")


main()
