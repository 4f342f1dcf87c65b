"""The Compose files for Amazon CloudWatch. A stand-in has the place of the agent's program: its image is the real one else."""

import json
import os
import subprocess
import uuid

from project import ROOT, expect, health, run, until

SERVICES = ("kittycash", "worker", "db", "redis", "nginx")
AGENT = "kittycash-test/agent"


def check_awslogs(stack):
    """Checks the merged configuration for Docker's own driver. Its receiver is Amazon's alone."""
    text = run(*stack.command, "-f", ROOT / "docker-compose.aws.yml", "config")
    for service in SERVICES:
        expect(f"awslogs-group: kittycash/test-docker/{service}\n" in text, f"the log of {service} has no group:\n{text}")
    # The service ssh is there with its profile, and with an old Compose always.
    number = len(SERVICES) + text.count("/ssh\n")
    expect(text.count("driver: awslogs") == number and "max-file" not in text, f"the logs have other drivers:\n{text}")
    expect(text.count("METRICS_EMF: 'on'") + text.count('METRICS_EMF: "on"') == 2, f"METRICS_EMF is off:\n{text}")


def build(stack):
    """Builds the images of two environments from the stand-in; the settings name that of test-docker."""
    image = ("--build-arg", f"DEBIAN_IMAGE={os.environ['DEBIAN_IMAGE']}") if os.environ.get("DEBIAN_IMAGE") else ()
    run("docker", "build", "-t", AGENT, *image, ROOT / "Tests/Stack/agent")
    for name, settings in (("prod", stack.settings.with_name("none")), ("test-docker", stack.settings)):
        run(ROOT / "build_and_push.py", "--env", name, "--registry", "docker", "--build", "--service", "cloudwatch",
            "--tag", "stack", "--settings", settings, env={**os.environ, "AGENT_IMAGE": AGENT})
        text = run("docker", "run", "--rm", "--entrypoint", "cat", f"localhost/kittycash/kittycash_cloudwatch:{name}-stack",
                   "/etc/cwagentconfig/kittycash.json")
        wanted = (ROOT / f"etc/cloudwatch/{name}.json").read_text()
        expect(text == wanted and f"kittycash/{name}" in text, f"the configuration of {name} is {text}")


def check_agent(stack):
    """Starts the agent beside a running stack, and checks that it gets the lines of the server, and each of them once."""
    build(stack)
    stack.add("docker-compose.cloudwatch.yml")
    stack.up()
    agent = stack.containers("cloudwatch")[0]
    request = f"cloudwatch-{uuid.uuid4()}"
    stack.ask("GET", "/v1/me", X_Request_Id=request)

    def lines():
        return [line for line in run("docker", "logs", agent).splitlines() if request in line and '"message":"request"' in line]

    group, line = until("the agent has the line of a request", lines)[0].split(": ", 1)
    expect(group == "kittycash/test-docker" and json.loads(line)["path"] == "/v1/me", f"the agent sent {group}: {line}")
    until("the agent is healthy", lambda: health(agent) == "healthy")
    expect(run("docker", "exec", agent, "id", "-u").strip() == "10002", "the agent runs as another user than cwagent")
    for path in ("/x", "/var/log/kittycash/x", "/etc/cwagentconfig/x"):
        wrote = subprocess.run(["docker", "exec", agent, "touch", path], capture_output=True).returncode == 0
        expect(not wrote, f"the agent can write {path}")
    # A process can end while it is listed.
    seen = run("docker", "exec", agent, "sh", "-c", "cat /proc/[0-9]*/comm; true").split()
    expect("kittycash-serve" in seen, f"the agent does not see the processes of the server: {seen}")
    run("docker", "restart", "-t", "1", agent)
    until("the agent goes on", lambda: run("docker", "logs", agent).count("following ") == 2)
    stack.ask("GET", "/v1/me", X_Request_Id=request + "-2")
    until("the agent has the next line", lambda: any(request + "-2" in line for line in lines()))
    expect(len(lines()) == 2, f"the agent sent a line twice: {lines()}")
    # No progress for five minutes, while the log is longer. The program is stopped, because it would write the file again.
    script = """
      cd /opt/aws/amazon-cloudwatch-agent && agent=$(cat var/*.pid) && state=$(ls logs/state/*kittycash.log)
      kill -STOP $agent; printf 1 >$state; touch -d '10 minutes ago' $state; healthy; code=$?; kill -CONT $agent; exit $code"""
    told = subprocess.run(["docker", "exec", agent, "sh", "-c", script], capture_output=True, text=True)
    expect(told.returncode == 1 and "for five minutes" in told.stdout, f"the health check says {told}")
