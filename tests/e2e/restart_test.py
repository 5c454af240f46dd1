#!/usr/bin/env python3
"""A meeting of conclave-call processes at a conclave-relay that is killed and started again: it goes on each time within 3 s, and nobody is
admitted again.

usage: restart_test.py --program conclave-call --relay conclave-relay [--kills N]
"""
import argparse
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import call

GUESTS = ("Ben", "Cleo")
PATIENCE = 3.0 if os.environ.get("CONCLAVE_LONG") else 8.0  # a machine with other work is slower than what is promised


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Relay:
    """The program with its files; `die` is SIGKILL."""

    def __init__(self, program, folder):
        self.arguments = [program, "--listen", "127.0.0.1", "--port", str(free_port()), "--key-file", folder / "key.pem", "--state-file",
                          folder / "rooms.db"]
        self.log = folder / "relay.log"
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log.open("a"), text=True)
        self.place = self.process.stdout.readline().strip()

    def die(self):
        self.process.kill()
        self.process.wait()


class Member:
    def __init__(self, program, folder, role, name, *options):
        self.name, self.json, self.log = name, folder / f"{name}.json", folder / f"{name}.log"
        self.process = subprocess.Popen([program, role, *options, "--name", name, "--size", "320x180", "--fps", "10", "--json", self.json],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log.open("w"), text=True)

    def says(self, what):
        return self.log.read_text(errors="replace").count(what)

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "none within 10 s"


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def kill_and_wait(checks, relay, members, number):
    begin = time.monotonic()
    relay.die()
    relay.start()
    back = until(lambda: all(member.says("Connected again") >= number for member in members), 20)
    seconds = time.monotonic() - begin
    checks.expect(f"death {number}: everybody is back after", f"{seconds:.2f} s", back and seconds < PATIENCE)
    time.sleep(1)


def check_reports(checks, members, kills):
    for member in members:
        report = call.json.loads(member.json.read_text())
        checks.expect(f"{member.name}: reconnections", report["reconnections"], report["reconnections"] == kills)
        checks.expect(f"{member.name}: forged, decode failures", (call.total(report["dropped"], "forged"), call.total(report, "decode_failures")),
                      call.total(report["dropped"], "forged") == 0 and call.total(report, "decode_failures") == 0)
        checks.expect(f"{member.name}: sounds received", report["audio"]["frames_received"], report["audio"]["frames_received"] > 50 * kills)


def meet(checks, programs, folder, kills):
    relay = Relay(programs.relay, folder)
    members = [Member(programs.program, folder, "host", "Ada", "--relay", relay.place, "--admit", "all")]
    try:
        link = members[0].process.stdout.readline().strip()
        members += [Member(programs.program, folder, "join", name, link) for name in GUESTS]
        met = until(lambda: all(member.says("is in the room") >= 2 for member in members), 20)
        checks.expect("three meet", met, met)
        time.sleep(1)
        for number in range(1, kills + 1):
            kill_and_wait(checks, relay, members, number)
        for member in members:
            checks.expect(f"{member.name}: entries into the room that were told", member.says("is in the room"), member.says("is in the room") == 2)
            checks.expect(f"{member.name}: members who left", member.says("has left"), member.says("has left") == 0)
        disk = b"".join(path.read_bytes() for path in folder.glob("rooms.db*"))
        checks.expect("names on the relay's disk", disk.count(b"Cleo"), disk.count(b"Cleo") == 0 and len(disk) > 1000)
    finally:
        for member in reversed(members):
            checks.expect(f"{member.name}: exit", status := member.end(), status == 0)
        relay.die()
    check_reports(checks, members, kills)


def main():
    parser = argparse.ArgumentParser(description="Kills a relay under a meeting.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--relay", required=True)
    parser.add_argument("--kills", type=int, default=10 if os.environ.get("CONCLAVE_LONG") else 2)
    arguments = parser.parse_args()
    checks = call.Checks()
    with tempfile.TemporaryDirectory() as folder:
        meet(checks, arguments, Path(folder), arguments.kills)
        if checks.failed:
            for log in sorted(Path(folder).glob("*.log")):
                print(f"--- {log.name}:\n{log.read_text(errors='replace')[-1500:]}")
    checks.end()


if __name__ == "__main__":
    main()
