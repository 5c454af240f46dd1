#!/usr/bin/env python3
"""The systemd unit of conclave-relay: how exposed it is, alone and with the drop-in for port 443, and that this port opens with what the drop-in gives and
with nothing less. There need be no systemd running: its own judge reads the files, and what the unit grants is granted here by hand.

usage: unit_test.py --relay conclave-relay --units examples/relay
"""
import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import call

MOST_EXPOSED = 2.0
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"]


def root_with(folder, units, *drop_ins):
    """A tree in which systemd-analyze finds the unit."""
    system = folder / "etc/systemd/system"
    (system / "conclave-relay.service.d").mkdir(parents=True)
    shutil.copy(units / "conclave-relay.service", system)
    for name in drop_ins:
        shutil.copy(units / name, system / "conclave-relay.service.d")
    return folder


def settings_of(*files):
    """What the files set last, by key."""
    lines = [line.strip() for file in files for line in file.read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def judge(checks, what, root):
    run = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--root={root}", f"--threshold={int(MOST_EXPOSED * 10)}", "conclave-relay.service"],
                         capture_output=True, text=True, timeout=60)
    exposure = run.stdout.strip().split("\n")[-1]
    checks.expect(f"{what}: exposure", exposure, run.returncode == 0 and "exposure level" in exposure)
    words = subprocess.run(["systemd-analyze", "verify", f"--root={root}", "conclave-relay.service"], capture_output=True, text=True, timeout=60).stderr
    wrong = [line for line in words.splitlines() if "Unknown" in line or "Failed to parse" in line or "Invalid" in line]
    checks.expect(f"{what}: lines that systemd does not understand", wrong, not wrong)


def opens_port(relay, folder, grant):
    """Whether the relay listens at 443, in a network of its own, as nobody with what `grant` leaves it."""
    words = [*grant, relay, "--listen", "127.0.0.1", "--advertise", "127.0.0.1", "--port", "443", "--key-file", folder / "relay.pem"]
    network = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    process = subprocess.Popen(list(map(str, network + words)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
    place = process.stdout.readline()
    process.terminate()
    said = process.communicate(timeout=30)[1]
    return ":443#" in place, said


def port(checks, relay, folder, capability):
    name = capability.lower().removeprefix("cap_")
    granted = [*NOBODY, "--inh-caps", f"-all,+{name}", "--ambient-caps", f"-all,+{name}", "--bounding-set", f"-all,+{name}"]
    opened, said = opens_port(relay, folder, granted)
    checks.expect("port 443 with what the drop-in gives", opened or said, opened)
    refused, said = opens_port(relay, folder, [*NOBODY, "--inh-caps", "-all", "--bounding-set", "-all"])
    checks.expect("port 443 with what the unit alone gives", refused, not refused and "Permission denied" in said)
    private, said = opens_port(relay, folder, [*NOBODY, "unshare", "--user", "--map-root-user"])
    checks.expect("port 443 with every capability of a user namespace of its own", private, not private and "Permission denied" in said)


def main():
    parser = argparse.ArgumentParser(description="The relay's systemd unit.")
    parser.add_argument("--relay", required=True)
    parser.add_argument("--units", type=Path, required=True)
    given = parser.parse_args()
    if shutil.which("systemd-analyze") is None:
        call.skip("systemd-analyze is not there")
    checks = call.Checks()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        judge(checks, "the unit", root_with(folder / "plain", given.units))
        judge(checks, "with port 443", root_with(folder / "port", given.units, "port-443.conf"))
        unit = given.units / "conclave-relay.service"
        plain, with_port = settings_of(unit), settings_of(unit, given.units / "port-443.conf")
        checks.expect("the unit has capabilities", plain["CapabilityBoundingSet"] or "none", plain["CapabilityBoundingSet"] == "" and plain["PrivateUsers"] == "yes")
        checks.expect("the drop-in gives", with_port["AmbientCapabilities"], with_port["AmbientCapabilities"] == with_port["CapabilityBoundingSet"] and with_port["PrivateUsers"] == "no")
        if os.geteuid() == 0 and shutil.which("setpriv") and subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0:
            home = folder / "home"
            home.mkdir()
            relay = shutil.copy(given.relay, home / "relay")
            os.chmod(relay, 0o755)
            os.chmod(folder, 0o755)
            os.chown(home, 65534, 65534)
            port(checks, relay, home, with_port["AmbientCapabilities"])
        else:
            print("not root, or no namespaces: no port was opened")
    checks.end()


if __name__ == "__main__":
    main()
