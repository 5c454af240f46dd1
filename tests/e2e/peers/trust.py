"""Whom one can believe, in Python: what speakers state of their frames, contacts, identities at rest, organisations, records. trust.py CERTIFICATES"""
import sys
from pathlib import Path

import conclave
from conclave import Acquaintance, Call, Contacts, Identity, Joining, Opener, Organisation, Session, read_transcript
from conclave._c import lib
from conclave.errors import sized
from conclave.events import event_of
from pair import ROOM, Pair, refused
from rooms import until

PEM = {path.name: path.read_text() for path in Path(sys.argv[1]).glob("*.pem")}


def speak(sealer, opener, frames):
    out, plain = bytearray(300), bytearray(300)
    for _ in range(frames):
        assert opener.open(out[:sealer.seal(b"frame", b"", out)], b"", plain).status == "opened"


def statements():
    pair = Pair(mode="stage").enter()
    host, guest = pair.host, pair.guest
    sealer, opener = host.make_sealer(0), Opener()
    opener.update(guest)

    def state(statement):
        host.state_frames([b"", statement])
        pair.settle()
        for output in pair.all("Bob", "frames_stated"):
            opener.hear(output.data)
        pair.told["Bob"].clear()

    speak(sealer, opener, 4)
    state(sealer.take_statement())
    assert sealer.take_statement() == b"" and opener.review() == [] and opener.statements.confirmed == 4, opener.statements
    speak(sealer, opener, 1)
    lie = bytearray(sealer.take_statement())
    lie[-1] ^= 1
    state(lie)
    [doubt] = opener.review()
    assert (doubt.kind, doubt.member, doubt.name, doubt.identity_key) == ("equivocated", 0, "Alice", pair.alice.public_key)
    assert guest.check_evidence(doubt.evidence) == 0 and opener.statements.equivocated == 1 and opener.review() == []
    refused(lambda: guest.check_evidence(doubt.evidence[:-20] + bytes(20)), "not_authentic", "malformed")
    refused(lambda: opener.hear(b"garbage"), "malformed")
    host.state_frames([])
    guest.record_doubt(doubt)
    record = guest.record(pair.bob)
    transcript = read_transcript(record)
    assert any("signed other frames than it stated" in line for line in transcript.lines), transcript.lines
    assert transcript.signer == pair.bob.hash and transcript.founder == pair.alice.hash and transcript.room_id == ROOM
    refused(lambda: read_transcript(record[:-1] + bytes([record[-1] ^ 1])), "not_authentic")


def at_rest():
    alice, eve = Identity(), Identity()
    file = alice.seal(b"correct horse")
    assert Identity.open(file, b"correct horse").public_key == alice.public_key
    refused(lambda: Identity.open(file, b"battery staple"), "not_authentic")
    contacts = Contacts()
    contacts.meet(eve.public_key, "Eve")
    assert not contacts.recognise(eve.public_key, "Eve").remembered
    contacts.remember(eve.public_key, "Eve", verified=True)
    for book in (contacts, Contacts.parse(contacts.serialise()), Contacts.open(contacts.seal(alice), alice)):
        known, changed = book.recognise(eve.public_key, "Evelyn"), book.recognise(alice.public_key, "Eve")
        assert (known.acquaintance, known.verified, known.remembered, known.known_as) == (Acquaintance.RENAMED, True, True, "Eve")
        assert changed.acquaintance == Acquaintance.KEY_CHANGED and not changed.verified
    refused(lambda: Contacts.open(contacts.seal(alice), eve), "not_authentic")
    contacts.forget(eve.public_key)
    assert len(contacts) == 0 and contacts.recognise(eve.public_key, "Eve").acquaintance == Acquaintance.STRANGER


def organisations():
    bob = Identity()
    proof = bob.certify(PEM["bob.chain.pem"], PEM["bob.key.pem"])
    refused(lambda: bob.certify(PEM["root.pem"], PEM["bob.key.pem"]), "not_authentic")
    refused(lambda: Organisation("no certificate"), "malformed")
    for organisation, name in ((Organisation(PEM["root.pem"]), "University"), (Organisation(PEM["root.pem"], "Alma Mater"), "Alma Mater")):
        host = Session.found(ROOM, Identity(), "Alice", trusted=[organisation])
        who = host.inspect(Joining(ROOM, bob, "Bob", organisation=proof).key_package)
        assert (who.verified_by, who.certified_as) == (name, "Bob Babbage"), who
        assert host.inspect(Joining(ROOM, bob, "Bob").key_package).verified_by == ""
    return proof, bob


def calls(proof, bob):
    contacts = Contacts()
    contacts.remember(Identity().public_key, "Bob")
    host = Call.host(name="Alice", listen="127.0.0.1", contacts=contacts, trusted=[Organisation(PEM["root.pem"])], full_hop=True)
    until(host, conclave.RoomReady)
    guest = Call.join(host.link, name="Bob", identity=bob, organisation=proof, reconnect_window=None)
    knock = until(host, conclave.Knock)
    assert knock.recognition.acquaintance == Acquaintance.KEY_CHANGED and knock.verified_by == "University" and knock.certified_as == "Bob Babbage"
    host.admit(knock.id)
    seen = until(host, conclave.ContactSeen)
    assert seen.name == "Bob" and seen.recognition.known_as == "Bob"
    host.remember(seen.member, verified=True)
    refused(host.contacts, "invalid_state")
    until(guest, conclave.Joined)
    host.leave()
    until(host, conclave.Ended)
    met = host.contacts().recognise(bob.public_key, "Bob")
    assert met.acquaintance == Acquaintance.KNOWN and met.verified, met
    host.close()
    for event in guest:  # its relay has gone, and it was told not to come back
        assert not isinstance(event, conclave.Reconnecting)
    guest.close()


def events():
    raw = sized("conclave_event", kind=lib.CONCLAVE_EVENT_SPEAKER_DOUBTED, id=5, member=7, flag=lib.CONCLAVE_FRAMES_EQUIVOCATED, name=b"Eve", stream=1,
                evidence=b"\1\2\3", evidence_size=3, identity_key=b"\4", identity_key_size=1)
    told = event_of(raw)
    assert isinstance(told, conclave.SpeakerDoubted) and (told.member, told.name) == (7, "Eve")
    assert told.doubt == conclave.FrameDoubt("equivocated", 7, "Eve", 1, 5, b"\4", b"\1\2\3"), told
    kept = event_of(sized("conclave_event", kind=lib.CONCLAVE_EVENT_SEAT_KEPT, member=7, name=b"Eve", code=103))
    assert isinstance(kept, conclave.SeatKept) and kept.error.name == "not_permitted"
    assert event_of(sized("conclave_event", kind=99)) is None


statements()
at_rest()
calls(*organisations())
events()
print("ok")
