"""End-to-end encrypted calls and meetings.

`Call` is a member of a call with its media; sources and sinks say what it sends and where what it receives goes. `Session` is for an app that
has its own media and transport.
"""
from ._c import ffi as _ffi, lib as _lib
from .call import Call
from .contacts import Acquaintance, Contacts, Recognition
from .errors import ConclaveError, MisuseError, PeerError, SurroundingsError
from .events import (Chat, ContactSeen, Ended, EpochChanged, Event, Hand, Heir, Invitation, Joined, Knock, KnockWithdrawn, LeaderLost, MemberConfirmed,
                     MemberJoined, MemberLeft, MemberUnconfirmed, NotDone, Reaction, Reconnected, Reconnecting, RoomChanged, RoomReady, SafetyCode, SeatKept,
                     SourceEnded, SpeakerDoubted, Suspended)
from .frames import FrameDoubt, Opened, Opener, Proven, Sealer, Statements, max_sealed_size
from .identity import Identity, Organisation
from .media import SAMPLE_RATE, AudioSource, Inbox, Picture, Sink, Sound, VideoSource, open_file, speak
from .room import Entry, Member, Mode, Right, Role, RoomSettings, Signing, Symbol
from .session import Joining, Output, Session, SessionMember
from .transcript import Transcript, read_transcript

if _lib.conclave_abi_version() >> 16 != _lib.CONCLAVE_ABI_VERSION >> 16:
    raise ImportError("libconclave has another ABI than this binding was built for")

__version__ = _ffi.string(_lib.conclave_version()).decode()


def now() -> int:
    """Microseconds of the clock of capture times."""
    return _lib.conclave_now()


__all__ = ["Acquaintance", "AudioSource", "Call", "Chat", "ConclaveError", "ContactSeen", "Contacts", "Ended", "Entry", "EpochChanged", "Event",
           "FrameDoubt", "Hand", "Heir", "Identity", "Inbox", "Invitation", "Joined", "Joining", "Knock", "KnockWithdrawn", "LeaderLost", "Member",
           "MemberConfirmed", "MemberJoined", "MemberLeft", "MemberUnconfirmed", "MisuseError", "Mode", "NotDone", "Opened", "Opener",
           "Organisation", "Output", "PeerError", "Picture", "Proven", "Reaction", "Recognition", "Reconnected", "Reconnecting", "Right", "Role",
           "RoomChanged", "RoomReady", "RoomSettings", "SAMPLE_RATE", "SafetyCode", "Sealer", "SeatKept", "Session", "SessionMember", "Signing",
           "Sink", "Sound", "SourceEnded", "SpeakerDoubted", "Statements", "SurroundingsError", "Suspended", "Symbol", "Transcript", "VideoSource",
           "max_sealed_size", "now", "open_file", "read_transcript", "speak"]
