"""The attacks of one user, and the large uses of an honest one. Each is bounded in its requests; the caller bounds its
time. The numbers are those of docs/security.md."""

import asyncio
import random

MIB = 1 << 20


async def expense_for_all(scene):
    """One small expense that means thousands of rows, again and again; and an ordinary import."""
    await expenses_for_all(scene, scene.size([20000, 4000, 2000, 500], [2000, 500]), scene.size(10, 3))
    other = await scene.group()
    file = scene.file(["Anna", "Bob", "Carl"], scene.entries(scene.size(2000, 200)))
    await scene.send("POST", f"{other}/import", file, quick=30)


async def expenses_for_all(scene, sizes, count):
    """Enters expenses for all in the largest group that takes one; returns its path and the own member."""
    for size in sizes:
        path, size, me = await scene.large_group([size, 500])
        body = {"description": "x", "amount": 100 * size, "payer": me}
        if (await scene.send("POST", f"{path}/expenses", body)).status == 201:
            break
    for _ in range(count - 1):
        await scene.send("POST", f"{path}/expenses", body)
    return path, me


async def export_of_equal_names(scene):
    """Exports of members whose names become one text, given up after a second, as many as there are cores and more."""
    def name(number):
        if number % 2:
            return chr(0x4E00 + number // 5000) + chr(0x4E00 + number % 5000)
        return "".join(":;()[]{}\""[number // 9**digit % 9] for digit in range(6))
    path, *_ = await scene.large_group(scene.size([20000, 5000, 2000, 500], [2000, 500]), name)
    for _ in range(scene.size(3, 1)):
        for kind in ("beancount", "hledger", "csv"):
            await scene.at_once(*(
                scene.send("GET", f"{path}/export?format={kind}", give_up=1) for _ in range(4)))
    for kind in ("beancount", "hledger", "csv", "json"):
        await scene.send("GET", f"{path}/export?format={kind}")


async def slow_large_bodies(scene):
    """Bodies of the largest size that stop before their end, directly and through nginx; and whole ones to parse."""
    path = await scene.group()
    size = scene.size(20 * MIB, 4 * MIB)
    seconds = scene.size(12, 2)
    held = [
        scene.send(
            "POST", f"{path}/import", slowly(size - 500_000, seconds), length=size, give_up=seconds + 2,
            port=scene.installation.port if number % 2 else None)
        for number in range(scene.size(60, 20))]
    # The other bodies of JSON are smaller, and there can be more of them.
    small = 250 * 1024
    held += [
        scene.send("POST", f"{path}/expenses", slowly(small - 20_000, seconds), length=small, give_up=seconds + 2)
        for _ in range(scene.size(100, 20))]
    await scene.at_once(*held)
    numbers = b'{"format":"kittycash-group-1","entries":[' + b"1," * ((size - 100) // 2) + b"1]}"
    await scene.at_once(*(scene.send("POST", f"{path}/import", numbers) for _ in range(4)))


async def very_large_file(scene):
    """A valid file that is as large as an import may be."""
    path = await scene.group()
    file = scene.file(["Anna", "Bob", "Carl"], scene.entries(scene.size(48000, 3000)))
    scene.notes.append(f"{len(file) / MIB:.0f} MiB")
    await scene.send("POST", f"{path}/import", file, quick=60)


async def items_for_all(scene):
    """Small requests that mean large answers: 200 items, each shared by all; lists of them, and previews."""
    path, _, me = await scene.large_group([1000, 500])
    body = {
        "description": "x", "amount": 20000, "payer": me,
        "split": {"method": "items", "items": [{"amount": 100}] * 200}}
    for _ in range(scene.size(12, 2)):
        await scene.send("POST", f"{path}/expenses", body)
    for look in ("entries?limit=200", "expenses?limit=200", "export", "export?format=csv"):
        await scene.at_once(*(scene.send("GET", f"{path}/{look}") for _ in range(scene.size(10, 2))))
    await scene.at_once(*(
        scene.send("POST", f"{path}/expenses?dryRun=true", body) for _ in range(scene.size(8, 2))))


async def statement_too_large(scene):
    """Expenses with more parameters than a statement of the database can have."""
    path, size, me = await scene.large_group(scene.size([8300, 2000, 500], [8300, 500]))
    body = {"description": "x", "amount": 100 * size, "payer": me}
    for _ in range(scene.size(10, 2)):
        await scene.at_once(*(scene.send("POST", f"{path}/expenses", body) for _ in range(4)))


async def balances_of_many_days(scene):
    """Slow reads that no cache helps with: balances, statements and plans of a large group, each of another day."""
    path, me = await expenses_for_all(scene, scene.size([4000, 2000, 500], [2000, 500]), 3)
    days = [f"2026-12-{day:02}" for day in range(1, scene.size(25, 5))]
    for start in range(0, len(days), 8):
        await scene.at_once(*(scene.send("GET", f"{path}/balances?at={day}") for day in days[start:start + 8]))
    for look in ("settlement", "debts", "kitty", f"accounts/{me}/statement?currency=EUR"):
        await scene.at_once(*(scene.send("GET", f"{path}/{look}") for _ in range(4)))


async def objects_of_many_keys(scene):
    """JSON objects with millions of keys, with and without an escape in each."""
    path = await scene.group()
    size = scene.size(19 * MIB, MIB // 2)
    for escape in ("\\n", ""):
        keys = ",".join(f'"{escape}{number}":1' for number in range(size // (len(escape) + 11)))
        body = ("{" + keys + "}").encode()
        await scene.at_once(*(scene.send("POST", f"{path}/import", body) for _ in range(4)))
        small = body[:body.rindex(b",", 0, 250 * 1024)] + b"}"
        await scene.at_once(*(scene.send("POST", f"{path}/expenses", small) for _ in range(8)))


async def many_revisions(scene):
    """A large entry that is changed hundreds of times; its history."""
    path, size, me = await scene.large_group([500])
    made = await scene.send("POST", f"{path}/expenses", {"description": "x", "amount": 100 * size, "payer": me})
    one = f"{path}/expenses/{made.json()['id']}"
    for number in range(scene.size(250, 20)):
        change = {"amount": 100 * size + number + 1}
        answer = await scene.send("PATCH", one, change, headers={"If-Match": "*"})
        if answer.status != 200:
            break
    history = one.replace("expenses", "entries") + "/history"
    await scene.at_once(*(scene.send("GET", history) for _ in range(scene.size(6, 2))))


async def debts_of_many_payers(scene):
    """Entries with 100 payers and 500 sharers, and the debts between all of them after each write."""
    path, size, _ = await scene.large_group([500])
    members = [item["id"] for item in (await scene.must("GET", f"{path}/members?limit=200")).json()["items"]]
    body = {
        "description": "x", "amount": 100 * 5 * size,
        "payers": [{"account": one, "amount": 5 * size} for one in members[:100]]}
    for number in range(scene.size(60, 3)):
        answer = await scene.send("POST", f"{path}/expenses", body)
        if number % 12 == 0 or answer.status != 201:
            await scene.at_once(*(scene.send("GET", f"{path}/debts") for _ in range(3)))
        if answer.status != 201:
            break
    await scene.at_once(*(scene.send("GET", f"{path}/debts") for _ in range(3)))


async def open_uploads(scene):
    """Photos that stop before their end, which take disk and memory for as long as they come."""
    size, seconds = 20 * MIB, scene.size(12, 2)
    path = await scene.group()
    await scene.at_once(*(
        scene.send(
            "PUT", "/v1/me/photo" if number % 3 else f"{path}/photo", slowly(size - 500_000, seconds), length=size,
            give_up=seconds + 2, headers={"Content-Type": "image/jpeg"},
            port=scene.installation.port if number % 2 else None)
        for number in range(scene.size(60, 16))))


async def slowly(size, seconds):
    """Generates the beginning of a body at once, and then just enough of it."""
    part = random.Random(1).randbytes(1 << 18)
    for start in range(0, size, 1 << 18):
        yield part[:min(1 << 18, size - start)]
    for _ in range(seconds):
        await asyncio.sleep(1)
        yield bytes(600)


async def large_group(scene):
    """Honest: a group of 500 members with an entry of 500 sharers, and all that can be read of it."""
    path, size, me = await scene.large_group([500])
    body = {"description": "Party", "amount": 100 * size, "payer": me}
    for _ in range(3):
        await honest(scene, "POST", f"{path}/expenses", body)
    for look in (
        "", "/members?limit=200", "/balances", "/entries", "/debts", "/settlement", "/kitty", "/export", "/export?format=csv",
        "/export?format=hledger", "/export?format=beancount", f"/accounts/{me}/statement?currency=EUR",
    ):
        await honest(scene, "GET", path + look)
    copy = await scene.group()
    file = (await honest(scene, "GET", f"{path}/export")).body
    await honest(scene, "POST", f"{copy}/import", file)


async def large_file(scene):
    """Honest: a file of 20 MiB, imported and exported again."""
    path = await scene.group()
    file = scene.file(["Anna", "Bob", "Carl"], scene.entries(scene.size(24600, 1000)))
    scene.notes.append(f"{len(file) / MIB:.1f} MiB")
    await honest(scene, "POST", f"{path}/import", file)
    await honest(scene, "GET", f"{path}/export")


async def honest(scene, method, path, body=None):
    answer = await scene.send(method, path, body, quick=45)
    if answer.status is None or answer.status >= 300:
        raise AssertionError(f"an honest {method} {path} got {answer.status} {answer.code}: {answer.body[:300]}")
    return answer


# Attacks that are about the database: a short run makes only these on both.
OF_THE_DATABASE = {expense_for_all, statement_too_large, balances_of_many_days}

# The numbers of docs/security.md, with the attack.
ATTACKS = {
    "A1 an expense for all": expense_for_all,
    "A2 an export of equal names": export_of_equal_names,
    "A3 slow large bodies": slow_large_bodies,
    "A3 a very large file": very_large_file,
    "A4 items for all": items_for_all,
    "A5 too large a statement": statement_too_large,
    "A6 balances of many days": balances_of_many_days,
    "A7 objects of many keys": objects_of_many_keys,
    "A11 many revisions": many_revisions,
    "A12 debts of many payers": debts_of_many_payers,
    "A19 open uploads": open_uploads,
    "honest: 500 members": large_group,
    "honest: a large file": large_file,
}
