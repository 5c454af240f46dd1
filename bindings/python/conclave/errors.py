"""Errors, as exceptions."""
from __future__ import annotations

from typing import Optional

from ._c import ffi, lib


class ConclaveError(Exception):
    """A failed call. `code` is the number of error.h, `name` its name, `participant` the member at fault where there is one."""

    def __init__(self, code: int, detail: str, participant: Optional[int] = None):
        self.code = code
        self.name = ffi.string(lib.conclave_result_name(code)).decode()
        self.detail = detail
        self.participant = participant
        super().__init__(f"{self.name}: {detail}")


class MisuseError(ConclaveError):
    """1xx: the caller's mistake; the call had no effect."""


class PeerError(ConclaveError):
    """2xx: bad input from a peer or a relay; it was dropped."""


class SurroundingsError(ConclaveError):
    """3xx: trying again later, or elsewhere, may help."""


def make_error(code: int, detail: str, participant: Optional[int] = None) -> ConclaveError:
    """The exception of a code's group."""
    kinds = {1: MisuseError, 2: PeerError, 3: SurroundingsError}
    return kinds.get(code // 100, ConclaveError)(code, detail, participant)


def last_error() -> ConclaveError:
    """What the last failed call of this thread had to say."""
    error = ffi.new("conclave_error *", {"struct_size": ffi.sizeof("conclave_error")})
    lib.conclave_last_error(error)
    return make_error(error.code, text_of(error.detail), error.participant if error.has_participant else None)


def check(result: int) -> None:
    """Raises unless the call went well."""
    if result != 0:
        raise last_error()


def text_of(array: object) -> str:
    """The text in an array of the C interface."""
    return ffi.string(array).decode("utf-8", "replace")


def sized(name: str, /, **fields: object) -> object:
    """A struct of the C interface with its size set."""
    return ffi.new(f"{name} *", {"struct_size": ffi.sizeof(name), **fields})


def micros(seconds: Optional[float]) -> int:
    """Seconds as the library counts them; None: without end."""
    return -1 if seconds is None else max(0, int(seconds * 1_000_000))


class Handle:
    """Something of the library: closed by `close`, by `with`, or when nothing refers to it any more."""

    def __init__(self, handle: int):
        import weakref
        self._handle = handle
        self._finalizer = weakref.finalize(self, lib.conclave_close, handle)

    def close(self) -> None:
        """Ends it now, and wipes its keys; again does nothing."""
        self._finalizer()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._finalizer.alive

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
