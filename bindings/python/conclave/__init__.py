"""End-to-end encrypted calls and meetings.

`Call` is a member of a call with its media; sources and sinks say what it sends and where what it receives goes.
"""
from ._c import ffi as _ffi, lib as _lib
from .call import (Call, Ended, EpochChanged, Event, Joined, Knock, KnockWithdrawn, Member, MemberJoined, MemberLeft, RoomReady, SafetyCode,
                   SourceEnded)
from .errors import ConclaveError, MisuseError, PeerError, SurroundingsError
from .media import SAMPLE_RATE, AudioSource, Inbox, Picture, Sink, Sound, VideoSource, open_file, speak

if _lib.conclave_abi_version() >> 16 != _lib.CONCLAVE_ABI_VERSION >> 16:
    raise ImportError("libconclave has another ABI than this binding was built for")

__version__ = _ffi.string(_lib.conclave_version()).decode()


def now() -> int:
    """Microseconds of the clock of capture times."""
    return _lib.conclave_now()


__all__ = ["SAMPLE_RATE", "AudioSource", "Call", "ConclaveError", "Ended", "EpochChanged", "Event", "Inbox", "Joined", "Knock", "KnockWithdrawn",
           "Member", "MemberJoined", "MemberLeft", "MisuseError", "PeerError", "Picture", "RoomReady", "SafetyCode", "Sink", "Sound", "SourceEnded",
           "SurroundingsError", "VideoSource", "now", "open_file", "speak"]
