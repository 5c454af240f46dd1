#!/usr/bin/env python3
"""The relay's memory during a meeting: no name, no word of the chat, no key of a member, nothing of the link's secret and no media stand in it.

usage: memory_test.py --program conclave-call --relay conclave-relay [--seconds 8]
The relay is a process of its own and is dumped by gdb's gcore while the meeting goes on. What a relay must know, the room's id, and a string that was
planted in it have to be found: else the search proves nothing.
"""
import argparse
import base64
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import call
import capture_test
import webm

WORDS = "the heron crosses quietly behind nineteen lanterns"
HOST, GUEST = "Wilhelmina Hostess", "Guillermo Guesthouse"


class Terminal:
    """A program at a terminal of its own, as chat is typed at one."""

    def __init__(self, arguments):
        self.seen = ""
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.execv(arguments[0], list(map(str, arguments)))

    def read_until(self, pattern, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self.end], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.end, 65536).decode(errors="replace")
                except OSError:  # the other end is closed
                    break
            found = re.search(pattern, self.seen)
            if found:
                return found.group(0)
        sys.exit(f"nothing like {pattern} within {seconds} s:\n{self.seen[-2000:]}")

    def type(self, line):
        os.write(self.end, line.encode() + b"\n")

    def drain(self):
        """Reads on, so that nothing blocks, until the program has ended."""
        while True:
            try:
                if not os.read(self.end, 65536):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def meeting(arguments, folder, relay, planted):
    """Holds the meeting and dumps the relay in the middle of it. Returns the link, the dump, and where the files of both sides are."""
    place = relay.stdout.readline().strip()
    media = ["--video", "synthetic", "--audio", "synthetic", "--duration", arguments.seconds]
    host = Terminal([arguments.program, "host", "--relay", place, "--admit", "all", "--name", HOST, "--record-of-meeting", folder / "host.record", *media])
    link = host.read_until(r"conclave://[^\s]+#[A-Za-z0-9_-]+", 20)
    guest = subprocess.Popen(list(map(str, [arguments.program, "join", link, "--quiet", "--name", GUEST, "--record", folder / "guest.webm", *media])),
                             stdin=subprocess.DEVNULL)
    host.read_until("is in the room", 20)
    host.type(WORDS)
    host.read_until(re.escape(WORDS), 10)  # the terminal's echo, or the message that came back
    time.sleep(arguments.seconds / 2)
    dumped = subprocess.run(["gcore", "-o", folder / "relay", str(relay.pid)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    files = list(folder.glob("relay.*"))
    if dumped.returncode != 0 or not files:
        call.skip(f"gcore cannot read another process here: {dumped.stdout[-300:]}")
    dump = files[0].read_bytes()
    statuses = (guest.wait(timeout=60), host.drain())
    if any(statuses):
        sys.exit(f"guest ended with {statuses[0]}, host with {statuses[1]}:\n{host.seen[-2000:]}")
    return link, dump


def verified(arguments, folder):
    """What `conclave-call verify` says of the host's record."""
    done = subprocess.run([arguments.program, "verify", folder / "host.record"], stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout


def secrets_of(link, record):
    """What must not be in the relay, by name."""
    secret = re.fullmatch(r"conclave://[^/]+/[^#]+#(.+)", link).group(1)
    raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    founder, invitation = raw[33:65], raw[65:97]  # docs/protocol.md; what stands before is the relay's own key
    found = {"the link's secret": secret[44:].encode(), "the chat": WORDS.encode()}
    found |= {f"the word {word}": word.encode() for word in WORDS.split() if len(word) > 7}
    for name in (HOST, GUEST):
        for part in name.split():
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                found[f"{part} ({encoding})"] = part.encode(encoding)
    identities = [bytes.fromhex(text) for text in re.findall(r"\b[0-9a-f]{64}\b", record)]
    for number, part in enumerate([founder, invitation[:16], invitation[16:], *identities]):
        for spelling, text in enumerate(capture_test.spellings(part)):
            found[f"key or identity {number}, spelling {spelling}"] = text
    return found


def main():
    parser = argparse.ArgumentParser(description="Searches the relay's memory for what must not be in it.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--relay", required=True)
    parser.add_argument("--seconds", type=int, default=8)
    arguments = parser.parse_args()
    if shutil.which("gcore") is None:
        call.skip("no gcore")
    checks, planted = call.Checks(), f"planted-{uuid.uuid4()}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        relay = subprocess.Popen([arguments.relay, "--listen", "127.0.0.1", "--port", "0", "--advertise", "127.0.0.1"], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True, env={**os.environ, "CONCLAVE_PLANTED": planted})
        try:
            link, dump = meeting(arguments, folder, relay, planted)
        finally:
            relay.kill()
            relay.wait()
        status, record = verified(arguments, folder)
        checks.expect("the host's record of the meeting verifies", status, status == 0)
        checks.expect("and names the guest", GUEST, GUEST in record)
        room = base64.urlsafe_b64decode(re.search(r"/([A-Za-z0-9_-]{22})#", link).group(1) + "==")
        checks.expect("bytes dumped", len(dump), len(dump) > 1 << 20)
        checks.expect("control: the planted string is found", planted, planted.encode() in dump)
        checks.expect("control: the room's id is found", room.hex(), room in dump)
        runs = capture_test.runs_of(webm.frames(folder / "guest.webm"))
        checks.expect("runs of media to search for", len(runs), len(runs) > 1000)
        found = capture_test.find_runs(runs, dump)
        checks.expect(f"of them, in the relay's memory (of {len(dump) >> 20} MiB)", found, found == 0)
        secrets = secrets_of(link, record)
        for what, text in secrets.items():
            if text in dump:
                checks.expect(what, "IN THE RELAY'S MEMORY", False)
        checks.expect("names, words and keys searched for", len(secrets), True)
    checks.end()


if __name__ == "__main__":
    main()
