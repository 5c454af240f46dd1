"""Whom we have met: a known name that comes with another key is noticed."""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional

from ._c import ffi, lib
from .errors import Handle, check, sized, text_of
from .identity import Bytes, Identity, fetched, made


class Acquaintance(str, Enum):
    """What we know of somebody who shows up."""
    STRANGER = "stranger"  # neither key nor name are known
    KNOWN = "known"  # this key, under this name
    RENAMED = "renamed"  # this key, under another name
    KEY_CHANGED = "key_changed"  # a known name, or one that looks like it, with another key: a new device, or an impostor


@dataclass
class Recognition:
    """What contacts say of somebody. Of known and renamed: `verified`, the safety code was compared; `remembered`, by a person, not merely somebody who was in a
    room of ours. `known_as`: the name of the contact that was found."""
    acquaintance: Acquaintance
    verified: bool
    remembered: bool
    known_as: str


_ACQUAINTANCES = list(Acquaintance)


def recognition_of(r: object) -> Recognition:
    """A recognition of the C interface, or of its events."""
    return Recognition(_ACQUAINTANCES[r.acquaintance], bool(r.verified), bool(r.remembered), text_of(r.known_as))  # type: ignore[attr-defined]


class Contacts(Handle):
    """At most 10,000 identity keys with the names that they came under. Where the bytes are kept is the application's matter."""

    def __init__(self, handle: Optional[int] = None):
        super().__init__(made(lib.conclave_contacts_create) if handle is None else handle)

    @classmethod
    def parse(cls, data: Bytes) -> "Contacts":
        """Of what `serialise` gave."""
        return cls(made(lambda out: lib.conclave_contacts_parse(ffi.from_buffer(data), len(data), out)))

    @classmethod
    def open(cls, file: Bytes, identity: Identity) -> "Contacts":
        """Of what `seal` gave. PeerError: they are another identity's, or were changed."""
        return cls(made(lambda out: lib.conclave_contacts_open(ffi.from_buffer(file), len(file), identity._handle, out)))

    def serialise(self) -> bytes:
        """For `parse`."""
        return fetched(lambda data, size: lib.conclave_contacts_serialise(self._handle, data, size))

    def seal(self, identity: Identity) -> bytes:
        """For `open`: sealed under a key of the identity."""
        return fetched(lambda data, size: lib.conclave_contacts_seal(self._handle, identity._handle, data, size))

    def __len__(self) -> int:
        count = ffi.new("uint64_t *")
        check(lib.conclave_contacts_count(self._handle, count))
        return count[0]

    def __bool__(self) -> bool:
        return True

    def recognise(self, identity_key: Bytes, name: str) -> Recognition:
        """Changes nothing: whether a changed key is the same person is for people to say."""
        told = sized("conclave_recognition")
        check(lib.conclave_contacts_recognise(self._handle, ffi.from_buffer(identity_key), len(identity_key), name.encode(), told))
        return recognition_of(told)

    def remember(self, identity_key: Bytes, name: str, verified: bool = False) -> None:
        """A person says who this is. `verified`: the safety code was compared."""
        check(lib.conclave_contacts_remember(self._handle, ffi.from_buffer(identity_key), len(identity_key), name.encode(), verified))

    def meet(self, identity_key: Bytes, name: str) -> None:
        """Somebody was in a room of ours: told from others of that name, and trusted with nothing."""
        check(lib.conclave_contacts_meet(self._handle, ffi.from_buffer(identity_key), len(identity_key), name.encode()))

    def forget(self, identity_key: Bytes) -> None:
        """Who has this key becomes a stranger."""
        check(lib.conclave_contacts_forget(self._handle, ffi.from_buffer(identity_key), len(identity_key)))
