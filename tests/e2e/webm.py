"""The frames of a WebM file, as bytes: just enough EBML (RFC 8794) and Matroska (RFC 9559) for files with simple blocks."""
from dataclasses import dataclass

SEGMENT, CLUSTER, TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK = 0x18538067, 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1
TRACKS, TRACK_ENTRY, TRACK_NUMBER, CODEC_ID = 0x1654AE6B, 0xAE, 0xD7, 0x86
_PARENTS = {SEGMENT, CLUSTER, BLOCK_GROUP, TRACKS, TRACK_ENTRY}


@dataclass
class Frame:
    codec: str     # "V_VP8", "A_OPUS" ...
    milliseconds: int
    keyframe: bool
    data: bytes


def _number(data, at, keep_marker):
    """A variable-length number: value and the offset behind it. None for "unknown size"."""
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at:at + length], "big")
    if not keep_marker:
        value &= (1 << (7 * length)) - 1
        if value == (1 << (7 * length)) - 1:
            value = None
    return value, at + length


def elements(data, at=0, end=None):
    """All elements below, in order, as (id, start, end) of their contents; parents before their children."""
    end = len(data) if end is None else end
    while at < end:
        kind, at = _number(data, at, True)
        size, at = _number(data, at, False)
        stop = end if size is None else min(end, at + size)
        yield kind, at, stop
        if kind in _PARENTS:
            yield from elements(data, at, stop)
        at = stop


def frames(path):
    data = path.read_bytes()
    codecs, cluster_time, track, found = {}, 0, 0, []
    for kind, at, end in elements(data):
        if kind == TRACK_NUMBER:
            track = int.from_bytes(data[at:end], "big")
        elif kind == CODEC_ID:
            codecs[track] = data[at:end].decode()
        elif kind == TIMESTAMP:
            cluster_time = int.from_bytes(data[at:end], "big")
        elif kind in (SIMPLE_BLOCK, BLOCK):
            number, body = _number(data, at, False)
            relative = int.from_bytes(data[body:body + 2], "big", signed=True)
            found.append(Frame(codecs.get(number, "?"), cluster_time + relative, bool(data[body + 2] & 0x80), data[body + 3:end]))
    # CodecID may stand before TrackNumber in an entry: then one of them is still unknown.
    assert all(frame.codec != "?" for frame in found), "a track without a codec"
    return found
