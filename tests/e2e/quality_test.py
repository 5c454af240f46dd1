#!/usr/bin/env python3
"""A call on real media: what each side received is the film that was sent, decodes whole, and the sound is in step.

usage: quality_test.py --program conclave-call --shared DIR [--impairer PROGRAM --network SPEC] [--codec vp8] [--ssim 0.95] [--keep DIR]
"""
import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import call
import compare


def parse():
    parser = argparse.ArgumentParser(description="Holds a call on real media and compares what was received with what was sent.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--impairer")
    parser.add_argument("--network", help="what the impairer does in both directions, as delay=75,loss=1")
    parser.add_argument("--codec", default="vp8")
    parser.add_argument("--bitrate", default="1.5M")
    parser.add_argument("--ssim", type=float, default=0.95)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--keep", type=Path, help="leave the files here")
    return parser.parse_args()


def hold(arguments, film, folder):
    media = ["--video", film, "--audio", film, "--codec", arguments.codec, "--size", "854x480", "--fps", "24", "--bitrate", arguments.bitrate,
             "--duration", arguments.seconds]
    host = call.Side(arguments.program, folder, "host", "Ada", *media)
    guest = call.Side(arguments.program, folder, "join", "Grace", *media)
    if arguments.network:
        counters = call.run_impaired(host, guest, arguments.seconds + 30, arguments.impairer, "--both", arguments.network)
        print("network:", json.dumps(counters))
    else:
        call.run_plain(host, guest, arguments.seconds + 30)
    return host, guest


def judge(checks, arguments, film, side):
    report = side.report()
    quality = compare.compare(film, side.webm)
    print(f"{side.role}: {json.dumps(asdict(quality))}")
    # The film has that many pictures; some are lost at the start, before the first key frame, and at the end.
    most = (arguments.seconds - 3) * 24
    checks.expect(f"{side.role}: SSIM >= {arguments.ssim}", round(quality.ssim, 4), quality.ssim >= arguments.ssim)
    checks.expect(f"{side.role}: decode failures", call.total(report, "decode_failures"), call.total(report, "decode_failures") == 0)
    checks.expect(f"{side.role}: what ffmpeg finds wrong in the file", quality.decode_errors or "nothing", not quality.decode_errors)
    checks.expect(f"{side.role}: pictures, of {quality.frames_sent} sent meanwhile", quality.frames,
                  quality.frames >= 0.9 * quality.frames_sent and quality.frames_sent >= most)
    checks.expect(f"{side.role}: seconds of sound", round(quality.sound_seconds, 2), quality.sound_seconds >= arguments.seconds - 3)
    like = 0.85 if arguments.network else 0.9  # what is lost is concealed at another level; other sound has less than 0.8
    checks.expect(f"{side.role}: correlation of the sound's level >= {like}", round(quality.sound_match, 3), quality.sound_match >= like)
    checks.expect(f"{side.role}: sound late by, seconds (at most 0.1)", round(quality.skew, 3), round(abs(quality.skew), 3) <= 0.1)


def main():
    arguments = parse()
    film = call.film(arguments.shared)
    checks = call.Checks()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for side in hold(arguments, film, folder):
            judge(checks, arguments, film, side)
    checks.end()


if __name__ == "__main__":
    main()
