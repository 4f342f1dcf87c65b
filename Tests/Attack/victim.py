"""An honest user, in a process of its own so that the attacker's work does not count: writes and reads all the time, and
asks for the health of the process.

    victim.py PORT HEALTH_PORT TOKEN GROUP MEMBER

Each line on standard input makes it print its figures since the last one, as JSON; the end of the input ends it.
"""

import asyncio
import json
import sys
import time
import uuid

import client

# Seconds between the end of a request and the next one of the same kind.
PAUSE = 0.02
# The usual time between two requests of the same kind.
USUAL = 0.1


class Figures:
    def __init__(self):
        self.seconds, self.health, self.bad = [], [], {}

    def fail(self, what):
        self.bad[what] = self.bad.get(what, 0) + 1

    def report(self):
        ordered = sorted(self.seconds) or [0]
        return {
            "requests": len(self.seconds), "p50": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100],
            "longest": ordered[-1], "health": max(self.health, default=0), "bad": self.bad}


class Victim:
    def __init__(self, port, health_port, token, group, member):
        self.user = client.Client(port, "127.0.0.3", token)
        self.health = client.Client(health_port, "127.0.0.4")
        self.path, self.member = f"/v1/groups/{group}", member
        self.figures, self.under_way, self.number = Figures(), {}, 0

    async def ask(self, what, by, method, path, body=None, headers=None):
        self.number += 1
        mine = self.number
        self.under_way[mine] = (what, time.monotonic())
        answer = await by.send(method, path, body, headers=headers)
        self.count(what, answer.seconds)
        del self.under_way[mine]
        if answer.status is None or answer.status >= 300:
            self.figures.fail(f"{what} {answer.status or answer.code} {answer.code if answer.status else ''}".strip())

    def count(self, what, seconds):
        if what == "health":
            self.figures.health.append(seconds)
            return
        # Who waits cannot ask again: the requests that were not made meanwhile would have waited, too.
        while seconds > 0:
            self.figures.seconds.append(seconds)
            seconds -= USUAL

    async def write(self):
        while True:
            body = {"description": "Dinner", "amount": 300, "payer": self.member}
            key = {"Idempotency-Key": str(uuid.uuid4())}
            await self.ask("write", self.user, "POST", f"{self.path}/expenses", body, key)
            await asyncio.sleep(PAUSE)

    async def read(self):
        while True:
            for path in (f"{self.path}/balances", f"{self.path}/entries?limit=20", "/v1/groups", f"{self.path}/members"):
                await self.ask("read", self.user, "GET", path)
                await asyncio.sleep(PAUSE)

    async def probe(self):
        while True:
            await self.ask("health", self.health, "GET", "/health/live")
            await asyncio.sleep(0.05)

    def report(self):
        for what, began in self.under_way.values():
            age = time.monotonic() - began
            # A hanging request is a sample too; a short one is only about to be answered.
            if age > 0.1:
                self.count(what, age)
        print(json.dumps(self.figures.report()), flush=True)
        self.figures = Figures()

    async def run(self):
        tasks = [asyncio.create_task(work()) for work in (self.write, self.read, self.probe)]
        while await asyncio.to_thread(sys.stdin.readline):
            self.report()
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    asyncio.run(Victim(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]).run())
