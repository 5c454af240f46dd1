"""What members ask of their room, in calls and in sessions, and what the room is."""
from __future__ import annotations

from array import array
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import Iterable, Union

from ._c import ffi, lib
from .errors import check, sized, text_of


class Role(str, Enum):
    """Who somebody is in a room. Each role has the rights of those before it."""
    LISTENER = "listener"
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    OWNER = "owner"


class Mode(str, Enum):
    """What kind of meeting a room is."""
    OPEN = "open"  # whoever is in may speak
    MODERATED = "moderated"  # moderators decide who speaks, all may write
    STAGE = "stage"  # an audience that cannot speak or write by itself


class Right(IntFlag):
    """What somebody may do; several are joined by `|`."""
    SOUND = 1
    PICTURE = 2
    SCREEN = 4
    CHAT = 8
    ADMIT = 16
    REMOVE = 32
    GRANT = 64
    LOCK = 128
    END = 256


class Symbol(IntEnum):
    """What one reacts with."""
    APPLAUSE = 1
    AGREE = 2
    DISAGREE = 3
    HEART = 4
    LAUGH = 5
    SURPRISE = 6


class Entry(str, Enum):
    """Who may be admitted."""
    KNOCK = "knock"  # whoever a member with the right admits
    INVITED = "invited"  # of those, who holds a personal invitation


class Signing(str, Enum):
    """How frames are signed by their sender."""
    NONE = "none"
    EACH = "each"
    BATCHED = "batched"  # several frames of sound under one signature: `Opener.proven`


_ROLES, _MODES, _ENTRIES, _SIGNINGS = list(Role), list(Mode), list(Entry), list(Signing)


def role_of(number: int) -> Role:
    """A role of the C interface."""
    return _ROLES[number - 1]


def mode_number(mode: Union[Mode, str]) -> int:
    """A mode, for the C interface."""
    return _MODES.index(Mode(mode)) + 1


@dataclass
class RoomSettings:
    """What a room is, as all its members agree. `banned`: identities that were removed for good."""
    mode: Mode
    entry: Entry
    signing: Signing
    locked: bool
    ended: bool
    max_members: int
    banned: int


@dataclass
class Member:
    """A member, as its credential and the room say; the name is inert. `verified`: the safety code was compared; `invited_as`: to whom its personal invitation
    was given; `verified_by`: the trusted organisation that certified it, as `certified_as`; these three may be empty."""
    member: int
    name: str
    is_self: bool
    role: Role
    rights: Right
    hand_raised: bool
    identity_key: bytes
    verified: bool
    invited_as: str
    verified_by: str
    certified_as: str


def member_of(m: object) -> Member:
    """A member of the C interface."""
    return Member(m.member, text_of(m.name), bool(m.self), role_of(m.role), Right(m.rights), bool(m.hand_raised),  # type: ignore[attr-defined]
                  bytes(ffi.buffer(m.identity_key, m.identity_key_size)), bool(m.verified), text_of(m.invited_as),  # type: ignore[attr-defined]
                  text_of(m.verified_by), text_of(m.certified_as))  # type: ignore[attr-defined]


class RoomCommands:
    """What a member asks of its room. In a call, what is refused comes back as `NotDone`; in a session it raises, and what is not counts once it is read
    back from the log."""

    def _command(self, command: object) -> None:
        raise NotImplementedError

    def _room(self, room: object) -> int:
        raise NotImplementedError

    def _ask(self, kind: int, member: int = 0, value: int = 0, data: bytes = b"") -> None:
        kept = ffi.from_buffer(data)
        self._command(sized("conclave_command", kind=kind, member=member, value=int(value), data=kept, size=len(data)))

    @property
    def room(self) -> RoomSettings:
        """What the room is."""
        room = sized("conclave_room")
        check(self._room(room))
        mode, entry = _MODES[max(room.mode, 1) - 1], _ENTRIES[max(room.entry, 1) - 1]  # type: ignore[attr-defined]
        return RoomSettings(mode, entry, _SIGNINGS[room.signing], bool(room.locked), bool(room.ended), room.max_members, room.banned)  # type: ignore[attr-defined]

    def chat(self, text: str) -> None:
        """Writes to all, 1 to 4,096 bytes."""
        self._ask(lib.CONCLAVE_COMMAND_CHAT, data=text.encode())

    def react(self, symbol: Union[Symbol, int]) -> None:
        """Reacts with a symbol."""
        self._ask(lib.CONCLAVE_COMMAND_REACTION, value=symbol)

    def raise_hand(self, raised: bool = True) -> None:
        """Asks for the floor, or does no more."""
        self._ask(lib.CONCLAVE_COMMAND_HAND, value=raised)

    def lower_hand(self) -> None:
        """Asks for the floor no more."""
        self.raise_hand(False)

    def set_role(self, member: int, role: Union[Role, str]) -> None:
        """Makes a member something else."""
        self._ask(lib.CONCLAVE_COMMAND_ROLE, member, _ROLES.index(Role(role)) + 1)

    def hand_over(self, member: int) -> None:
        """Makes another member owner. We stay one, until we give up the role."""
        self.set_role(member, Role.OWNER)

    def give(self, member: int, rights: Right) -> None:
        """Gives rights beyond the role's, or back what was taken."""
        self._ask(lib.CONCLAVE_COMMAND_GIVE, member, rights)

    def take(self, member: int, rights: Right) -> None:
        """Takes rights: nobody opens what a member sends without."""
        self._ask(lib.CONCLAVE_COMMAND_TAKE, member, rights)

    def mute(self, member: int) -> None:
        """Takes the right to be heard."""
        self.take(member, Right.SOUND)

    def stop_video(self, member: int) -> None:
        """Takes the right to be seen."""
        self.take(member, Right.PICTURE)

    def remove(self, member: int) -> None:
        """Removes a member; it may knock again."""
        self._ask(lib.CONCLAVE_COMMAND_REMOVE, member)

    def ban(self, member: int) -> None:
        """Removes a member for good: its identity and its invitation let nobody in again."""
        self._ask(lib.CONCLAVE_COMMAND_BAN, member)

    def lock(self, locked: bool = True) -> None:
        """Lets nobody in any more, or does again."""
        self._ask(lib.CONCLAVE_COMMAND_LOCK, value=locked)

    def unlock(self) -> None:
        """Lets people in again."""
        self.lock(False)

    def set_mode(self, mode: Union[Mode, str]) -> None:
        """Makes the room another kind of meeting."""
        self._ask(lib.CONCLAVE_COMMAND_MODE, value=mode_number(mode))

    def end_for_all(self) -> None:
        """Ends the meeting: nothing is accepted after it."""
        self._ask(lib.CONCLAVE_COMMAND_END)

    def set_entry(self, entry: Union[Entry, str]) -> None:
        """Who may be admitted from now on."""
        self._ask(lib.CONCLAVE_COMMAND_ENTRY, value=_ENTRIES.index(Entry(entry)) + 1)

    def set_signing(self, signing: Union[Signing, str]) -> None:
        """How frames are signed from now on."""
        self._ask(lib.CONCLAVE_COMMAND_SIGNING, value=_SIGNINGS.index(Signing(signing)))

    def inherit(self) -> None:
        """As an heir: becomes owner, since nobody leads any more."""
        self._ask(lib.CONCLAVE_COMMAND_INHERIT)

    def endorse(self, claimant: int) -> None:
        """As an heir: speaks for another one."""
        self._ask(lib.CONCLAVE_COMMAND_ENDORSE, claimant)


def _quorum_of(heirs: list, quorum: Union[int, None]) -> int:
    if quorum is None:
        return len(heirs) // 2 + 1 if heirs else 0
    if heirs and quorum < 1:
        raise ValueError("heirs need a quorum: without one they never take over from a leader who vanished")
    return quorum


class CallCommands(RoomCommands):
    """What calls are asked in their own way."""

    def set_heirs(self, heirs: Iterable[int], quorum: Union[int, None] = None) -> None:
        """Members who inherit. `quorum`: how many of them replace the owner, at any time; by default more than half."""
        named = list(heirs)
        self._ask(lib.CONCLAVE_COMMAND_HEIRS, value=_quorum_of(named, quorum), data=array("I", named).tobytes())

    def invite(self, name: str, valid_for: int = 0) -> None:
        """A personal invitation, for so many seconds (0: a day): comes as `Invitation`."""
        self._ask(lib.CONCLAVE_COMMAND_INVITE, value=valid_for, data=name.encode())

    def revoke(self, number: int) -> None:
        """Takes an invitation back, by the number of its `Invitation`."""
        self._ask(lib.CONCLAVE_COMMAND_REVOKE, value=number)

    def remember(self, member: int, verified: bool = False) -> None:
        """For our own contacts: this key goes with this name from now on. `verified`: the safety code was compared."""
        self._ask(lib.CONCLAVE_COMMAND_REMEMBER, member, verified)


class SessionCommands(RoomCommands):
    """What sessions are asked in their own way."""

    def set_heirs(self, heirs: Iterable[bytes], quorum: Union[int, None] = None) -> None:
        """Who inherits: SHA-256 of identity keys. `quorum`: how many of them replace leaders who have a seat, at any time; by default more than half."""
        named = list(heirs)
        self._ask(lib.CONCLAVE_COMMAND_HEIRS, value=_quorum_of(named, quorum), data=b"".join(named))

    def revoke(self, invitation: bytes) -> None:
        """Takes a personal invitation back."""
        self._ask(lib.CONCLAVE_COMMAND_REVOKE, data=invitation)
