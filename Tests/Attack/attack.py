"""Attacks a server as one of its users, and measures what another user notices.

    attack.py FOLDER SEED full|short sqlite|postgres... [-- WORDS]

For each attack of attacks.py there is a new server, with 512 MiB of memory and all limits at their defaults, nginx in
front of it, and an empty database. A victim in a group of their own writes and reads all the time. What must hold:
the victim gets no error, and answers within LATENCY (99 of 100); the process says within HEALTH that it lives; the
server takes less than MEMORY, and its folder less than DISK; the attacker gets a right answer quickly, or a clear
refusal: 4xx or 503, with a code, and a time after which to repeat it. Honest large uses must succeed.

A short run is for a debug build on a busy machine: it does less, and has SLACK with times. With WORDS only the attacks
with one of them in their name are made. A short run makes the attacks that are not about the database on the first one
alone.
"""

import asyncio
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys
import time

import attacks
import installation
import scene
from installation import say

ROOT = installation.ROOT
# Milliseconds for 99 of 100 answers to the victim, and for each answer about the health.
LATENCY, HEALTH = 250, 100
# How much slower a short run may be.
SLACK = 20
# MiB.
MEMORY, DISK = 300, 300
# Seconds for one attack, and for the victim alone before it.
LONGEST, ALONE = 90, 3


class Measured:
    """What one attack did."""

    def __init__(self, name, kind):
        self.name, self.kind, self.failures = name, kind, []
        self.alone, self.under, self.memory, self.disk, self.seconds, self.attacker = {}, {}, 0, 0, 0, ""

    def row(self):
        figures = [self.alone.get("p99", 0), self.under.get("p99", 0), self.under.get("longest", 0), self.under.get("health", 0)]
        return [
            self.name, self.kind, *(f"{1000 * value:.0f}" for value in figures), str(self.under.get("requests", 0)),
            str(sum(self.under.get("bad", {}).values())), f"{self.memory:.0f}" if self.memory else "dead",
            f"{self.disk:.0f}", f"{self.seconds:.0f}", "FAILED" if self.failures else "holds"]


HEAD = ["attack", "database", "alone", "p99", "longest", "live", "requests", "bad", "MiB", "disk", "s", ""]


async def ask(victim):
    """Returns the victim's figures since the last time."""
    victim.stdin.write(b"\n")
    await victim.stdin.drain()
    return json.loads(await asyncio.wait_for(victim.stdout.readline(), 30))


async def watch(place, measured):
    """Follows the sizes that fall again."""
    while True:
        measured.disk = max(measured.disk, await asyncio.to_thread(place.disk))
        measured.memory = place.memory() if place.is_alive() else None
        await asyncio.sleep(0.25)


async def measure(name, work, place, measured, seed, is_short):
    set_up = scene.Scene(place, random.Random(f"{seed} {name}"), is_short)
    set_up.attacker.token = await set_up.sign_up("victim")
    group = (await set_up.must("POST", "/v1/groups", {"name": "Home", "currency": "EUR"})).json()
    for guest in ("Bob", "Carl"):
        await set_up.must("POST", f"/v1/groups/{group['id']}/members", {"name": guest})
    arguments = [place.proxy_port, place.port, set_up.attacker.token, group["id"], group["me"]]
    set_up.attacker.token = await set_up.sign_up("attacker")
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-B", str(ROOT / "Tests/Attack/victim.py"), *map(str, arguments), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    # The attacker's own work must not slow the others down. This is the priority of this thread, and of no program.
    os.setpriority(os.PRIO_PROCESS, 0, 5)
    watching = asyncio.create_task(watch(place, measured))
    try:
        await asyncio.sleep(0.5)
        await ask(victim)
        await asyncio.sleep(0.5 if is_short else ALONE)
        measured.alone = await ask(victim)
        began = time.monotonic()
        await attack(work, set_up, measured)
        # What is left behind must end, too.
        await asyncio.sleep(1)
        measured.under = await ask(victim)
        measured.seconds = time.monotonic() - began
    finally:
        watching.cancel()
        victim.kill()
        await victim.wait()
        set_up.attacker.close()
    answers = ", ".join(f"{count} × {what}" for what, count in sorted(set_up.answers.items()))
    measured.attacker = f"{'; '.join(set_up.notes)}{': ' if set_up.notes else ''}{answers}; slowest {set_up.slowest:.1f} s"
    measured.failures += [f"the attacker got {count} × {what}" for what, count in set_up.unclear.items()]


async def attack(work, set_up, measured):
    try:
        async with asyncio.timeout(LONGEST):
            await work(set_up)
    except TimeoutError:
        measured.failures.append(f"the attack was not over after {LONGEST} s")
    except AssertionError as failure:
        measured.failures.append(str(failure))


def judge(measured, place, is_short):
    """Adds what does not hold to the failures."""
    under, failures = measured.under, measured.failures
    measured.memory = place.memory() if place.is_alive() else None
    if measured.memory is None:
        failures.append("the server is dead")
    elif measured.memory > MEMORY:
        failures.append(f"the server took {measured.memory:.0f} MiB, more than {MEMORY}")
    if measured.disk > DISK:
        failures.append(f"the data folder took {measured.disk:.0f} MiB, more than {DISK}")
    failures += [f"the victim got {count} × {what}" for what, count in under["bad"].items()]
    failures += [f"a fault in the log: {line[:300]}" for line in place.faults()[:3]]
    slack = SLACK if is_short else 1
    latency = LATENCY * slack
    if under["p99"] * 1000 > latency:
        failures.append(f"the victim waited {under['p99'] * 1000:.0f} ms (99 of 100), more than {latency}")
    if under["health"] * 1000 > HEALTH * slack:
        failures.append(f"/health/live took {under['health'] * 1000:.0f} ms, more than {HEALTH * slack}")


def run(name, work, kind, folder, seed, is_short, server):
    measured = Measured(name, kind)
    place = installation.Installation(kind, folder, server)
    if place.group.path is None:
        say(f"SKIPPED: the limit of the server's memory, because no control group can be made ({place.group.reason})")
    try:
        place.start()
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, measure(name, work, place, measured, seed, is_short)).result()
        judge(measured, place, is_short)
    except AssertionError as failure:
        measured.failures.append(str(failure))
    finally:
        place.stop()
    say(f"{name} on {kind}: {'FAILED' if measured.failures else 'holds'}; {measured.attacker}")
    for failure in measured.failures:
        say(f"  {failure}")
    return measured


def main():
    words = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    arguments = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    folder, seed, is_short, kinds = pathlib.Path(arguments[0]), arguments[1], arguments[2] == "short", arguments[3:]
    server = os.environ.get("KITTY_SERVER", str(ROOT / f".build/{'debug' if is_short else 'release'}/kittycash-server"))
    rows = []
    for name, work in attacks.ATTACKS.items():
        if words and not any(word in name for word in words):
            continue
        for kind in kinds if work in attacks.OF_THE_DATABASE or not is_short else kinds[:1]:
            place = folder / f"{kind}-{work.__name__}"
            rows.append(run(name, work, kind, place, seed, is_short, server))
    table = [HEAD, *(measured.row() for measured in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    print("The victim's times in ms: alone and under attack 99 of 100, the longest, and /health/live; sizes in MiB.")
    for row in table:
        print("  ".join(cell.ljust(width) if column < 2 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))))
    failed = [measured for measured in rows if measured.failures]
    say(f"{len(rows) - len(failed)} of {len(rows)} hold (SEED={seed})")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main()
