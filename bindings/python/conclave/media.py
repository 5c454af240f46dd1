"""What a call sends, and where received pictures and sound go."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import AsyncIterator, Iterator, Optional, Tuple, Union

import numpy as np

from ._c import ffi, lib
from .errors import ConclaveError, Handle, check, micros, sized

SAMPLE_RATE = 48_000
_PUSHED, _PACED, _SYNTHETIC, _FILE, _DEVICE = range(1, 6)


def _open(kind: int, picture: bool, sound: bool, path: Optional[str] = None, **numbers: int) -> Tuple[int, int]:
    text = ffi.new("char[]", path.encode()) if path is not None else ffi.NULL
    config = sized("conclave_source_config", kind=kind, path=text, **numbers)
    handles = ffi.new("conclave_handle[2]")
    check(lib.conclave_source_open(config, handles if picture else ffi.NULL, handles + 1 if sound else ffi.NULL))
    return handles[0], handles[1]


class VideoSource(Handle):
    """Pictures of `width` x `height`. Serves one call."""

    def __init__(self, handle: int, width: int, height: int):
        super().__init__(handle)
        self.width, self.height = width, height

    @classmethod
    def _of(cls, kind: int, width: int, height: int, fps: int, bitrate: int, path: Optional[str] = None) -> "VideoSource":
        handle, _ = _open(kind, True, False, path, width=width, height=height, frames_per_second=fps, video_bitrate=bitrate)
        return cls(handle, width, height)

    @classmethod
    def pushed(cls, width: int = 640, height: int = 360, fps: int = 30, bitrate: int = 800_000, paced: bool = False) -> "VideoSource":
        """Pictures that `push` gives; a paced source repeats the last one at its rate."""
        return cls._of(_PACED if paced else _PUSHED, width, height, fps, bitrate)

    @classmethod
    def synthetic(cls, width: int = 640, height: int = 360, fps: int = 30, bitrate: int = 800_000) -> "VideoSource":
        """A moving picture with its time in it."""
        return cls._of(_SYNTHETIC, width, height, fps, bitrate)

    @classmethod
    def camera(cls, device: str = "", width: int = 640, height: int = 360, fps: int = 30, bitrate: int = 800_000) -> "VideoSource":
        """The camera `device` as "/dev/video0", or the first one."""
        return cls._of(_DEVICE, width, height, fps, bitrate, device)

    def push(self, y: np.ndarray, u: np.ndarray, v: np.ndarray, capture_time: int = 0) -> None:
        """Copies an I420 picture: uint8 planes whose rows are contiguous. LIMIT_EXCEEDED, and dropped, when three wait."""
        planes = [self._plane(p, shift) for p, shift in ((y, 0), (u, 1), (v, 1))]
        pointers = [ffi.cast("uint8_t *", p.ctypes.data) for p in planes]
        picture = sized("conclave_picture", width=self.width, height=self.height, y_stride=planes[0].strides[0], u_stride=planes[1].strides[0],
                        v_stride=planes[2].strides[0], y=pointers[0], u=pointers[1], v=pointers[2], capture_time=capture_time)
        check(lib.conclave_source_push_picture(self._handle, picture))

    def _plane(self, plane: np.ndarray, shift: int) -> np.ndarray:
        shape = ((self.height + shift) >> shift, (self.width + shift) >> shift)
        if plane.shape != shape or plane.dtype != np.uint8:
            raise ValueError(f"a plane of {shape[1]} x {shape[0]} bytes is wanted, not {plane.shape} of {plane.dtype}")
        return plane if plane.strides[1] == 1 and plane.strides[0] >= shape[1] else np.ascontiguousarray(plane)


class AudioSource(Handle):
    """Sound, 48,000 samples a second. Serves one call."""

    def __init__(self, handle: int, channels: int):
        super().__init__(handle)
        self.channels = channels

    @classmethod
    def pushed(cls, channels: int = 1, bitrate: int = 32_000, paced: bool = False) -> "AudioSource":
        """Sound that `push` gives; a paced source plays it at its rate, with silence when there is none."""
        return cls(_open(_PACED if paced else _PUSHED, False, True, channels=channels, audio_bitrate=bitrate)[1], channels)

    @classmethod
    def synthetic(cls, channels: int = 1, bitrate: int = 32_000) -> "AudioSource":
        """A voice that counts its sentences."""
        return cls(_open(_SYNTHETIC, False, True, channels=channels, audio_bitrate=bitrate)[1], channels)

    @classmethod
    def microphone(cls, name: str = "", channels: int = 1, bitrate: int = 32_000) -> "AudioSource":
        """The microphone with `name` in its name, or the default one."""
        return cls(_open(_DEVICE, False, True, name, channels=channels, audio_bitrate=bitrate)[1], channels)

    def push(self, samples: np.ndarray, capture_time: int = 0) -> None:
        """Copies int16 samples, flat or of shape (moments, channels). LIMIT_EXCEEDED, and all dropped, when too much would wait."""
        flat = np.ascontiguousarray(samples, dtype=np.int16).reshape(-1)
        check(lib.conclave_source_push_sound(self._handle, ffi.cast("int16_t *", flat.ctypes.data), flat.size, capture_time))

    @property
    def waiting(self) -> float:
        """Seconds of sound that were pushed and not sent yet."""
        amount = ffi.new("uint64_t *")
        check(lib.conclave_source_waiting(self._handle, amount))
        return amount[0] / 1_000_000


def open_file(path: str, width: int = 640, height: int = 360, fps: int = 30, loop: bool = False) -> Tuple[VideoSource, AudioSource]:
    """Picture and sound of a media file, in step."""
    video, audio = _open(_FILE, True, True, str(path), width=width, height=height, frames_per_second=fps, loop=loop)
    return VideoSource(video, width, height), AudioSource(audio, 1)


def speak(text: str) -> np.ndarray:
    """An English text as int16 samples for a source of one channel."""
    count = ffi.new("size_t *")
    encoded = text.encode()
    if lib.conclave_speak(encoded, ffi.NULL, count) not in (0, lib.CONCLAVE_BUFFER_TOO_SMALL):
        check(lib.conclave_speak(encoded, ffi.NULL, count))
    samples = np.empty(count[0], np.int16)
    check(lib.conclave_speak(encoded, ffi.cast("int16_t *", samples.ctypes.data), count))
    return samples


@dataclass
class Picture:
    """A picture of `member`: uint8 planes, to be seen at `time` (µs of `now()`)."""
    member: int
    y: np.ndarray
    u: np.ndarray
    v: np.ndarray
    capture_time: int
    time: int


@dataclass
class Sound:
    """Sound of `member`: int16 samples of shape (moments, channels), to be heard at `time`."""
    member: int
    samples: np.ndarray
    capture_time: int
    time: int


class Sink(Handle):
    """Where received media goes. Serves one call."""

    @classmethod
    def _of(cls, kind: int, path: str = "", **numbers: int) -> "Sink":
        config = sized("conclave_sink_config", kind=kind, path=(text := ffi.new("char[]", str(path).encode())), **numbers)
        handle = ffi.new("conclave_handle *")
        check(lib.conclave_sink_open(config, handle))
        del text
        return cls(handle[0])

    @staticmethod
    def webm(path: str) -> "Sink":
        """A WebM file of what the first member sends, as it was encoded."""
        return Sink._of(2, path)

    @staticmethod
    def still(path: str) -> "Sink":
        """A PNG file of the last picture."""
        return Sink._of(3, path)

    @staticmethod
    def window(title: str = "Conclave") -> "Sink":
        """A window with the pictures."""
        return Sink._of(4, title)

    @staticmethod
    def speaker() -> "Sink":
        """The loudspeaker."""
        return Sink._of(5)


class Inbox(Sink):
    """Received pictures and sound, fetched one by one: `for piece in inbox`, `async for piece in inbox`, or `next`."""

    def __init__(self, handle: int):
        super().__init__(handle)
        self._media = sized("conclave_media")
        self._size = ffi.new("size_t *")
        self._buffer = np.empty(1 << 16, np.uint8)

    @classmethod
    def open(cls, pictures: bool = True, sound: bool = True, most_waiting: int = 64) -> "Inbox":
        """An inbox for pictures, sound or both; what waits beyond `most_waiting` pushes the oldest out."""
        return cls._of(1, media=(1 if pictures else 0) | (2 if sound else 0), most_waiting=most_waiting)  # type: ignore[return-value]

    def next(self, timeout: Optional[float] = None) -> Union[Picture, Sound, None]:
        """The next piece; None when `timeout` seconds passed. MisuseError when the call is over and all was fetched. One thread at a time."""
        while True:
            self._size[0] = self._buffer.size
            result = lib.conclave_sink_next(self._handle, micros(timeout), self._media, ffi.cast("void *", self._buffer.ctypes.data), self._size)
            if result != lib.CONCLAVE_BUFFER_TOO_SMALL:
                break
            self._buffer = np.empty(self._size[0], np.uint8)
        check(result)
        return self._piece(self._buffer[:self._size[0]].copy())

    def _piece(self, data: np.ndarray) -> Union[Picture, Sound, None]:
        media = self._media
        if media.kind == lib.CONCLAVE_MEDIA_SOUND:
            return Sound(media.member, data.view(np.int16).reshape(-1, media.channels), media.capture_time, media.time)
        if media.kind != lib.CONCLAVE_MEDIA_PICTURE:
            return None
        width, height = media.width, media.height
        chroma = ((height + 1) // 2, (width + 1) // 2)
        y, u, v = np.split(data, [width * height, width * height + chroma[0] * chroma[1]])
        return Picture(media.member, y.reshape(height, width), u.reshape(chroma), v.reshape(chroma), media.capture_time, media.time)

    def __iter__(self) -> Iterator[Union[Picture, Sound]]:
        while True:
            try:
                piece = self.next()
            except ConclaveError as error:
                if error.code == lib.CONCLAVE_INVALID_STATE:
                    return
                raise
            if piece is not None:
                yield piece

    async def __aiter__(self) -> AsyncIterator[Union[Picture, Sound]]:
        loop, pieces = asyncio.get_running_loop(), iter(self)
        while (piece := await loop.run_in_executor(None, next, pieces, None)) is not None:
            yield piece
