#!/usr/bin/env python3
"""A call that cannot be: each reason ends the program within 5 s, with one sentence and the exit code that its help names.

usage: failures_test.py --program conclave-call
"""
import argparse
import contextlib
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import call


@contextlib.contextmanager
def open_room(checks, program, folder, *options):
    """A host that waits in its room; gives the link. The end of it is checked too: a signal, and it leaves properly."""
    log = Path(folder) / "host.log"
    with log.open("w") as errors:
        host = subprocess.Popen([program, "host", "--listen", "127.0.0.1", "--advertise", "127.0.0.1", "--port", "0", "--quiet", "--video", "none",
                                 *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield host.stdout.readline().strip()
        finally:
            host.terminate()
            try:
                status = host.wait(timeout=5)
            except subprocess.TimeoutExpired:
                host.kill()
                status = "none within 5 s"
            checks.expect("a host that is told to end: exit", status, status == 0)


def ends_with(checks, what, code, program, *arguments):
    """Runs the program and holds its end against what is documented."""
    begin = time.monotonic()
    run = subprocess.run([program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    # What it says while it tries may stand before the sentence that it ends with.
    seconds, said = time.monotonic() - begin, [line for line in run.stderr.split("\n") if line]
    sentence = said[-1] if said else ""
    checks.expect(what, f"exit {run.returncode} after {seconds:.1f} s: {sentence!r}",
                  run.returncode == code and seconds < 5 and len(said) <= 2 and sentence.startswith("conclave-call: ") and len(sentence) < 300)


def changed(link, position):
    """The link with one character of its secret replaced, `position` from its beginning."""
    head, secret = link.split("#")
    other = "A" if secret[position] != "A" else "B"
    return f"{head}#{secret[:position]}{other}{secret[position + 1:]}"


def silent_port():
    """A UDP port that somebody holds, and where nobody answers."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    return silent


def check(checks, program, folder):
    quiet = ["--quiet", "--video", "none"]
    for link in ("nonsense", "https://example.org/x#y", "conclave://127.0.0.1:4433/short#secret"):
        ends_with(checks, f"a wrong link ({link})", 3, program, "join", link, *quiet)
    ends_with(checks, "an option that is none", 2, program, "join", "--nonsense")
    with open_room(checks, program, folder, "--admit", "none") as link:
        ends_with(checks, "a knock that is refused", 5, program, "join", link, *quiet)
        ends_with(checks, "a file that is not there", 7, program, "join", link, "--quiet", "--video", Path(folder) / "none.mp4")
        ends_with(checks, "a camera that is not there", 7, program, "join", link, "--quiet", "--video", "camera:/dev/video99")
        # The secret begins with the hashes of relay and founder.
        ends_with(checks, "a relay that the link does not name", 8, program, "join", changed(link, 3), *quiet)
        ends_with(checks, "a founder that the link does not name", 8, program, "join", changed(link, 60), *quiet)
    ends_with(checks, "nobody there any more", 4, program, "join", link, *quiet)
    with silent_port() as silent:
        port = silent.getsockname()[1]
        ends_with(checks, "nobody who answers", 4, program, "join", link.replace(link.split("/")[2], f"127.0.0.1:{port}"), *quiet)


def main():
    parser = argparse.ArgumentParser(description="Holds the ends of calls that cannot be against what is documented.")
    parser.add_argument("--program", required=True)
    arguments = parser.parse_args()
    checks = call.Checks()
    with tempfile.TemporaryDirectory() as folder:
        check(checks, arguments.program, folder)
    checks.end()


if __name__ == "__main__":
    main()
