"""Measures the client on a terminal of its own, beside its goals; `make bench-client` calls it.

A goal that is missed is a figure, not a failure: only what did not run ends with 1.
"""
import os
import shutil
import statistics
import subprocess
import sys
import time

import ssh
from installation import CountingProxy, Server, load
from terminal import Terminal

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER, SERVER, CLIENT = sys.argv[1:]
SECONDS = int(os.environ.get("SECONDS_IDLE", "60"))
ENTRIES = int(os.environ.get("ENTRIES", "10000"))
STARTS, KEYS = 10, 100
# One word: a terminal may be told to move where a space would be.
GROUP = "Flatshare"
UP, DOWN, PAGE_UP, PAGE_DOWN = b"\x1b[A", b"\x1b[B", b"\x1b[5~", b"\x1b[6~"
ENTER, ESCAPE, BACKSPACE = b"\r", b"\x1b", b"\x7f"
terminals = []


def environment(home):
    """That of a user with an empty home, whatever this one has set."""
    folders = {f"XDG_{name}_HOME": f"{home}/{name.lower()}" for name in ["CONFIG", "STATE", "CACHE", "DATA"]}
    return {"PATH": "/usr/bin:/bin", "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", **folders}


def sign_in(home, port):
    os.makedirs(home)
    done = subprocess.run(
        [CLIENT, "login", "--server", f"http://127.0.0.1:{port}", "--name", "anna"], input=b"a long password\n",
        env=environment(home), capture_output=True, timeout=60)
    if done.returncode:
        sys.exit(f"login failed: {done.stderr.decode()}")


def open_client(home, port):
    terminal = Terminal([CLIENT, "--server", f"http://127.0.0.1:{port}"], environment(home))
    terminals.append(terminal)
    return terminal


def close(terminal):
    terminals.remove(terminal)
    terminal.close()


def open_group(home, proxy):
    """The group on the screen, its first entries read, and no request on its way."""
    terminal = open_client(home, proxy.port)
    terminal.see(GROUP)
    terminal.type(ENTER)
    terminal.see(f"#{ENTRIES}\\b")
    proxy.settle()
    terminal.settle()
    return terminal


def starts(home, port, is_cached):
    """The seconds to the first frame of ten starts, and to the one that has the groups."""
    frames, groups = [], []
    for _ in range(STARTS):
        if not is_cached:
            shutil.rmtree(f"{home}/cache", ignore_errors=True)
        terminal = open_client(home, port)
        frame, whole = terminal.paints(b"KittyCash", GROUP.encode())
        frames.append(frame)
        groups.append(whole)
        terminal.settle(0.1)
        close(terminal)
    return statistics.median(frames), statistics.median(groups)


def over_ssh(server):
    """The seconds from `ssh` to the screen with the groups, and to the same words of a command that only prints them."""
    folder = f"{FOLDER}/ssh"
    os.makedirs(folder)
    gate = ssh.Gate(folder, SERVER, CLIENT, server.port, server.gateway_port, GROUP)
    try:
        with open(f"{folder}/key.pub") as file:
            server.call("POST", "/v1/me/keys", {"key": file.read().strip()})
        medians = []
        for key in ["key", ssh.PLAIN]:
            seconds = []
            for _ in range(STARTS):
                terminal = Terminal(gate.command(key), environment(folder))
                terminals.append(terminal)
                seconds += terminal.paints(GROUP.encode())
                close(terminal)
            medians.append(statistics.median(seconds))
        return medians
    finally:
        gate.stop()


def keys(terminal, *turn):
    """The seconds and bytes of the first key of a turn, pressed a hundred times; the others bring it back."""
    measured = []
    for _ in range(KEYS):
        measured.append(terminal.key(turn[0]))
        for key in turn[1:]:
            terminal.key(key)
    return measured


def idle(*clients):
    """The bytes and the seconds of processor time of each client, all left alone at the same time."""
    began, counts = [client.processor_time() for client in clients], [0] * len(clients)
    end = time.monotonic() + SECONDS
    while (rest := end - time.monotonic()) > 0:
        for place, client in enumerate(clients):
            counts[place] += len(client.read(min(rest, 0.2)))
    return [(count, client.processor_time() - before) for count, client, before in zip(counts, clients, began)]


def milliseconds(seconds, digits=0):
    return f"{seconds * 1000:.{digits}f} ms"


def times(measured):
    """The median and the 99th of a hundred, in words."""
    ordered = sorted(seconds for seconds, _ in measured)
    return f"{ordered[len(ordered) // 2] * 1000:.2f} ms, 99 %: {milliseconds(ordered[len(ordered) * 99 // 100 - 1], 1)}"


def commit():
    def git(*arguments):
        return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True).stdout.strip()

    name = git("rev-parse", "--short", "HEAD")
    return (name + (" and changes" if git("status", "--porcelain", "-uno") else "")) if name else "no commit"


def main():
    load_before = os.getloadavg()[0]
    server = Server(SERVER, FOLDER)
    rows = []
    try:
        load(server, GROUP, ENTRIES)
        online, offline = CountingProxy(server.port), CountingProxy(server.port)
        homes = {online: f"{FOLDER}/online", offline: f"{FOLDER}/offline"}
        for proxy, home in homes.items():
            sign_in(home, proxy.port)

        first, groups = starts(homes[online], online.port, is_cached=False)
        rows.append(["first frame, the first start", milliseconds(first), "–"])
        rows.append(["first frame with the groups, the first start", milliseconds(groups), "–"])
        first, groups = starts(homes[online], online.port, is_cached=True)
        rows.append(["first frame, after an earlier start", milliseconds(first), "50 ms"])
        rows.append(["first frame with the groups, after an earlier start", milliseconds(groups), "50 ms, from the cache"])

        if ssh.is_possible():
            whole, plain = over_ssh(server)
            rows.append(["from ssh to the screen with the groups", milliseconds(whole), "400 ms"])
            rows.append(["of it, without ssh itself", milliseconds(whole - plain), "120 ms"])
        else:
            rows.append(["from ssh to the screen with the groups", "not measured: it needs root and sshd", "400 ms"])

        terminal = open_group(homes[online], online)
        arrows = keys(terminal, DOWN, UP)
        pages = keys(terminal, PAGE_DOWN, PAGE_UP)
        terminal.type(b"a")
        terminal.see("New expense")
        letters = keys(terminal, b"e", BACKSPACE)
        terminal.type(ESCAPE)
        terminal.see(f"#{ENTRIES}\\b")
        terminal.type(b"/")
        terminal.type(b"dinne")
        # It reads all entries by itself.
        online.settle()
        terminal.see(rf"of {ENTRIES}\b|of {ENTRIES:,}")
        filters = keys(terminal, b"r", BACKSPACE)
        terminal.type(ENTER)
        terminal.type(ESCAPE)
        terminal.type(b"g")
        terminal.see(f"#{ENTRIES}\\b")
        far = f"{ENTRIES:,} entries read"
        rows.append(["arrow in the page, the first entries read", times(arrows), "3 ms"])
        rows.append([f"arrow in the page, {far}", times(keys(terminal, DOWN, UP)), "3 ms"])
        rows.append(["PgDn, the first entries read", times(pages), "3 ms"])
        rows.append([f"PgDn, {far}", times(keys(terminal, PAGE_DOWN, PAGE_UP)), "3 ms"])
        rows.append(["letter in a form", times(letters), "3 ms"])
        rows.append([f"letter of a filter, {far}", times(filters), "3 ms"])
        rows.append(["bytes for an arrow in the page",
                     f"{statistics.median(count for _, count in arrows):.0f}, at most {max(count for _, count in arrows)}", "200"])
        close(terminal)

        quiet = open_group(homes[online], online)
        form = open_group(homes[offline], offline)
        offline.close()
        form.type(b"r")
        form.see("Offline")
        form.type(b"a")
        form.see("New expense")
        form.type(b"Dinner")
        quiet.settle()
        form.settle()
        before = online.count
        figures = idle(quiet, form)
        traffic = (online.count - before) * 60 / SECONDS
        for what, (count, processor) in zip(["a group", "a form, the server away"], figures):
            rows.append([f"bytes in {SECONDS} s idle, {what}", f"{count:,}", "0"])
            rows.append([f"processor time in {SECONDS} s idle, {what}", milliseconds(processor), "20 ms"])
        rows.append(["network in a minute idle, a group", f"{traffic / 1000:.1f} kB", "2 kB"])
    finally:
        for terminal in list(terminals):
            close(terminal)
        server.stop()
    folders = os.path.realpath(CLIENT).split("/")
    build = next((f"a {kind} build" for kind in ["release", "debug"] if kind in folders), CLIENT)
    print(f"{time.strftime('%Y-%m-%d')}, commit {commit()}, {build}, {os.cpu_count()} cores, load {load_before:.1f} before:\n")
    print("| what | measured | goal |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


main()
