#!/usr/bin/env python3
"""Imports files of a group with some changes: no answer may be a 5xx, and what is accepted is exported, imported again
and exported, with the same bytes and with balances that sum to zero.

    files.py URL COUNT SEED
"""

import collections
import copy
import json
import random
import sys

import extremes

# A user is replaced after this many groups.
GROUPS = 40


def mutated(file, order):
    """Returns the text of a file with one to three changes."""
    file = copy.deepcopy(file)
    for _ in range(order.choice((1, 1, 2, 3))):
        paths = extremes.places(file)[1:]
        path = order.choice(paths)
        holder, key = extremes.at(file, path[:-1]), path[-1]
        match order.choice(("extreme", "extreme", "remove", "repeat", "swap", "step", "step")):
            case "extreme":
                holder[key] = extremes.Written(order.choice(extremes.VALUES))
            case "remove":
                del holder[key]
            case "repeat" if isinstance(holder, list):
                holder.insert(order.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
            case "step" if isinstance(holder[key], int):
                holder[key] += order.choice((-1, 1, 100, -holder[key], holder[key]))
            case _:
                other = [one for one in paths if type(extremes.at(file, one)) is type(holder[key])]
                holder[key] = copy.deepcopy(extremes.at(file, order.choice(other)))
    text = extremes.write(file)
    if order.random() < 0.05:
        cut = order.randrange(len(text))
        text = text[:cut] + order.choice(["", "\0", "{", ",", '"', text[cut:] + " x"])
    return text


def same_again(client, group):
    """Exports an imported group, imports it into another one, and compares."""
    path = f"/v1/groups/{group}"
    status, _, first = client.send("GET", f"{path}/export")
    copied = f"/v1/groups/{client.group()['id']}"
    answer, code, data = client.send("POST", f"{copied}/import", first.decode())
    _, _, second = client.send("GET", f"{copied}/export")
    if status != 200 or answer != 200 or first != second:
        client.fail("POST", f"{copied}/import", first, f"an export is not imported as it was: {answer} {code} {data[:300]}")
    sums = collections.Counter()
    for balance in client.must("GET", f"{path}/balances")["balances"]:
        sums[balance["currency"]] += balance["net"]
    if any(sums.values()):
        client.fail("GET", f"{path}/balances", first, f"the balances sum to {dict(sums)}")
    client.send("GET", f"{path}/entries?limit=200&deleted=true")
    client.send("GET", f"{path}/settlement")


def main():
    url, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    order = random.Random(seed)
    client = extremes.Client(url, order)
    world = extremes.World(client)
    bases = [json.loads(client.send("GET", f"{world.path}/export")[2])]
    # A file of one member and no entry, which most changes do not make useless.
    small = copy.deepcopy(bases[0]) | {"entries": [], "lastNumber": 0, "targets": []}
    small["members"] = [one for one in small["members"] if one["id"] == small["owner"]]
    bases.append(small)
    codes, accepted, groups, target = collections.Counter(), 0, GROUPS, None
    for _ in range(count):
        if groups >= GROUPS:
            client.sign_up()
            groups, target = 0, None
        if target is None:
            target, groups = client.group()["id"], groups + 1
        status, code, _ = client.send("POST", f"/v1/groups/{target}/import", mutated(order.choice(bases), order))
        codes[code or str(status)] += 1
        if status == 200:
            accepted += 1
            same_again(client, target)
            groups, target = groups + 1, None
    for failure in client.failures[:20]:
        print(f"files: {failure}", file=sys.stderr)
    print(f"files: {count} files, {accepted} accepted and the same again, {len(client.failures)} failures "
          f"(seed {seed}; {dict(codes)})")
    sys.exit(1 if client.failures or not accepted else 0)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main()
