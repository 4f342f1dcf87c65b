"""Loads the server and its references in turn and prints ratios; `make bench` calls it.

A machine is never the same twice, so no figure means anything alone: every figure stands beside that of a
reference measured in the same round, and the ratio is the median over the rounds.
"""
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = sys.argv[1]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
GROUPS = 100
# How many expenses the large group has.
LARGE = int(os.environ.get("LARGE", "100000"))
POSTGRES = os.environ["KITTY_TEST_POSTGRES"]
REDIS = os.environ["KITTY_TEST_REDIS"]
processes = []


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(arguments, name, environment=None):
    log = open(f"{FOLDER}/{name}.log", "wb")
    process = subprocess.Popen(
        arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    processes.append(process)
    return process


def wait(port, path):
    began = time.monotonic()
    while time.monotonic() - began < 30:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.002)
    logs = [f"{name}:\n{open(f'{FOLDER}/{name}').read()[-1000:]}" for name in os.listdir(FOLDER) if name.endswith(".log")]
    sys.exit(f"nothing answers on port {port}\n" + "\n".join(logs))


def proxy(name, upstream):
    """The project's own nginx configuration in front of a port."""
    port, folder = free_port(), f"{FOLDER}/{name}"
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    text = open(f"{ROOT}/nginx/nginx.conf").read()
    for place, here in [
        ("listen 80;", f"listen 127.0.0.1:{port};"), ("server kittycash:8080", f"server 127.0.0.1:{upstream}"),
        ("/usr/share/nginx/html", folder), ("access_log /dev/stdout", f"access_log {folder}/access.log"),
    ]:
        assert place in text, place
        text = text.replace(place, here)
    open(f"{folder}/nginx.conf", "w").write(text)
    environment = {"PATH": os.environ["PATH"] + ":/usr/sbin"}
    start(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", "stderr", "-g", "daemon off;"], name, environment)
    return port


class API:
    def __init__(self, port):
        self.connection, self.token = http.client.HTTPConnection("127.0.0.1", port), None

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {data[:300]}")
        return data


def wrk(url, script=None, *, connections=32):
    """Requests per second; stops the run when any of them fails."""
    arguments = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency"]
    printed = subprocess.run(
        arguments + (["-s", script] if script else []) + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        sys.exit(f"requests failed:\n{printed}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])


def pgbench(name, script):
    path = f"{FOLDER}/{name}.sql"
    open(path, "w").write(script)
    printed = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c8", "-j2", f"-T{SECONDS}", "-f", path, POSTGRES],
        capture_output=True, text=True)
    if printed.returncode:
        sys.exit(f"pgbench failed:\n{printed.stderr}")
    return float(re.search(r"tps = ([\d.]+)", printed.stdout)[1])


def load(group, count):
    """Puts expenses into a group past the API, with COPY: the way of the API would take hours."""
    import uuid
    (group, (a, b, c)) = group
    content = json.dumps({
        "kind": "expense", "description": "Dinner", "amount": 300, "currency": "EUR", "date": "2026-01-01"})
    tables = {
        "postings": ("group_id, entry_id, revision, line, account_id, kind, currency, amount", []),
        "entries": ("group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at", []),
        "revisions": ("group_id, entry_id, revision, action, made_by, made_at, lines, content", []),
    }
    for number in range(1, count + 1):
        entry = uuid.uuid5(uuid.NAMESPACE_OID, f"{group}{number}")
        for line, (account, kind, amount) in enumerate([(a, "paid", 300), (a, "share", -100), (b, "share", -100), (c, "share", -100)]):
            tables["postings"][1].append(f"{group}\t{entry}\t1\t{line}\t{account}\t{kind}\tEUR\t{amount}")
        tables["entries"][1].append(f"{group}\t{entry}\t{number}\texpense\tDinner\t300\tEUR\t2026-01-01\t{a}\t0\t0")
        tables["revisions"][1].append(f"{group}\t{entry}\t1\tcreated\t{a}\t0\t4\t{content}")
    script = "begin;\n"
    for table, (columns, rows) in tables.items():
        script += f"copy {table} ({columns}) from stdin;\n" + "\n".join(rows) + "\n\\.\n"
    script += f"""insert into balances (group_id, account_id, currency, paid, share, sent, received) values
        ('{group}', '{a}', 'EUR', {300 * count}, {100 * count}, 0, 0), ('{group}', '{b}', 'EUR', 0, {100 * count}, 0, 0),
        ('{group}', '{c}', 'EUR', 0, {100 * count}, 0, 0);
        update groups set last_number = {count} where id = '{group}'; commit; analyze postings; analyze entries;"""
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", POSTGRES], input=script, text=True, check=True)


def static_files():
    """nginx itself, serving the bytes of the balances reply from a file."""
    port, folder = free_port(), f"{FOLDER}/static"
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    os.chmod(f"{FOLDER}/reply.json", 0o644)
    open(f"{folder}/nginx.conf", "w").write(f"""worker_processes auto; pid nginx.pid; error_log stderr warn;
events {{ worker_connections 1024; }}
http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {FOLDER}; }} }}
""")
    environment = {"PATH": os.environ["PATH"] + ":/usr/sbin"}
    start(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", "stderr", "-g", "daemon off;"], "static", environment)
    wait(port, "/reply.json")
    return port


def memory(process, field):
    status = open(f"/proc/{process.pid}/status").read()
    return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024


# The statements of an expense of 3 shares with a key, as the server sends them.
STATEMENTS = """insert into idempotency_keys (user_id, key, fingerprint, made, created_at) values (:'u', gen_random_uuid()::text, repeat('0', 64), gen_random_uuid(), 0);
update groups set last_number = last_number + 1 where id = (select id from bench_groups where n = :g);
insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount) select g.id, :'e', 1, v.line, v.account, v.kind, 'EUR', v.amount from bench_groups g, lateral (values (0, g.a, 'paid', 300), (1, g.a, 'share', -100), (2, g.b, 'share', -100), (3, g.c, 'share', -100)) v (line, account, kind, amount) where g.n = :g;
insert into balances (group_id, account_id, currency, paid, share, sent, received) select g.id, v.account, 'EUR', v.paid, 100, 0, 0 from bench_groups g, lateral (values (g.a, 300), (g.b, 0), (g.c, 0)) v (account, paid) where g.n = :g on conflict (group_id, account_id, currency) do update set paid = balances.paid + excluded.paid, share = balances.share + excluded.share, sent = balances.sent + excluded.sent, received = balances.received + excluded.received;
insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at) select b.id, :'e', g.last_number, 'expense', 'Dinner', 300, 'EUR', '2026-01-01', b.a, 0, 0 from bench_groups b join groups g on g.id = b.id where b.n = :g;
insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content) select id, :'e', 1, 'created', a, 0, 4, repeat('x', 600) from bench_groups where n = :g;
"""
# pgbench has no UUIDs: one is put together from its numbers.
PREAMBLE = """\\set g random(1, {groups})
\\set e1 random(268435456, 4294967295)
\\set e2 random(1000000000000, 9007199254740991)
"""


def main():
    server_port, reference_port = free_port(), free_port()
    server = start(
        [f"{ROOT}/.build/release/kittycash-server", "serve"], "server",
        {"DATABASE_URL": POSTGRES, "REDIS_URL": REDIS, "DATA_DIR": f"{FOLDER}/data", "PORT": str(server_port),
         "LOG_LEVEL": "warning", "RATE_LIMIT": "1000000000"})
    wait(server_port, "/health/ready")
    idle = memory(server, "VmRSS")
    api = API(server_port)
    person = {"name": "anna", "password": "a long password"}
    api.call("POST", "/v1/users", person)
    api.token = json.loads(api.call("POST", "/v1/sessions", person))["token"]
    groups = []
    for _ in range(GROUPS):
        group = json.loads(api.call("POST", "/v1/groups", {"name": "Flat", "currency": "EUR"}))
        members = [group["me"]]
        for name in ["Bob", "Carl"]:
            members.append(json.loads(api.call("POST", f"/v1/groups/{group['id']}/members", {"name": name}))["id"])
        groups.append((group["id"], members))
    path = f"/v1/groups/{groups[0][0]}/balances"
    for number in range(10):
        api.call("POST", f"/v1/groups/{groups[0][0]}/expenses",
                 {"description": "Dinner", "amount": 100 + number, "payer": groups[0][1][0]})
    reply = api.call("GET", path)
    open(f"{FOLDER}/reply.json", "wb").write(reply)
    start([f"{ROOT}/.build/release/Reference", str(reference_port), f"{FOLDER}/reply.json"], "reference")
    wait(reference_port, "/v1/x")
    front, constant = proxy("front", server_port), proxy("constant", reference_port)
    wait(front, "/health/ready"), wait(constant, "/v1/x")

    large = f"/v1/groups/{groups[1][0]}/balances"
    load(groups[1], LARGE)
    static_port = static_files()

    read, write = f"{FOLDER}/read.lua", f"{FOLDER}/write.lua"
    open(read, "w").write(f'wrk.headers["Authorization"] = "Bearer {api.token}"\n')
    pairs = ", ".join(f'{{"{group}", "{members[0]}"}}' for group, members in groups)
    open(write, "w").write(f"""local groups = {{{pairs}}}
local n = 0
local run = "{os.getpid()}-" .. os.time() .. "-"
function request()
  n = n + 1
  local g = groups[n % #groups + 1]
  return wrk.format("POST", "/v1/groups/" .. g[1] .. "/expenses", {{
    ["Authorization"] = "Bearer {api.token}", ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = run .. n .. "-" .. math.random(1000000000)
  }}, '{{"description": "Dinner", "amount": 300, "payer": "' .. g[2] .. '"}}')
end
function init() math.randomseed(os.time()) end
""")
    values = ", ".join(
        f"({n + 1}, '{group}', '{m[0]}', '{m[1]}', '{m[2]}')" for n, (group, m) in enumerate(groups))
    user = json.loads(api.call("GET", "/v1/me"))["id"]
    subprocess.run(
        ["psql", "-q", POSTGRES, "-c",
         "create table bench_groups (n int primary key, id uuid, a uuid, b uuid, c uuid);"
         f"insert into bench_groups values {values}; analyze bench_groups"], check=True)
    entry = "(lpad(to_hex(:e1::bigint), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(:e2::bigint % 281474976710655), 12, '0'))::uuid"
    statements = STATEMENTS.replace(":'u'", f"'{user}'").replace(":'e'", entry)
    preamble = PREAMBLE.format(groups=GROUPS)
    single = preamble + "begin;\n" + statements + "commit;\n"
    piped = preamble + "\\startpipeline\nbegin;\n" + statements + "commit;\n\\endpipeline\n"

    measures = {
        "nginx → constant bytes": lambda: wrk(f"http://127.0.0.1:{constant}{path}", read),
        "nginx → balances": lambda: wrk(f"http://127.0.0.1:{front}{path}", read),
        "constant bytes": lambda: wrk(f"http://127.0.0.1:{reference_port}{path}", read),
        "balances": lambda: wrk(f"http://127.0.0.1:{server_port}{path}", read),
        "the shared codec": lambda: wrk(f"http://127.0.0.1:{reference_port}/coded", read),
        f"nginx → balances over {LARGE:,} expenses": lambda: wrk(f"http://127.0.0.1:{front}{large}", read),
        "nginx, a static file": lambda: wrk(f"http://127.0.0.1:{static_port}/reply.json", read),
        "pgbench, statement by statement": lambda: pgbench("single", single),
        "pgbench, pipeline": lambda: pgbench("piped", piped),
        "expense": lambda: wrk(f"http://127.0.0.1:{server_port}/", write),
        "nginx → expense": lambda: wrk(f"http://127.0.0.1:{front}/", write),
    }
    rounds = []
    for number in range(ROUNDS):
        figures = {}
        for name, measure in measures.items():
            figures[name] = measure()
            print(f"round {number + 1}: {name}: {figures[name]:,.0f}/s", file=sys.stderr)
        rounds.append(figures)

    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, ROUNDS={ROUNDS} SECONDS_EACH={SECONDS} make bench\n")
    print("| what | against | per second | ratio |\n|---|---|---|---|")
    for what, against in [
        ("nginx → balances", "nginx → constant bytes"), ("balances", "constant bytes"),
        (f"nginx → balances over {LARGE:,} expenses", "nginx → balances"),
        ("nginx → constant bytes", "nginx, a static file"), ("the shared codec", "constant bytes"),
        ("expense", "pgbench, statement by statement"), ("expense", "pgbench, pipeline"),
        ("nginx → expense", "expense"),
    ]:
        ratio = statistics.median(figures[what] / figures[against] for figures in rounds)
        rate = statistics.median(figures[what] for figures in rounds)
        print(f"| {what} | {against} | {rate:,.0f} | {ratio:.2f} |")
    print(f"\nMemory of the server: {idle:.0f} MB idle, {memory(server, 'VmHWM'):.0f} MB at its peak.")
    starts = []
    for number in range(5):
        port = free_port()
        began = time.monotonic()
        process = start(
            [f"{ROOT}/.build/release/kittycash-server", "serve", "--data", f"{FOLDER}/sqlite", "--port", str(port)],
            "sqlite")
        wait(port, "/health/ready")
        starts.append(time.monotonic() - began)
        process.terminate()
        process.wait()
    print(f"Start to the first healthy answer on SQLite: {statistics.median(starts) * 1000:.0f} ms.")


try:
    main()
finally:
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.wait()
