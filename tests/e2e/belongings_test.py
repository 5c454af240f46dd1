#!/usr/bin/env python3
"""Identities and contacts of conclave-call: the same person in every call, a wrong passphrase, a known name that comes with another key, and an
organisation that vouches.

usage: belongings_test.py --program conclave-call
"""
import argparse
import base64
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import call
import memory_test

QUIET = ["--video", "none", "--audio", "none", "--listen", "127.0.0.1", "--advertise", "127.0.0.1", "--port", "0"]


def founder_of(link):
    """The founder's identity, as the link pins it (docs/protocol.md)."""
    secret = re.fullmatch(r"conclave://[^/]+/[^#]+#(.+)", link).group(1)
    return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))[33:65]


def host(program, *options):
    """A host who waits alone; its link. Ends with code 0."""
    process = subprocess.Popen(list(map(str, [program, "host", "--admit", "none", *QUIET, *options])), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    link = process.stdout.readline().strip()
    process.terminate()
    errors = process.communicate(timeout=20)[1]
    if process.returncode != 0:
        sys.exit(f"a host ended with {process.returncode}: {errors}")
    return link


def fails(checks, what, program, sentence, *options):
    """Ends at once with code 11 and one sentence."""
    run = subprocess.run(list(map(str, [program, "host", "--admit", "none", *QUIET, *options])), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         timeout=60, start_new_session=True)
    said = [line for line in run.stderr.split("\n") if line]
    checks.expect(what, f"exit {run.returncode}: {said}", run.returncode == 11 and len(said) == 1 and sentence in said[0])


def prompted(checks, program, folder):
    """Somebody types a passphrase twice; it is never shown; ctrl-C gives up."""
    typed = "kein Wort davon"
    terminal = memory_test.Terminal([program, "host", "--admit", "none", *QUIET, "--identity", folder / "typed"])
    terminal.read_until("passphrase for the new identity", 20)
    terminal.type(typed)
    terminal.read_until("same again", 20)
    terminal.type(typed)
    link = terminal.read_until(r"conclave://[^\s]+#[A-Za-z0-9_-]+", 20)
    os.write(terminal.end, b"\x03")
    checks.expect("a host with a typed passphrase ends with", status := terminal.drain(), status == 0)
    checks.expect("what was typed is shown", typed in terminal.seen, typed not in terminal.seen)
    (folder / "typed.pass").write_text(typed + "\n")
    again = host(program, "--identity", folder / "typed", "--passphrase-file", folder / "typed.pass")
    checks.expect("the typed passphrase opens the same identity", founder_of(again).hex()[:16], founder_of(again) == founder_of(link))
    other = memory_test.Terminal([program, "host", "--admit", "none", *QUIET, "--identity", folder / "typed"])
    other.read_until("Passphrase of", 20)
    os.write(other.end, b"\x03")
    checks.expect("ctrl-C at the passphrase: exit", status := other.drain(), status == 11)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def organisation(folder, name, holder):
    """An organisation's root, and a certificate of it for somebody: FOLDER/NAME.{root,chain,key}."""
    root, key = folder / f"{name}.root", folder / f"{name}.root.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", f"/CN={name}", "-keyout", key, "-out", root)
    openssl("req", "-newkey", "ed25519", "-nodes", "-subj", f"/CN={holder}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.request")
    openssl("x509", "-req", "-in", folder / f"{name}.request", "-CA", root, "-CAkey", key, "-CAcreateserial", "-days", 2, "-out", folder / f"{name}.chain")
    return ["--organisation-chain", folder / f"{name}.chain", "--organisation-key", folder / f"{name}.key"]


def certified(checks, program, folder):
    """An organisation that the host trusts vouches for a guest; another one vouches for nobody here."""
    university, mill = organisation(folder, "University", "Bob Babbage"), organisation(folder, "Diploma Mill", "Bob Babbage")
    trusting = ["--trust", folder / "University.root"]
    told = meet(program, folder, "Bob", folder / "certified", folder / "pass", university, trusting)
    checks.expect("who is certified is shown as such at the door", 'verified by "University"', 'verified by "University" as "Bob Babbage"' in told)
    told = meet(program, folder, "Bob", folder / "certified", folder / "pass", mill, trusting)
    checks.expect("an organisation that nobody trusts says nothing", "verified by" in told, "verified by" not in told)
    told = meet(program, folder, "Bob", folder / "certified", folder / "pass", university)
    checks.expect("nor does any where none is trusted", "verified by" in told, "verified by" not in told)
    mine = ["--identity", folder / "mine", "--passphrase-file", folder / "pass"]
    fails(checks, "a certificate with another's key", program, "not that of the chain", *mine, *university[:3], mill[3])
    fails(checks, "a chain that is none", program, "no certificate", *mine, "--organisation-chain", folder / "pass", *university[2:])
    fails(checks, "a root that is none", program, "names no organisation", "--trust", folder / "pass")


def meet(program, folder, name, identity, passphrase, guest_brings=(), host_brings=()):
    """The host, with contacts, is joined by somebody; what the host is told."""
    log = folder / "host.log"
    with log.open("w") as errors:
        one = subprocess.Popen(list(map(str, [program, "host", "--admit", "all", "--name", "Ada", *QUIET, "--contacts", folder / "contacts", "--duration", 1, *host_brings])),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        link = one.stdout.readline().strip()
        two = subprocess.run(list(map(str, [program, "join", link, "--name", name, "--video", "none", "--audio", "none", "--identity", identity,
                                            "--passphrase-file", passphrase, *guest_brings])), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        one.wait(timeout=30)
    if one.returncode or two.returncode:
        sys.exit(f"host ended with {one.returncode}, guest with {two.returncode}: {two.stderr}")
    return log.read_text()


def unsealed(checks, program, folder):
    """Contacts that lie unsealed though there is an identity: refused, unless their owner says once that they are no impostor's."""
    mine = ["--identity", folder / "mine", "--passphrase-file", folder / "pass", "--contacts", folder / "put"]
    meet(program, folder, "Bob", folder / "bob", folder / "pass")
    plain = (folder / "contacts").read_bytes()
    checks.expect("contacts without an identity are not sealed", plain[:8], not plain.startswith(b"CLVcntct"))
    (folder / "put").write_bytes(plain)
    fails(checks, "unsealed contacts where there is an identity", program, "is not sealed", *mine)
    checks.expect("they are left as they are", "", (folder / "put").read_bytes() == plain)
    host(program, *mine, "--seal-contacts")
    sealed = (folder / "put").read_bytes()
    checks.expect("once their owner says so they are sealed", sealed[:8], sealed.startswith(b"CLVcntct"))
    host(program, *mine)
    (folder / "put").write_bytes(plain)
    fails(checks, "what is put in the place of sealed ones", program, "is not sealed", *mine)
    (folder / "contacts").unlink()


def wrong_together(checks, program, folder):
    """Files that are read and written in one call, and options that go with others."""
    for option, other in (("--trust", "--record"), ("--trust", "--contacts"), ("--organisation-key", "--json")):
        several = ["--identity", folder / "mine", "--organisation-chain", folder / "chain"] if other == "--json" else []
        run = subprocess.run(list(map(str, [program, "host", "--admit", "none", *QUIET, *several, option, folder / "both", other, folder / "both"])), stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=60)
        checks.expect(f"one file for {option} and {other}", f"exit {run.returncode}: {run.stderr}", run.returncode == 2 and "the same file" in run.stderr)
    run = subprocess.run([program, "host", "--admit", "none", "--seal-contacts"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    checks.expect("--seal-contacts alone", f"exit {run.returncode}: {run.stderr}", run.returncode == 2 and "goes with --contacts" in run.stderr)


def main():
    parser = argparse.ArgumentParser(description="Identities and contacts of conclave-call.")
    parser.add_argument("--program", required=True)
    program = parser.parse_args().program
    checks = call.Checks()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "pass").write_text("correct horse\nand nothing of this line\n")
        (folder / "wrong").write_text("correct house\n")
        (folder / "empty").write_text("\n")
        mine = ["--identity", folder / "mine", "--passphrase-file", folder / "pass"]
        first, second = host(program, *mine), host(program, *mine)
        checks.expect("two calls under one identity have one founder", founder_of(first).hex()[:16], founder_of(first) == founder_of(second))
        checks.expect("and two rooms", first != second, first.split("#")[0].split("/")[-1] != second.split("#")[0].split("/")[-1])
        checks.expect("the identity's file is its owner's alone", oct((folder / "mine").stat().st_mode & 0o777), (folder / "mine").stat().st_mode & 0o077 == 0)
        with (folder / "pass").open() as descriptor:
            third = subprocess.Popen(list(map(str, [program, "host", "--admit", "none", *QUIET, "--identity", folder / "mine", "--passphrase-fd",
                                                    descriptor.fileno()])), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, text=True, pass_fds=[descriptor.fileno()])
            link = third.stdout.readline().strip()
            third.terminate()
            third.wait(timeout=20)
        checks.expect("a passphrase from a descriptor opens it, too", founder_of(link).hex()[:16], founder_of(link) == founder_of(first))

        (folder / "elsewhere").write_bytes(b"correct horse\r\n")
        checks.expect("a passphrase written on another system opens it", "", founder_of(host(program, "--identity", folder / "mine", "--passphrase-file", folder / "elsewhere")) == founder_of(first))
        fails(checks, "a wrong passphrase", program, "the passphrase is wrong", "--identity", folder / "mine", "--passphrase-file", folder / "wrong")
        fails(checks, "an empty passphrase", program, "empty", "--identity", folder / "mine", "--passphrase-file", folder / "empty")
        fails(checks, "no passphrase file", program, "cannot be read", "--identity", folder / "mine", "--passphrase-file", folder / "none")
        fails(checks, "nobody to ask for it", program, "no terminal", "--identity", folder / "mine")
        sealed = (folder / "mine").read_bytes()
        (folder / "damaged").write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        fails(checks, "a damaged identity", program, "damaged", "--identity", folder / "damaged", "--passphrase-file", folder / "pass")
        (folder / "cut").write_bytes(sealed[:-9])
        fails(checks, "a cut identity", program, "damaged", "--identity", folder / "cut", "--passphrase-file", folder / "pass")
        fails(checks, "a file of another kind", program, "no identity file", "--identity", folder / "wrong", "--passphrase-file", folder / "pass")
        fails(checks, "contacts that are none", program, "contacts", "--contacts", folder / "mine")
        fails(checks, "contacts that cannot be kept", program, "cannot be written", "--contacts", folder / "nowhere" / "contacts")
        (folder / "loop").symlink_to(folder / "loop")
        for what, path in ("a name that is too long", folder / ("x" * 300)), ("a way that leads nowhere", folder / "loop" / "contacts"):
            fails(checks, f"contacts behind {what}", program, "cannot be read", "--contacts", path)
            fails(checks, f"an identity behind {what}", program, "cannot be read", "--identity", path, "--passphrase-file", folder / "pass")
        (folder / "contacts.new").symlink_to(folder / "victim")
        hosted = host(program, "--contacts", folder / "contacts")
        checks.expect("a link that somebody laid beside the contacts is not followed", hosted[:12], not (folder / "victim").exists() and (folder / "contacts").exists())
        checks.expect("nor taken away: it is somebody else's", "", (folder / "contacts.new").is_symlink())
        (folder / "contacts.new").unlink()
        (folder / "contacts.new").write_text("a file of mine")
        host(program, "--contacts", folder / "contacts")
        checks.expect("nor is a file", "", (folder / "contacts.new").read_text() == "a file of mine")
        checks.expect("and nothing is left beside", "", not list(folder.glob("contacts.new.*")))
        prompted(checks, program, folder)

        certified(checks, program, folder)
        (folder / "contacts").unlink()
        unsealed(checks, program, folder)
        wrong_together(checks, program, folder)
        met = meet(program, folder, "Bob", folder / "bob", folder / "pass", (), ["--identity", folder / "mine", "--passphrase-file", folder / "pass"])
        kept = (folder / "contacts").read_bytes()
        checks.expect("contacts that go with an identity are sealed", kept[:8], kept.startswith(b"CLVcntct") and b"Bob" not in kept)
        fails(checks, "sealed contacts without their identity", program, "is sealed", "--contacts", folder / "contacts")
        fails(checks, "sealed contacts of somebody else", program, "another identity's", "--contacts", folder / "contacts", "--identity", folder / "bob",
              "--passphrase-file", folder / "pass")
        again = meet(program, folder, "Bob", folder / "bob", folder / "pass", (), ["--identity", folder / "mine", "--passphrase-file", folder / "pass"])
        checks.expect("and open with it", "whom you have met before" in again, "whom you have met before" in again)
        (folder / "contacts").unlink()
        met = meet(program, folder, "Bob", folder / "bob", folder / "pass")
        checks.expect("a stranger is no contact", "met before" in met, "met before" not in met and "ANOTHER KEY" not in met)
        again = meet(program, folder, "Bob", folder / "bob", folder / "pass")
        checks.expect("who was met is known again", "whom you have met before" in again, "whom you have met before" in again)
        impostor = meet(program, folder, "Bob", folder / "impostor", folder / "pass")
        checks.expect("a known name with another key is told", "WITH ANOTHER KEY" in impostor, "WITH ANOTHER KEY" in impostor)
        still = meet(program, folder, "Bob", folder / "impostor", folder / "pass")
        checks.expect("and told again: it has become nobody's contact", "WITH ANOTHER KEY" in still, "WITH ANOTHER KEY" in still)
    checks.end()


if __name__ == "__main__":
    main()
