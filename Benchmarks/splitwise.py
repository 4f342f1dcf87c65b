"""Writes the file of a group of Splitwise, for the benchmarks that import one."""

NAMES = ["Anna", "Bob", "Carl", "Dora"]


def lines(source, entries):
    """The lines of a file. The costs and payers are random, by `source`.

    Entries are days, descriptions and categories.
    """
    totals = [0] * len(NAMES)
    yield "Date,Description,Category,Cost,Currency," + ",".join(NAMES) + "\n\n"
    for day, text, category in entries:
        cost, payer = source.randrange(400, 9000), source.randrange(len(NAMES))
        shares = [cost // 4 + (place < cost % 4) for place in range(4)]
        nets = [cost * (place == payer) - share for place, share in enumerate(shares)]
        totals = [total + net for total, net in zip(totals, nets)]
        yield f"{day},{text},{category},{cost / 100:.2f},EUR," + ",".join(f"{net / 100:.2f}" for net in nets) + "\n"
    yield "\n2026-01-31,Total balance, , ,EUR," + ",".join(f"{total / 100:.2f}" for total in totals) + "\n"
