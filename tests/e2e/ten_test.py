#!/usr/bin/env python3
"""A meeting of ten conclave-call processes with pictures at a conclave-relay, nine behind a path with delay and loss, one behind 300 kbit/s: everybody
is seen and heard, and the narrow one gets smaller pictures and no freeze longer than a second.

usage: ten_test.py --program conclave-call --relay conclave-relay --impairer PROGRAM [--seconds N] [--rate KBIT]
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import call

RELAY = "10.86.9.1"
NAMES = ("Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ines")  # beside Ada, who hosts, and Nora, who is narrow
SPEAKERS = ("Ada",)  # the others have their microphones off: ten who speak all the time need 630 kbit/s
FREEZE = 1000 if os.environ.get("CONCLAVE_LONG") else 2500  # ms; a machine with other work is slower than what is promised
PICTURE = ("--size", "320x180", "--fps", "10", "--bitrate", "150k")  # of which the small version has 30k


def run(*arguments):
    subprocess.run(arguments, check=True)


class Spaces:
    """Namespaces for the relay, the wide and the narrow, joined by an impairer each."""

    def __init__(self, impairer, seconds, wide, narrow):
        run("mount", "-t", "tmpfs", "tmpfs", "/run")
        os.mkdir("/run/netns")
        for name in ("relay", "wide", "narrow"):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", "relay", "address", "add", f"{RELAY}/32", "dev", "lo")
        self.processes = [self.join(impairer, seconds, number, name, path) for number, (name, path) in enumerate((("wide", wide), ("narrow", narrow)))]

    @staticmethod
    def join(impairer, seconds, number, name, path):
        device = f"tun{number}"
        process = subprocess.Popen([impairer, "relay", name, "--device", device, "--both", path, "--seconds", str(seconds)], stdout=subprocess.PIPE, text=True)
        here, there = f"10.86.{number}.1", f"10.86.{number}.2"
        for side, own, peer in (("relay", here, there), (name, there, here)):
            if not until(lambda: subprocess.run(["ip", "-n", side, "link", "show", device], capture_output=True).returncode == 0, 5):
                call.skip("the impairer cannot make its devices here")
            run("ip", "-n", side, "link", "set", device, "addrgenmode", "none", "mtu", "1500", "up")
            run("ip", "-n", side, "address", "add", own, "peer", peer, "dev", device)
        run("ip", "-n", name, "route", "add", RELAY, "dev", device)
        return process

    def end(self):
        for process in self.processes:
            process.terminate()
            print("network:", process.communicate(timeout=10)[0].strip())


class Member:
    def __init__(self, arguments, folder, space, role, name, *options):
        self.name, self.json, self.log = name, folder / f"{name}.json", folder / f"{name}.log"
        sound = ("--audio-bitrate", "12k") if name in SPEAKERS else ("--audio", "none")
        self.process = subprocess.Popen(["ip", "netns", "exec", space, arguments.program, role, *options, "--name", name, *PICTURE, *sound, "--json", self.json],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log.open("w"), text=True)

    def sees(self):
        return self.log.read_text(errors="replace").count("is in the room")

    def end(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "none within 15 s"

    def received(self, medium):
        """By member: what there is in the closing report."""
        report = call.json.loads(self.json.read_text())
        return {entry["member"]: entry for entry in report["received"] if entry["medium"] == medium}


def until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def metrics(port):
    """The relay's counters, as text lines."""
    command = ["ip", "netns", "exec", "relay", sys.executable, "-c",
               f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{port}/metrics').read().decode())"]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line and not line.startswith("#"))}


def value_of(counters, name, reason=None):
    wanted = f'{{reason="{reason}"}}' if reason else ""
    return sum(value for key, value in counters.items() if name in key and wanted in key)


def judge(checks, member, seconds, narrow):
    pictures, sounds = member.received("picture"), member.received("sound")
    least = (1.5 if narrow else 4) * seconds  # of ten a second, and of the 2.5 of the lowest layer
    decoded = sorted(entry["decoded"] for entry in pictures.values())
    checks.expect(f"{member.name}: pictures of each of nine", decoded, len(decoded) == 9 and decoded[0] > least)
    heard = sorted(entry["decoded"] for entry in sounds.values())
    speakers = len(SPEAKERS) - (member.name in SPEAKERS)
    checks.expect(f"{member.name}: sounds of each who speaks", heard, len(heard) == speakers and min(heard, default=1e9) > 40 * seconds)
    if not narrow:
        return
    freezes = sorted(entry["longest_freeze_ms"] for entry in pictures.values())
    checks.expect(f"{member.name}: longest time between two pictures of one, ms", freezes, freezes[-1] <= FREEZE)
    widths = [entry["width"] for entry in pictures.values()]
    checks.expect(f"{member.name}: widths of the pictures", widths, sum(width == 160 for width in widths) >= 7)


def meet(checks, arguments, folder):
    port = 9464
    relay = subprocess.Popen(["ip", "netns", "exec", "relay", arguments.relay, "--listen", RELAY, "--key-file", folder / "key.pem", "--metrics-port", str(port)],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=(folder / "relay.log").open("w"), text=True)
    members = []
    try:
        members.append(Member(arguments, folder, "wide", "host", "Ada", "--relay", relay.stdout.readline().strip(), "--admit", "all"))
        link = members[0].process.stdout.readline().strip()
        members += [Member(arguments, folder, "wide", "join", name, link) for name in NAMES]
        checks.expect("nine meet", True, until(lambda: all(member.sees() >= 8 for member in members), 30))
        members.append(Member(arguments, folder, "narrow", "join", "Nora", link))
        checks.expect("ten meet", True, until(lambda: all(member.sees() >= 9 for member in members), 20))
        time.sleep(arguments.seconds)
        counters = metrics(port)
        for key in ("path_changes", "layer_changes", "layers_paused", "narrow_path", "keyframes_total", "retransmissions", "unanswered", "uplink"):
            print({name: value for name, value in counters.items() if key in name})
        cuts = value_of(counters, "path_changes_total", "cut")
        checks.expect("cuts of what a path gets", cuts, cuts >= 1)
    finally:
        for member in reversed(members):
            checks.expect(f"{member.name}: exit", status := member.end(), status == 0)
        relay.terminate()
        relay.wait(timeout=15)
    for member in members:
        judge(checks, member, arguments.seconds, member.name == "Nora")


def enter(arguments):
    """Again, in namespaces of our own, which vanish with us."""
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.getuid() != 0:
        command += ["--user", "--map-root-user"]
    permitted = os.path.exists("/dev/net/tun") and subprocess.run([*command, "true"], capture_output=True).returncode == 0
    if not permitted:
        call.skip("namespaces or /dev/net/tun are not permitted here")
    os.execvp(command[0], [*command, sys.executable, os.path.abspath(__file__), *sys.argv[1:], "--inside"])


def main():
    parser = argparse.ArgumentParser(description="Holds a meeting of ten, one of them behind a narrow path.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--relay", required=True)
    parser.add_argument("--impairer", required=True)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rate", type=int, default=300, help="of the narrow path, kbit/s")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help="leave the files here")
    arguments = parser.parse_args()
    if not arguments.inside:
        enter(arguments)
    checks = call.Checks()
    spaces = Spaces(arguments.impairer, 120, "delay=20,jitter=3,loss=1", f"delay=40,jitter=3,loss=1,rate={arguments.rate},queue=300")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        meet(checks, arguments, folder)
        if checks.failed:
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}:\n{log.read_text(errors='replace')[-600:]}")
    spaces.end()
    checks.end()


if __name__ == "__main__":
    main()
