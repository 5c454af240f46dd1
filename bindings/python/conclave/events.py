"""What happens in a call."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from ._c import ffi
from .contacts import Recognition, recognition_of
from .errors import ConclaveError, make_error, text_of
from .frames import FrameDoubt, doubt_of
from .room import Symbol


@dataclass
class RoomReady:
    """The room of a host is open: its link works."""


@dataclass
class Knock:
    """Somebody stands at the door: answer with `Call.admit` or `Call.refuse`. `borrowed_name`: it can be taken for another's; `invited_as`: to whom
    the personal invitation was given that is used, or empty; `recognition`: whom of our contacts it is, or whose name it bears; `verified_by`: the
    trusted organisation that certified it, as `certified_as`, or empty."""
    id: int
    name: str
    borrowed_name: bool
    invited_as: str
    recognition: Recognition
    verified_by: str
    certified_as: str


@dataclass
class KnockWithdrawn:
    """Who stood at the door has gone."""
    id: int


@dataclass
class Joined:
    """We are in."""
    member: int


@dataclass
class MemberJoined:
    """Somebody else is in."""
    member: int
    name: str


@dataclass
class MemberLeft:
    """Somebody has left, or was removed."""
    member: int
    name: str
    removed: bool


@dataclass
class EpochChanged:
    """New keys; the authenticator is equal for all members."""
    epoch: int
    authenticator: bytes


@dataclass
class SafetyCode:
    """To be compared over another channel."""
    digits: str
    words: str


@dataclass
class SourceEnded:
    """A source came to its end, or broke; the call goes on without it."""
    video: bool
    error: Optional[ConclaveError]


@dataclass
class MemberUnconfirmed:
    """A member is not heard, or was shown another history than we: its media are dropped."""
    member: int
    name: str
    diverged: bool


@dataclass
class MemberConfirmed:
    """A member is heard again, with the same history as ours."""
    member: int


@dataclass
class Suspended:
    """The relay keeps us from the others: no media leave or enter; or they do again."""
    suspended: bool


@dataclass
class RoomChanged:
    """Roles, rights or settings of the room are others now."""


@dataclass
class Chat:
    """What a member wrote: plain text, inert."""
    member: int
    text: str


@dataclass
class Reaction:
    """A member reacts."""
    member: int
    symbol: Symbol


@dataclass
class Hand:
    """A member asks for the floor, or does no more."""
    member: int
    raised: bool


@dataclass
class Reconnecting:
    """The connection broke and is being made again; our seat and keys stay."""


@dataclass
class Reconnected:
    """The connection stands again, after so many milliseconds."""
    gap_ms: int


@dataclass
class NotDone:
    """What was asked of the room could not be done."""
    error: Optional[ConclaveError]


@dataclass
class Heir:
    """An heir wants `claimant` (perhaps itself) to become owner, since nobody leads any more."""
    heir: int
    claimant: int


@dataclass
class LeaderLost:
    """Who led is not heard any more; `heir`: we are an heir, and may `inherit` or `endorse`."""
    member: int
    name: str
    heir: bool


@dataclass
class Invitation:
    """What `invite` made: hand the link to that person alone. `number`: for `revoke`."""
    number: int
    name: str
    link: str


@dataclass
class SpeakerDoubted:
    """A speaker's signed frames are not as it stated to everybody: "equivocated", with evidence, or "unstated", which proves nothing."""
    member: int
    name: str
    doubt: FrameDoubt


@dataclass
class ContactSeen:
    """Somebody in the room whom our contacts know, by key or by name; follows `MemberJoined`."""
    member: int
    name: str
    recognition: Recognition


@dataclass
class SeatKept:
    """Who has gone could not be taken out of the room."""
    member: int
    name: str
    error: Optional[ConclaveError]


@dataclass
class Ended:
    """The last event. No error: we left, or the room was closed."""
    error: Optional[ConclaveError]


Event = Union[RoomReady, Knock, KnockWithdrawn, Joined, MemberJoined, MemberLeft, EpochChanged, SafetyCode, SourceEnded, MemberUnconfirmed,
              MemberConfirmed, Suspended, RoomChanged, Chat, Reaction, Hand, NotDone, Reconnecting, Reconnected, Heir, LeaderLost, Invitation,
              SpeakerDoubted, ContactSeen, SeatKept, Ended]


def event_of(e: object) -> Optional[Event]:
    """An event of the C interface; None for a kind that we do not know."""
    def error() -> Optional[ConclaveError]:
        return make_error(e.code, text_of(e.detail), e.participant if e.has_participant else None) if e.code else None

    makers = {
        1: lambda: RoomReady(), 2: lambda: Knock(e.id, text_of(e.name), bool(e.flag), text_of(e.text), recognition_of(e), text_of(e.verified_by), text_of(e.certified_as)),
        3: lambda: KnockWithdrawn(e.id), 4: lambda: Joined(e.member),
        5: lambda: MemberJoined(e.member, text_of(e.name)), 6: lambda: MemberLeft(e.member, text_of(e.name), bool(e.flag)),
        7: lambda: EpochChanged(e.id, bytes(ffi.buffer(e.authenticator, e.authenticator_size))),
        8: lambda: SafetyCode(text_of(e.digits), text_of(e.words)), 9: lambda: SourceEnded(bool(e.flag), error()), 10: lambda: Ended(error()),
        11: lambda: MemberUnconfirmed(e.member, text_of(e.name), bool(e.flag)), 12: lambda: MemberConfirmed(e.member),
        13: lambda: Suspended(bool(e.flag)), 14: lambda: RoomChanged(), 15: lambda: Chat(e.member, text_of(e.text)),
        16: lambda: Reaction(e.member, Symbol(e.flag)), 17: lambda: Hand(e.member, bool(e.flag)), 18: lambda: NotDone(error()),
        19: lambda: Reconnecting(), 20: lambda: Reconnected(e.id), 21: lambda: Heir(e.member, e.id),
        22: lambda: LeaderLost(e.member, text_of(e.name), bool(e.flag)), 23: lambda: Invitation(e.id, text_of(e.name), text_of(e.text)),
        24: lambda: SpeakerDoubted(e.member, text_of(e.name), doubt_of(e, e.flag, e.id)),
        25: lambda: ContactSeen(e.member, text_of(e.name), recognition_of(e)), 26: lambda: SeatKept(e.member, text_of(e.name), error()),
    }
    return makers[e.kind]() if e.kind in makers else None
