#!/usr/bin/env python3
"""The services of Amazon that give out keys, for tests: the metadata of an instance (IMDSv2), the credentials of a container
(ECS, EKS), and AssumeRoleWithWebIdentity (STS).

    fake_metadata.py KEY SECRET

It listens on a free port of the loopback, prints the port, and ends with standard input. The session tokens of the keys
are session-1, session-2, and so on. As the real service, the metadata are given only to who sends a token, and a token only
to a PUT with a time to live.

POST /control takes JSON: {"lifetime": SECONDS} of the next keys, {"hang": N} never answers the next N requests, {"authorization":
TEXT} is wanted by the container's service, {"identity": TEXT} by STS, {"answers": {"PUT /latest/api/token": [403, "text"]}}
replaces answers. GET /control returns the number of requests by method and path.
"""
import datetime
import http.server
import json
import socketserver
import sys
import threading
import urllib.parse

KEY, SECRET = sys.argv[1:3]
ROLE = "photos-role"
control = {"lifetime": 21600, "hang": 0, "authorization": None, "identity": None, "answers": {}}
counts = {}
tokens = set()
issued = [0]
lock = threading.Lock()


def new_key():
    """Returns the session token and the expiry of the next key."""
    issued[0] += 1
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=control["lifetime"])
    return f"session-{issued[0]}", expires.strftime("%Y-%m-%dT%H:%M:%SZ")


def key_document():
    token, expires = new_key()
    return json.dumps({
        "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": token,
        "Expiration": expires})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text="", kind="text/plain"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path == "/control":
            with lock:
                if self.command == "POST":
                    control.update(json.loads(body))
                state = json.dumps(counts)
            return self.answer(200, state, "application/json")
        name = f"{self.command} {self.path}"
        with lock:
            counts[name] = counts.get(name, 0) + 1
            hangs = control["hang"] > 0
            control["hang"] -= hangs
            answer = control["answers"].get(name)
        if hangs:
            threading.Event().wait(60)
            self.close_connection = True
            return
        if answer:
            return self.answer(*answer)
        with lock:
            if self.path.startswith("/latest/"):
                return self.metadata(name)
            if name == "GET /v2/credentials":
                if control["authorization"] not in (None, self.headers.get("Authorization")):
                    return self.answer(401)
                return self.answer(200, key_document(), "application/json")
            if name == "POST /":
                return self.sts(dict(urllib.parse.parse_qsl(body)))
        self.answer(404)

    def metadata(self, name):
        if self.headers.get("X-Forwarded-For"):
            return self.answer(403)
        if name == "PUT /latest/api/token":
            life = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            if not life.isdigit() or not 1 <= int(life) <= 21600:
                return self.answer(400)
            tokens.add(f"token-{len(tokens)}==")
            return self.answer(200, f"token-{len(tokens) - 1}==")
        if self.headers.get("X-aws-ec2-metadata-token") not in tokens:
            return self.answer(401)
        if name == "GET /latest/meta-data/iam/security-credentials/":
            return self.answer(200, ROLE)
        if name == f"GET /latest/meta-data/iam/security-credentials/{ROLE}":
            return self.answer(200, key_document(), "text/plain")
        if name == "GET /latest/meta-data/placement/region":
            return self.answer(200, "eu-north-1")
        self.answer(404)

    def sts(self, form):
        wanted = {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "WebIdentityToken": control["identity"]}
        if any(form.get(name) != value for name, value in wanted.items()) or not form.get("RoleArn", "").startswith("arn:aws:iam::"):
            return self.answer(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>")
        token, expires = new_key()
        self.answer(200, f"""<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>
  <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/photos/{form["RoleSessionName"]}</Arn></AssumedRoleUser>
  <Credentials><SessionToken>{token}</SessionToken><SecretAccessKey>{SECRET}</SecretAccessKey>
  <Expiration>{expires}</Expiration><AccessKeyId>{KEY}</AccessKeyId></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>""", "text/xml")

    do_GET = do_PUT = do_POST = handle_request


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
