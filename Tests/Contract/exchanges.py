#!/usr/bin/env python3
"""Compares the requests and answers of a test run with docs/openapi.yaml.

    exchanges.py CONTRACT FILE [--whole]

FILE has an exchange on each line, as Tests/KittyServerTests/Support/ExchangeRecorder.swift writes them. The status, the
headers, the media type and the body of each answer are checked; each accepted request must be allowed by the contract.
With --whole a route without a successful request fails too, since it was not checked.
"""

import collections
import copy
import json
import re
import sys
import urllib.parse

import jsonschema_rs
import openapi_spec_validator
import yaml

PROBLEM = "application/problem+json"
# Answers without a route: described once, in the description of the contract.
ANYWHERE = {400: "not_http", 404: "not_found", 431: "head_too_large"}
# Headers with a meaning for clients, which must be in the contract where they are sent.
HEADERS = {"etag", "location", "link", "retry-after", "www-authenticate", "content-disposition"}
# Headers of any answer: described once as well, and compared with that description.
LIMITS = {"ratelimit": "RateLimit", "ratelimit-policy": "RateLimitPolicy"}


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        openapi_spec_validator.validate(self.document)
        self.strict = self.registry(closed=True)
        self.as_written = self.registry(closed=False)
        self.validators = {}
        self.routes = []
        for path, item in self.document["paths"].items():
            pattern = re.compile("".join(
                "([^/]+)" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", path)))
            for method, operation in item.items():
                if method == "parameters":
                    continue
                parameters = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
                self.routes.append((method.upper(), pattern, path, operation, parameters))

    def registry(self, closed):
        document = copy.deepcopy(self.document)
        if closed:
            # Clients ignore unknown fields; a test does not.
            schemas = document["components"]["schemas"]
            for name, schema in schemas.items():
                schemas[name] = self.merged(schema)
            for schema in schemas.values():
                if schema.get("type") == "object" and "properties" in schema:
                    schema.setdefault("additionalProperties", False)
        return jsonschema_rs.Registry([("urn:kittycash", document)], draft=jsonschema_rs.Draft202012)

    def merged(self, schema):
        """Returns an object that extends another one with `allOf` as one object, so that it can be closed."""
        parts = [self.resolve(part) for part in schema.get("allOf", [])]
        if not parts or not all("properties" in part for part in parts) or parts[0].get("type") != "object":
            return schema
        return {
            "type": "object",
            "required": [name for part in parts for name in part.get("required", [])],
            "properties": {name: value for part in parts for name, value in part["properties"].items()},
        }

    def resolve(self, value):
        while "$ref" in value:
            target = self.document
            for name in value["$ref"].split("/")[1:]:
                target = target[name.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def header(self, name):
        return self.document["components"]["headers"][name]

    def errors(self, schema, value, strict):
        key = (json.dumps(schema), strict)
        if key not in self.validators:
            # A local reference must name the document when it is used outside of it.
            text = json.dumps(schema).replace('"#/', '"urn:kittycash#/')
            self.validators[key] = jsonschema_rs.Draft202012Validator(
                json.loads(text), registry=self.strict if strict else self.as_written, validate_formats=True)
        return [f"{'.'.join(map(str, e.instance_path)) or 'it'}: {e.message}"
                for e in self.validators[key].iter_errors(value)]

    def find(self, method, path):
        """Returns the routes of the path that the server takes, and those with the method."""
        fitting = [r for r in self.routes if r[1].fullmatch(path)]
        # A path with fewer parameters comes first, whatever its methods are.
        fitting = [r for r in fitting if r[2] == min((f[2] for f in fitting), key=lambda p: p.count("{"))]
        # HEAD works wherever GET does.
        return fitting, [r for r in fitting if r[0] == ("GET" if method == "HEAD" else method)]

    def check_examples(self):
        for name, schema in self.document["components"]["schemas"].items():
            for example in schema.get("examples", []):
                for error in self.errors({"$ref": f"#/components/schemas/{name}"}, example, strict=True):
                    yield f"an example of {name}: {error}"


def check(contract, exchange, seen):
    method, status, headers = exchange["method"], exchange["status"], exchange["headers"]
    path, _, query = exchange["path"].partition("?")
    # The server ignores empty parts at the begin of a path.
    path = re.sub("^/+", "/", path)
    fitting, routes = contract.find(method, path)
    if "x-request-id" not in headers:
        yield "the answer has no X-Request-Id"
    for header, name in LIMITS.items():
        if header in headers:
            yield from (f"the answer's {header}: {e}"
                        for e in contract.errors(contract.header(name)["schema"], headers[header], strict=True))
    if method == "OPTIONS" and status == 204:
        # The description of the contract covers it: `Allow`.
        yield from (f"the answer to OPTIONS: {e}"
                    for e in answer_errors(contract, exchange, {"headers": {"Allow": contract.header("Allow")}}))
        return
    if status == 405 and not routes:
        # A method outside the contract, so no route can list this answer.
        yield from (f"405: {e}"
                    for e in answer_errors(contract, exchange, contract.document["components"]["responses"]["MethodNotAllowed"]))
        return
    if method == "HEAD" and status == 404 and not routes:
        # HEAD has no body that could tell an unknown path from a missing resource.
        return
    if status in ANYWHERE and method != "HEAD":
        body = json.loads(exchange.get("body") or "{}")
        if body.get("code") == ANYWHERE[status] and (status != 404 or not routes):
            if "allow" in headers:
                yield "Allow must be sent with 405 and OPTIONS only"
            yield from problem_errors(contract, exchange)
            return
    if not routes:
        yield f"{status} for a route that does not exist"
        return
    _, pattern, template, operation, parameters = routes[0]
    name = f"{routes[0][0]} {template}"
    response = operation["responses"].get(str(status))
    if response is None:
        yield f"{name} has no status {status} in the contract: {(exchange.get('body') or '')[:200]}"
        return
    response = contract.resolve(response)
    if method != "HEAD":
        seen[name].add(status)
    yield from (f"{name} {status}: {e}" for e in answer_errors(contract, exchange, response))
    if status < 300:
        yield from (f"{name} accepted a request that the contract refuses: {e}"
                    for e in request_errors(contract, exchange, operation, parameters, pattern, template, path, query))


def problem_errors(contract, exchange):
    if exchange["headers"].get("content-type") != PROBLEM:
        yield "an error without application/problem+json"
    yield from contract.errors({"$ref": "#/components/schemas/Problem"}, json.loads(exchange["body"]), strict=True)


def answer_errors(contract, exchange, response):
    headers = exchange["headers"]
    documented = {name.lower(): contract.resolve(header) for name, header in response.get("headers", {}).items()}
    for name in HEADERS & set(headers) - set(documented):
        yield f"the header {name} is not in the contract"
    for name, header in documented.items():
        if name in headers:
            yield from (f"{name}: {e}" for e in contract.errors(header["schema"], headers[name], strict=True))
        elif header.get("required"):
            yield f"the header {name} is missing"
    if exchange["method"] == "HEAD":
        return
    content = response.get("content", {})
    if not content:
        if exchange["length"]:
            yield "the answer has a body, but the contract has none"
        return
    media_type = headers.get("content-type", "").split(";")[0]
    if media_type not in content:
        yield f"the media type {media_type} is not in the contract"
    elif media_type.endswith("json") and exchange.get("body") is not None:
        yield from contract.errors(content[media_type]["schema"], json.loads(exchange["body"]), strict=True)


def request_errors(contract, exchange, operation, parameters, pattern, template, path, query):
    sent = {"header": exchange["requestHeaders"], "path": {}, "query": {}}
    names = re.findall(r"\{(\w+)\}", template)
    sent["path"] = dict(zip(names, map(urllib.parse.unquote, pattern.fullmatch(path).groups())))
    sent["query"] = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    known = {p["name"] for p in parameters if p["in"] == "query"}
    for name in set(sent["query"]) - known:
        yield f"the parameter {name} is not in the contract"
    for parameter in parameters:
        location = parameter["in"]
        name = parameter["name"].lower() if location == "header" else parameter["name"]
        if name not in sent[location]:
            if parameter.get("required"):
                yield f"the parameter {parameter['name']} is missing"
            continue
        schema, value = contract.resolve(parameter["schema"]), sent[location][name]
        if schema.get("type") in ("integer", "boolean"):
            try:
                value = json.loads(value)
            except ValueError:
                pass
        yield from (f"{parameter['name']}: {e}" for e in contract.errors(parameter["schema"], value, strict=False))
    content = contract.resolve(operation.get("requestBody", {})).get("content", {})
    body = exchange.get("requestBody")
    if "application/json" in content and body is not None:
        yield from contract.errors(content["application/json"]["schema"], json.loads(body), strict=False)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    contract = Contract(sys.argv[1])
    failures = collections.Counter(contract.check_examples())
    seen = collections.defaultdict(set)
    count = 0
    with open(sys.argv[2], encoding="utf-8") as file:
        for line in file:
            count += 1
            exchange = json.loads(line)
            for failure in check(contract, exchange, seen):
                failures[f"{exchange['method']} {exchange['path'].partition('?')[0]}: {failure}"
                         if failure.startswith(("the answer", "Allow", "an error", str(exchange["status"]))) else failure] += 1
    for method, _, path, operation, _ in contract.routes if "--whole" in sys.argv else []:
        wanted = {int(status) for status in operation["responses"] if status.startswith(("2", "304"))}
        for status in sorted(wanted - seen[f"{method} {path}"]):
            failures[f"{method} {path}: no test got the status {status}"] += 1
    for failure, times in sorted(failures.items()):
        print(f"contract: {failure}" + (f" ({times} times)" if times > 1 else ""), file=sys.stderr)
    answers = sum(map(len, seen.values()))
    print(f"contract: {count} exchanges, {answers} kinds of answers of {len(seen)} routes, {len(failures)} failures")
    sys.exit(1 if failures or not count else 0)


if __name__ == "__main__":
    main()
