"""End-to-end encrypted calls and meetings.

`Call` is a member of a call with its media; sources and sinks say what it sends and where what it receives goes. `Session` is for an app that
has its own media and transport.
"""
from ._c import ffi as _ffi, lib as _lib
from .call import (Call, Chat, Ended, EpochChanged, Event, Hand, Heir, Invitation, Joined, Knock, KnockWithdrawn, LeaderLost, MemberConfirmed,
                   MemberJoined, MemberLeft, MemberUnconfirmed, NotDone, Reaction, Reconnected, Reconnecting, RoomChanged, RoomReady, SafetyCode,
                   SourceEnded, Suspended)
from .errors import ConclaveError, MisuseError, PeerError, SurroundingsError
from .media import SAMPLE_RATE, AudioSource, Inbox, Picture, Sink, Sound, VideoSource, open_file, speak
from .room import Entry, Member, Mode, Right, Role, RoomSettings, Signing, Symbol
from .session import Identity, Joining, Opened, Opener, Output, Proven, Sealer, Session, SessionMember, max_sealed_size

if _lib.conclave_abi_version() >> 16 != _lib.CONCLAVE_ABI_VERSION >> 16:
    raise ImportError("libconclave has another ABI than this binding was built for")

__version__ = _ffi.string(_lib.conclave_version()).decode()


def now() -> int:
    """Microseconds of the clock of capture times."""
    return _lib.conclave_now()


__all__ = ["AudioSource", "Call", "Chat", "ConclaveError", "Ended", "Entry", "EpochChanged", "Event", "Hand", "Heir", "Identity", "Inbox", "Invitation", "Joined",
           "Joining", "Knock", "KnockWithdrawn", "LeaderLost", "Member", "MemberConfirmed", "MemberJoined", "MemberLeft", "MemberUnconfirmed", "MisuseError",
           "Mode", "NotDone", "Opened", "Opener", "Output", "PeerError", "Picture", "Proven", "Reaction", "Reconnected", "Reconnecting", "Right",
           "Role", "RoomChanged", "RoomReady", "RoomSettings", "SAMPLE_RATE", "SafetyCode", "Sealer", "Session", "SessionMember", "Signing", "Sink",
           "Sound", "SourceEnded", "SurroundingsError", "Suspended", "Symbol", "VideoSource", "max_sealed_size", "now", "open_file", "speak"]
