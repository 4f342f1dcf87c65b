#!/usr/bin/env python3
"""Sends every field of the contract with every extreme value, then two at once: no answer may be a 5xx.

    fields.py CONTRACT URL COUNT SEED ANSWERS

Fields are the places of each body, the parameters of each path and query, and the headers with a meaning; bodies are
broken as wholes too. COUNT requests are sent, in an order that depends on SEED. ANSWERS is written with the status and
the code of each, so that two databases can be compared; if it exists, it is compared.
"""

import json
import pathlib
import random
import sys
import urllib.parse

import yaml

import extremes

METHODS = ("get", "put", "post", "patch", "delete")
# A user is replaced after this many requests, and after what may end the user or the group.
RENEWED = 200
# A body that is broken as a whole: a function of its text.
BROKEN = [
    lambda text: text[:-1], lambda text: text + "}", lambda text: text + text, lambda text: "\ufeff" + text,
    lambda text: "[" + text + "]", lambda text: text.replace(":", "=", 1), lambda text: text.replace("{", "{,", 1),
    lambda text: text.replace("{", '{"unknown": 1, ', 1), lambda text: text.replace("{", '{"\\u0000": 1, ', 1),
    lambda text: text.replace("{", "{" + text[1:text.find(",")] + ",", 1) if "," in text else text * 2,
    lambda text: text.replace("}", ",}", 1), lambda text: " " * 300000 + text, lambda text: "", lambda text: "null",
    lambda text: text.replace('"', "'"), lambda text: "// x\n" + text, lambda text: text.replace(" ", "\u00a0"),
    lambda text: "{" + ",".join(f'"{key}": 1' for key in range(2000)) + "}",
    lambda text: "{" + ",".join(f'"\\n{key}": 1' for key in range(2000)) + "}",
]  # fmt: skip


class Operation:
    def __init__(self, document, method, path, item):
        self.document, self.method, self.path = document, method.upper(), path
        operation = item[method]
        parameters = [self.resolve(one) for one in item.get("parameters", []) + operation.get("parameters", [])]
        self.names = [one["name"] for one in parameters if one["in"] == "path"]
        self.query = [one["name"] for one in parameters if one["in"] == "query"]
        self.headers = [one["name"] for one in parameters if one["in"] == "header"]
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        schema = self.resolve(content.get("application/json", {}).get("schema", {}))
        self.examples = schema.get("examples", [])
        if content and "application/json" in content and not self.examples:
            raise AssertionError(f"{self.method} {path}: its body has no example in the contract")

    def resolve(self, value):
        while "$ref" in value:
            target = self.document
            for name in value["$ref"].split("/")[1:]:
                target = target[name]
            value = target
        return value

    def cases(self):
        """Returns every single change: the kind of place, the place, and the value."""
        found = [(kind, name, text) for kind in ("names", "query", "headers") for name in getattr(self, kind)
                 for text in extremes.TEXTS]
        for index, example in enumerate(self.examples):
            found += [("body", (index, place), value) for place in extremes.places(example) for value in extremes.VALUES]
            found += [("missing", (index, place), None) for place in extremes.places(example)[1:]]
            found += [("broken", (index, number), None) for number in range(len(BROKEN))]
        return found or [("query", "unknown", "x")]

    def send(self, client, world, changes):
        """Sends a request with some changes."""
        values = dict(world.values)
        query, headers = {}, {"If-Match": "*"} if "If-Match" in self.headers else {}
        index = next((place[0] for kind, place, _ in changes if kind in ("body", "missing", "broken")), 0)
        body = world.filled(self.examples[index]) if self.examples else None
        if self.path == "/v1/sessions":
            body["name"] = world.name
        broken = None
        for kind, place, value in changes:
            if kind == "names":
                values[place] = value
            elif kind == "query":
                query[place] = value
            elif kind == "headers":
                headers[place] = "".join(letter for letter in value if letter == "\t" or " " <= letter <= "\xff")
            elif kind == "broken":
                broken = BROKEN[place[1]]
            elif place[0] == index:
                body = self.change(body, kind, place[1], value)
        text = extremes.write(body) if body is not None else None
        path = self.path
        for name in self.names:
            path = path.replace("{" + name + "}", quoted(values[name]))
        if query:
            path += "?" + "&".join(f"{name}={quoted(value)}" for name, value in query.items())
        return client.send(self.method, path, broken(text) if broken else text, headers)

    def change(self, body, kind, path, value):
        try:
            if kind == "body":
                return extremes.changed(body, path, extremes.Written(value))
            body = json.loads(json.dumps(body))
            del extremes.at(body, path[:-1])[path[-1]]
            return body
        except (KeyError, IndexError, TypeError, ValueError):
            # Another change took the place away.
            return body

    def ends(self):
        """Returns whether a success ends the user, the session, the group or a thing in it."""
        return self.method == "DELETE" or self.path.endswith(("/leave", "/owner", "/password", "/second-factor", "/import"))


def quoted(text):
    return urllib.parse.quote(str(text).encode("utf-8", "surrogatepass"), safe="*") or "%20"


def main():
    contract, url, count, seed, answers = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], pathlib.Path(sys.argv[5])
    document = yaml.safe_load(pathlib.Path(contract).read_text())
    order = random.Random(seed)
    operations = [
        Operation(document, method, path, item)
        for path, item in document["paths"].items() for method in METHODS if method in item]
    singles = [(operation, [case]) for operation in operations for case in operation.cases()]
    order.shuffle(singles)
    while len(singles) < count:
        operation, changes = order.choice(singles)
        singles.append((operation, changes + [order.choice(operation.cases())]))
    client = extremes.Client(url, order)
    world, used, log = None, RENEWED, []
    for number, (operation, changes) in enumerate(singles[:count]):
        if used >= RENEWED:
            world, used = extremes.World(client), 0
        status, code, _ = operation.send(client, world, changes)
        used = RENEWED if status in (401, 410) or (status < 300 and operation.ends()) else used + 1
        what = "; ".join(f"{kind} {place} {str(value)[:40]!r}" for kind, place, value in changes)
        # Where a broken body stops making sense depends on the ids in it.
        is_read = all(kind != "broken" and (kind != "body" or extremes.is_json(value)) for kind, _, value in changes)
        result = f"{status} {code}" if is_read or not 400 <= status < 500 else "4xx"
        log.append(f"{number} {operation.method} {operation.path} {what}: {result}")
    differences = compare(log, answers)
    for failure in client.failures[:20] + differences[:20]:
        print(f"fields: {failure}", file=sys.stderr)
    print(f"fields: {client.count} requests, {len(singles)} cases known, {len(client.failures)} failures, "
          f"{len(differences)} other answers than before (seed {seed})")
    sys.exit(1 if client.failures or differences else 0)


def compare(log, path):
    """Returns the lines that differ from those of the run before, or keeps them for the next one."""
    if not path.exists():
        path.write_text("\n".join(log))
        return []
    before = path.read_text().split("\n")
    return [f"{new}, and before {old.rpartition(': ')[2]}" for old, new in zip(before, log) if old != new]


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main()
