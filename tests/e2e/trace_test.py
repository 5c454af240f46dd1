#!/usr/bin/env python3
"""A call whose system calls are traced: no privilege is asked for, nothing else is started, nothing listens but the host's one port, UDP and TCP, packets
go to the other side alone, and only the files that were named are written.

usage: trace_test.py --program conclave-call [--seconds 3]
A program that does all of that is traced first: what the trace cannot find there it could not find in the call either.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import call

TRACED = "execve,execveat,%creds,ptrace,mount,init_module,socket,bind,listen,connect,sendto,sendmsg,sendmmsg,open,openat,creat"
PRIVILEGE = re.compile(r"\b(set(?:re|res|fs)?[ug]id|setgroups|capset|ptrace|mount|init_module)\(")
CULPRIT = """
import os, socket, subprocess
os.setgid(os.getgid())
subprocess.run(["true"])
socket.socket(socket.AF_INET, socket.SOCK_STREAM).listen()
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.9", 9))
open({path!r}, "w").close()
"""


def strace(output):
    return ["strace", "-f", "-qq", "-s", "200", "-o", str(output), "-e", f"trace={TRACED}"]


def wrapped(program, folder, role):
    """A program of the same use whose system calls stand in a file afterwards."""
    script = Path(folder) / f"traced-{role}"
    script.write_text(f"#!/bin/sh\nexec {' '.join(strace(Path(folder) / (role + '.trace')))} {program} \"$@\"\n")
    script.chmod(0o700)
    return script


class Trace:
    """What a program and its threads asked the system for."""

    def __init__(self, path):
        self.lines = [re.sub(r"^\d+ +", "", line) for line in Path(path).read_text(errors="replace").splitlines()]

    def of(self, call_name):
        return [line for line in self.lines if line.startswith(call_name + "(")]

    def privileges(self):
        return [line for line in self.lines if PRIVILEGE.match(line)]

    def started(self):
        return (self.of("execve") + self.of("execveat"))[1:]  # the first is the program itself

    def stream_sockets(self):
        return [line for line in self.of("socket") if re.search(r"AF_INET6?, SOCK_(STREAM|RAW|SEQPACKET)", line) or "AF_PACKET" in line]

    def listening(self):
        return self.of("listen")

    def bound(self):
        return [line for line in self.of("bind") if "AF_INET" in line]

    def destinations(self):
        """Addresses that packets or connections went to, apart from the kernel's own and the resolver's local services."""
        text = "\n".join(line for name in ("connect", "sendto", "sendmsg", "sendmmsg") for line in self.of(name))
        four = set(re.findall(r'sin_addr=inet_addr\("([^"]+)"\)', text))
        six = set(re.findall(r'inet_pton\(AF_INET6, "([^"]+)"', text))
        return {address.removeprefix("::ffff:") for address in four | six}

    def written(self):
        opened = (re.search(r'"([^"]*)", [^)]*(O_WRONLY|O_RDWR|O_CREAT)', line) for line in self.of("open") + self.of("openat"))
        return {match.group(1) for match in opened if match} | {line.split('"')[1] for line in self.of("creat")}


def control(checks, folder):
    """The trace finds each offence in a program that commits it."""
    output = folder / "culprit.trace"
    status = subprocess.run([*strace(output), sys.executable, "-c", CULPRIT.format(path=str(folder / "planted"))], stderr=subprocess.PIPE).returncode
    if status:
        call.skip("strace may not trace here")
    trace = Trace(output)
    found = [bool(trace.privileges()), bool(trace.started()), bool(trace.listening()), bool(trace.stream_sockets()),
             "127.0.0.9" in trace.destinations(), str(folder / "planted") in trace.written()]
    checks.expect("control: offences found of 6", sum(found), all(found))


def judge(checks, side, trace):
    named = {str(side.json), str(side.webm), "/dev/null", "/dev/tty"}
    role = side.role
    checks.expect(f"{role}: privileges asked for", trace.privileges(), not trace.privileges())
    checks.expect(f"{role}: programs started", trace.started(), not trace.started())
    ports = 1 if role == "host" else 0  # of its relay, over TCP
    checks.expect(f"{role}: sockets that are not UDP", trace.stream_sockets(), len(trace.stream_sockets()) == ports)
    checks.expect(f"{role}: sockets that listen", trace.listening(), len(trace.listening()) == ports)
    checks.expect(f"{role}: ports bound", trace.bound(), len(trace.bound()) == (3 if role == "host" else 1))  # its relay's and its own member's
    checks.expect(f"{role}: packets went to", trace.destinations(), trace.destinations() == {"127.0.0.1"})
    unnamed = {path for path in trace.written() if not any(path == name or path.startswith(name + ".") for name in named)}
    checks.expect(f"{role}: files written that were not named", unnamed, not unnamed)


def main():
    parser = argparse.ArgumentParser(description="Traces the system calls of a whole call.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=int, default=3)
    arguments = parser.parse_args()
    if shutil.which("strace") is None:
        call.skip("no strace")
    checks = call.Checks()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        control(checks, folder)
        media = ["--transport", "quic", "--size", "160x120", "--fps", "10", "--bitrate", "100k", "--duration", arguments.seconds]
        host = call.Side(wrapped(arguments.program, folder, "host"), folder, "host", "Ada", *media)
        guest = call.Side(wrapped(arguments.program, folder, "join"), folder, "join", "Ben", *media)
        call.run_plain(host, guest, arguments.seconds + 60)
        traces = {side.role: Trace(folder / f"{side.role}.trace") for side in (host, guest)}
        for role, trace in traces.items():
            packets = len(trace.of("sendmsg") + trace.of("sendmmsg") + trace.of("sendto"))
            checks.expect(f"{role}: calls that send packets were traced", packets, packets > 20)
        checks.expect("both received pictures", call.total(guest.report(), "frames_received"), call.total(guest.report(), "frames_received") > 0)
        judge(checks, host, traces["host"])
        judge(checks, guest, traces["join"])
    checks.end()


if __name__ == "__main__":
    main()
