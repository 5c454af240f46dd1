#!/usr/bin/env python3
"""A meeting whose members' UDP is blocked by firewall rules: in the midst of it, when it goes on over TCP within 3 s and returns to UDP once the
rules are gone, at a relay that keeps the seats of broken connections and at one that keeps none; and from the start, when it is over TCP from the beginning. Each member and the relay has a network namespace of its own.

usage: udp_blocked_test.py --program conclave-call --relay conclave-relay
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import call

LONG = bool(os.environ.get("CONCLAVE_LONG"))
PATIENCE = 3.0       # what is promised
BACK = 40.0          # UDP is probed every 30 s at the rarest
BRIDGE, RELAY_ADDRESS = "meeting", "10.87.0.1"


def run(*words):
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


class House:
    """A place in the network with an address of its own, joined to the others by a bridge."""

    def __init__(self, name, number):
        self.name, self.address = name, f"10.87.0.{number}"
        run("ip", "netns", "add", name)
        run("ip", "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", f"v{number}", "master", BRIDGE, "up")
        for words in (("link", "set", "lo", "up"), ("address", "add", f"{self.address}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            run("ip", "-n", name, *words)

    def start(self, *words, **streams):
        return subprocess.Popen(["ip", "netns", "exec", self.name, *map(str, words)], stdin=subprocess.DEVNULL, text=True, **streams)

    def udp(self, blocked, chains=("INPUT", "OUTPUT")):
        """The firewall rule itself: it drops UDP in silence, whichever way."""
        for chain in chains:
            run("ip", "netns", "exec", self.name, "iptables", "-A" if blocked else "-D", chain, "-p", "udp", "-j", "DROP")


class Member:
    def __init__(self, house, program, folder, role, name, *options):
        self.name, self.house, self.role = name, house, role
        self.json, self.log, self.beat = (folder / f"{name}.{end}" for end in ("json", "log", "beat"))
        self.process = house.start(program, role, *options, "--name", name, "--size", "320x180", "--fps", "10", "--json", self.json,
                                   stdout=subprocess.PIPE, stderr=self.log.open("w"))

    def text(self):
        return self.log.read_text(errors="replace")

    def says(self, what):
        return self.text().count(what)

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "none within 10 s"

    def report(self):
        return json.loads(self.json.read_text())


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def changes(member):
    """To TCP, and back."""
    return member.says("Now over TCP"), member.says("Back over UDP")


def judge(checks, member, transport, least_changes):
    report = member.report()
    checks.expect(f"{member.name}: transport at the end", report["transport"], report["transport"] == transport)
    checks.expect(f"{member.name}: changes of it", report["transport_changes"], report["transport_changes"] >= least_changes)
    checks.expect(f"{member.name}: longest gap", f"{report['longest_gap_ms']:.0f} ms", report["longest_gap_ms"] < PATIENCE * 1000)
    checks.expect(f"{member.name}: forged, decode failures", (call.total(report["dropped"], "forged"), call.total(report, "decode_failures")),
                  call.total(report["dropped"], "forged") == 0 and call.total(report, "decode_failures") == 0)
    checks.expect(f"{member.name}: frames lost of those received, picture and sound",
                  [(report[medium]["frames_lost"], report[medium]["frames_received"]) for medium in ("video", "audio")],
                  all(report[medium]["frames_received"] > 20 for medium in ("video", "audio")))
    checks.expect(f"{member.name}: pictures given up before they were written", report["dropped"]["stale"], report["dropped"]["stale"] >= 0)


class Heard:
    """When sound and pictures arrive at a member: it records them, and the file grows."""

    def __init__(self, path):
        self.path = path

    def size(self):
        return self.path.stat().st_size if self.path.exists() else 0

    def grows_within(self, seconds):
        before = self.size()
        return until(lambda: self.size() > before, seconds)


def blocked_where_no_seats_are_kept(checks, programs, folder, houses):
    blocked_in_the_midst(checks, programs, folder, houses, "[limits]\nresume_seconds = 0\n")


def blocked_in_the_midst(checks, programs, folder, houses, settings=""):
    relay = start_relay(programs, folder, houses[0], settings)
    recorded = Path(folder) / "Ada.webm"
    ada = Member(houses[1], programs.program, folder, "host", "Ada", "--relay", relay.place, "--admit", "all", "--record", recorded)
    members = [ada]
    try:
        members.append(Member(houses[2], programs.program, folder, "join", "Ben", ada.process.stdout.readline().strip()))
        ben = members[1]
        met = until(lambda: all(member.says("is in the room") for member in members), 20)
        checks.expect("two meet", met, met)
        time.sleep(2)
        for number, chains in enumerate((("INPUT", "OUTPUT"), ("OUTPUT",)) if LONG and not settings else (("INPUT", "OUTPUT"),), 1):
            begin = time.monotonic()
            ben.house.udp(True, chains)
            there = until(lambda: changes(ben) == (number, number - 1), 20)
            seconds = time.monotonic() - begin
            checks.expect(f"Ben, whose UDP is blocked ({', '.join(chains)}), is back after", f"{seconds:.2f} s", there and seconds < PATIENCE)
            checks.expect("  and is heard and seen", heard := Heard(next(iter(folder.glob("Ada.webm*")), recorded)).grows_within(3), heard)
            time.sleep(2)
            begin = time.monotonic()
            ben.house.udp(False, chains)
            there = until(lambda: changes(ben) == (number, number), BACK)
            checks.expect("without the rule he is back over UDP after", f"{time.monotonic() - begin:.1f} s", there)
            time.sleep(2)
        checks.expect("nobody has left meanwhile", [member.says("has left") for member in members], not any(member.says("has left") for member in members))
        checks.expect("entries into the room that were told", [member.says("is in the room") for member in members],
                      all(member.says("is in the room") == 1 for member in members))
    finally:
        finish(checks, members, relay)
    alarms = [(member.says("connection broke"), member.says("Connected again"), member.report()["reconnections"]) for member in members]
    checks.expect("nobody was told that a connection broke", alarms, alarms == [(0, 0, 0)] * 2)
    judge(checks, members[0], "quic", 0)
    judge(checks, members[1], "quic", 2)
    report = ben.report()
    checks.expect("Ben: seconds over UDP and over TCP", (report["seconds_over_udp"], report["seconds_over_tcp"]),
                  report["seconds_over_udp"] >= 3 and report["seconds_over_tcp"] >= 2)


def blocked_from_the_start(checks, programs, folder, houses):
    relay = start_relay(programs, folder, houses[0])
    for house in houses[1:]:
        house.udp(True)
    members = [Member(houses[1], programs.program, folder, "host", "Cleo", "--relay", relay.place, "--admit", "all")]
    try:
        begin = time.monotonic()
        members.append(Member(houses[2], programs.program, folder, "join", "Dan", members[0].process.stdout.readline().strip()))
        met = until(lambda: all(member.says("is in the room") for member in members), 20)
        checks.expect("two meet over TCP alone after", f"{time.monotonic() - begin:.2f} s", met)
        time.sleep(4)
    finally:
        finish(checks, members, relay)
    for member in members:
        judge(checks, member, "websocket", 0)
    for house in houses[1:]:
        house.udp(False)


class Relay:
    def __init__(self, process):
        self.process = process
        self.place = process.stdout.readline().strip()


def start_relay(programs, folder, house, settings=""):
    config = folder / "relay.toml"
    config.write_text(settings)
    return Relay(house.start(programs.relay, "--config", config, "--listen", RELAY_ADDRESS, "--advertise", RELAY_ADDRESS, "--key-file", folder / "key.pem",
                             stdout=subprocess.PIPE, stderr=(folder / "relay.log").open("a")))


def finish(checks, members, relay):
    for member in reversed(members):
        checks.expect(f"{member.name}: exit", status := member.end(), status == 0)
    relay.process.terminate()
    checks.expect("the relay's exit", status := relay.process.wait(timeout=10), status == 0)


def inside(arguments):
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    Path("/run/netns").mkdir()
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "link", "set", BRIDGE, "up")
    houses = [House(name, number) for number, name in enumerate(("relay", "one", "two"), 1)]
    probe = subprocess.run(["ip", "netns", "exec", "two", "iptables", "-L", "-n"], capture_output=True, text=True)
    if probe.returncode:
        call.skip(f"no firewall rules here: {probe.stderr.strip()[:200]}")
    checks = call.Checks()
    for part in (blocked_in_the_midst, blocked_where_no_seats_are_kept, blocked_from_the_start):
        with tempfile.TemporaryDirectory() as temporary:
            before = checks.failed
            part(checks, arguments, Path(temporary), houses)
            if checks.failed > before:
                for log in sorted(Path(temporary).glob("*.log")):
                    print(f"--- {log.name}:\n{re.sub(chr(13), chr(10), log.read_text(errors='replace'))[-2500:]}")
    checks.end()


def main():
    parser = argparse.ArgumentParser(description="Blocks UDP under a meeting.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--relay", required=True)
    arguments = parser.parse_args()
    if os.environ.get("CONCLAVE_NETNS") == "inside":
        return inside(arguments)
    if shutil.which("iptables") is None:
        call.skip("no iptables")
    enter = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    enter += [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    if subprocess.run([*enter, "true"], stderr=subprocess.DEVNULL).returncode:
        call.skip("namespaces are not permitted here")
    sys.exit(subprocess.run([*enter, sys.executable, __file__, *sys.argv[1:]], env=os.environ | {"CONCLAVE_NETNS": "inside"}).returncode)


if __name__ == "__main__":
    main()
