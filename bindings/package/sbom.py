#!/usr/bin/env python3
"""Writes what the library is made of as CycloneDX 1.5: the Debian packages that examples/packages.sh names, with their versions here.

usage: sbom.py --version VERSION --output FILE
The same packages give the same bytes.
"""
import argparse
import json
import os
import subprocess
import uuid
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"build-essential", "cmake", "ninja-build", "pkg-config", "protobuf-compiler"}  # they leave nothing of theirs in the library
NAMESPACE = uuid.UUID("c0c1a7e0-0000-5000-8000-000000000001")


def installed():
    """Name -> version and architecture of every package that is installed here."""
    lines = subprocess.run(["dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\n"], check=True, capture_output=True, text=True).stdout
    return {name: (version, architecture) for name, version, architecture in (line.split("\t") for line in lines.splitlines())}


def component(name, version, architecture):
    reference = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}"
    scope = "excluded" if name in TOOLS else "optional" if name == "ffmpeg" else "required"
    return {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference, "scope": scope}


def bill(version):
    names = subprocess.run([ROOT / "examples" / "packages.sh", "--demo", "--print"], check=True, capture_output=True, text=True).stdout.split()
    here = installed()
    components = [component(name, *here.get(name, ("unknown", "any"))) for name in sorted(names)]
    own = f"pkg:generic/conclave@{version}"
    serial = uuid.uuid5(NAMESPACE, json.dumps([own, components], sort_keys=True))
    moment = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), timezone.utc)
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1,
        "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "component": {"type": "library", "bom-ref": own, "name": "conclave", "version": version, "purl": own}},
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [c["bom-ref"] for c in components if c["scope"] != "excluded"]}],
    }


def main():
    parser = argparse.ArgumentParser(description="Writes the bill of materials.")
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.write_text(json.dumps(bill(arguments.version), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
