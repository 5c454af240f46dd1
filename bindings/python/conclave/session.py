"""The session level: keys and frames for an app that has its own media and transport."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Iterator, List, Optional, Union

from ._c import ffi, lib
from .errors import ConclaveError, Handle, check, make_error, micros, sized, text_of
from .events import SafetyCode
from .frames import MODES, FrameDoubt, Sealer, raw_doubt
from .identity import Bytes, Identity, Organisation, fetched as _fetched, handles_of, made as _made
from .room import Member, Mode, SessionCommands, member_of, mode_number

_KINDS = ("none", "log", "welcome", "epoch", "keys", "member_entered", "member_gone", "message", "refused", "admission_failed", "doubted", "confirmed",
          "suspended", "resumed", "ended", "room_changed", "chat", "reaction", "hand", "heir", "not_done", "frames_stated")
_FRAME_SUITES = {"aes_128_ctr_hmac_sha256_80": 1, "aes_128_ctr_hmac_sha256_64": 2, "aes_128_gcm_sha256_128": 4, "aes_256_gcm_sha512_128": 5,
                 "chacha20_poly1305_sha256_128": 0xF001}
_BYTES = ffi.typeof("uint8_t[]")  # parsed once, not with every frame


class _Config:
    """What a session begins with, and what has to live as long. The durations: epoch_overlap, key_rotation, heartbeat, commit_interval, in seconds."""

    def __init__(self, room_id: bytes, suite: int = 0, frame_suites: Iterable[str] = (), mode: Union[Mode, str] = Mode.OPEN, invitation: Bytes = b"",
                 admissions_at_once: int = 0, organisation: Bytes = b"", trusted: Iterable[Organisation] = (), **durations: float):
        if len(room_id) != 16:
            raise ValueError("a room's id has 16 bytes")
        self._invitation, self._organisation = ffi.from_buffer(_BYTES, invitation), ffi.from_buffer(_BYTES, organisation)
        self._trusted = handles_of(trusted)
        self.raw = sized("conclave_session_config", room_id=room_id, suite=suite, frame_suites=[_FRAME_SUITES[name] for name in frame_suites],
                         mode=mode_number(mode), invitation=self._invitation, invitation_size=len(invitation), admissions_at_once=admissions_at_once,
                         organisation=self._organisation, organisation_size=len(organisation), trusted=self._trusted, trusted_count=len(self._trusted),
                         **{name: micros(value) for name, value in durations.items()})


@dataclass
class Output:
    """What the app has to carry ("log", "welcome"), or what happened; conclave.h says what stands in which field."""
    kind: str
    id: int
    member: int
    flag: int
    name: str
    data: bytes
    error: Optional[ConclaveError]


@dataclass
class SessionMember(Member):
    """A member of a session: also whether it is heard with our history."""
    confirmed: bool


def _member(m: object) -> SessionMember:
    return SessionMember(**vars(member_of(m)), confirmed=bool(m.confirmed))  # type: ignore[attr-defined]


class Session(Handle, SessionCommands):
    """The keys of a room. One thread at a time.

    Sessions and joinings may be given `suite` (of MLS, RFC 9420 section 17.1), `frame_suites` (names of SFrame's, the dearest first), and as seconds
    `epoch_overlap`, `key_rotation`, `heartbeat` and `commit_interval`. Who founds says the `mode`, who joins may show an `invitation`;
    `admissions_at_once`: that one commit may make. `organisation`: what `Identity.certify` gave; `trusted`: organisations whose word on others counts.
    """

    def _command(self, command: object) -> None:
        check(lib.conclave_session_command(self._handle, command, ffi.NULL))

    def _room(self, room: object) -> int:
        return lib.conclave_session_room(self._handle, room)

    @classmethod
    def found(cls, room_id: bytes, identity: Identity, name: str, **config) -> "Session":
        """A new room with one member, its owner."""
        given = _Config(room_id, **config)
        return cls(_made(lambda out: lib.conclave_session_found(given.raw, identity._handle, name.encode(), ffi.NULL, out)))

    @classmethod
    def restore(cls, room_id: bytes, state: Bytes, key: Bytes, counter: int, **config) -> "Session":
        """Goes on from what `save` gave; `counter` is that of the latest save. PeerError or SurroundingsError when it is another one, or damaged."""
        given = _Config(room_id, **config)
        return cls(_made(lambda out: lib.conclave_session_restore(given.raw, ffi.from_buffer(state), len(state), ffi.from_buffer(key), len(key), counter,
                                                                  ffi.NULL, out)))

    def save(self, key: Bytes, counter: int) -> bytes:
        """The whole state, sealed under 32 secret bytes: to be kept after each step that entered an epoch or has a commit for the log, before that goes
        out. `counter` grows with each save, and is kept where nobody can put it back."""
        return _fetched(lambda data, size: lib.conclave_session_save(self._handle, ffi.from_buffer(key), len(key), counter, data, size))

    def inspect(self, key_package: Bytes) -> SessionMember:
        """Who stands behind a key package."""
        member = sized("conclave_member")
        check(lib.conclave_session_inspect(self._handle, ffi.from_buffer(key_package), len(key_package), ffi.NULL, member))
        return _member(member)

    def roster(self) -> List[SessionMember]:
        """All members, we among them."""
        members, member = [], sized("conclave_member")
        for index in range(self._status().member_count):  # type: ignore[attr-defined]
            check(lib.conclave_session_member(self._handle, index, member))
            members.append(_member(member))
        return members

    def set_verified(self, member: int, verified: bool = True) -> None:
        """Remembers that the safety codes were compared."""
        check(lib.conclave_session_set_verified(self._handle, member, verified))

    def allow_streams(self, member: int, streams: Iterable[int]) -> None:
        """The streams of a member that are opened here; all at first."""
        check(lib.conclave_session_allow_streams(self._handle, member, sum(1 << stream for stream in set(streams))))

    def handle(self, message: Bytes) -> None:
        """The next message of the room's log, our own included."""
        check(lib.conclave_session_handle(self._handle, ffi.from_buffer(message), len(message), ffi.NULL))

    def tick(self) -> None:
        """At `next_deadline`."""
        check(lib.conclave_session_tick(self._handle, ffi.NULL))

    def invite(self, identity: Identity, name: str, expires: int, holder: Optional[bytes] = None) -> bytes:
        """A personal invitation, under our identity, until `expires` (seconds since 1970). `holder`: the hash of the identity that alone may use it."""
        if holder is not None and len(holder) != 32:
            raise ValueError("the hash of an identity has 32 bytes")
        only = ffi.NULL if holder is None else ffi.from_buffer(_BYTES, holder)
        return _fetched(lambda data, size: lib.conclave_session_invite(self._handle, identity._handle, name.encode(), only, int(expires), data, size))

    def record(self, identity: Identity) -> bytes:
        """The record of what we saw, signed."""
        return _fetched(lambda data, size: lib.conclave_session_record(self._handle, identity._handle, data, size))

    def admit(self, request: int, key_package: Bytes) -> None:
        """Lets somebody in; `request` is a name of yours for it."""
        check(lib.conclave_session_admit(self._handle, request, ffi.from_buffer(key_package), len(key_package), ffi.NULL))

    def withdraw(self, request: int) -> None:
        """Takes back an admission whose commit was not made yet."""
        check(lib.conclave_session_withdraw(self._handle, request))

    def remove(self, member: int) -> None:
        """Removes a member; it may join again."""
        check(lib.conclave_session_remove(self._handle, member, ffi.NULL))

    def rotate(self) -> None:
        """New keys, now."""
        check(lib.conclave_session_rotate(self._handle, ffi.NULL))

    def say(self, content: Bytes) -> None:
        """A signed message to all members, as an output for the log."""
        check(lib.conclave_session_say(self._handle, ffi.from_buffer(content), len(content)))

    def state_frames(self, statements: Iterable[Bytes]) -> None:
        """Says to all what our sealers signed (`Sealer.take_statement`), as an output for the log; nothing where all are empty."""
        kept = [ffi.from_buffer(_BYTES, statement) for statement in statements]
        check(lib.conclave_session_state_frames(self._handle, [{"data": each, "size": len(each)} for each in kept] or ffi.NULL, len(kept)))

    def check_evidence(self, evidence: Bytes) -> int:
        """Who signed what the evidence of a `FrameDoubt` holds; PeerError where no member of now did."""
        member = ffi.new("uint32_t *")
        check(lib.conclave_session_check_evidence(self._handle, ffi.from_buffer(evidence), len(evidence), member))
        return member[0]

    def record_doubt(self, doubt: FrameDoubt) -> None:
        """Puts a doubt into the record of the meeting."""
        check(lib.conclave_session_record_doubt(self._handle, raw_doubt(doubt), ffi.NULL))

    def outputs(self) -> Iterator[Output]:
        """Each is taken once."""
        output, size = sized("conclave_output"), ffi.new("size_t *")
        data = bytearray(1 << 14)
        while True:
            size[0] = len(data)
            result = lib.conclave_session_next_output(self._handle, output, ffi.from_buffer(data), size)
            if result == lib.CONCLAVE_BUFFER_TOO_SMALL:
                data = bytearray(size[0])
                continue
            check(result)
            if output.kind == lib.CONCLAVE_OUTPUT_NONE:
                return
            error = make_error(output.code, text_of(output.detail), output.participant if output.has_participant else None) if output.code else None
            if output.kind >= len(_KINDS):
                continue  # of a newer library
            yield Output(_KINDS[output.kind], output.id, output.member, output.flag, text_of(output.name), bytes(data[:size[0]]), error)

    def _status(self) -> object:
        status = sized("conclave_session_status")
        check(lib.conclave_session_get_status(self._handle, status))
        return status

    @property
    def epoch(self) -> int:
        """Counts the changes of keys."""
        return self._status().epoch  # type: ignore[attr-defined]

    @property
    def next_deadline(self) -> int:
        """When `tick` is due, in microseconds of `now()`."""
        return self._status().next_deadline  # type: ignore[attr-defined]

    @property
    def suspended(self) -> bool:
        """Nothing is sealed or opened, since we are cut off."""
        return bool(self._status().suspended)  # type: ignore[attr-defined]

    @property
    def self_id(self) -> int:
        """Our own number."""
        return self._status().self  # type: ignore[attr-defined]

    @property
    def owner(self) -> Optional[int]:
        """The number of who owns the room."""
        status = self._status()
        return status.owner if status.has_owner else None  # type: ignore[attr-defined]

    @property
    def authenticator(self) -> bytes:
        """Of the epoch: equal for all members."""
        status = self._status()
        return bytes(ffi.buffer(status.authenticator, status.authenticator_size))  # type: ignore[attr-defined]

    def safety_code(self) -> SafetyCode:
        """To compare over another channel. Costs 0.1 s and 64 MiB."""
        digits, words, sizes = ffi.new("char[128]"), ffi.new("char[512]"), ffi.new("size_t[2]", [128, 512])
        check(lib.conclave_session_safety_code(self._handle, digits, sizes, words, sizes + 1))
        return SafetyCode(text_of(digits), text_of(words))

    def make_sealer(self, stream: int, mode: str = "whole") -> Sealer:
        """The sealer of one of our streams, 0 to 15, in this epoch; each is given out once."""
        return Sealer(_made(lambda out: lib.conclave_session_make_sealer(self._handle, stream, MODES[mode], out)))


class Joining(Handle):
    """Somebody at the door."""

    def __init__(self, room_id: bytes, identity: Identity, name: str, **config):
        given = _Config(room_id, **config)
        super().__init__(_made(lambda out: lib.conclave_joining_begin(given.raw, identity._handle, name.encode(), ffi.NULL, out)))

    @property
    def key_package(self) -> bytes:
        """For `Session.admit` of a member."""
        return _fetched(lambda data, size: lib.conclave_joining_key_package(self._handle, data, size))

    def complete(self, welcome: Bytes, founder_hash: bytes) -> Session:
        """Joins by a Welcome, in the room of this founder."""
        return Session(_made(lambda out: lib.conclave_joining_complete(self._handle, ffi.from_buffer(welcome), len(welcome), founder_hash,
                                                                       len(founder_hash), ffi.NULL, out)))
