#!/usr/bin/env python3
"""A bucket in memory, for tests: PUT, GET, DELETE and ListObjectsV2, with signatures checked.

    fake_s3.py BUCKET REGION KEY SECRET [TOKEN]

It listens on a free port of the loopback, prints the port, and ends with standard input. It computes the signature
(version 4) from Amazon's description, and answers a request with another signature with 403.

POST /control takes JSON: {"fail": N} answers the next N requests with 503, {"drop": N} cuts the next N
connections, {"hang": N} never answers the next N, {"age": SECONDS} makes all objects older, {"page": N} lists N at a time.
GET /control returns the number of requests by method, and the existing keys.
"""
import datetime
import hashlib
import hmac
import http.server
import json
import socketserver
import sys
import threading
import urllib.parse

BUCKET, REGION, KEY, SECRET = sys.argv[1:5]
TOKEN = sys.argv[5] if len(sys.argv) > 5 else None
objects = {}  # key: (bytes, type, changed)
control = {"fail": 0, "drop": 0, "hang": 0, "page": 1000}
counts = {}
lock = threading.Lock()


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def quote(text):
    return urllib.parse.quote(text, safe="-._~")


def wrong(handler, body):
    """Returns the error in the signature of a request, or None."""
    header = handler.headers.get("Authorization", "")
    if not header.startswith("AWS4-HMAC-SHA256 "):
        return "no signature"
    fields = dict(part.strip().split("=", 1) for part in header.split(" ", 1)[1].split(","))
    key, day, region, service, end = fields["Credential"].split("/")
    if (key, region, service, end) != (KEY, REGION, "s3", "aws4_request"):
        return f"scope {fields['Credential']}"
    names = fields["SignedHeaders"].split(";")
    if names != sorted(names):
        return f"the headers are not sorted: {names}"
    time = handler.headers["x-amz-date"]
    age = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ")
    if abs(age.total_seconds()) > 900 or not time.startswith(day):
        return f"date {time}"
    lost = [name for name in names if handler.headers.get(name) is None]
    if lost:
        return f"{lost} were signed but not sent"
    for name in ["host", "x-amz-date", "x-amz-content-sha256"] + (["x-amz-security-token"] if TOKEN else []):
        if name not in names:
            return f"{name} is not signed"
    if TOKEN and handler.headers.get("x-amz-security-token") != TOKEN:
        return "token"
    digest = hashlib.sha256(body).hexdigest()
    if handler.headers["x-amz-content-sha256"] != digest:
        return "the hash of the body differs"
    path, _, query = handler.path.partition("?")
    pairs = sorted((quote(urllib.parse.unquote(k)), quote(urllib.parse.unquote(v)))
                   for k, _, v in (part.partition("=") for part in query.split("&") if part))
    canonical = "\n".join([
        handler.command, urllib.parse.quote(urllib.parse.unquote(path), safe="/-._~"),
        "&".join(f"{k}={v}" for k, v in pairs),
        "".join(f"{name}:{' '.join(handler.headers[name].split())}\n" for name in names), ";".join(names), digest])
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in [day, REGION, "s3", "aws4_request"]:
        key = sign(key, part)
    good = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(good, fields["Signature"]) else "signature"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="application/xml"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/control":
            with lock:
                if self.command == "POST":
                    for name, value in json.loads(body).items():
                        if name == "age":
                            past = datetime.timedelta(seconds=value)
                            for key, (data, kind, changed) in objects.items():
                                objects[key] = (data, kind, changed - past)
                        else:
                            control[name] = value
                state = json.dumps({"counts": counts, "keys": sorted(objects)}).encode()
            return self.answer(200, state, "application/json")
        with lock:
            counts[self.command] = counts.get(self.command, 0) + 1
            trouble = next((name for name in ["fail", "drop", "hang"] if control[name] > 0), None)
            if trouble:
                control[trouble] -= 1
        if trouble == "hang":
            threading.Event().wait(60)
        if trouble in ("drop", "hang"):
            self.close_connection = True
            return
        if trouble == "fail":
            return self.error(503, "SlowDown")
        why = wrong(self, body)
        if why:
            print(f"refused: {self.command} {self.path}: {why}", file=sys.stderr, flush=True)
            return self.error(403, "SignatureDoesNotMatch")
        path, _, query = self.path.partition("?")
        parts = path.split("/", 2)
        if parts[1] != BUCKET:
            return self.error(404, "NoSuchBucket")
        key = parts[2] if len(parts) > 2 else ""
        with lock:
            if not key:
                return self.list(dict(urllib.parse.parse_qsl(query)))
            if self.command == "PUT":
                now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
                objects[key] = (body, self.headers.get("Content-Type"), now)
                return self.answer(200)
            if self.command == "DELETE":
                objects.pop(key, None)
                return self.answer(204)
            if key not in objects:
                return self.error(404, "NoSuchKey")
            self.answer(200, objects[key][0], objects[key][1])

    def list(self, query):
        found = sorted(key for key in objects if key.startswith(query.get("prefix", "")))
        after = query.get("continuation-token", "")
        rest = [key for key in found if "+/= " + key > after]
        page = rest[:min(control["page"], int(query.get("max-keys", 1000)))]
        text = f"<?xml version=\"1.0\"?><ListBucketResult><Name>{BUCKET}</Name>"
        for key in page:
            text += f"<Contents><Key>{key}</Key><LastModified>{objects[key][2].isoformat(timespec='milliseconds')}Z</LastModified></Contents>"
        if len(page) < len(rest) and page:
            # Opaque like Amazon's, and with characters that need escaping.
            text += f"<NextContinuationToken>+/= {page[-1]}</NextContinuationToken>"
        self.answer(200, (text + "</ListBucketResult>").encode())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_request


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
