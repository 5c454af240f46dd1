"""A whole call between two processes of conclave-call: how they are started, and what they tell at the end."""
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SKIPPED = 77


def skip(why):
    """Ends the test without a verdict; under CI, where everything is to be shown, that is a failure."""
    if os.environ.get("CI") and not os.environ.get("CONCLAVE_MAY_SKIP"):
        sys.exit(f"cannot be tested here, and must be under CI: {why}")
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def film(shared):
    """The film beside the checkout; its absence skips the test, and fails it under CI."""
    path = Path(shared) / "media" / "big-buck-bunny-480p-30s.mp4"
    if path.exists():
        return path
    if os.environ.get("CI") and not os.environ.get("CONCLAVE_WITHOUT_SHARED"):
        sys.exit(f"missing under CI: {path}")
    skip(f"no {path}")


class Side:
    """One member: the command line, and where its files lie."""

    def __init__(self, program, folder, role, name, *options):
        self.role, self.name, self.folder = role, name, Path(folder)
        self.json, self.webm, self.log, self.link = (self.folder / f"{role}.{end}" for end in ("json", "webm", "log", "link"))
        self.arguments = [program, role, "--quiet", "--name", name, "--json", self.json, "--record", self.webm, *map(str, options)]

    def report(self):
        return json.loads(self.json.read_text())


def shell_lines(host, guest, address):
    """Two lines for bash: the host leaves its link in a file, the guest waits for it."""
    host_command = shlex.join(map(str, host.arguments + ["--listen", address, "--advertise", address, "--port", "0", "--admit", "all"]))
    guest_command = shlex.join(map(str, guest.arguments[:2])) + f' "$(cat {shlex.quote(str(host.link))})" ' + shlex.join(map(str, guest.arguments[2:]))
    wait = f"for i in $(seq 200); do grep -q '#' {shlex.quote(str(host.link))} 2>/dev/null && break; sleep 0.05; done"
    return (f"{host_command} </dev/null >{shlex.quote(str(host.link))} 2>{shlex.quote(str(host.log))}",
            f"{wait}; {guest_command} </dev/null >{shlex.quote(str(guest.log))} 2>&1")


def tell(host, guest):
    for side in (host, guest):
        if side.log.exists() and side.log.stat().st_size:
            print(f"--- {side.role}:\n{side.log.read_text(errors='replace')[-2000:]}")


def run_plain(host, guest, seconds):
    """Both on loopback. Ends with a failure unless both end well in time."""
    lines = shell_lines(host, guest, "127.0.0.1")
    # A process group each, so that an end after the time limit ends what they started, and nothing else.
    both = [subprocess.Popen(["timeout", "--kill-after=5", str(seconds), "bash", "-c", line]) for line in lines]
    statuses = [process.wait() for process in both]
    if any(statuses):
        tell(host, guest)
        sys.exit(f"host ended with {statuses[0]}, guest with {statuses[1]}")


def run_impaired(host, guest, seconds, impairer, *options):
    """Each in a network namespace of its own, joined by the impairer. Returns the impairer's counters."""
    counters = host.folder / "network.json"
    lines = shell_lines(host, guest, "10.86.0.1")
    status = subprocess.run([HERE.parent / "impairer" / "netns.sh", "--impairer", impairer, "--seconds", str(seconds), "--json", counters, *options,
                             "--", *lines]).returncode
    if status == SKIPPED:
        skip("the impairer needs network namespaces and TUN devices")
    if status:
        tell(host, guest)
        sys.exit(f"the call through the impairer ended with {status}")
    return json.loads(counters.read_text())


def values_of(report, key):
    """All numbers under this key, wherever they stand in the report."""
    if isinstance(report, dict):
        for name, value in report.items():
            if name == key and isinstance(value, (int, float)):
                yield value
            else:
                yield from values_of(value, key)
    elif isinstance(report, list):
        for value in report:
            yield from values_of(value, key)


def total(report, key):
    """The sum of all numbers under this key. It must stand there: what is not reported is not zero."""
    found = list(values_of(report, key))
    if not found:
        sys.exit(f"the report says nothing about {key}: {json.dumps(report)[:500]}")
    return sum(found)


class Checks:
    """Says what was found and what was expected; the test fails at the end when one did not hold."""

    def __init__(self):
        self.failed = 0

    def expect(self, what, value, holds):
        self.failed += 0 if holds else 1
        print(f"{'ok    ' if holds else 'FAILED'} {what}: {value}", flush=True)

    def end(self):
        sys.exit(1 if self.failed else 0)
