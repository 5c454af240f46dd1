"""Who somebody is, in calls and in sessions."""
from __future__ import annotations

from typing import Callable, Optional, Union

from ._c import ffi, lib
from .errors import Handle, check

Bytes = Union[bytes, bytearray, memoryview]


def made(make: Callable[[object], int]) -> int:
    """The handle that a function gives."""
    handle = ffi.new("conclave_handle *")
    check(make(handle))
    return handle[0]


def fetched(fetch: Callable[[object, object], int]) -> bytes:
    """Bytes whose number is asked for first."""
    size = ffi.new("size_t *")
    result = fetch(ffi.NULL, size)
    data = ffi.new("uint8_t[]", size[0])
    check(fetch(data, size) if result == lib.CONCLAVE_BUFFER_TOO_SMALL else result)
    return bytes(ffi.buffer(data, size[0]))


class Identity(Handle):
    """A long-term identity: new, or of 32 secret bytes."""

    def __init__(self, seed: Optional[Bytes] = None):
        super().__init__(made(lib.conclave_identity_generate if seed is None
                               else lambda out: lib.conclave_identity_from_seed(ffi.from_buffer(seed), len(seed), out)))

    @property
    def hash(self) -> bytes:
        """What invitations pin."""
        return fetched(lambda data, size: lib.conclave_identity_hash(self._handle, data, size))

    @property
    def public_key(self) -> bytes:
        """Of Ed25519, 32 bytes."""
        return fetched(lambda data, size: lib.conclave_identity_public_key(self._handle, data, size))
