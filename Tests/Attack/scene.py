"""The scene of an attack: the attacker, and the groups and files that an attack needs."""

import asyncio
import collections
import json
import time

import client

DAY = 86_400_000


def uuid7(random, milliseconds):
    """Returns a UUID of version 7."""
    value = milliseconds << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Scene:
    """One attacker on one server."""

    def __init__(self, installation, random, is_short):
        self.installation, self.random, self.is_short = installation, random, is_short
        self.attacker = client.Client(installation.proxy_port, "127.0.0.2")
        self.answers, self.unclear, self.notes = collections.Counter(), collections.Counter(), []
        self.slowest = 0
        self.now = int(time.time() * 1000) - DAY
        self.count = 0

    def size(self, full, short):
        return short if self.is_short else full

    async def sign_up(self, name):
        person = {"name": name, "password": "mild tea in a blue cup"}
        await self.must("POST", "/v1/users", person)
        return (await self.must("POST", "/v1/sessions", person)).json()["token"]

    async def must(self, *arguments, **options):
        """Sends a request of the scene itself, which must succeed."""
        answer = await self.attacker.send(*arguments, **options)
        if answer.status is None or answer.status >= 300:
            raise AssertionError(f"{arguments[:2]} got {answer.status} {answer.code}: {answer.body[:300]}")
        return answer

    async def send(self, method, path, body=None, *, quick=10, **options):
        """Sends a request of the attack. Its answer must be right and quick, or a clear refusal."""
        answer = await self.attacker.send(method, path, body, **options)
        if answer.code == "given_up":
            self.answers["given up"] += 1
            return answer
        self.slowest = max(self.slowest, answer.seconds)
        name = f"{answer.status or 'none'} {answer.code}".strip()
        self.answers[name] += 1
        reason = unclear(answer, None if self.is_short else quick)
        if reason:
            self.unclear[f"{method} {path.split('?')[0].split('/')[-1]}: {reason}"] += 1
        return answer

    async def at_once(self, *requests):
        """Sends requests at once, and returns their answers."""
        return await asyncio.gather(*requests)

    async def group(self):
        """Makes an empty group and returns its path."""
        self.count += 1
        made = await self.must("POST", "/v1/groups", {"name": f"Target {self.count}", "currency": "EUR"})
        return f"/v1/groups/{made.json()['id']}"

    async def large_group(self, sizes, name=lambda number: f"Member {number}"):
        """Imports a group of the first of these sizes that is accepted; returns its path, size, and the own member."""
        for size in sizes:
            path = await self.group()
            answer = await self.send("POST", f"{path}/import", self.file([name(n) for n in range(size)]))
            if answer.status == 200:
                self.notes.append(f"{size} members")
                return path, size, await self.me(path)
            if answer.status is None or answer.status >= 500:
                break
        raise AssertionError(f"no group of {sizes} members was accepted: {answer.status} {answer.code} {answer.body[:300]}")

    async def me(self, path):
        return (await self.must("GET", path)).json()["me"]

    def file(self, names, entries=lambda members: []):
        """Returns a group file with these members, and the entries that `entries` makes of their ids."""
        start = self.now - 30 * DAY
        ids = [uuid7(self.random, start + number) for number in range(len(names))]
        members = [
            {"id": one, "name": name, "weight": 1, "createdAt": instant(start)} for one, name in zip(ids, names)]
        listed = entries(ids)
        return json.dumps({
            "format": "kittycash-group-1", "name": "Target", "currency": "EUR", "createdAt": instant(start),
            "lastNumber": len(listed), "owner": ids[0], "members": members, "targets": [], "entries": listed,
        }).encode()

    def entries(self, count, note=""):
        """Returns a function that makes entries among the first three members, for `file`."""
        def make(ids):
            ids = ids[:3]
            return [self.entry(number + 1, ids, f"Dinner {number}", note) for number in range(count)]
        return make

    def entry(self, number, ids, description, note):
        content = {
            "kind": "expense", "description": description, "amount": 300 * len(ids), "currency": "EUR",
            "booked": {"amount": 300 * len(ids), "currency": "EUR"}, "date": "2026-01-05",
            "payers": [{"account": ids[0], "amount": 300 * len(ids)}],
            "split": {"method": "equally", "parts": [{"member": one} for one in ids]},
            "shares": [{"member": one, "amount": 300} for one in ids]}
        if note:
            content["note"] = note
        revision = {"action": "created", "by": ids[0], "at": instant(self.now - DAY), "content": content}
        return {
            "id": uuid7(self.random, self.now - DAY + number), "number": number, "revisions": [revision], "comments": []}


def instant(milliseconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + f".{milliseconds % 1000:03d}Z"


def unclear(answer, quick):
    """Returns why an answer to an attacker is not good enough, or None."""
    if answer.status is None:
        return answer.code
    if answer.status == 503:
        if "retry-after" not in answer.headers or answer.code == "outcome_unknown":
            return f"503 {answer.code}, without advice when to repeat it"
    elif answer.status >= 500:
        return f"{answer.status} {answer.code}"
    elif answer.status >= 400 and not answer.code:
        return f"{answer.status} without a code"
    if quick and answer.seconds > quick:
        return f"{answer.status} after {answer.seconds:.0f} s"
    return None
