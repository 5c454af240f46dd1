#!/usr/bin/env python3
"""A call under a packet capture: encoded media, names, the link's secret and the relay's private key are nowhere in the packets.

usage: capture_test.py --program conclave-call [--shared DIR] [--seconds 10]
Runs in a network namespace of its own, so that the loopback device carries this call alone. A string sent beside the call, and bytes of
the media planted into the capture, must be found: else the search proves nothing.
"""
import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import call
import webm

RUN = 16  # bytes that must not stand in a packet


def enter_namespace():
    """Starts this program again inside network and process namespaces of its own; skips where that is not permitted."""
    if os.environ.get("CONCLAVE_CAPTURE") == "inside":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    enter = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    enter += [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    if shutil.which("tcpdump") is None:
        call.skip("no tcpdump")
    if subprocess.run([*enter, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        call.skip("network namespaces are not permitted here")
    os.environ["CONCLAVE_CAPTURE"] = "inside"
    os.execvp(enter[0], [*enter, sys.executable, *sys.argv])


def capture(arguments, folder, planted):
    """A call under tcpdump, with a planted datagram. Returns both sides and the captured bytes."""
    pcap = folder / "call.pcap"
    dump = subprocess.Popen(["tcpdump", "-Z", "root", "-U", "-B", "65536", "-s", "0", "-i", "lo", "-w", pcap], stderr=subprocess.PIPE, text=True)
    for line in dump.stderr:
        if "listening on" in line:
            break
    key = folder / "relay.pem"
    film = Path(arguments.shared) / "media" / "big-buck-bunny-480p-30s.mp4"
    source = film if film.exists() else "synthetic"
    media = ["--video", source, "--audio", source, "--size", "854x480", "--fps", "24", "--bitrate", "1M", "--duration", arguments.seconds]
    host = call.Side(arguments.program, folder, "host", "Wilhelmina Hostess", *media, "--relay-key", key)
    guest = call.Side(arguments.program, folder, "join", "Guillermo Guesthouse", *media)
    call.run_plain(host, guest, arguments.seconds + 30)
    subprocess.run(["bash", "-c", f"echo {planted} >/dev/udp/127.0.0.1/9"], check=True)
    subprocess.run(["sleep", "2.5"], check=True)  # the kernel hands its last packets over after a second
    dump.terminate()
    lost = re.search(r"(\d+) packets? dropped by kernel", dump.stderr.read())
    dump.wait()
    return host, guest, key, pcap.read_bytes(), int(lost.group(1)) if lost else -1


def runs_of(frames):
    """Every RUN bytes of the frames, those apart that also padding could be."""
    return {frame.data[i:i + RUN] for frame in frames for i in range(0, len(frame.data) - RUN + 1, RUN)
            if len(set(frame.data[i:i + RUN])) >= RUN // 2}


def find_runs(runs, haystack):
    """How many of the runs stand anywhere in the bytes."""
    return len({window for i in range(len(haystack) - RUN + 1) if (window := haystack[i:i + RUN]) in runs})


def spellings(secret):
    """The ways in which bytes may be written."""
    yield secret
    yield secret.hex().encode()
    for code in (base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
        yield code.rstrip(b"=")


def secrets_of(host, guest, key):
    """What must not be seen, by name."""
    link = host.link.read_text().strip()
    room, secret = re.fullmatch(r"conclave://[^/]+/([^#]+)#(.+)", link).groups()
    raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    # A window is enough: a secret may stand on the wire without what is pinned beside it in the link.
    parts = [raw[i:i + 16] for i in range(0, len(raw) - 15, 16)]
    pem = "".join(line for line in key.read_text().splitlines() if "-----" not in line)
    found = {"the link": link.encode(), "the link's secret": secret.encode(), "the room": room.encode()}
    found |= {f"the link's secret from {i}": secret[i:i + 20].encode() for i in range(0, len(secret) - 19, 20)}
    for side in (host, guest):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            found[f"the name {side.name} ({encoding})"] = side.name.split()[-1].encode(encoding)
    for number, part in enumerate([*parts, base64.b64decode(pem)[-32:]]):
        for spelling, text in enumerate(spellings(part)):
            found[f"secret {number}, spelling {spelling}"] = text
    return found




def main():
    parser = argparse.ArgumentParser(description="Searches the packets of a call for what must not be in them.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--shared", default=".")
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    enter_namespace()
    checks, planted = call.Checks(), f"planted-{uuid.uuid4()}"
    with tempfile.TemporaryDirectory() as temporary:
        host, guest, key, packets, lost = capture(arguments, Path(temporary), planted)
        frames = [frame for side in (host, guest) for frame in webm.frames(side.webm)]
        for codec in sorted({frame.codec for frame in frames}):
            print(f"{codec}: {sum(frame.codec == codec for frame in frames)} frames received")
        runs = runs_of(frames)
        checks.expect("packets that the capture missed", lost, lost == 0)
        checks.expect("bytes captured", len(packets), len(packets) > sum(len(frame.data) for frame in frames))
        checks.expect("both kinds of media were received", len({frame.codec for frame in frames}), len({frame.codec for frame in frames}) >= 2)
        checks.expect("control: the planted string is found", planted, planted.encode() in packets)
        for codec in {frame.codec for frame in frames}:
            frame = max((f for f in frames if f.codec == codec), key=lambda f: len(f.data))
            with_plant = packets[:5001] + frame.data[:60] + packets[5001:]
            checks.expect(f"control: planted {codec} bytes are found", find_runs(runs, with_plant), find_runs(runs, with_plant) > 0)
        found = find_runs(runs, packets)
        checks.expect(f"of {len(runs)} runs of {RUN} bytes of encoded media, in the packets", found, found == 0)
        for what, text in secrets_of(host, guest, key).items():
            if text in packets:
                checks.expect(what, "IN THE PACKETS", False)
        checks.expect("names, link and keys searched for", len(secrets_of(host, guest, key)), True)
    checks.end()


if __name__ == "__main__":
    main()
