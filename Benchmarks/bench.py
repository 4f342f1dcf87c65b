"""Loads the server and its references in turn and prints ratios; `make bench` calls it.

A machine is never the same twice, so no figure means anything alone: every figure stands beside that of a
reference measured in the same round, and the ratio is the median over the rounds.
"""
import getpass
import hashlib
import http.client
import json
import os
import random
import re
import socket
import statistics
import struct
import subprocess
import sys
import time
import zlib

import search

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = sys.argv[1]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = int(os.environ.get("SECONDS_EACH", "5"))
GROUPS = 100
# How many expenses the large groups have; the million takes a minute and 600 MB to load.
SIZES = [int(size) for size in os.environ.get("SIZES", "1000,100000,1000000").split(",")]
POSTGRES = os.environ["KITTY_TEST_POSTGRES"]
REDIS = os.environ["KITTY_TEST_REDIS"]
# No measurement takes longer than its time and this, in seconds; a load generator that hangs is an error, not a wait.
GRACE = 60
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


def proxy(name, upstream, photos=None):
    """The project's own nginx configuration in front of a port. It sends the files of a folder of photos itself."""
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
    if photos:
        # The files belong to the user of the server.
        text = f"user {getpass.getuser()};\n" + text.replace("/var/lib/kittycash/photos/", photos + "/")
        open(f"{folder}/photos.conf", "w").write("set $sends_files 1;\n")
    open(f"{folder}/nginx.conf", "w").write(text)
    environment = {"PATH": os.environ["PATH"] + ":/usr/sbin"}
    start(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", "stderr", "-g", "daemon off;"], name, environment)
    return port


def picture():
    """A PNG of 1600 × 1200 pixels, whose JPEG has some hundred kilobytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes((x * y // 7 + random.randrange(24)) % 256 for x in range(1600)) for y in range(1200))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1600, 1200, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def bill():
    """A PDF of three megabytes."""
    head = b"%PDF-1.4\n%" + random.randbytes(3 << 20).replace(b"\n", b"x").replace(b"\r", b"x") + b"\n"
    return head + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 >>\nstartxref\n%d\n%%%%EOF\n" % len(head)


class API:
    def __init__(self, port):
        self.connection, self.token = http.client.HTTPConnection("127.0.0.1", port, timeout=GRACE), None

    def put(self, path, data):
        self.connection.request("PUT", path, data, {"Authorization": f"Bearer {self.token}"})
        answer = self.connection.getresponse()
        if answer.status >= 300:
            sys.exit(f"PUT {path}: {answer.status} {answer.read()[:300]}")
        return json.loads(answer.read())

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
        arguments + (["-s", script] if script else []) + [url], capture_output=True, text=True, check=True,
        timeout=SECONDS + GRACE).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        sys.exit(f"requests failed:\n{printed}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])


def pgbench(name, script):
    path = f"{FOLDER}/{name}.sql"
    open(path, "w").write(script)
    printed = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c8", "-j2", f"-T{SECONDS}", "-f", path, POSTGRES],
        capture_output=True, text=True, timeout=SECONDS + GRACE)
    if printed.returncode:
        sys.exit(f"pgbench failed:\n{printed.stderr}")
    return float(re.search(r"tps = ([\d.]+)", printed.stdout)[1])


def load(group, count):
    """Puts expenses into a group past the API, with COPY: the way of the API would take hours. PostgreSQL tidies up
    afterwards at once, and not while something is measured."""
    (group, (a, b, c)) = group
    content = json.dumps({
        "kind": "expense", "description": "Dinner", "amount": 300, "currency": "EUR", "date": "2026-01-01"})
    lines = [(a, "paid", 300), (a, "share", -100), (b, "share", -100), (c, "share", -100)]

    def postings(entry, number):
        for line, (account, kind, amount) in enumerate(lines):
            yield f"{group}\t{entry}\t1\t{line}\t{account}\t{kind}\tEUR\t{amount}\n"

    def entries(entry, number):
        yield f"{group}\t{entry}\t{number}\texpense\tDinner\t300\tEUR\t2026-01-01\t{a}\t0\t0\t{number}\n"

    def revisions(entry, number):
        yield f"{group}\t{entry}\t1\tcreated\t{a}\t0\t4\t{content}\n"

    tables = {
        "postings (group_id, entry_id, revision, line, account_id, kind, currency, amount)": postings,
        "entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at, sequence)":
            entries,
        "revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content)": revisions,
    }
    psql = subprocess.Popen(["psql", "-q", "-v", "ON_ERROR_STOP=1", POSTGRES], stdin=subprocess.PIPE, text=True)
    psql.stdin.write("begin;\n")
    for table, rows in tables.items():
        psql.stdin.write(f"copy {table} from stdin;\n")
        for number in range(1, count + 1):
            psql.stdin.writelines(rows(f"00000000-0000-7000-8000-{number:012x}", number))
        psql.stdin.write("\\.\n")
    psql.stdin.write(f"""insert into balances (group_id, account_id, currency, paid, share, sent, received) values
        ('{group}', '{a}', 'EUR', {300 * count}, {100 * count}, 0, 0), ('{group}', '{b}', 'EUR', 0, {100 * count}, 0, 0),
        ('{group}', '{c}', 'EUR', 0, {100 * count}, 0, 0);
        update groups set last_number = {count}, sequence = sequence + {count} where id = '{group}'; commit; vacuum analyze;""")
    psql.stdin.close()
    if psql.wait():
        sys.exit("the large groups could not be loaded")


def large_group_speed(servers):
    """Prints the times of searches and statistics over a large group on each database."""
    rows = {name: list(search.measure(port, api.token)) for name, port, api in servers}
    print(f"\nSearches, filtered pages of 50 and statistics over {search.COUNT:,} expenses of five years in a group, one at a time, the median:\n")
    print(f"| what | at most | {' | '.join(rows)} |\n|---|---|{'---|' * len(rows)}")
    for parts in zip(*rows.values()):
        times = " | ".join(f"{milliseconds:.0f} ms" for _, milliseconds, _ in parts)
        print(f"| {parts[0][0]} | {max(most for _, _, most in parts)} | {times} |")


def static_files():
    """nginx itself, serving the bytes of the balances reply and other files; like nginx/nginx.conf, with sendfile."""
    port, folder = free_port(), f"{FOLDER}/static"
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    os.chmod(f"{FOLDER}/reply.json", 0o644)
    open(f"{folder}/nginx.conf", "w").write(f"""worker_processes auto; pid nginx.pid; error_log stderr warn;
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:{port}; root {FOLDER}; }} }}
""")
    environment = {"PATH": os.environ["PATH"] + ":/usr/sbin"}
    start(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", "stderr", "-g", "daemon off;"], "static", environment)
    wait(port, "/reply.json")
    return port


def memory(process, field):
    status = open(f"/proc/{process.pid}/status").read()
    return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024


# The statements of a read of balances, when nothing is remembered.
READ = """select id, user_id, expires_at from sessions where token_hash = ':t' and expires_at > 0;
select a.id, a.role, g.currency, g.archived_at, g.closed_until, g.deleted_at from accounts a join groups g on g.id = a.group_id where a.group_id = (select id from bench_groups where n = :g) and a.user_id = (select user_id from sessions where token_hash = ':t') and a.removed_at is null;
select a.id, a.name, a.kind, b.currency, b.paid, b.share, b.sent, b.received from accounts a left join balances b on b.group_id = a.group_id and b.account_id = a.id where a.group_id = (select id from bench_groups where n = :g);
"""
# The statements of an expense of 3 shares with a key, as the server sends them.
STATEMENTS = """insert into idempotency_keys (user_id, key, fingerprint, made, created_at) values (:'u', gen_random_uuid()::text, repeat('0', 64), gen_random_uuid(), 0);
update groups set last_number = last_number + 1, sequence = sequence + 1 where id = (select id from bench_groups where n = :g);
insert into postings (group_id, entry_id, revision, line, account_id, kind, currency, amount) select g.id, :'e', 1, v.line, v.account, v.kind, 'EUR', v.amount from bench_groups g, lateral (values (0, g.a, 'paid', 300), (1, g.a, 'share', -100), (2, g.b, 'share', -100), (3, g.c, 'share', -100)) v (line, account, kind, amount) where g.n = :g;
insert into balances (group_id, account_id, currency, paid, share, sent, received) select g.id, v.account, 'EUR', v.paid, 100, 0, 0 from bench_groups g, lateral (values (g.a, 300), (g.b, 0), (g.c, 0)) v (account, paid) where g.n = :g on conflict (group_id, account_id, currency) do update set paid = balances.paid + excluded.paid, share = balances.share + excluded.share, sent = balances.sent + excluded.sent, received = balances.received + excluded.received;
insert into entries (group_id, id, number, kind, description, amount, currency, date, created_by, created_at, changed_at, sequence) select b.id, :'e', g.last_number, 'expense', 'Dinner', 300, 'EUR', '2026-01-01', b.a, 0, 0, g.sequence from bench_groups b join groups g on g.id = b.id where b.n = :g;
insert into spending (group_id, month, category_id, currency, entry_id, date, kind, categories, tags, amount) select id, 24312, id, 'EUR', :'e', '2026-01-01', 'expense', 1, '', 300 from bench_groups where n = :g;
insert into revisions (group_id, entry_id, revision, action, made_by, made_at, lines, content) select id, :'e', 1, 'created', a, 0, 4, repeat('x', 600) from bench_groups where n = :g;
"""
# pgbench has no UUIDs: one is put together from its numbers.
PREAMBLE = """\\set g random(1, {groups})
\\set e1 random(268435456, 4294967295)
\\set e2 random(1000000000000, 9007199254740991)
"""


def server(name, environment):
    """A server of the release; its port, and its process."""
    port = free_port()
    process = start(
        [f"{ROOT}/.build/release/kittycash-server", "serve"], name,
        {**environment, "DATA_DIR": f"{FOLDER}/{name}", "PORT": str(port), "LOG_LEVEL": "warning",
         "RATE_LIMIT": "off"})
    wait(port, "/health/ready")
    return port, process


def populate(port, name):
    """Groups of three on a server: the API, the groups with their members, and scripts that read and write."""
    api = API(port)
    person = {"name": "anna", "password": "a long password"}
    api.call("POST", "/v1/users", person)
    api.token = json.loads(api.call("POST", "/v1/sessions", person))["token"]
    groups = []
    for _ in range(GROUPS):
        group = json.loads(api.call("POST", "/v1/groups", {"name": "Flat", "currency": "EUR"}))
        members = [group["me"]]
        for guest in ["Bob", "Carl"]:
            members.append(json.loads(api.call("POST", f"/v1/groups/{group['id']}/members", {"name": guest}))["id"])
        groups.append((group["id"], members))
    read, write = f"{FOLDER}/{name}-read.lua", f"{FOLDER}/{name}-write.lua"
    open(read, "w").write(f'wrk.headers["Authorization"] = "Bearer {api.token}"\n')
    pairs = ", ".join(f'{{"{group}", "{members[0]}"}}' for group, members in groups)
    open(write, "w").write(f"""local groups = {{{pairs}}}
local n = 0
local run = "{os.getpid()}-" .. os.time() .. "-"
local head = "/expenses HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nAuthorization: Bearer {api.token}\\r\\n"
  .. "Content-Type: application/json\\r\\nIdempotency-Key: "
function request()
  n = n + 1
  local g = groups[n % #groups + 1]
  local body = '{{"description": "Dinner", "amount": 300, "payer": "' .. g[2] .. '"}}'
  return "POST /v1/groups/" .. g[1] .. head .. run .. n .. "-" .. math.random(1000000000)
    .. "\\r\\nContent-Length: " .. #body .. "\\r\\n\\r\\n" .. body
end
function init() math.randomseed(os.time()) end
""")
    return api, groups, read, write


def overload(port, api, groups, rate):
    """Asks for expenses at three times the rate the server can do, over 2,000 connections: what it does."""
    body, runs = f"{FOLDER}/expense.json", []
    open(body, "w").write('{"description": "Dinner", "amount": 300, "payer": "kitty"}')
    # Every connection of an h2load asks for the same group at the same time, so there are twenty of them.
    for number in range(20):
        uris, log = f"{FOLDER}/uris-{number}", f"{FOLDER}/overload-{number}.log"
        shuffled = random.sample(groups, len(groups))
        open(uris, "w").write("".join(f"http://127.0.0.1:{port}/v1/groups/{group}/expenses\n" for group, _ in shuffled))
        runs.append((log, subprocess.Popen(
            ["h2load", "--h1", "-c100", "-t1", f"-D{SECONDS}", f"--rps={3 * rate / 2000:.2f}", "-d", body,
             "-H", f"Authorization: Bearer {api.token}", "-H", "Content-Type: application/json", f"--log-file={log}",
             "-i", uris], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
        processes.append(runs[-1][1])
    done, end, hung = {}, time.monotonic() + SECONDS + GRACE, 0
    for log, run in runs:
        try:
            if run.wait(max(0, end - time.monotonic())):
                sys.exit("h2load failed")
        except subprocess.TimeoutExpired:
            # h2load can wait for ever for a connection that was closed. It writes each answer to its log at once.
            run.kill()
            run.wait()
            hung += 1
        for line in open(log):
            _, status, microseconds = line.split()
            done.setdefault(status, []).append(int(microseconds) / 1000)
    if hung:
        print(f"{hung} of {len(runs)} load generators did not end by themselves and were stopped.", file=sys.stderr)
    return done


def main():
    server_port, process = server(
        "server", {"DATABASE_URL": POSTGRES, "REDIS_URL": REDIS, "TRUSTED_PROXIES": "127.0.0.1"})
    idle = memory(process, "VmRSS")
    api, groups, read, write = populate(server_port, "server")
    embedded_port, _ = server("embedded", {})
    embedded_api, embedded_groups, embedded_read, embedded_write = populate(embedded_port, "embedded")
    embedded_path = f"/v1/groups/{embedded_groups[0][0]}/balances"
    reference_port = free_port()
    path = f"/v1/groups/{groups[0][0]}/balances"
    for number in range(10):
        api.call("POST", f"/v1/groups/{groups[0][0]}/expenses",
                 {"description": "Dinner", "amount": 100 + number, "payer": groups[0][1][0]})
    user = json.loads(api.call("GET", "/v1/me"))["id"]
    reply = api.call("GET", path)
    open(f"{FOLDER}/reply.json", "wb").write(reply)
    start([f"{ROOT}/.build/release/Reference", str(reference_port), f"{FOLDER}/reply.json"], "reference")
    wait(reference_port, "/v1/x")
    front = proxy("front", server_port, f"{FOLDER}/server/photos")
    constant = proxy("constant", reference_port)
    files = {"photo": f"/v1/groups/{groups[0][0]}/photo", "receipt": f"/v1/groups/{groups[0][0]}/entries/1/receipts/1"}
    for (name, address), data in zip(files.items(), [picture(), bill()]):
        api.put(address, data)
        open(f"{FOLDER}/{name}", "wb").write(api.call("GET", address))
        os.chmod(f"{FOLDER}/{name}", 0o644)
    wait(front, "/health/ready"), wait(constant, "/v1/x")

    large = {size: f"/v1/groups/{groups[place + 1][0]}/balances" for place, size in enumerate(SIZES)}
    for place, size in enumerate(SIZES):
        load(groups[place + 1], size)
    static_port = static_files()

    values = ", ".join(
        f"({n + 1}, '{group}', '{m[0]}', '{m[1]}', '{m[2]}')" for n, (group, m) in enumerate(groups))
    subprocess.run(
        ["psql", "-q", POSTGRES, "-c",
         "create table bench_groups (n int primary key, id uuid, a uuid, b uuid, c uuid);"
         f"insert into bench_groups values {values}; analyze bench_groups"], check=True)
    entry = "(lpad(to_hex(:e1::bigint), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(:e2::bigint % 281474976710655), 12, '0'))::uuid"
    statements = STATEMENTS.replace(":'u'", f"'{user}'").replace(":'e'", entry)
    preamble = PREAMBLE.format(groups=GROUPS)
    single = preamble + "begin;\n" + statements + "commit;\n"
    reads = READ.replace(":t", hashlib.sha256(api.token.encode()).hexdigest())
    piped = preamble + "\\startpipeline\nbegin;\n" + statements + "commit;\n\\endpipeline\n"

    measures = {
        "nginx → constant bytes": lambda: wrk(f"http://127.0.0.1:{constant}{path}", read),
        "nginx → balances": lambda: wrk(f"http://127.0.0.1:{front}{path}", read),
        "constant bytes": lambda: wrk(f"http://127.0.0.1:{reference_port}{path}", read),
        "balances": lambda: wrk(f"http://127.0.0.1:{server_port}{path}", read),
        "the shared codec": lambda: wrk(f"http://127.0.0.1:{reference_port}/coded", read),
        **{f"nginx → balances over {size:,} expenses": lambda path=path: wrk(f"http://127.0.0.1:{front}{path}", read)
           for size, path in large.items()},
        "nginx, a static file": lambda: wrk(f"http://127.0.0.1:{static_port}/reply.json", read),
        **{f"nginx → {name}": lambda address=address: wrk(f"http://127.0.0.1:{front}{address}", read)
           for name, address in files.items()},
        **{f"nginx, the {name} as a static file": lambda name=name: wrk(f"http://127.0.0.1:{static_port}/{name}", read)
           for name in files},
        "pgbench, the read, statement by statement": lambda: pgbench("read", preamble + reads),
        "pgbench, the read, pipeline": lambda: pgbench(
            "readpiped", preamble + "\\startpipeline\n" + reads + "\\endpipeline\n"),
        "pgbench, statement by statement": lambda: pgbench("single", single),
        "pgbench, pipeline": lambda: pgbench("piped", piped),
        "expense": lambda: wrk(f"http://127.0.0.1:{server_port}/", write),
        "nginx → expense": lambda: wrk(f"http://127.0.0.1:{front}/", write),
        "expense on SQLite": lambda: wrk(f"http://127.0.0.1:{embedded_port}/", embedded_write),
        "balances on SQLite": lambda: wrk(f"http://127.0.0.1:{embedded_port}{embedded_path}", embedded_read),
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
        *((f"nginx → balances over {size:,} expenses", "nginx → balances") for size in SIZES),
        ("balances", "pgbench, the read, statement by statement"), ("balances", "pgbench, the read, pipeline"),
        *((f"nginx → {name}", f"nginx, the {name} as a static file") for name in files),
        ("nginx → constant bytes", "nginx, a static file"), ("the shared codec", "constant bytes"),
        ("expense", "pgbench, statement by statement"), ("expense", "pgbench, pipeline"),
        ("nginx → expense", "expense"), ("expense on SQLite", "expense"), ("balances on SQLite", "balances"),
    ]:
        ratio = statistics.median(figures[what] / figures[against] for figures in rounds)
        rate = statistics.median(figures[what] for figures in rounds)
        print(f"| {what} | {against} | {rate:,.0f} | {ratio:.2f} |")
    after = memory(process, "VmRSS")
    print(f"\nMemory of the server: {idle:.0f} MB idle, {memory(process, 'VmHWM'):.0f} MB at its peak, {after:.0f} MB after.")
    large_group_speed([("PostgreSQL", server_port, api), ("SQLite", embedded_port, embedded_api)])
    rate = statistics.median(figures["expense"] for figures in rounds)
    done = overload(server_port, api, groups, rate)
    unknown = set(done) - {"201", "503"}
    if unknown:
        sys.exit(f"under overload there were answers of {unknown}")
    print("\nAsked for three times the expenses it can do, over 2,000 connections:")
    for status, times in sorted(done.items()):
        times.sort()
        print(f"{len(times) / SECONDS:,.0f} a second answered with {status}, half of them within {times[len(times) // 2]:.0f} ms, "
              f"99 % within {times[len(times) * 99 // 100]:.0f} ms.")
    # The last of them are still waiting.
    time.sleep(1)
    print(f"Memory at its peak: {memory(process, 'VmHWM'):.0f} MB. A second later: "
          f"{wrk(f'http://127.0.0.1:{server_port}/', write):,.0f} expenses a second, then "
          f"{wrk(f'http://127.0.0.1:{server_port}/', write):,.0f}, as against {rate:,.0f} before.")
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
        process.wait(GRACE)
    print(f"Start to the first healthy answer on SQLite: {statistics.median(starts) * 1000:.0f} ms.")


try:
    main()
finally:
    for process in processes:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
