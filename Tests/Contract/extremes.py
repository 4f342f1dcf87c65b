"""Extreme values, a user whose group they are sent to, and the client that judges the answers."""

import copy
import http.client
import json
import re
import urllib.parse

PASSWORD = "mild tea in a blue cup"
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
ID = "0190b7c4-1111-7222-8333-444455556666"

# Texts that are extreme in a body, in an address and in a header.
TEXTS = [
    "", " ", "\t", "x" * 65, "x" * 201, "x" * 5001, "\0", "a\0b", "\x1b[2J", "\x7f", "\u0085", "\u200b", "\u202e", "\u2028",
    "\ufeff", "\uffff", "\U0001f468\u200d\U0001f469", "e\u0301", "\u0430nna", "\u0131dr", "\u017fek", "\uac00" * 64,
    "a" + "\u0301" * 64, "0", "-0", "00", "+1", "1.", ".5", "1e3", "0x10", "1_000", "\u0661\u0662", "NaN", "Infinity",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" * 400, "0.000000000001", "1.005", "1,50",
    "true", "null", "[]", "{}", "*", '"1"', 'W/"1"', '"' + "9" * 30 + '"', ID, ID.upper(), ID.replace("-", ""),
    "0190b7c4-1111-4222-8333-444455556666", "ffffffff-ffff-7fff-bfff-ffffffffffff", "kitty", "EUR", "eur", "XXX", "EURO",
    "2026-02-29", "2024-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2026-1-1", "2026-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z", "1969-12-31T23:59:59.999Z", "2026-01-01T24:00:00Z", "' or 1=1 --", "$1", "?1", "%s%n", "../../etc",
    "=1+1", "<b>", "a@b", "a@example.org", "a@b\r\nBcc: c@d", "Europe/Berlin", "../UTC", "json", "fewest", "expense",
]  # fmt: skip
# Values of JSON as they are written, because some cannot be written by a program that knows JSON.
VALUES = [json.dumps(text) for text in TEXTS] + [
    "null", "true", "false", "0", "-0", "-1", "1", "2", "100", "1000001", "2147483648", "-2147483649", "9007199254740993",
    "1000000000000", "1000000000001", "999999999999999999", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "1" + "0" * 400, "0.5", "1.0", "1e2", "1e400", "-1e400", "1e-400", "1E+2",
    "0.1e1", "[]", "[null]", "[[]]", "{}", '{"a": 1, "a": 2}', '{"": 0}', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"',
    '"\\ud83d\\ude00"', "[" * 40 + "]" * 40, "[" * 600 + "]" * 600, "[" + "0," * 600 + "0]", '["x", "x"]', f'["{ID}"]',
    '{"member": "kitty"}', '"' + "y" * 70000 + '"', "01", "+1", ".5", "1.", "NaN", "tru", "'x'", '"\t"', '"\\x"', '"open',
]  # fmt: skip


def is_json(text):
    """Returns whether a written value can be read at all."""
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


def places(value, path=()):
    """Returns every place in a value of JSON, itself first."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


def at(value, path):
    for key in path:
        value = value[key]
    return value


def changed(value, path, new):
    """Returns a copy with another value at a place."""
    if not path:
        return new
    value = copy.deepcopy(value)
    at(value, path[:-1])[path[-1]] = new
    return value


class Written(str):
    """A value as it is to be written."""


def write(value):
    """Returns a value as JSON, with each `Written` as it is."""
    written = []

    def marked(one):
        if isinstance(one, Written):
            written.append(one)
            return f"\0{len(written) - 1}\0"
        if isinstance(one, dict):
            return {key: marked(item) for key, item in one.items()}
        return [marked(item) for item in one] if isinstance(one, list) else one

    text = json.dumps(marked(value))
    for index, one in enumerate(written):
        text = text.replace(f'"\\u0000{index}\\u0000"', one)
    return text


class Client:
    """Sends requests one after the other. Each answer that must not be is a failure."""

    def __init__(self, url, random):
        self.address = urllib.parse.urlsplit(url).netloc
        self.random, self.token, self.count, self.failures = random, None, 0, []
        self.connection = http.client.HTTPConnection(self.address, timeout=60)

    def send(self, method, path, body=None, headers=None):
        """Returns the status, the code of a problem or "", and the body."""
        self.count += 1
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = (body if isinstance(body, str) else json.dumps(body)).encode("utf-8", "surrogatepass")
        try:
            self.connection.request(method, path, body, sent | (headers or {}))
            answer = self.connection.getresponse()
            status, data, kind = answer.status, answer.read(), answer.headers.get("Content-Type", "")
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.fail(method, path, body, f"no answer: {error!r}")
            return 0, "no_answer", b""
        code = json.loads(data).get("code", "") if "problem+json" in kind else ""
        if status >= 500 or (status >= 400 and not code and method != "HEAD"):
            self.fail(method, path, body, f"{status} {code} {data[:200]}")
        return status, code, data

    def fail(self, method, path, body, why):
        self.failures.append(f"{method} {path[:200]} {(body or b'')[:400]}: {why}")

    def must(self, method, path, body=None, headers=None):
        status, code, data = self.send(method, path, body, headers)
        if not 200 <= status < 300:
            raise AssertionError(f"{method} {path}: {status} {code} {data[:300]}")
        return json.loads(data or b"null")

    def sign_up(self):
        """Becomes a new user, and returns the name."""
        self.token = None
        person = {"name": f"u{self.random.getrandbits(64):x}", "password": PASSWORD}
        self.must("POST", "/v1/users", person)
        self.token = self.must("POST", "/v1/sessions", person)["token"]
        return person["name"]

    def group(self, name="Flat"):
        return self.must("POST", "/v1/groups", {"name": name, "currency": "EUR"})


class World:
    """A new user with a group that has one of everything, and the values that name these in a path or a body."""

    def __init__(self, client):
        self.name = client.sign_up()
        made = client.group()
        path = f"/v1/groups/{made['id']}"
        self.members = [made["me"]] + [client.must("POST", f"{path}/members", {"name": name})["id"] for name in ("Bob", "Carl")]
        me, bob, _ = self.members
        expense = client.must("POST", f"{path}/expenses", {"description": "Dinner", "amount": "60.00", "payer": me})
        client.must("POST", f"{path}/expenses", {
            "description": "Sushi", "amount": 8000, "currency": "JPY", "rate": "0.0062", "payer": me, "note": "a\nb",
            "split": {"method": "items", "items": [{"amount": 3000, "members": [bob]}, {"amount": 5000}]}})
        client.must("PATCH", f"{path}/expenses/{expense['id']}", {"amount": "90.00"}, {"If-Match": "*"})
        payment = client.must("POST", f"{path}/payments", {"from": me, "to": "kitty", "amount": "20.00"})
        client.must("POST", f"{path}/kitty/counts", {"counted": "19.00"})
        client.must("PUT", f"{path}/kitty/targets", {"targets": [{"member": bob, "amount": "50.00"}]})
        client.must("POST", f"{path}/entries/{expense['id']}/comments", {"text": "Really?"})
        invite = client.must("POST", f"{path}/invites", {"maxUses": 3})
        client.must("PUT", "/v1/me/files/notes", {"content": "Ask Bob."})
        self.category = client.must("POST", f"{path}/categories", {"name": "Food"})["id"]
        rule = client.must("POST", f"{path}/recurring", {
            "template": {"payment": {"from": bob, "to": "kitty", "amount": "20.00"}}, "every": {"n": 1, "unit": "year"},
            "from": "2031-01-31"})["id"]
        settlement = client.must("POST", f"{path}/settlements", {})["id"]
        self.values = {
            "settlement": settlement, "import": settlement, "number": 1, "chart": "spending.svg", "rule": rule, "k": "0", "category": self.category, "receipt": 1, "file": "notes", "group": made["id"], "member": bob, "account": bob, "expense": expense["id"], "payment": payment["id"],
            "entry": expense["id"], "invite": invite["id"], "code": invite["code"],
            "token": client.must("POST", "/v1/me/tokens", {"name": "t", "scopes": ["read"]})["id"],
            "session": client.must("GET", "/v1/me/sessions")["items"][0]["id"], "size": "small"}
        self.path, self.client = path, client

    def filled(self, value, key="", index=0):
        """Returns a body of the contract's examples, with the values of this world."""
        if isinstance(value, dict):
            return {name: self.filled(item, name, index) for name, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item, key, number) for number, item in enumerate(value)]
        if key in ("password", "current"):
            return PASSWORD
        if key in ("code", "group"):
            return self.values[key]
        # What is made must be new.
        if key == "id":
            return f"019c7aaa-{self.client.random.getrandbits(16):04x}-7{self.client.random.getrandbits(12):03x}-8000-{self.client.count:012x}"
        if key == "name" and index == 0:
            return f"{value}{self.client.count}"
        if key in ("category", "parent"):
            return self.category
        if isinstance(value, str) and UUID.fullmatch(value):
            return self.members[(index + (key in ("to", "guest"))) % 3]
        return value
