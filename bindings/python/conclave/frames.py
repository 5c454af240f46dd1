"""What seals and opens frames, under the keys that a session has, and what speakers state of frames that they signed."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator, List, NamedTuple, Optional, Union

from ._c import ffi, lib
from .errors import Handle, check, sized, text_of
from .identity import Bytes, fetched, made as _made

if TYPE_CHECKING:
    from .session import Session

_STATUS = ("opened", "malformed", "unknown_epoch", "not_in_roster", "unknown_stream", "no_right", "wrong_sender", "replayed", "too_old", "forged",
           "suspended", "buffer_too_small", "held")
MODES = {"whole": 0, "opus": 1, "vp8": 2, "vp9": 3, "av1": 4, "h264": 5, "h265": 6}
_BYTES = ffi.typeof("uint8_t[]")  # parsed once, not with every frame
_DOUBTS = ("", "equivocated", "unstated")


def max_sealed_size(size: int, mode: str = "whole") -> int:
    """The bytes that a sealed frame of `size` bytes has at most."""
    return lib.conclave_max_sealed_size(size, MODES[mode])


@dataclass
class FrameDoubt:
    """A member whose signed frames are not what it stated of them to everybody. "equivocated": it signed another frame for us than the one that it stated, and
    `evidence` proves it, for `Session.check_evidence` of any member; "unstated": it stated nothing, which proves nothing."""
    kind: str
    member: int
    name: str
    stream: int
    epoch: int
    identity_key: bytes
    evidence: bytes


def doubt_of(d: object, kind: int, epoch: int) -> FrameDoubt:
    """A doubt of the C interface, or of its events."""
    return FrameDoubt(_DOUBTS[kind], d.member, text_of(d.name), d.stream, epoch,  # type: ignore[attr-defined]
                      bytes(ffi.buffer(d.identity_key, d.identity_key_size)), bytes(ffi.buffer(d.evidence, d.evidence_size)))  # type: ignore[attr-defined]


def raw_doubt(doubt: FrameDoubt) -> object:
    """A doubt for the C interface."""
    return sized("conclave_frame_doubt", kind=_DOUBTS.index(doubt.kind), member=doubt.member, stream=doubt.stream, epoch=doubt.epoch,
                 identity_key_size=len(doubt.identity_key), evidence_size=len(doubt.evidence), identity_key=doubt.identity_key, evidence=doubt.evidence)


@dataclass
class Statements:
    """Signed frames of others, or batches of them, held against what was stated: heard as stated, heard otherwise, not stated in time; stated and not heard,
    heard too late to compare, not compared."""
    confirmed: int
    equivocated: int
    unstated: int
    missed: int
    late: int
    unwatched: int


class Sealer(Handle):
    """Seals the frames of one stream in one epoch. One thread at a time."""

    def __init__(self, handle: int):
        super().__init__(handle)
        self._size = ffi.new("size_t *")

    def seal(self, frame: Bytes, metadata: Bytes, out: Union[bytearray, memoryview]) -> int:
        """Seals into `out` and returns the bytes written. Reused buffers make it quick."""
        place, size = ffi.from_buffer(_BYTES, out), self._size
        size[0] = len(place)
        if type(frame) is not bytes:
            frame = ffi.from_buffer(_BYTES, frame)
        if type(metadata) is not bytes:
            metadata = ffi.from_buffer(_BYTES, metadata)
        result = lib.conclave_sealer_seal(self._handle, frame, len(frame), metadata, len(metadata), place, size)
        if result:
            check(result)
        return size[0]

    def take_up(self, next_sealer: "Sealer") -> None:
        """Goes on under the keys of a later epoch; `next_sealer` is used up."""
        check(lib.conclave_sealer_take_up(self._handle, next_sealer._handle))

    def take_statement(self) -> bytes:
        """Where frames are signed: what is to be said of those since the last call, by `Session.state_frames`, about once a second. Empty: nothing."""
        return fetched(lambda data, size: lib.conclave_sealer_take_statement(self._handle, data, size))


class Opened(NamedTuple):
    """What became of a frame: `status` is "opened", or why it was dropped."""
    status: str
    sender: int
    stream: int
    epoch: int
    size: int


class Proven(NamedTuple):
    """A frame of a batch whose signature was verified, and what it was sealed with."""
    sender: int
    stream: int
    epoch: int
    frame: bytes
    metadata: bytes


class Opener(Handle):
    """Opens the frames of other members. One thread at a time."""

    def __init__(self) -> None:
        super().__init__(_made(lib.conclave_opener_create))
        self._opened = sized("conclave_opened")

    def update(self, session: "Session") -> None:
        """After each "epoch" and "keys"."""
        check(lib.conclave_opener_update(self._handle, session._handle))

    def open(self, sealed: Bytes, metadata: Bytes, out: Union[bytearray, memoryview], sender: Optional[int] = None, mode: str = "whole") -> Opened:
        """Opens into `out`. Reused buffers make it quick."""
        place, told = ffi.from_buffer(_BYTES, out), self._opened
        if type(sealed) is not bytes:
            sealed = ffi.from_buffer(_BYTES, sealed)
        if type(metadata) is not bytes:
            metadata = ffi.from_buffer(_BYTES, metadata)
        result = lib.conclave_opener_open(self._handle, -1 if sender is None else sender, sealed, len(sealed), metadata, len(metadata), MODES[mode],
                                          place, len(place), told)
        if result:
            check(result)
        return Opened(_STATUS[told.status], told.sender, told.stream, told.epoch, told.size)

    def proven(self) -> Iterator[Proven]:
        """Where sound is signed in batches, frames are "held" until the one that proves them: then they come out here, in order."""
        told, sizes, frame, metadata = sized("conclave_opened"), ffi.new("size_t[2]"), bytearray(1 << 12), bytearray(1 << 12)
        while True:
            sizes[0], sizes[1] = len(frame), len(metadata)
            result = lib.conclave_opener_next(self._handle, told, ffi.from_buffer(_BYTES, frame), sizes, ffi.from_buffer(_BYTES, metadata), sizes + 1)
            if result == lib.CONCLAVE_BUFFER_TOO_SMALL:
                frame, metadata = bytearray(max(sizes[0], len(frame))), bytearray(max(sizes[1], len(metadata)))
                continue
            check(result)
            if told.status == lib.CONCLAVE_HELD:
                return
            yield Proven(told.sender, told.stream, told.epoch, bytes(frame[:sizes[0]]), bytes(metadata[:sizes[1]]))

    def hear(self, stated: Bytes) -> None:
        """Takes the `data` of an output "frames_stated". The same may be heard again."""
        check(lib.conclave_opener_hear(self._handle, ffi.from_buffer(stated), len(stated)))

    def review(self) -> List[FrameDoubt]:
        """Whose signed frames were not as stated; about once a second."""
        doubts, doubt = [], sized("conclave_frame_doubt")
        while True:
            check(lib.conclave_opener_review(self._handle, ffi.NULL, doubt))
            if doubt.kind == 0:  # type: ignore[attr-defined]
                return doubts
            doubts.append(doubt_of(doubt, doubt.kind, doubt.epoch))  # type: ignore[attr-defined]

    @property
    def statements(self) -> Statements:
        """Over everybody."""
        told = sized("conclave_statements")
        check(lib.conclave_opener_statements(self._handle, told))
        return Statements(told.confirmed, told.equivocated, told.unstated, told.missed, told.late, told.unwatched)  # type: ignore[attr-defined]
