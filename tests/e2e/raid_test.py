#!/usr/bin/env python3
"""The raid once for real: a relay, a stage with members who speak and listen, and a crowd with the public link that knocks, borrows names and throws noise,
each a process of its own with sockets of its own on loopback.

usage: raid_test.py --program conclave-call --relay conclave-relay --raiders raiders [--crowd 40] [--members 4]
One raider comes by an invitation that was given by mistake, gets the floor, is removed, and comes back in vain.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import call
import memory_test

MEDIA = ["--video", "none", "--audio", "synthetic"]


def peak_memory(pid):
    """The most that a process had in memory, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) // 1024


def threads_that_run():
    """How many threads of others want a processor now, those aside who take only what is left of it (SCHED_IDLE)."""
    idle, count = os.SCHED_IDLE, 0
    for stat in Path("/proc").glob("[0-9]*/task/[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it has ended
        count += fields[0] == "R" and int(fields[38]) != idle and stat.parts[2] != str(os.getpid())
    return count


def crowded():
    """Whether the machine has no room for a meeting: frames that arrive too late are lost, raid or not."""
    seen = []
    for _ in range(20):
        seen.append(threads_that_run())
        time.sleep(0.05)
    return sum(seen) / len(seen) > 0.5 * os.cpu_count()


def number_of(host, name):
    """The number of a member in the host's roster. The status line, which may come between, begins with the time."""
    host.seen = ""
    host.type("/roster")
    return re.search(r"(\d+)", host.read_until(rf'(?<![\d:])\d+  "{re.escape(name)}"', 10)).group(1)


def join(arguments, folder, link, name, *options):
    log = (folder / f"{name}.log").open("w")
    return subprocess.Popen(list(map(str, [arguments.program, "join", link, "--name", name, "--json", folder / f"{name}.json", *MEDIA, *options])),
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)


def removal(arguments, checks, folder, host, link):
    """Somebody invited by mistake gets the floor, is removed, and tries again."""
    guest = join(arguments, folder, link, "Mistake")
    host.read_until(r'"Mistake" is in the room', 20)
    number = number_of(host, "Mistake")
    host.type(f"/floor {number}")
    time.sleep(2)
    click = time.monotonic()
    host.type(f"/remove {number}")
    status = guest.wait(timeout=20)
    checks.expect("who was removed is out: exit, seconds", (status, round(time.monotonic() - click, 2)), status == 9)
    host.read_until(r'"Mistake" was removed', 10)
    again = join(arguments, folder, link, "Mistake")
    checks.expect("and does not come back by the same invitation: exit", status := again.wait(timeout=30), status == 5)


def meeting(arguments, checks, folder, relay):
    place = relay.stdout.readline().strip()
    names = [f"Member {i}" for i in range(1, arguments.members + 1)]
    invitations = [part for name in [*names, "Mistake"] for part in ("--invite", name)]
    host = memory_test.Terminal([arguments.program, "host", "--relay", place, "--mode", "stage", "--admit", "invited", "--name", "Chair",
                                 "--json", folder / "Chair.json", *MEDIA, *invitations])
    host.read_until(r"#[\w-]+\tMistake", 20)
    public = re.search(r"conclave://\S+#[\w-]+", host.seen).group(0)
    links = {name: link for link, name in re.findall(r"(conclave://\S+#[\w-]+)\t([^\r\n]+)", host.seen)}
    # Raiders have machines of their own. Here they share this one, and get what the meeting leaves of it, whatever their number of threads.
    crowd = subprocess.Popen(["chrt", "--idle", "0", arguments.raiders, public, "--count", str(arguments.crowd), "--seconds", str(arguments.seconds)],
                             stdout=subprocess.PIPE, text=True)
    time.sleep(2)
    members = {}
    for name in names:
        members[name] = join(arguments, folder, links[name], name)
        host.read_until(rf'"{name}" is in the room', 20)
    host.type(f"/floor {number_of(host, names[0])}")
    removal(arguments, checks, folder, host, links["Mistake"])
    said = crowd.communicate(timeout=arguments.seconds + 60)[0]
    raid = json.loads(said)
    memory = (peak_memory(relay.pid), peak_memory(host.pid))
    host.type("/end")
    statuses = {name: process.wait(timeout=30) for name, process in members.items()}
    statuses["Chair"] = host.drain()
    checks.expect("host and members end properly", statuses, not any(statuses.values()))
    return raid, memory


def judge(checks, folder, names, raid, memory, busy):
    checks.expect("raiders with keys", raid["raiders_with_keys"], raid["raiders_with_keys"] == 0)
    checks.expect("knocks of raiders, each refused", (raid["knocks"], raid["refused"]), raid["knocks"] > 40 and raid["refused"] > 0)
    checks.expect("noise that they threw", raid["noise_datagrams"], raid["noise_datagrams"] > 500)
    reports = {name: json.loads((folder / f"{name}.json").read_text()) for name in [*names, "Chair"]}
    here = {*names, "Chair", "Mistake"}
    for name, report in reports.items():
        strangers = set(report["peers"]) - here
        checks.expect(f"{name} met nobody else", strangers, not strangers)
    heard = {name: len([entry for entry in reports[name]["received"] if entry["name"] in ("Chair", names[0]) and entry["decoded"] > 100]) for name in names[1:]}
    checks.expect("speakers whom each of the listeners heard", heard, set(heard.values()) == {2})
    received = sum(reports[name]["audio"]["frames_received"] for name in names)
    lost = sum(reports[name]["audio"]["frames_lost"] for name in names)
    checks.expect("frames of sound that arrived", received, received > 500)
    checks.expect(f"honest loss{' on a machine that others use up: not judged' if busy else ''}", lost / max(1, received + lost),
                  busy or lost <= 0.001 * (received + lost))
    delays = sorted(round(reports[name]["setup_ms"]) for name in names)
    checks.expect("honest joins, ms", delays, delays[-1] < 2000)
    checks.expect("peak memory of relay and host, MiB", memory, memory[0] < 96 and memory[1] < 160)


def main():
    parser = argparse.ArgumentParser(description="The raid over sockets.")
    for program in ("program", "relay", "raiders"):
        parser.add_argument(f"--{program}", required=True)
    parser.add_argument("--crowd", type=int, default=40)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=16)
    arguments = parser.parse_args()
    checks, busy = call.Checks(), crowded()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        relay = subprocess.Popen([arguments.relay, "--listen", "127.0.0.1", "--port", "0", "--advertise", "127.0.0.1"], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
        try:
            raid, memory = meeting(arguments, checks, folder, relay)
        finally:
            relay.kill()
            relay.wait()
        judge(checks, folder, [f"Member {i}" for i in range(1, arguments.members + 1)], raid, memory, busy)
    checks.end()


if __name__ == "__main__":
    main()
