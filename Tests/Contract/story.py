"""Data for schemathesis: a group with members and entries as the target of its requests.

A generated id names nothing, so every well-formed unknown id is replaced by the id of an existing item: the group, one
of its members, an entry. A request that would delete a shared item (a group, a member, a session, a token) gets a new
one, and a request that changes the account gets a spare account. Ids that are malformed on purpose stay.

Two cases are not reached: this server sends no mail to reset a password (409 `no_mail`), so no password is reset with
a token (403 `useless_token`). The tests of the server do both.
"""

import base64
import hashlib
import hmac
import os
import re
import struct
import time
import uuid

import requests
import schemathesis

URL = os.environ["KITTY_URL"]
PASSWORD = "a long password"
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
CURRENCY = re.compile(r"[A-Za-z]{3}")
CURRENCIES = ["EUR", "USD", "JPY", "KWD"]

session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['KITTY_TOKEN']}"


def post(path, body, by=session):
    answer = by.post(URL + path, json=body, timeout=20)
    assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def sign_in(name):
    return post("/v1/sessions", {"name": name, "password": PASSWORD}, requests)


def new_user():
    """Returns a new user with a session."""
    name = uuid.uuid4().hex
    post("/v1/users", {"name": name, "password": PASSWORD}, requests)
    user = requests.Session()
    user.headers["Authorization"] = f"Bearer {sign_in(name)['token']}"
    return user


def new_group():
    return post("/v1/groups", {"name": "Flat", "currency": "EUR"})


def new_member():
    return post(f"/v1/groups/{GROUP}/members", {"name": uuid.uuid4().hex})["id"]


def new_category():
    return post(f"/v1/groups/{GROUP}/categories", {"name": uuid.uuid4().hex})["id"]


def new_rule():
    body = {"template": {"payment": {"from": MEMBERS[0], "to": "kitty", "amount": "20.00"}}, "every": {"n": 1, "unit": "year"}, "from": "2031-01-31"}
    return post(f"/v1/groups/{GROUP}/recurring", body)["id"]


def new_expense():
    return post(f"/v1/groups/{GROUP}/expenses", {"description": "Dinner", "amount": "60.00", "payer": MEMBERS[0]})["id"]


def new_invite(group, by=session):
    return post(f"/v1/groups/{group}/invites", {"maxUses": 1000, "days": 365}, by)


def join(group):
    """Lets Bob join a group.

    Returns: the id of his member.
    """
    return post("/v1/invites/accept", {"code": new_invite(group)["code"]}, bob)["me"]


def new_token():
    return post("/v1/me/tokens", {"name": "Backup", "scopes": ["read"]})["id"]


def new_payment():
    body = {"from": MEMBERS[0], "to": "kitty", "amount": "20.00"}
    return post(f"/v1/groups/{GROUP}/payments", body)["id"]


# The currency of a group is optional.
answer = session.patch(URL + "/v1/me", json={"defaultCurrency": "EUR"}, headers={"If-Match": "*"}, timeout=20)
assert answer.status_code == 200, answer.text
bob = new_user()
# Signs in again and again: a user's oldest sessions end, and the session of these tests must not.
SIGNER = uuid.uuid4().hex
post("/v1/users", {"name": SIGNER, "password": PASSWORD}, requests)
group = new_group()
GROUP = group["id"]
MEMBERS = [group["me"]]
MEMBERS += [new_member(), new_member()]
EXPENSE, PAYMENT = new_expense(), new_payment()
CATEGORY, OTHER_CATEGORY = new_category(), new_category()
RULE = new_rule()
post(f"/v1/groups/{GROUP}/entries/{EXPENSE}/comments", {"text": "Really?"})
BOB = join(GROUP)
TOKEN = new_token()
INVITE_CODE = new_invite(post("/v1/groups", {"name": "Away", "currency": "EUR"}, bob)["id"], bob)["code"]
# Shared items that must not be deleted.
SHARED = {GROUP, EXPENSE, PAYMENT, BOB, TOKEN, *MEMBERS}
known = set(SHARED)

CHANGES = ("PATCH", "DELETE")
# Routes that change or end an account or its sessions, and so get a spare account.
ACCOUNT_ROUTES = {
    ("PATCH", "/v1/me"), ("DELETE", "/v1/me"), ("PUT", "/v1/me/password"), ("DELETE", "/v1/me/sessions"),
    ("DELETE", "/v1/sessions/current"), ("POST", "/v1/me/second-factor"), ("PUT", "/v1/me/second-factor"),
    ("DELETE", "/v1/me/second-factor"),
}  # fmt: skip
# Routes that end a group for the caller, or hand it over.
GROUP_ENDINGS = ("/import", "/restore", "/leave", "/owner")
spares = []
# The id of a session to end, until it was ended.
sessions_to_end = []
# The id of a group to change or end, until it was: a user has at most a thousand groups.
groups_to_change = []


def spare():
    """Returns the spare user."""
    if not spares:
        spares.append(new_user())
    return spares[0]


def factor(user):
    """Returns the code that an authenticator app would show for a pending second factor."""
    secret = post("/v1/me/second-factor", {"password": PASSWORD}, user)["secret"]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    return f"{(struct.unpack_from('>I', digest, digest[-1] & 15)[0] & 0x7FFFFFFF) % 1000000:06}"


def fill_secrets(case):
    """Fills secrets of the account into a well-formed body."""
    route, body = (case.method, case.operation.path), case.body
    if route == ("POST", "/v1/sessions"):
        body.update(name=SIGNER, password=PASSWORD)
    elif route == ("PUT", "/v1/me/password"):
        body["current"] = PASSWORD
    elif route[1] == "/v1/me/second-factor" and route[0] != "POST":
        user = spare()
        if (case.headers or {}).get("Authorization") != user.headers["Authorization"]:
            return
        # After any answer the account may have changed.
        spares.clear()
        if route[0] == "PUT":
            body["code"] = factor(user)
            return
        answer = user.put(URL + route[1], json={"code": factor(user)}, timeout=20)
        assert answer.status_code == 200, answer.text
        body.update(password=PASSWORD, code=answer.json()["recoveryCodes"][0])
    elif route in ACCOUNT_ROUTES and "password" in body:
        body["password"] = PASSWORD
    elif route[1].startswith("/v1/invites/"):
        body["code"] = INVITE_CODE
    elif route[1].endswith("/owner") and UUID.fullmatch(str((case.path_parameters or {}).get("group"))):
        body["member"] = join(case.path_parameters["group"])


def path_id(name, case):
    """Returns an id for a parameter of a path."""
    method, path = case.method, case.operation.path
    if name == "group":
        changes_group = method in CHANGES and path == "/v1/groups/{group}"
        if not changes_group and not path.endswith(GROUP_ENDINGS):
            return GROUP
        if not groups_to_change:
            groups_to_change.append(new_group()["id"])
        return groups_to_change[0]
    if name == "session":
        if not sessions_to_end:
            sessions_to_end.append(sign_in(os.environ["KITTY_USER"])["id"])
        return sessions_to_end[0]
    if name == "file":
        return "notes"
    if name == "token":
        return new_token() if method == "DELETE" else TOKEN
    if name == "invite":
        return new_invite(GROUP)["id"]
    if name in ("member", "account"):
        # A guest has no role to change.
        return new_member() if method == "DELETE" else BOB if method == "PATCH" else MEMBERS[1]
    if name == "receipt":
        return 1
    if name == "category":
        return new_category() if method == "DELETE" else CATEGORY
    if name == "rule":
        return new_rule() if method == "DELETE" else RULE
    if name == "payment":
        return new_payment() if method in CHANGES else PAYMENT
    return new_expense() if method in CHANGES or path.endswith("/restore") else EXPENSE


def filled(value, key, index=0):
    """Returns the body with ids of members of the group, and with existing currencies."""
    if isinstance(value, dict):
        return {name: filled(item, name, index) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, key, i) for i, item in enumerate(value)]
    if isinstance(value, str) and key != "id" and UUID.fullmatch(value) and value not in known:
        if key in ("group", "guest"):
            return GROUP if key == "group" else MEMBERS[1]
        if key in ("category", "parent"):
            return OTHER_CATEGORY
        return MEMBERS[(index + (key == "to")) % len(MEMBERS)]
    if key == "currency" and isinstance(value, str) and CURRENCY.fullmatch(value):
        return value if value.upper() in CURRENCIES else CURRENCIES[sum(map(ord, value)) % len(CURRENCIES)]
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    for name, value in dict(case.path_parameters or {}).items():
        # A list may have led to data of the story, which must not be deleted either.
        is_replaced = value not in known or (case.method == "DELETE" and value in SHARED)
        if isinstance(value, str) and UUID.fullmatch(value) and is_replaced:
            case.path_parameters[name] = path_id(name, case)
    if case.operation.path != "/v1/groups/{group}/import" and isinstance(case.body, (dict, list)):
        case.body = filled(case.body, "")
    # A retry is a new request: with the old key it would get the old answer.
    key = (case.headers or {}).get("Idempotency-Key")
    if key and re.fullmatch("[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = key + uuid.uuid4().hex
    if (case.method, case.operation.path) in ACCOUNT_ROUTES:
        if (case.headers or {}).get("Authorization") == session.headers["Authorization"]:
            case.headers["Authorization"] = spare().headers["Authorization"]
    if isinstance(case.body, dict) and case.meta is not None and case.meta.generation.mode.is_positive:
        fill_secrets(case)


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code == 201 and (response.headers.get("content-type") or [""])[0] == "application/json":
        known.add(response.json().get("id"))
    if response.status_code < 300 and (case.method, case.operation.path) in ACCOUNT_ROUTES:
        spares.clear()
    if response.status_code < 300 and (case.method, case.operation.path) == ("DELETE", "/v1/me/sessions/{session}"):
        sessions_to_end.clear()
    if response.status_code < 300 and (case.path_parameters or {}).get("group") in groups_to_change:
        groups_to_change.clear()


# Codes for errors of form; a request that fits the contract must not get one of these. `fraction` is not among them:
# to JSON Schema 10.0 is an integer, and the server rejects it on purpose.
FORM_CODES = {
    "missing", "unknown_field", "unknown_parameter", "wrong_type", "invalid", "too_deep", "out_of_range",
    "too_long", "too_many", "control_character", "not_an_id", "not_version_7", "not_an_account", "not_a_rate",
    "not_a_percentage", "not_a_date", "not_an_instant", "not_a_flag", "not_a_user_name", "password_length",
    "not_an_address", "not_to_give", "unknown_scope", "empty",
    "unknown_method", "unknown_kind", "unknown_size", "unknown_format", "nothing_to_change", "two_ways", "nobody",
    "not_for_this_method", "not_for_a_count",
}  # fmt: skip


@schemathesis.check
def well_formed_is_not_malformed(ctx, response, case):
    """The contract is as strict as the server: a request that fits it is not rejected for its form."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 415, 422):
        return
    problem = response.json()
    codes = {error["code"] for error in problem.get("errors") or []} & FORM_CODES
    # With another currency a change needs the amounts again, which depends on the entry.
    if case.method == "PATCH":
        codes -= {"missing"}
    # The contract says nothing of what is in a file of another program.
    if case.operation.path.endswith("/imports"):
        return
    # Former members of a file count only for the larger limit.
    if case.operation.path.endswith("/import"):
        places = {(error["field"], error["code"]) for error in problem.get("errors") or []}
        codes -= {"too_many"} if ("members", "too_many") in places else set()
    refused = response.status_code == 400 or problem["code"] == "unsupported_media_type"
    assert not codes and not refused, f"the contract allows what the server refuses for its form: {response.text}"
