"""A member of a call."""
from __future__ import annotations

import asyncio
from typing import AsyncIterator, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Set, Tuple, Union

from ._c import ffi, lib
from .contacts import Contacts
from .errors import Handle, check, micros, sized, text_of
from .events import Ended, Event, event_of
from .identity import Bytes, Identity, Organisation, fetched, handles_of, made
from .media import AudioSource, Sink, VideoSource
from .room import CallCommands, Member, Mode, member_of, mode_number


_carried: Set[object] = set()


@ffi.def_extern()
def conclave_python_send(user: object, datagram: object, size: int) -> None:
    """Called by the library."""
    ffi.from_handle(user).send(bytes(ffi.buffer(datagram, size)))


@ffi.def_extern()
def conclave_python_closed(user: object) -> None:
    """Called by the library, last."""
    _carried.discard(ffi.from_handle(user))


class _Carried:
    """A carrier while its call lives."""

    def __init__(self, send: Callable[[bytes], None]):
        self.send = send
        self.user = ffi.new_handle(self)


def _table_of(carrier: Callable[[bytes], None]) -> Tuple[_Carried, object]:
    carried = _Carried(carrier)
    return carried, sized("conclave_carrier", user=carried.user, send=lib.conclave_python_send, closed=lib.conclave_python_closed)


class Call(Handle, CallCommands):
    """One member of one call. Events by `for event in call`, `async for event in call`, or `next_event`."""

    def __init__(self, handle: int, lent: Sequence[object]):
        super().__init__(handle)
        self._lent = lent  # sources and sinks must not be collected while the call uses them
        self._over = False
        self._waiting: Optional[asyncio.Future] = None

    @classmethod
    def host(cls, name: str = "somebody", video: Optional[VideoSource] = None, audio: Optional[AudioSource] = None, sinks: Sequence[Sink] = (),
             listen: str = "::", port: int = 0, advertise: str = "", relay_key_file: str = "", relay: str = "", room_token: str = "",
             room_key_seed: Optional[bytes] = None, carrier: Optional[Callable[[bytes], None]] = None, mode: Union[Mode, str] = Mode.OPEN,
             identity: Optional[Identity] = None, contacts: Optional[Contacts] = None, organisation: Bytes = b"", trusted: Iterable[Organisation] = (),
             full_hop: bool = False, **durations: float) -> "Call":
        """Opens a room on a relay in this process, or at somebody's `relay`: HOST:PORT#KEY, as conclave-relay prints it, with the token or the 32 bytes
        of the key's seed by which it lets us open rooms. Durations in seconds: playout_delay, key_rotation, join_timeout, connect_timeout, and
        reconnect_window: how long a connection that broke is made again (None: not at all).

        `identity`: who we are, for longer than this call; `organisation`: what `Identity.certify` gave. `contacts`: whom we have met, copied;
        `trusted`: whose word on others counts. `full_hop`: media are sealed whole to and from the relay. `carrier` takes the datagrams for the relay instead of a UDP socket, on a thread of the call; `receive` takes those that come back.
        """
        texts = {"listen": listen, "advertise": advertise, "relay_key_file": relay_key_file, "relay": relay, "room_token": room_token}
        return cls._open(None, name, video, audio, sinks, texts, port, durations, room_key_seed, carrier, mode_number(mode), identity,
                         contacts, organisation, trusted, full_hop)

    @classmethod
    def join(cls, link: str, name: str = "somebody", video: Optional[VideoSource] = None, audio: Optional[AudioSource] = None,
             sinks: Sequence[Sink] = (), carrier: Optional[Callable[[bytes], None]] = None, identity: Optional[Identity] = None,
             contacts: Optional[Contacts] = None, organisation: Bytes = b"", trusted: Iterable[Organisation] = (), full_hop: bool = False,
             **durations: float) -> "Call":
        """Knocks at the room of `link`. The arguments are those of `host`."""
        return cls._open(link, name, video, audio, sinks, {}, 0, durations, None, carrier, 0, identity, contacts, organisation, trusted, full_hop)

    @classmethod
    def _open(cls, link, name, video, audio, sinks, texts, port, durations, seed, carrier, mode, identity, contacts, organisation, trusted,
              full_hop) -> "Call":
        if seed is not None and len(seed) != 32:
            raise ValueError("the seed of a room's key has 32 bytes")
        carried, table = (None, ffi.NULL) if carrier is None else _table_of(carrier)
        kept_seed = ffi.NULL if seed is None else ffi.from_buffer("uint8_t[]", seed)
        kept = {key: ffi.new("char[]", str(text).encode()) for key, text in {"display_name": name, **texts}.items() if text}
        handles = ffi.new("conclave_handle[]", [sink._handle for sink in sinks])
        proof, organisations = ffi.from_buffer("uint8_t[]", organisation), handles_of(trusted)
        config = sized("conclave_call_config", video_source=video._handle if video else 0, audio_source=audio._handle if audio else 0,
                       sinks=handles, sink_count=len(sinks), port=port, room_key_seed=kept_seed, carrier=table, mode=mode,
                       identity=identity._handle if identity else 0, contacts=contacts._handle if contacts else 0, organisation=proof,
                       organisation_size=len(organisation), trusted=organisations, trusted_count=len(organisations), full_hop=int(full_hop), **kept,
                       **{key: micros(value) for key, value in durations.items()})  # None, which is -1: for reconnect_window
        call = ffi.new("conclave_handle *")
        check(lib.conclave_call_host(config, call) if link is None else lib.conclave_call_join(config, link.encode(), call))
        if carried is not None:
            _carried.add(carried)  # until the library says that it is closed
        return cls(call[0], [video, audio, *sinks])

    def receive(self, datagram: bytes) -> None:
        """A datagram that the carrier brought from the relay; any thread."""
        check(lib.conclave_call_receive(self._handle, ffi.from_buffer("uint8_t[]", datagram), len(datagram)))

    @property
    def link(self) -> str:
        """The room's link: a secret, since who has it may knock."""
        size = ffi.new("size_t *", 2048)
        text = ffi.new("char[]", 2048)
        check(lib.conclave_call_link(self._handle, text, size))
        return text_of(text)

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None when `timeout` seconds passed, or after `Ended`."""
        if self._over:
            return None
        event = sized("conclave_event")
        check(lib.conclave_call_next_event(self._handle, micros(timeout), event))
        told = event_of(event)
        self._over = isinstance(told, Ended)
        return told

    def __iter__(self) -> Iterator[Event]:
        while not self._over:
            event = self.next_event()
            if event is not None:
                yield event

    async def next_event_async(self) -> Optional[Event]:
        """The next event; None after `Ended`. One that comes while a waiting task is cancelled is kept for the next."""
        while not self._over:
            if self._waiting is None:
                self._waiting = asyncio.get_running_loop().run_in_executor(None, self.next_event, 0.5)
            event = await asyncio.shield(self._waiting)
            self._waiting = None
            if event is not None:
                return event
        return None

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self.next_event_async()) is not None:
            yield event

    def _command(self, command: object) -> None:
        check(lib.conclave_call_command(self._handle, command))

    def _room(self, room: object) -> int:
        return lib.conclave_call_room(self._handle, room)

    def admit(self, knock: int) -> None:
        """Lets in who knocked."""
        check(lib.conclave_call_admit(self._handle, knock))

    def refuse(self, knock: int) -> None:
        """Sends away who knocked."""
        check(lib.conclave_call_refuse(self._handle, knock))

    def remove(self, member: int) -> None:
        """Removes a member; it may knock again."""
        check(lib.conclave_call_remove(self._handle, member))

    def rotate_keys(self) -> None:
        """New keys, now."""
        check(lib.conclave_call_rotate_keys(self._handle))

    def leave(self) -> None:
        """Says goodbye; `Ended` follows at once."""
        check(lib.conclave_call_leave(self._handle))

    def finish(self) -> None:
        """Stops capture and finishes the sinks, so that files are whole. After `Ended`."""
        check(lib.conclave_call_finish(self._handle))

    def report(self) -> Dict[str, object]:
        """Counters, by the names of `conclave_report`."""
        report = sized("conclave_report")
        check(lib.conclave_call_report(self._handle, report))

        def plain(struct):
            return {name: getattr(struct, name) for name, _ in ffi.typeof(struct).fields}
        values = {name: getattr(report, name) for name, _ in ffi.typeof(report[0]).fields}
        return {**values, "video": plain(report.video), "audio": plain(report.audio), "relay_address": text_of(report.relay_address)}

    def record(self) -> bytes:
        """After `Ended`: what happened as we saw it, signed by us, for `conclave-call verify`."""
        return fetched(lambda data, size: lib.conclave_call_record(self._handle, data, size))

    def contacts(self) -> Contacts:
        """After `Ended`: the contacts that the call was given, and whom it has met."""
        return Contacts(made(lambda out: lib.conclave_call_contacts(self._handle, out)))

    def roster(self) -> List[Member]:
        """The members, as of the last half second."""
        members = []
        for index in range(int(self.report()["member_count"])):  # type: ignore[call-overload]
            member = sized("conclave_member")
            if lib.conclave_call_member(self._handle, index, member) == 0:
                members.append(member_of(member))
        return members
