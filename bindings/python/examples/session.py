#!/usr/bin/env python3
"""The session level alone: two members share keys, and a frame goes from one to the other. What an app would send is handed over here."""
from conclave import Identity, Joining, Opener, Session


def let_in(host, joining, founder_hash):
    """The commit goes through the log, back to its sender too, then the Welcome to the joiner."""
    guest = None
    host.admit(1, joining.key_package)
    for output in host.outputs():
        if output.kind == "log":
            host.handle(output.data)
        elif output.kind == "member_entered":
            print(output.name, "is in the room")
        elif output.kind == "welcome":
            guest = joining.complete(output.data, founder_hash)
    return guest


def send_frame(sender, receiver):
    sealer, opener = sender.make_sealer(0), Opener()
    sealed, frame = bytearray(256), bytearray(256)
    opener.update(receiver)
    size = sealer.seal(b"a frame of video", b"", sealed)
    opened = opener.open(sealed[:size], b"", frame)
    assert opened.status == "opened", opened
    print("member", opened.sender, "sent:", frame[:opened.size].decode())


def main():
    room_id, alice, bob = bytes(16), Identity(), Identity()
    host, joining = Session.found(room_id, alice, "Alice"), Joining(room_id, bob, "Bob")
    guest = let_in(host, joining, alice.hash)
    send_frame(host, guest)
    send_frame(guest, host)


if __name__ == "__main__":
    main()
