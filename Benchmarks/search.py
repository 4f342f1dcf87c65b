"""Measures searches, filters and statistics over a large group; `make bench` calls it.

The group comes from a file of another program, as it would for a user: the server writes all rows. Replies to filters are not
cached, and each request for statistics has other days.
"""
import http.client
import itertools
import json
import random
import statistics
import sys
import time
import urllib.parse

import splitwise

COUNT, REQUESTS, YEARS = 100_000, 31, range(2021, 2026)
CATEGORIES = ["Rent", "Groceries", "Dining out", "Taxi", "Hotel", "Movies", "Gifts", "Electricity", "Pets", "Sports"]
# The longest time of one request in seconds: the import takes a minute or two.
LIMIT = 900


def words(source):
    """Made-up words. A few of them are in every hundredth description, most in a few descriptions."""
    syllables = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]
    return list(dict.fromkeys("".join(source.choices(syllables, k=4)) for _ in range(20_000)))


def table(vocabulary, source):
    """The file of a group of Splitwise: five years, ten categories, four members."""
    # Added up once: the sums of twenty thousand words for each entry took a minute and more.
    weights = list(itertools.accumulate(1 / (place + 30) for place in range(len(vocabulary))))

    def entry(number):
        # One of five hundred has a word of two letters, of which there are four.
        text = " ".join(source.choices(vocabulary, cum_weights=weights, k=3)) + (f" {'xyzw'[number // 500 % 4]}q" if number % 500 == 0 else "")
        day = f"{source.choice(YEARS)}-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}"
        return day, text, source.choice(CATEGORIES)

    return "".join(splitwise.lines(source, map(entry, range(COUNT)))).encode()


def median(ask, values):
    """The median time of a request in milliseconds, and how many entries or rows an answer had at most."""
    times, most = [], 0
    for value in values:
        began = time.monotonic()
        found = ask(value)
        times.append((time.monotonic() - began) * 1000)
        most = max(most, found)
    if not most:
        sys.exit(f"nothing was found by {values[0]}")
    return statistics.median(times), most


def measure(port, token):
    """A row for each kind of question: its name, its median in milliseconds, and the most that an answer had."""
    source = random.Random(7)
    vocabulary = words(source)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)

    def call(method, path, body=None, type="application/json"):
        connection.request(method, path, body, {"Authorization": f"Bearer {token}", "Content-Type": type})
        answer = connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {data[:300]}")
        return json.loads(data)

    group = call("POST", "/v1/groups", json.dumps({"name": "Flat", "currency": "EUR"}))["id"]
    made = call("POST", f"/v1/groups/{group}/imports", table(vocabulary, source), "text/csv")["expenses"]
    if made != COUNT:
        sys.exit(f"the import made {made} entries")

    def entries(filter):
        found = call("GET", f"/v1/groups/{group}/entries?limit=50&q={urllib.parse.quote(filter)}")
        return len(found["items"])

    def sums(day):
        found = call("GET", f"/v1/groups/{group}/statistics?by=month,category&from=2000-01-{day:02}")
        if found["totals"][0]["count"] != COUNT:
            sys.exit(f"the statistics count {found['totals'][0]['count']}")
        return len(found["rows"])

    first = range(1, 1 + REQUESTS)
    questions = [
        ("a frequent word", entries, [vocabulary[place] for place in first]),
        ("a rare word", entries, [vocabulary[5000 + place] for place in first]),
        ("two words", entries, [f"{vocabulary[place]} {vocabulary[place + 40]}" for place in first]),
        ("a part of a word", entries, [vocabulary[place][1:5] for place in first]),
        ("a rare word of two letters", entries, ["xq", "yq", "zq", "wq"] * 8),
        ("filter: payer, amount, year", entries, [f"paid:bob amount:>{place + 30} date:2023" for place in first]),
        ("filter: category and month", entries,
         [f'category:"{CATEGORIES[place % 10]}" date:{YEARS[place % 5]}-{place % 12 + 1:02}' for place in first]),
        ("statistics by month and category", sums, list(first)[:28]),
    ]
    for what, ask, values in questions:
        yield what, *median(ask, values)
