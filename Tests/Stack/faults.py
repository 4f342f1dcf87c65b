"""Containers and the engine stop and die; the stack must come back by itself, with the same books."""

import json
import os
import subprocess
import time

from project import SERVICES, expect, health, run, say, until


def check_fallback(stack):
    """Checks what nginx answers while the server is stopped."""
    container, = stack.containers("kittycash")
    began = time.monotonic()
    run("docker", "stop", container)
    took = time.monotonic() - began
    expect(took < 10, f"the server took {took:.1f} s to stop")
    expect(run("docker", "inspect", "-f", "{{.State.ExitCode}}", container).strip() == "0", "the exit code of the stopped server is not 0")
    # nginx also starts without a server.
    for restarts in (False, True):
        if restarts:
            run("docker", "restart", stack.containers("nginx")[0])
            until("nginx answers without a server", lambda: stack.ask("GET", "/health/nginx")[0] == 200)
        for method, path, headers in (
            ("GET", "/v1/me", {}), ("POST", "/v1/groups/x/expenses", {}),
            ("POST", "/v1/groups/x/expenses", {"Idempotency_Key": "fallback"})):
            status, answered, body = stack.ask(method, path, {} if method == "POST" else None, **headers)
            expect(status == 503 and answered["Content-Type"] == "application/problem+json", f"{method} {headers}: {status} {answered}")
            problem = json.loads(body)
            expect(problem["code"] == "unavailable" and "Nothing was changed" in problem["detail"], f"{method} {headers}: {problem}")
            expect(answered["Retry-After"], f"{method} {headers}: {answered}")
        status, answered, body = stack.ask("GET", "/", accept="text/html")
        expect(status == 503 and answered["Content-Type"].startswith("text/html") and b"KittyCash" in body, f"a browser gets {status}")
    run("docker", "start", container)
    stack.wait()


def started(container):
    return run("docker", "inspect", "-f", "{{.State.StartedAt}}", container).strip()


def kill(container):
    """Kills the first process of a container. `docker kill` would tell the engine that it is to stay down.

    Returns False where this user may not do it.
    """
    process = run("docker", "inspect", "-f", "{{.State.Pid}}", container).strip()
    for sudo in ([], ["sudo", "-n"]):
        try:
            if subprocess.run([*sudo, "kill", "-9", process], capture_output=True).returncode == 0:
                return True
        except FileNotFoundError:
            pass
    return False


def check_restarts(stack, same):
    """Restarts each container twice, and kills it. `same` fails when the books are not the same."""
    skipped = []
    for service in SERVICES:
        container = stack.containers(service)[0]
        for _ in range(2):
            run("docker", "restart", container)
            stack.wait()
        same(f"after a restart of {service}")
        before = started(container)
        if kill(container):
            until(f"{service} starts again by itself", lambda: started(container) != before)
            stack.wait()
            same(f"after the death of {service}")
        else:
            skipped.append(service)
    if skipped:
        say(f"SKIPPED: the death of {', '.join(skipped)}: this user may not kill the processes of the engine")
    # nginx without its first process: the container must not live on.
    container = stack.containers("nginx")[0]
    before = started(container)
    run("docker", "exec", container, "sh", "-c", "kill -9 $(cat /run/kittycash/nginx.pid)")
    until("nginx starts again by itself", lambda: started(container) != before)
    stack.wait()
    say(f"{', '.join(SERVICES)} were restarted" + ("" if skipped else " and killed") + ", and came back")


def check_engine(stack, same):
    """Restarts the Docker engine, as a machine that boots does."""
    command = os.environ.get("RESTART_ENGINE")
    if not command:
        say("SKIPPED: the restart of the engine: RESTART_ENGINE has no command for it")
        return
    containers = [container for service in SERVICES for container in stack.containers(service)]
    before = {container: started(container) for container in containers}
    run("bash", "-c", command)
    until("the engine answers", lambda: subprocess.run(["docker", "info"], capture_output=True).returncode == 0)
    until("every container was started again", lambda: all(started(container) != before[container] for container in containers))
    stack.wait()
    same("after a restart of the engine")
    say("the engine was restarted, and the stack came back")
