"""What members ask of their room in Python: at the session level, in a call, and the frames of a stage."""
import time

import conclave
from conclave import Call, Entry, Mode, Opener, Right, Role, Session, Signing, Symbol
from pair import ROOM, Pair, refused


def sessions():
    pair = Pair(mode=Mode.STAGE).enter()
    host, guest = pair.host, pair.guest
    assert guest.room.mode == Mode.STAGE and not guest.room.locked and guest.roster()[1].role == Role.LISTENER
    refused(lambda: guest.chat("let me in"), "not_permitted")
    refused(lambda: guest.set_role(1, Role.OWNER), "not_permitted")
    refused(lambda: host.set_role(9, "speaker"), "invalid_argument")
    guest.raise_hand()
    pair.settle()
    assert host.roster()[1].hand_raised and pair.all("Alice", "hand")[0].flag == 1
    guest.lower_hand()
    host.give(1, Right.SOUND | Right.PICTURE | Right.CHAT)
    pair.settle()
    assert not host.roster()[1].hand_raised and Right.PICTURE in guest.roster()[1].rights
    host.mute(1)
    host.stop_video(1)
    guest.chat("hello " * 500 + "!")
    guest.react(Symbol.HEART)
    pair.settle()
    assert guest.roster()[1].rights & (Right.SOUND | Right.PICTURE) == 0 and pair.all("Bob", "room_changed")
    assert pair.all("Alice", "chat")[0].data.decode() == "hello " * 500 + "!" and pair.all("Alice", "reaction")[0].flag == Symbol.HEART
    host.lock()
    host.set_heirs([pair.bob.hash], quorum=1)
    pair.settle()
    assert guest.room.locked
    guest.endorse(1)
    guest.inherit()
    host.unlock()
    host.set_mode("moderated")
    host.hand_over(1)
    pair.settle()
    assert guest.roster()[1].role == "owner" and guest.room.mode == Mode.MODERATED
    assert len(host.record(pair.alice)) > 100
    guest.end_for_all()
    pair.settle()
    assert host.room.ended


def invitations():
    alone = conclave.Identity()
    host = Session.found(ROOM, alone, "Alice")
    later = int(time.time()) + 3600
    refused(lambda: host.invite(conclave.Identity(), "Bob", later), "invalid_argument")
    pair = Pair()
    invitation = pair.host.invite(pair.alice, "Roberta", later, holder=pair.bob.hash)
    pair.host.set_entry(Entry.INVITED)
    pair.settle()
    assert pair.host.room.entry == Entry.INVITED
    assert pair.enter().guest is None and pair.all("Alice", "admission_failed")
    pair.joining = conclave.Joining(ROOM, pair.bob, "Bob", invitation=invitation)
    pair.enter()
    assert pair.host.roster()[1].invited_as == "Roberta"
    pair.host.revoke(pair.host.invite(pair.alice, "Cleo", later))
    pair.host.ban(1)
    pair.settle()
    assert pair.host.room.banned == 1 and pair.all("Bob", "ended")


def batches():
    pair = Pair(mode="stage").enter()
    pair.host.set_signing(Signing.BATCHED)
    pair.settle()
    sealer, opener, out, plain = pair.host.make_sealer(0), Opener(), bytearray(300), bytearray(300)
    opener.update(pair.guest)
    for number in (b"0", b"1", b"2"):
        size = sealer.seal(b"frame " + number, b"meta " + number, out)
        assert opener.open(out[:size], b"meta " + number, plain).status == "held"
    assert [(proven.frame, proven.metadata, proven.sender) for proven in opener.proven()] == [(b"frame " + n, b"meta " + n, 0) for n in (b"0", b"1", b"2")]
    assert not list(opener.proven())


def until(call, kind):
    for event in call:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind} before the end")


def calls():
    host = Call.host(name="Alice", listen="127.0.0.1", mode=Mode.MODERATED)
    until(host, conclave.RoomReady)
    guest = Call.join(host.link, name="Bob")
    knock = until(host, conclave.Knock)
    assert knock.name == "Bob" and not knock.borrowed_name and knock.invited_as == ""
    host.admit(knock.id)
    bob = until(guest, conclave.Joined).member
    guest.chat("word " * 800 + "!")
    assert until(host, conclave.Chat).text == "word " * 800 + "!"
    guest.react(Symbol.LAUGH)
    assert until(host, conclave.Reaction).symbol == Symbol.LAUGH
    guest.raise_hand()
    assert until(host, conclave.Hand).raised
    guest.lock()
    assert until(guest, conclave.NotDone).error.name == "not_permitted"
    host.invite("Cleo", valid_for=60)
    invitation = until(host, conclave.Invitation)
    assert invitation.name == "Cleo" and invitation.link != host.link
    host.revoke(invitation.number)
    host.set_heirs([bob])
    host.set_entry("invited")
    host.set_role(bob, Role.SPEAKER)
    until(guest, conclave.RoomChanged)
    roster, deadline = {}, time.monotonic() + 10
    while roster.get("Bob") != Role.SPEAKER and time.monotonic() < deadline:
        time.sleep(0.1)
        roster = {member.name: member.role for member in guest.roster()}
    assert roster == {"Alice": Role.OWNER, "Bob": Role.SPEAKER}, roster
    assert guest.room.mode == Mode.MODERATED
    refused(guest.record, "invalid_state")
    host.end_for_all()
    assert until(guest, conclave.Ended).error is None
    assert len(guest.record()) > 100
    guest.close()
    host.close()


if __name__ == "__main__":
    sessions()
    invitations()
    batches()
    calls()
    print("ok")
