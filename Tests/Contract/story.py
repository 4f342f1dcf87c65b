"""What schemathesis cannot guess: a group with members and entries to send its requests to.

A generated id names nothing, so every id that is well formed and unknown is replaced by one that fits its place:
the group, one of its members, an entry. What a request would take away from the others (a group, a member, a
session) is made for it anew. Ids that are malformed on purpose stay as they are.
"""

import os
import re
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


def post(path, body, token=True):
    answer = (session if token else requests).post(URL + path, json=body, timeout=20)
    assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def new_group():
    return post("/v1/groups", {"name": "Flat", "currency": "EUR"})


def new_member():
    return post(f"/v1/groups/{GROUP}/members", {"name": uuid.uuid4().hex})["id"]


def new_expense():
    return post(f"/v1/groups/{GROUP}/expenses", {"description": "Dinner", "amount": "60.00", "payer": MEMBERS[0]})["id"]


def new_payment():
    body = {"from": MEMBERS[0], "to": "kitty", "amount": "20.00"}
    return post(f"/v1/groups/{GROUP}/payments", body)["id"]


group = new_group()
GROUP = group["id"]
MEMBERS = [group["me"]]
MEMBERS += [new_member(), new_member()]
EXPENSE, PAYMENT = new_expense(), new_payment()
post(f"/v1/groups/{GROUP}/entries/{EXPENSE}/comments", {"text": "Really?"})
# What is there, so that it is left where it is.
known = {GROUP, EXPENSE, PAYMENT, *MEMBERS}

CHANGES = ("PATCH", "DELETE")


def place(name, case):
    """An id that fits the hole of a path."""
    method, path = case.method, case.operation.path
    if name == "group":
        changes_group = method in CHANGES and path == "/v1/groups/{group}"
        return new_group()["id"] if changes_group or path.endswith(("/import", "/restore")) else GROUP
    if name in ("member", "account"):
        return new_member() if method == "DELETE" else MEMBERS[1]
    if name == "payment":
        return new_payment() if method in CHANGES else PAYMENT
    return new_expense() if method in CHANGES or path.endswith("/restore") else EXPENSE


def filled(value, key, index=0):
    """A body with ids of the group's members and currencies that there are."""
    if isinstance(value, dict):
        return {name: filled(item, name, index) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, key, i) for i, item in enumerate(value)]
    if isinstance(value, str) and key != "id" and UUID.fullmatch(value) and value not in known:
        return MEMBERS[(index + (key == "to")) % len(MEMBERS)]
    if key == "currency" and isinstance(value, str) and CURRENCY.fullmatch(value):
        return value if value.upper() in CURRENCIES else CURRENCIES[sum(map(ord, value)) % len(CURRENCIES)]
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    for name, value in dict(case.path_parameters or {}).items():
        if isinstance(value, str) and UUID.fullmatch(value) and value not in known:
            case.path_parameters[name] = place(name, case)
    if case.operation.path != "/v1/groups/{group}/import" and isinstance(case.body, (dict, list)):
        case.body = filled(case.body, "")
    # A request that is tried again is a new one: with its old key it would be answered as it was, whatever came after.
    key = (case.headers or {}).get("Idempotency-Key")
    if key and re.fullmatch("[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = key + uuid.uuid4().hex
    if case.method == "DELETE" and case.operation.path == "/v1/sessions/current" and "Authorization" in (case.headers or {}):
        if case.headers["Authorization"] == session.headers["Authorization"]:
            name = {"name": os.environ["KITTY_USER"], "password": PASSWORD}
            case.headers["Authorization"] = f"Bearer {post('/v1/sessions', name, token=False)['token']}"


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code == 201 and (response.headers.get("content-type") or [""])[0] == "application/json":
        known.add(response.json()["id"])


# What the contract can say of a field; a request that keeps to it is not refused for one of these. `fraction` is
# none of them: to JSON Schema 10.0 is a whole number, and the server refuses it on purpose.
OF_ITS_FORM = {
    "missing", "unknown_field", "unknown_parameter", "wrong_type", "invalid", "too_deep", "out_of_range",
    "too_long", "too_many", "control_character", "not_an_id", "not_version_7", "not_an_account", "not_a_rate",
    "not_a_percentage", "not_a_date", "not_an_instant", "not_a_flag", "not_a_user_name", "password_length",
    "unknown_method", "unknown_kind", "unknown_size", "unknown_format", "nothing_to_change", "two_ways", "nobody",
    "not_for_this_method", "not_for_a_count",
}  # fmt: skip


@schemathesis.check
def well_formed_is_not_malformed(ctx, response, case):
    """The contract is as strict as the server: what it allows is not refused for its form."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 415, 422):
        return
    problem = response.json()
    codes = {error["code"] for error in problem.get("errors") or []} & OF_ITS_FORM
    # With another currency a change needs the amounts again, which depends on the entry.
    if case.method == "PATCH":
        codes -= {"missing"}
    refused = response.status_code == 400 or problem["code"] == "unsupported_media_type"
    assert not codes and not refused, f"the contract allows what the server refuses for its form: {response.text}"
