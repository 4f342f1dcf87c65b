"""Loads the alerts into a real Prometheus that reads a real server, and asks it every question of the dashboard.

    monitoring.py SERVER FOLDER

SERVER is the program kittycash-server. All ports are free ones of the loopback. With KITTY_TEST_REDIS, the server has Redis.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "etc/prometheus"
# Panels without a value on this server, which is on SQLite, is not limited and has no fault.
EMPTY = ("kittycash_database_connections", "kittycash_photo_conversions_total", 'status="429"', "kittycash_http_refused_total")


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    expect(result.returncode == 0, f"{' '.join(map(str, command))}:\n{result.stdout}{result.stderr}")


def until(words, condition, seconds=60):
    ends = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < ends, f"waited {seconds} s in vain until {words}")
        time.sleep(0.2)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, body=None, token=None):
    """Returns the status and the decoded answer; status 0 without an answer.

    The body of an error is JSON or text: a Prometheus that still starts answers 503 with a sentence.
    """
    headers = {"Content-Type": "application/json"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, body and json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as answer:
        body = answer.read().decode(errors="replace")
        is_json = answer.headers.get_content_type().endswith("json")
        return answer.code, json.loads(body) if is_json else body
    except OSError:
        return 0, None


class Server:
    """A server on SQLite with the metrics on a port of its own."""

    def __init__(self, program, folder):
        self.log = folder / "server.log"
        settings = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "DATA_DIR": str(folder / "data"), "PORT": "0", "METRICS_PORT": "0",
            "LOG_FILE": str(folder / "file.log")}
        if os.environ.get("KITTY_TEST_REDIS"):
            settings["REDIS_URL"] = os.environ["KITTY_TEST_REDIS"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program, "serve"], env=settings, stdout=log, stderr=log)
        self.address = "http://127.0.0.1:" + self.port("listening")
        self.metrics = "127.0.0.1:" + self.port("metrics")

    def port(self, message):
        found = until(f"the server says {message}", lambda: re.search(
            rf'"message":"{message}"[^\n]*"port":"(\d+)"', self.log.read_text()))
        return found.group(1)

    def use(self):
        """Signs up, makes a group and reads it; also without a token."""
        user = {"name": "anna", "password": "a long password"}
        expect(ask(f"{self.address}/v1/users", user)[0] == 201, "POST /v1/users failed")
        token = ask(f"{self.address}/v1/sessions", user)[1]["token"]
        group = ask(f"{self.address}/v1/groups", {"name": "Flat 12", "currency": "EUR"}, token)[1]["id"]
        self.read(token, group)
        return token, group

    def read(self, token, group):
        expect(ask(f"{self.address}/v1/groups/{group}/balances", token=token)[0] == 200, "GET of the balances failed")
        expect(ask(f"{self.address}/v1/me")[0] == 401, "GET /v1/me without a token")


class Prometheus:
    """A Prometheus with the configuration of etc/, which scrapes this server every second."""

    def __init__(self, folder, target):
        text = (RULES / "prometheus.yml").read_text()
        text = text.replace(": 15s\n", ": 1s\n")
        text = re.sub(r"    # Every copy.*\n    dns_sd_configs:\n.*\n", f"    static_configs: [{{targets: ['{target}']}}]\n", text)
        expect(target in text, f"the configuration has no place for a target:\n{text}")
        (folder / "prometheus.yml").write_text(text)
        shutil.copy(RULES / "alerts.yml", folder)
        port = free_port()
        self.url, self.log = f"http://127.0.0.1:{port}/api/v1", folder / "prometheus.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                 f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"], stdout=log, stderr=log)

    def get(self, path, **parameters):
        return ask(f"{self.url}/{path}?{urllib.parse.urlencode(parameters)}")

    def query(self, expression):
        status, answer = self.get("query", query=expression)
        expect(status == 200 and answer["status"] == "success", f"{expression}: {answer}")
        return answer["data"]["result"]

    def alerts(self):
        return {(alert["labels"]["alertname"], alert["state"]) for alert in self.get("alerts")[1]["data"]["alerts"]}


def check_rules():
    run("promtool", "check", "config", RULES / "prometheus.yml")
    run("promtool", "test", "rules", RULES / "alerts.test.yml")


def check_layout(board):
    """Checks what Grafana needs of a dashboard: panels with ids of their own, on free places, and known variables."""
    known = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval"}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(board))) - {"__all"}
    expect(used == known, f"the dashboard uses the variables {used}, and has {known}")
    panels = board["panels"]
    expect(len({panel["id"] for panel in panels}) == len(panels), "two panels have one id")
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        expect(max(x for x, _ in cells) < 24 and not taken & cells, f"\"{panel['title']}\" is over another panel")
        taken |= cells
        for target in panel.get("targets", []):
            expect(target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, f"\"{panel['title']}\": {target}")
        names = [target["refId"] for target in panel.get("targets", [])]
        expect(len(set(names)) == len(names) and (names or panel["type"] == "row"), f"\"{panel['title']}\": {names}")


def check_dashboard(prometheus):
    board = json.loads((ROOT / "etc/grafana/kittycash.json").read_text())
    check_layout(board)
    asked = 0
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$job", ".*kittycash.*").replace("$__rate_interval", "10s")
            found = prometheus.query(expression)
            empty = any(part in expression for part in EMPTY) or ("redis" in expression and "KITTY_TEST_REDIS" not in os.environ)
            expect(found or empty, f"\"{panel['title']}\" has no value: {expression}")
            asked += 1
    expect(asked > 40, f"the dashboard has {asked} questions")
    print(f"monitoring: Prometheus answered {asked} questions of the dashboard", file=sys.stderr)


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    check_rules()
    server = Server(program, folder)
    prometheus = None
    try:
        token, group = server.use()
        prometheus = Prometheus(folder, server.metrics)
        until("Prometheus reads the server", lambda: prometheus.get("query", query="up == 1")[0] == 200 and prometheus.query("up == 1"))
        for _ in range(5):
            server.read(token, group)
            time.sleep(1)
        # Values of the database and of the first check of the books come with the worker.
        until("the books were checked", lambda: prometheus.query("kittycash_ledger_findings == 0"))
        until("rates have two samples", lambda: prometheus.query("sum(rate(kittycash_http_requests_total[10s])) > 0"))
        check_dashboard(prometheus)
        rules = [rule for group in prometheus.get("rules")[1]["data"]["groups"] for rule in group["rules"]]
        expect(len(rules) > 10 and all(rule["health"] == "ok" for rule in rules), f"{rules}")
        expect(not prometheus.alerts(), f"alerts of a healthy server: {prometheus.alerts()}")
        server.process.send_signal(signal.SIGTERM)
        expect(server.process.wait(15) == 0, "the server did not stop")
        until("the dead server is noticed", lambda: ("KittyCashIsDown", "pending") in prometheus.alerts())
    except BaseException:
        for log in (server.log, prometheus and prometheus.log):
            if log and log.exists():
                sys.stderr.write(log.read_text()[-3000:])
        raise
    finally:
        for part in (server, prometheus):
            if part and part.process.poll() is None:
                part.process.kill()
                part.process.wait()
    print(f"monitoring: {len(rules)} alerts are loaded, silent on a healthy server, and notice a dead one", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main()
    except AssertionError as failure:
        sys.exit(f"monitoring: FAILED: {failure}")
