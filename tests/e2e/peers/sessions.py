"""What the session level of Python can do beyond its example: state, members, streams, texts out of range."""
import conclave
from conclave import Identity, Opener, Session
from pair import ROOM, Pair, refused

KEY = bytes(32)
pair = Pair(frame_suites=["aes_256_gcm_sha512_128"], heartbeat=2.0, key_rotation=60.0)
alice, bob, host = pair.alice, pair.bob, pair.host
assert Identity(seed=bytes(31) + b"\1").public_key == bob.public_key and len(bob.hash) == 32
who = host.inspect(pair.joining.key_package)
assert who.name == "Bob" and who.identity_key == bob.public_key
refused(lambda: host.inspect(b"garbage"), "malformed")
guest = pair.enter().guest
assert [(m.name, m.role) for m in host.roster()] == [("Alice", "owner"), ("Bob", "speaker")], host.roster()
assert host.roster()[0].is_self and host.self_id == 0 == guest.owner
assert host.authenticator == guest.authenticator
assert host.safety_code() == guest.safety_code()
host.set_verified(1)
assert host.roster()[1].verified and not guest.roster()[1].verified
refused(lambda: host.set_verified(9), "invalid_argument")

sealer, opener = host.make_sealer(3), Opener()
opener.update(guest)
out, plain = bytearray(conclave.max_sealed_size(5)), bytearray(200)
size = sealer.seal(bytearray(b"hello"), memoryview(b"meta"), out)
assert opener.open(out[:size], b"other", plain).status == "forged"
opened = opener.open(memoryview(out)[:size], bytearray(b"meta"), plain, sender=0)
assert opened.status == "opened" and plain[:opened.size] == b"hello" and opened.stream == 3
guest.allow_streams(0, [0, 1])
opener.update(guest)
assert opener.open(out[:sealer.seal(b"hello", b"", out)], b"", plain).status != "opened"
refused(lambda: sealer.seal(b"hello", b"", bytearray(3)), "buffer_too_small")

state = host.save(KEY, 7)
refused(lambda: Session.restore(ROOM, state, KEY, 8), "damaged_state")
refused(lambda: Session.restore(ROOM, state, bytes(31) + b"\2", 7), "damaged_state")
assert [m.name for m in Session.restore(ROOM, state, KEY, 7).roster()] == ["Alice", "Bob"]

# A carrier: what the call would send to a relay that is nowhere comes to us.
datagrams = []
call = conclave.Call.host(relay="relay.invalid:4433#" + "00" * 32, room_token="token", carrier=datagrams.append)
while not datagrams:
    call.next_event(0.05)
assert 1200 <= len(datagrams[0]) <= 1500
call.receive(bytes(100))
refused(lambda: call.receive(bytes(2000)), "invalid_argument")
call.close()
refused(lambda: conclave.Call.host(carrier=datagrams.append), "invalid_argument")
refused(lambda: conclave.Call.host(relay="nowhere"), "malformed")
print("ok")
