"""Checks docs/kubernetes: each manifest against the schema of Kubernetes, and the manifests against each other, the settings
of the server and its routes.

    manifests.py SERVER

SERVER is the program kittycash-server. With kubectl, what kustomize makes of them is checked too.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs/kubernetes"
# The oldest version that README.md names, and the newest that the schemas know.
VERSIONS = ("1.27", kubernetes_validate.latest_version())
# Kinds of others, which the schemas do not have.
FOREIGN = ("Cluster", "Kustomization")
# Settings of nginx and of Redis.
OTHERS = {"REAL_IP_FROM", "REDIS_PASSWORD"}


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def documents():
    """Returns the manifests of kustomization.yaml, with their files."""
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    files = {file.name for file in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    expect(files == set(kustomization["resources"]), f"kustomization.yaml names {kustomization['resources']}, the folder has {files}")
    found = []
    for name in kustomization["resources"]:
        found += [(name, document) for document in yaml.safe_load_all((FOLDER / name).read_text())]
    return kustomization, found


def check_schemas(found):
    for version in VERSIONS:
        for name, document in found:
            if document["kind"] in FOREIGN:
                continue
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                raise AssertionError(f"{name}, {document['kind']}, Kubernetes {version}: {error.message} at {list(error.path)}") from error


def templates(found):
    """Returns the templates of the pods by the name of their workload."""
    pods = {}
    for _, document in found:
        spec = document.get("spec", {})
        if document["kind"] == "Deployment":
            pods[document["metadata"]["name"]] = spec["template"]
        if document["kind"] == "CronJob":
            pods[document["metadata"]["name"]] = spec["jobTemplate"]["spec"]["template"]
    return pods


def selects(selector, labels):
    """Returns whether a selector selects a pod with these labels."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        labels.get(part["key"]) in part["values"] for part in selector.get("matchExpressions", []) if part["operator"] == "In")


def chosen(selector, pods, what):
    """Returns the templates that a selector selects, which must be one or more of ours."""
    names = [name for name, template in pods.items() if selects(selector, template["metadata"]["labels"])]
    expect(names, f"{what} selects no pod: {selector}")
    return names


def ports(template):
    return {port["name"]: port["containerPort"] for container in template["spec"]["containers"] for port in container.get("ports", [])}


def check_references(found, pods):
    """Checks selectors, ports, volumes and names from one manifest to the other."""
    services = {document["metadata"]["name"]: document for _, document in found if document["kind"] == "Service"}
    claims = {document["metadata"]["name"] for _, document in found if document["kind"] == "PersistentVolumeClaim"}
    for name, document in found:
        kind, spec = document["kind"], document.get("spec", {})
        what = f"{name}, {kind} {document['metadata']['name']}"
        if kind == "Deployment":
            expect(selects(spec["selector"], spec["template"]["metadata"]["labels"]), f"{what} does not select its own pods")
        elif kind == "Service":
            for chosen_name in chosen({"matchLabels": spec["selector"]}, pods, what):
                for port in spec["ports"]:
                    expect(port["targetPort"] in ports(pods[chosen_name]), f"{what}: {chosen_name} has no port {port['targetPort']}")
        elif kind == "PodDisruptionBudget":
            names = chosen(spec["selector"], pods, what)
            replicas = [other["spec"]["replicas"] for _, other in found if other["metadata"]["name"] in names and other["kind"] == "Deployment"]
            expect(min(replicas) > spec["minAvailable"], f"{what}: with {replicas} pods, no node could be emptied")
        elif kind == "Ingress":
            for rule in spec["rules"]:
                for path in rule["http"]["paths"]:
                    service = path["backend"]["service"]
                    known = {port["name"] for port in services[service["name"]]["spec"]["ports"]}
                    expect(service["port"]["name"] in known, f"{what}: {service}")
            expect({rule["host"] for rule in spec["rules"]} == {host for tls in spec["tls"] for host in tls["hosts"]}, f"{what}: TLS")
        elif kind == "NetworkPolicy":
            check_policy(spec, pods, what)
    for name, template in pods.items():
        volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        for volume in volumes.values():
            claim = volume.get("persistentVolumeClaim")
            expect(not claim or claim["claimName"] in claims, f"{name}: there is no claim {claim}")
        mounted = {mount["name"] for container in template["spec"]["containers"] for mount in container["volumeMounts"]}
        expect(mounted == set(volumes), f"{name} mounts {mounted} of {set(volumes)}")


def check_policy(spec, pods, what):
    """Checks that a policy is about pods that exist, and about their ports."""
    foreign = ("cnpg.io/cluster", "acme.cert-manager.io/http01-solver")
    own = spec["podSelector"] and not any(key in spec["podSelector"].get("matchLabels", {}) for key in foreign)
    names = chosen(spec["podSelector"], pods, what) if own else []
    for rule in spec.get("ingress", []):
        for peer in rule.get("from", []):
            if "podSelector" in peer and not any(key in peer["podSelector"].get("matchLabels", {}) for key in foreign):
                chosen(peer["podSelector"], pods, what)
        for port in rule["ports"]:
            for name in names:
                expect(port["port"] in ports(pods[name]), f"{what}: {name} has no port {port['port']}")


def check_pods(pods, program):
    """Checks privileges as docker-compose.yml has them, the settings, the commands and the probes."""
    help_text = re.sub(r"\s", "", subprocess.run([program, "serve", "--help"], capture_output=True, text=True, check=True).stdout)
    # Those without a flag are named in words.
    known = set(re.findall(r"\[([A-Z0-9_]+)\]", help_text)) | {"SECRETS_KEY"}
    commands = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    routes = set(yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())["paths"]) | set(
        re.findall(r"location = (/health/\w+)", (ROOT / "nginx/nginx.conf").read_text()))
    given = set()
    for file in ("settings.env", "secrets.env.example"):
        given |= set(re.findall(r"(?m)^([A-Z0-9_]+)=", (FOLDER / file).read_text()))
    expect(given <= known | OTHERS, f"no such settings: {given - known - OTHERS}")
    for name, template in pods.items():
        spec = template["spec"]
        expect(spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0, f"{name} runs as root")
        expect(spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False, name)
        for container in spec["containers"]:
            context = container["securityContext"]
            expect(context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
                   f"{name}: {context}")
            expect("memory" in container["resources"]["limits"], f"{name} has no limit of memory")
            named = {entry["name"] for entry in container.get("env", [])}
            expect(named <= known | OTHERS, f"{name}: no such settings: {named - known - OTHERS}")
            if container["image"] == "kittycash" and "args" in container and "command" not in container:
                expect(re.search(rf"(?m)^  {container['args'][0]}\s", commands), f"{name}: no command {container['args']}")
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                get = container.get(probe, {}).get("httpGet")
                if get:
                    expect(get["path"] in routes and get["port"] in ports(template), f"{name}: {probe} {get}")
            expect("livenessProbe" in container or name == "backup", f"{name} has no livenessProbe")


def check_images(kustomization, pods):
    images = {container["image"] for template in pods.values() for container in template["spec"]["containers"]}
    expect(images == {image["name"] for image in kustomization["images"]}, f"kustomization.yaml does not rename {images}")


def check_rendered():
    """Renders the folder with kustomize, and checks the result against the schemas."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "kubernetes"
        shutil.copytree(FOLDER, copy)
        shutil.copy(copy / "secrets.env.example", copy / "secrets.env")
        result = subprocess.run(["kubectl", "kustomize", str(copy)], capture_output=True, text=True)
        expect(result.returncode == 0 and not result.stderr, f"kubectl kustomize: {result.stderr}")
    rendered = [("kubectl kustomize", document) for document in yaml.safe_load_all(result.stdout)]
    check_schemas(rendered)
    generated = {document["metadata"]["name"] for _, document in rendered if document["kind"] in ("ConfigMap", "Secret")}
    for name, template in templates(rendered).items():
        for container in template["spec"]["containers"]:
            expect(container["image"].startswith("registry.example.org/"), f"{name}: {container['image']}")
            used = {list(source.values())[0]["name"] for source in container.get("envFrom", [])}
            expect(used <= generated, f"{name} uses {used}, kustomize makes {generated}")
    return len(rendered)


def main():
    kustomization, found = documents()
    check_schemas(found)
    pods = templates(found)
    check_references(found, pods)
    check_pods(pods, sys.argv[1])
    check_images(kustomization, pods)
    said = f"kubernetes: {len(found)} manifests fit the schemas of Kubernetes {' and '.join(VERSIONS)} and each other"
    if shutil.which("kubectl"):
        said += f"; kustomize makes {check_rendered()} of them"
    else:
        said += "; SKIPPED: kustomize, because kubectl is missing"
    print(said, file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main()
    except AssertionError as failure:
        sys.exit(f"kubernetes: FAILED: {failure}")
