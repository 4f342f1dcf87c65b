"""The base images of base-images.yml, and their digests. build_and_push.py uses it."""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
FILE = os.path.join(ROOT, "base-images.yml")
# A line with an image: its start with the name of the build argument, the image, its digest, its end.
LINE = re.compile(r"^( +(\w+_IMAGE): \$\{\2:-)([^}@]+)(@sha256:[0-9a-f]{64})?(\})$", re.M)


def answer(*command):
    """Returns the output of a command that changes nothing, or None when it fails."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def base_images(settings):
    """Returns the base images by the names of their build arguments."""
    with open(FILE, encoding="utf-8") as file:
        found = {line[2]: line[3] + (line[4] or "") for line in LINE.finditer(file.read())}
    lines = ""
    if os.path.exists(settings):
        with open(settings, encoding="utf-8") as file:
            lines = file.read()
    for name in found:
        # As Compose reads the file: the last line counts, and an empty value is none.
        ours = re.findall(rf"^\s*(?:export\s+)?{name}\s*=\s*[\"']?([^\s\"'#]*)", lines, re.M)
        for value, origin in ((os.environ.get(name), "the environment"), (ours and ours[-1], settings)):
            if value and value != found[name]:
                print(f"{name} is {value}, from {origin}.")
            if value:
                found[name] = value
                break
    return found


def digest(image):
    """Returns the digest that the registry has for a tag, or None."""
    if answer("docker", "buildx", "version") is not None:
        manifest = answer("docker", "buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}")
        return json.loads(manifest).get("digest") if manifest else None
    # Without buildx only a pull tells.
    if answer("docker", "pull", "--quiet", image) is None:
        return None
    repository = re.sub(r":[^:/]+$", "", image)
    known = json.loads(answer("docker", "image", "inspect", "--format", "{{json .RepoDigests}}", image) or "[]")
    return next((text.partition("@")[2] for text in known if qualified(text.partition("@")[0]) == qualified(repository)), None)


def pin(dry):
    """Writes the digest of each base image into base-images.yml: all of them, or none."""
    with open(FILE, encoding="utf-8") as file:
        text = file.read()
    digests = {}
    for line in LINE.finditer(text):
        print(f"+ asking the registry for {line[3]}", flush=True)
        if dry:
            continue
        digests[line[3]] = digest(line[3])
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", digests[line[3]] or ""):
            sys.exit(f"The registry named no digest for {line[3]}; nothing was pinned. Try docker pull {line[3]}.")
    if dry:
        return
    text = LINE.sub(lambda line: f"{line[1]}{line[3]}@{digests[line[3]]}{line[5]}", text)
    text = re.sub(r"Now no image is pinned: .*", "A build takes these images, whatever the tags mean by then.", text)
    with open(f"{FILE}.part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{FILE}.part", FILE)
    for image, value in digests.items():
        print(f"  {image}@{value}")
    print("Written into base-images.yml. Build the images, test them, and commit the file.")


def qualified(name):
    """Returns the name of an image with its registry, which is Docker Hub when it has none."""
    first, _, rest = name.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        return name
    return f"docker.io/{name}" if rest else f"docker.io/library/{name}"
