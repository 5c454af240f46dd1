"""Who somebody is, in calls and in sessions."""
from __future__ import annotations

from typing import Callable, Iterable, Optional, Union

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


class Organisation(Handle):
    """An organisation whose word on others counts here: its root certificates in PEM, and the name that members are shown as verified by (None: the common name
    of the first root)."""

    def __init__(self, roots: str, name: Optional[str] = None):
        super().__init__(made(lambda out: lib.conclave_organisation_trust(roots.encode(), ffi.NULL if name is None else name.encode(), out)))


def handles_of(things: Iterable[Handle]) -> object:
    """Their handles, for the C interface."""
    return ffi.new("conclave_handle[]", [thing._handle for thing in things])


class Identity(Handle):
    """A long-term identity: new, or of 32 secret bytes."""

    def __init__(self, seed: Optional[Bytes] = None):
        super().__init__(made(lib.conclave_identity_generate if seed is None
                               else lambda out: lib.conclave_identity_from_seed(ffi.from_buffer(seed), len(seed), out)))

    @classmethod
    def open(cls, file: Bytes, passphrase: Bytes) -> "Identity":
        """Of what `seal` gave. PeerError: it is no identity file, the passphrase is another one, or the file was changed."""
        identity = cls.__new__(cls)
        Handle.__init__(identity, made(lambda out: lib.conclave_identity_open(ffi.from_buffer(file), len(file), ffi.from_buffer(passphrase), len(passphrase), out)))
        return identity

    def seal(self, passphrase: Bytes) -> bytes:
        """A file of the secret, sealed under a passphrase: 0.1 s and 64 MiB of work."""
        return fetched(lambda data, size: lib.conclave_identity_seal(self._handle, ffi.from_buffer(passphrase), len(passphrase), data, size))

    def certify(self, chain: str, key: str) -> bytes:
        """What it brings into rooms (`organisation=`) for what an organisation says of it: certificates in PEM, the holder's own first and without the root,
        and the private key of that one."""
        return fetched(lambda data, size: lib.conclave_identity_certify(self._handle, chain.encode(), key.encode(), data, size))

    @property
    def hash(self) -> bytes:
        """What invitations pin."""
        return fetched(lambda data, size: lib.conclave_identity_hash(self._handle, data, size))

    @property
    def public_key(self) -> bytes:
        """Of Ed25519, 32 bytes."""
        return fetched(lambda data, size: lib.conclave_identity_public_key(self._handle, data, size))
