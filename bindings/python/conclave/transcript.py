"""The record of a meeting, read by anybody."""
from __future__ import annotations

from dataclasses import dataclass
from typing import List

from ._c import ffi, lib
from .errors import check, sized
from .identity import Bytes


@dataclass
class Transcript:
    """What a record says. Identities are SHA-256 of their keys: compare `signer` with the identity that you trust. `lines`: one for each event, in order."""
    room_id: bytes
    founder: bytes
    signer: bytes
    lines: List[str]


def read_transcript(record: Bytes) -> Transcript:
    """Checks what `Call.record` or `Session.record` gave. PeerError when anything was changed, left out, put in or moved since it was signed."""
    told, size, given = sized("conclave_transcript"), ffi.new("size_t *"), ffi.from_buffer(record)
    result = lib.conclave_transcript_read(given, len(record), told, ffi.NULL, size)
    lines = ffi.new("char[]", max(size[0], 1))
    check(lib.conclave_transcript_read(given, len(record), told, lines, size) if result == lib.CONCLAVE_BUFFER_TOO_SMALL else result)
    text = ffi.string(lines).decode("utf-8", "replace")
    room_id, founder, signer = (bytes(ffi.buffer(part)) for part in (told.room_id, told.founder, told.signer))  # type: ignore[attr-defined]
    return Transcript(room_id, founder, signer, text.split("\n")[:-1])
