"""Checks build_and_push.py and scripts/sbom on a copy of their files, with a stand-in for docker.

    python3 -m unittest discover -s Tests/Stack
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from spdx import faults

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = ["build_and_push.py", "base-images.yml", "scripts/base_images.py", "scripts/sbom", "etc/env.json", "Dockerfile",
         "postgres/Dockerfile", "redis/Dockerfile", "nginx/Dockerfile", "Sources/KittyShared/Values/KittyCash.swift"]
VERSION = re.search(r'version = "(.*)"', (ROOT / FILES[-1]).read_text())[1]
BASES = {"SWIFT_IMAGE": "swift:6.3-bookworm", "DEBIAN_IMAGE": "debian:bookworm-slim", "POSTGRES_IMAGE": "postgres:17-bookworm",
         "REDIS_IMAGE": "redis:7-bookworm", "NGINX_IMAGE": "nginx:1.28-bookworm", "AGENT_IMAGE": "example.org:8443/x/agent:1"}
DIGEST = "sha256:" + "0123456789abcdef" * 4

# Notes its arguments, and answers like docker; the file `docker.json` beside it has the answers by the start of a command.
DOCKER = r"""#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
words = " ".join(sys.argv[1:])
with open(here / "noted", "a") as file:
    file.write(words + "\n")
for start, answer in json.loads((here / "docker.json").read_text()).items():
    if words.startswith(start):
        if answer is None:
            sys.exit("it refuses")
        # A marker of parts is the last argument.
        print(answer.replace("MARK", sys.argv[-1]), end="")
        break
"""

# The output in the server's image.
PARTS = """MARK packages
installed\tlibpq5\t15.18-0+deb12u1\tamd64\tpostgresql-15\t15.18-0+deb12u1\tDebian PostgreSQL Maintainers <x@lists.debian.org>
installed\tlibstdc++6\t12.2.0-14+deb12u1\tamd64\tgcc-12\t12.2.0-14+deb12u1\tDebian GCC <y@lists.debian.org>
config-files\told\t1\tamd64\told\t1\tX <x@example.org>
MARK names
/usr/share/doc/libpq5/copyright:License: PostgreSQL
/usr/share/doc/libpq5/copyright:License: Tcl
MARK system
ID=debian
VERSION_ID="12"
MARK programs
redis-server Redis server v=7.4.2 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1
gosu 1.17 (go1.18.2 on linux/amd64; gc)
MARK sources
deb/debian vips 8.14.1-3+deb12u2 LGPL-2.1-or-later
generic swift 6.3.1 Apache-2.0 WITH Swift-exception
MARK resolved
{"pins": [{"identity": "grdb.swift", "location": "https://github.com/groue/GRDB.swift",
  "state": {"revision": "abc", "version": "7.10.0"}},
 {"identity": "swift-nio", "location": "https://github.com/apple/swift-nio.git", "state": {"revision": "def"}}], "version": 3}
MARK licence GRDB.swift
Permission is hereby granted, free of
charge, to any person
MARK licence swift-nio
Apache License
Version 2.0, January 2004
"""
INSPECTED = [{"Id": DIGEST, "Os": "linux", "Architecture": "amd64",
              "Config": {"Labels": {"org.opencontainers.image.version": "9.8.7"}}}]


class ImagesTests(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.root, self.bin = self.folder / "project", self.folder / "bin"
        for name in FILES:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        # The images of the project change, and can be pinned.
        file = self.root / "base-images.yml"
        for name, image in BASES.items():
            text, number = re.subn(rf"({name}:-)[^}}]+", rf"\g<1>{image}", file.read_text())
            self.assertGreater(number, 0)
            file.write_text(text)
        self.bin.mkdir()
        (self.bin / "docker").write_text(DOCKER)
        (self.bin / "docker").chmod(0o755)
        self.docker({})
        # No settings of the user or the machine.
        self.environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org", "GIT_COMMITTER_NAME": "x",
            "GIT_COMMITTER_EMAIL": "x@example.org", "GIT_AUTHOR_DATE": "@1700000000 +0000",
            "GIT_COMMITTER_DATE": "@1700000000 +0000"}
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-qm", "x")

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, check=True)

    def docker(self, answers):
        (self.bin / "docker.json").write_text(json.dumps(answers))

    def build(self, *arguments, fails=False, **variables):
        """Returns the output, or with `fails` the message, of build_and_push.py."""
        result = subprocess.run(
            [self.root / "build_and_push.py", *arguments], capture_output=True, text=True, cwd=self.folder,
            env={**self.environment, **variables})
        self.assertEqual(result.returncode != 0, fails, result.stdout + result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        return result.stderr if fails else result.stdout

    def noted(self):
        return (self.bin / "noted").read_text().splitlines()

    def dry(self, *arguments, **options):
        return self.build("--env", "test-docker", "--dry-run", *arguments, **options)

    def test_commit_with_the_tag_of_the_release_has_its_version(self):
        self.assertRegex(self.dry("--build"), r"kittycash:test-docker-[0-9a-f]{7} ")
        self.git("tag", f"v{VERSION}")
        self.git("tag", "stable")
        self.assertIn(f"kittycash:test-docker-{VERSION} ", self.dry("--build"))
        (self.root / "Dockerfile").write_text((self.root / "Dockerfile").read_text() + "#\n")
        self.assertIn("-dirty ", self.dry("--build"))
        self.git("commit", "-qam", "y")
        self.assertRegex(self.dry("--build"), r"kittycash:test-docker-\S+-1-g[0-9a-f]+ ")
        self.git("tag", "v77.0.0")
        message = self.dry("--build", fails=True)
        self.assertIn("v77.0.0", message)
        self.assertIn(VERSION, message)
        self.assertIn("kittycash:test-docker-mine ", self.dry("--build", "--tag", "mine"))

    def test_installation_keeps_the_name_that_it_has(self):
        self.root = self.root.rename(self.folder / "_Kitty-1.0")
        settings = self.root / ".env"
        for before, after in (
            ("TAG=1\n", "kitty-10"), ("COMPOSE_PROJECT_NAME=mine\n", "mine"), (" export COMPOSE_PROJECT_NAME=x\n", "x")):
            settings.write_text(before)
            self.build("--env", "test-docker", "--build", "--service", "nginx", "--tag", "2")
            self.assertEqual(re.findall("COMPOSE_PROJECT_NAME=(.*)", settings.read_text()), [after])
            self.assertIn("NGINX_TAG=2\n", settings.read_text())
        other = self.folder / "other"
        other.touch()
        self.build("--env", "test-docker", "--build", "--service", "nginx", "--tag", "2", "--settings", str(other))
        self.assertNotIn("COMPOSE_PROJECT_NAME", other.read_text())

    def labels(self, *arguments, **variables):
        """Returns the labels of each image that a dry run would build."""
        found = {}
        for line in self.dry("--build", *arguments, **variables).splitlines():
            if line.startswith("+ docker build "):
                image = re.search(r"--tag \S+/(\S+):", line)[1]
                pairs = re.findall(r"--label (?:'([^=]+)=([^']*)'|([^= ]+)=(\S*))", line)
                found[image] = {one or three: two or four for one, two, three, four in pairs}
        return found

    def test_every_image_has_labels(self):
        base = "org.opencontainers.image."
        self.git("remote", "add", "origin", "https://name:secret@example.org:8443/team/kitty.git")
        found = self.labels()
        self.assertEqual(set(found), {"kittycash", "kittycash_db", "kittycash_redis", "kittycash_nginx"})
        for image, labels in found.items():
            self.assertEqual(labels[base + "title"], image)
            self.assertEqual(labels[base + "version"], VERSION)
            self.assertRegex(labels[base + "revision"], "^[0-9a-f]{40}$")
            self.assertEqual(labels[base + "created"], "2023-11-14T22:13:20Z")
            self.assertEqual(labels[base + "source"], "https://example.org:8443/team/kitty")
            self.assertEqual(labels[base + "licenses"], "Apache-2.0")
            self.assertIn("KittyCash", labels[base + "description"])
            self.assertNotIn(base + "base.digest", labels)
        self.assertEqual(found["kittycash_db"][base + "base.name"], "docker.io/library/postgres:17-bookworm")
        own = self.labels(DEBIAN_IMAGE=f"example.org/debian:12@{DIGEST}", IMAGE_SOURCE="https://example.org/x")["kittycash"]
        self.assertEqual(own[base + "base.name"], "example.org/debian:12")
        self.assertEqual(own[base + "base.digest"], DIGEST)
        self.assertEqual(own[base + "source"], "https://example.org/x")
        (self.root / "Dockerfile").write_text((self.root / "Dockerfile").read_text() + "#\n")
        self.assertRegex(self.labels()["kittycash"][base + "revision"], "-dirty$")

    def test_base_images_come_from_one_file_unless_settings_name_others(self):
        settings = self.folder / "settings"
        settings.write_text("REDIS_IMAGE=\n#NGINX_IMAGE=x\nPOSTGRES_IMAGE='postgres:16'  # old\nDEBIAN_IMAGE=debian:1\n")
        printed = self.dry("--build", "--settings", str(settings), DEBIAN_IMAGE="debian:2")
        for words in ("POSTGRES_IMAGE=postgres:16 ", "REDIS_IMAGE=redis:7-bookworm ", "NGINX_IMAGE=nginx:1.28-bookworm ",
                      "DEBIAN_IMAGE=debian:2 ", "SWIFT_IMAGE=swift:6.3-bookworm "):
            self.assertIn(f"--build-arg {words}", printed)
        self.assertIn(f"POSTGRES_IMAGE is postgres:16, from {settings}.", printed)

    def test_pin_writes_every_digest_or_none(self):
        file = self.root / "base-images.yml"
        before = file.read_text()
        lines = before.count("_IMAGE: ")
        self.docker({"buildx version": "v0.1", "buildx imagetools inspect swift": json.dumps({"digest": DIGEST})})
        self.assertIn("no digest for debian:bookworm-slim; nothing was pinned", self.build("--pin", fails=True))
        self.assertEqual(file.read_text(), before)
        self.docker({"buildx version": "v0.1", "buildx imagetools inspect ": json.dumps({"digest": DIGEST})})
        self.build("--pin", "--dry-run")
        self.assertEqual(file.read_text(), before)
        self.build("--pin")
        self.assertIn(f"SWIFT_IMAGE: ${{SWIFT_IMAGE:-swift:6.3-bookworm@{DIGEST}}}\n", file.read_text())
        self.assertEqual(file.read_text().count(DIGEST), lines)
        self.assertNotIn("no image is pinned", file.read_text())
        self.assertIn(f"NGINX_IMAGE=nginx:1.28-bookworm@{DIGEST} ", self.dry("--build"))
        # Without buildx, from what the engine pulled; a new digest replaces the old one.
        other = DIGEST.replace("0", "f")
        self.docker({"buildx version": None, "image inspect": json.dumps(
            [f"example.org/{name}@{DIGEST}" for name in ("debian", "redis")] + [
                f"{name}@{other}" for name in (
                    "swift", "debian", "docker.io/library/postgres", "redis", "nginx", "example.org:8443/x/agent")])})
        self.build("--pin")
        self.assertEqual(file.read_text().count(other), lines)
        self.assertEqual(file.read_text().count(DIGEST), 0)
        self.assertIn("pull --quiet redis:7-bookworm", self.noted())

    def test_other_platforms_need_buildx(self):
        both = ["--platform", "linux/amd64,linux/arm64"]
        self.assertIn("linux/arm64", self.dry("--build", "--platform", "windows", fails=True))
        self.assertIn("add --push", self.dry("--build", *both, fails=True))
        self.assertIn("add --build", self.dry("--push", "--registry", "example.org", *both, fails=True))
        arguments = ["--env", "test-docker", "--tag", "1", "--service", "nginx", "--build"]
        self.docker({"version": "linux/amd64\n", "buildx": None})
        self.assertIn("buildx is missing", self.build(*arguments, "--platform", "linux/arm64", fails=True))
        self.build(*arguments, "--platform", "linux/amd64")
        self.assertTrue(self.noted()[-1].startswith("compose version"))
        self.assertEqual(len([line for line in self.noted() if line.startswith("build --tag ")]), 1)
        self.docker({"version": "linux/amd64\n"})
        self.build(*arguments, "--platform", "linux/arm64")
        self.assertTrue([line for line in self.noted() if line.startswith("buildx build --platform linux/arm64 --load --tag ")])
        self.build(*arguments, *both, "--push", "--registry", "example.org")
        pushing = "buildx build --platform linux/amd64,linux/arm64 --push "
        self.assertTrue([line for line in self.noted() if line.startswith(pushing)])
        # buildx pushed it: the engine has nothing to push.
        self.assertFalse([line for line in self.noted() if line.startswith("push ")])

    def test_sbom_has_every_part_and_the_required_fields(self):
        self.docker({"image inspect": json.dumps(INSPECTED), "run --rm --network none": PARTS})
        self.build("--env", "test-docker", "--tag", "1", "--sbom", "parts")
        files = sorted(path.name for path in (self.folder / "parts").iterdir())
        self.assertEqual(files, [f"kittycash{part}-test-docker-1.spdx.json" for part in ("", "_db", "_nginx", "_redis")])
        document = json.loads((self.folder / "parts" / files[0]).read_text())
        self.assertEqual(faults(document), [])
        packages = {package["name"]: package for package in document["packages"]}
        references = {name: package.get("externalRefs", [{}])[0].get("referenceLocator") for name, package in packages.items()}
        self.assertEqual(
            references["libpq5"],
            "pkg:deb/debian/libpq5@15.18-0%2Bdeb12u1?arch=amd64&upstream=postgresql-15&distro=debian-12")
        self.assertEqual(references["swift-nio"], "pkg:swift/github.com/apple/swift-nio@def")
        self.assertEqual(references["vips"], "pkg:deb/debian/vips@8.14.1-3%2Bdeb12u2?arch=source")
        self.assertEqual(references["redis"], "pkg:generic/redis@7.4.2")
        self.assertEqual(references["gosu"], "pkg:generic/gosu@1.17")
        self.assertNotIn("old", packages)
        self.assertEqual(packages["libpq5"]["licenseComments"], "Debian's names: PostgreSQL, Tcl")
        self.assertEqual(packages["grdb.swift"]["licenseDeclared"], "MIT")
        self.assertEqual(packages["swift-nio"]["licenseDeclared"], "Apache-2.0")
        self.assertEqual(packages["swift"]["licenseDeclared"], "Apache-2.0 WITH Swift-exception")
        self.assertEqual(packages["kittycash-server"]["versionInfo"], "9.8.7")
        self.assertIn("there are 4 images", self.build("--env", "dev", "--tag", "1", "--sbom", "x.json", fails=True))
        self.build("--env", "dev", "--tag", "1", "--sbom", "x.json", "--service", "redis")
        self.assertEqual(faults(json.loads((self.folder / "x.json").read_text())), [])
        self.docker({"image inspect": None})
        self.assertIn("it refuses", self.build("--env", "dev", "--tag", "1", "--sbom", "y.json", "--service", "db", fails=True))
        self.assertFalse((self.folder / "y.json").exists())

    def test_checker_finds_faults(self):
        self.docker({"image inspect": json.dumps(INSPECTED), "run --rm --network none": PARTS})
        self.build("--env", "dev", "--tag", "1", "--sbom", "x.json", "--service", "redis")
        text = (self.folder / "x.json").read_text()
        for old, new in (('"SPDX-2.3"', '"SPDX-9"'), ('"downloadLocation"', '"elsewhere"'), ('"SPDXRef-1-', '"SPDXRef-1_'),
                         ('"DESCRIBES"', '"SHOWS"'), ('"relatedSpdxElement": "SPDXRef-2', '"relatedSpdxElement": "SPDXRef-99'),
                         ('"MIT"', '"My licence"'), ('"created": "2', '"created": "x')):
            self.assertIn(old, text)
            self.assertTrue(faults(json.loads(text.replace(old, new, 1))), f"{old} → {new}")

    def test_wrong_uses_are_sentences(self):
        self.assertIn("--env is missing", self.build("--build", fails=True))
        self.assertIn("Nothing to do", self.dry(fails=True))
        self.assertIn("SOURCE_DATE_EPOCH", self.dry("--build", SOURCE_DATE_EPOCH="now", fails=True))


if __name__ == "__main__":
    unittest.main()
