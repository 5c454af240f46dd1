#!/usr/bin/env python3
"""How good a received WebM is, against the film that was sent: SSIM of each picture with the one it comes from, and the sound.

usage: compare.py FILM RECEIVED.webm [--fps 24] [--size 854x480]
The received pictures are found again in the film: the start by search, each one near the place where its time says.
"""
import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path

THUMB = (32, 18)
THUMB_SIZE = THUMB[0] * THUMB[1]
SOUND_STEP = 0.02  # seconds per value of the loudness curve


@dataclass
class Quality:
    frames: int = 0            # pictures compared
    frames_sent: int = 0       # pictures of the film between the first and the last of them, at the call's rate
    ssim: float = 0.0          # mean over the pictures, all planes
    ssim_worst: float = 0.0    # of one picture
    start: float = 0.0         # where in the film the first picture stands, seconds
    decode_errors: str = ""    # what ffmpeg says while it decodes all of the file
    sound_seconds: float = 0.0
    sound_match: float = 0.0   # correlation of the loudness curves
    skew: float = 0.0          # seconds that the sound is late against the picture


def ffmpeg(*arguments, **options):
    return subprocess.run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", *map(str, arguments)], capture_output=True, check=True,
                          **options).stdout


def film_filter(fps, size):
    width, height = size.split("x")
    return f"fps={fps}:start_time=0,scale={width}:{height},setsar=1,format=yuv420p"


def thumbs(path, filters=""):
    raw = ffmpeg("-i", path, "-map", "0:v:0", "-vf", f"{filters}scale={THUMB[0]}:{THUMB[1]}:flags=area,format=gray", "-vsync", "passthrough",
                 "-f", "rawvideo", "pipe:")
    return [raw[i:i + THUMB_SIZE] for i in range(0, len(raw) - THUMB_SIZE + 1, THUMB_SIZE)]


def times(path):
    """Presentation times of the pictures, seconds from the start of the file."""
    out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path],
                         capture_output=True, check=True, text=True).stdout
    return [float(line.split(",")[0]) for line in out.split()]


def distance(a, b):
    return sum(abs(x - y) for x, y in zip(a, b))


def align(sent, received, when, fps):
    """For each received picture the index of the sent one: one start for all, then the cheapest way onward through the neighbours."""
    places = [round((t - when[0]) * fps) for t in when]
    sample = range(0, len(received), max(1, len(received) // 12))

    def cost(start):
        inside = [(received[i], sent[places[i] + start]) for i in sample if 0 <= places[i] + start < len(sent)]
        return sum(distance(a, b) for a, b in inside) / len(inside) if len(inside) * 4 >= len(sample) * 3 else math.inf

    start = min(range(-fps, len(sent)), key=cost)
    return cheapest_way(sent, received, [place + start for place in places])


def cheapest_way(sent, received, places, reach=3):
    """Indices into `sent`, each greater than the one before and near its place, whose pictures differ least in sum. A greedy choice would
    run ahead where the picture stands still, and be late at the next cut."""
    steps = []  # per received picture: index -> (cost so far, index before)
    for picture, place in zip(received, places):
        step = {}
        for i in range(max(0, place - reach), min(len(sent), place + reach + 1)):
            before = [(c, j) for j, (c, _) in steps[-1].items() if j < i] if steps else [(0, None)]
            if before:
                cheapest, j = min(before, key=lambda b: b[0])
                step[i] = (cheapest + distance(picture, sent[i]) + 0.001 * abs(i - place), j)
        if not step:
            break
        steps.append(step)
    if not steps:
        return []
    index = min(steps[-1], key=lambda i: steps[-1][i][0])
    way = []
    for step in reversed(steps):
        way.append(index)
        index = step[index][1]
    return way[::-1]


def ssim(film, received, indices, fps, size):
    """Mean and worst SSIM of the received pictures with those of the film at `indices`."""
    width, height = map(int, size.split("x"))
    frame_size = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    with tempfile.TemporaryDirectory() as folder:
        # Run in the folder: the filter's own escaping of paths is a maze.
        decoder = subprocess.Popen(["ffmpeg", "-nostdin", "-v", "error", "-i", film.resolve(), "-map", "0:v:0", "-vf", film_filter(fps, size), "-f",
                                    "rawvideo", "pipe:"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        judge = subprocess.Popen(
            ["ffmpeg", "-hide_banner", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(fps), "-i", "pipe:", "-i",
             received.resolve(), "-lavfi", f"[0:v]settb=1/{fps},setpts=N[a];[1:v]trim=end_frame={len(indices)},scale={width}:{height},format=yuv420p,settb=1/{fps},"
             "setpts=N[b];[a][b]ssim=stats_file=stats:shortest=1", "-vsync", "passthrough", "-f", "null", "-"],
            stdin=subprocess.PIPE, cwd=folder)
        wanted, position = set(indices), 0
        while position <= indices[-1] and len(frame := decoder.stdout.read(frame_size)) == frame_size:
            if position in wanted:
                judge.stdin.write(frame)
            position += 1
        judge.stdin.close()
        decoder.stdout.close()
        decoder.wait()
        if judge.wait() != 0:
            raise RuntimeError("ffmpeg could not compare the pictures")
        values = [float(v) for v in re.findall(r"All:([0-9.]+|nan|inf)", (Path(folder) / "stats").read_text())]
    if len(values) != len(indices):
        raise RuntimeError(f"{len(values)} pictures compared instead of {len(indices)}")
    return sum(values) / len(values), min(values)


def loudness(path):
    """The level of the sound each 20 ms, in dB above a floor, from the time zero of the file on."""
    raw = ffmpeg("-i", path, "-map", "0:a:0", "-af", "aresample=8000:async=1:first_pts=0", "-ac", "1", "-f", "s16le", "pipe:")
    samples, step = array("h", raw[:len(raw) // 2 * 2]), round(8000 * SOUND_STEP)
    return [max(0.0, 10 * math.log10(sum(s * s for s in samples[i:i + step]) / step + 1) - 10) for i in range(0, len(samples) - step + 1, step)]


def correlation(a, b):
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    bottom = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return top / bottom if bottom > 0 else 0.0


def match_sound(sent, received, expected):
    """Best correlation of the curves within a second of `expected` (steps into the film), and where it is."""
    best = (-1.0, expected)
    for start in range(expected - 50, expected + 51):
        first, last = max(0, -start), min(len(received), len(sent) - start)
        if last - first >= min(len(received), len(sent)) // 2:
            best = max(best, (correlation(sent[first + start:last + start], received[first:last]), start))
    return best


def compare(film, received, fps=24, size="854x480"):
    quality = Quality()
    check = subprocess.run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-i", received, "-f", "null", "-"], capture_output=True, text=True)
    quality.decode_errors = check.stderr.strip()[:500] or ("" if check.returncode == 0 else "ffmpeg failed")
    when = times(received)
    pictures = thumbs(received)
    if not pictures or abs(len(pictures) - len(when)) > 1:
        raise RuntimeError(f"{len(pictures)} pictures decoded of {len(when)}")
    indices = align(thumbs(film, film_filter(fps, size) + ","), pictures, when, fps)
    quality.frames, quality.frames_sent = len(indices), indices[-1] - indices[0] + 1
    quality.ssim, quality.ssim_worst = ssim(film, received, indices, fps, size)
    quality.start = indices[0] / fps
    sound = loudness(received)
    quality.sound_seconds = len(sound) * SOUND_STEP
    zero = quality.start - when[0]  # where in the film the time zero of the file stands, by its pictures
    quality.sound_match, place = match_sound(loudness(film), sound, round(zero / SOUND_STEP))
    quality.skew = zero - place * SOUND_STEP
    return quality


def main():
    parser = argparse.ArgumentParser(description="Compares a received WebM with the film that was sent.")
    parser.add_argument("film", type=Path)
    parser.add_argument("received", type=Path)
    parser.add_argument("--fps", type=int, default=24)
    parser.add_argument("--size", default="854x480")
    arguments = parser.parse_args()
    print(json.dumps(asdict(compare(arguments.film, arguments.received, arguments.fps, arguments.size)), indent=1))


if __name__ == "__main__":
    sys.exit(main())
