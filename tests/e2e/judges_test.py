#!/usr/bin/env python3
"""The judges of the whole calls can tell good from bad: on files made by ffmpeg, without a call."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import call
import capture_test
import compare
import webm

SIZE, FPS = "320x180", 24
ENCODE = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "9999", "-c:a", "libopus", "-ac", "1", "-b:a", "32k"]


class JudgesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name)
        cls.film = cls.folder / "film.mp4"
        # Ten seconds with a moving picture, and a sound whose level wanders.
        compare.ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={SIZE}:rate={FPS}:duration=10", "-f", "lavfi", "-i",
                       "aevalsrc='0.4*sin(2*PI*440*t)*(0.5+0.5*sin(t*t*2))':s=48000:d=10", "-c:v", "mpeg4", "-q:v", "2", "-g", "12", "-c:a", "aac", cls.film)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def received(self, name, *arguments):
        path = self.folder / name
        compare.ffmpeg("-ss", "2", "-i", self.film, "-t", "6", *arguments, path)
        return path

    def judge(self, path):
        return compare.compare(self.film, path, FPS, SIZE)

    def test_a_good_copy_is_found_in_the_film_and_judged_good(self):
        quality = self.judge(self.received("good.webm", "-b:v", "2M", *ENCODE))
        self.assertEqual((quality.frames, quality.frames_sent, quality.decode_errors), (144, 144, ""))
        self.assertAlmostEqual(quality.start, 2.0, delta=0.05)
        self.assertGreater(quality.ssim, 0.95)
        self.assertGreater(quality.sound_match, 0.95)
        self.assertLess(abs(quality.skew), 0.05)

    def test_a_blurred_copy_is_judged_bad(self):
        quality = self.judge(self.received("blurred.webm", "-vf", "boxblur=6", "-b:v", "2M", *ENCODE))
        self.assertLess(quality.ssim, 0.9)

    def test_pictures_that_are_missing_are_counted_and_do_not_spoil_the_rest(self):
        quality = self.judge(self.received("gaps.webm", "-vf", "select='mod(n,5)'", "-vsync", "vfr", "-b:v", "2M", *ENCODE))
        self.assertLess(quality.frames, 0.85 * quality.frames_sent)
        self.assertGreater(quality.ssim, 0.95)

    def test_sound_that_is_late_is_noticed(self):
        quality = self.judge(self.received("late.webm", "-af", "adelay=300:all=1", "-b:v", "2M", *ENCODE))
        self.assertAlmostEqual(quality.skew, 0.3, delta=0.05)

    def test_other_sound_is_noticed(self):
        quality = self.judge(self.received("other.webm", "-af", "aeval='0.3*sin(2*PI*300*t)*(0.5+0.5*cos(7*t))'", "-b:v", "2M", *ENCODE))
        self.assertLess(quality.sound_match, 0.8)

    def test_a_damaged_file_is_noticed(self):
        good = self.received("whole.webm", "-b:v", "2M", *ENCODE)
        frame = max((f for f in webm.frames(good)[40:] if f.codec == "V_VP8"), key=lambda f: len(f.data))
        damaged = self.folder / "damaged.webm"
        damaged.write_bytes(good.read_bytes().replace(frame.data, b"\0" + b"\xff" * (len(frame.data) - 1)))
        self.assertNotEqual(self.judge(damaged).decode_errors, "")

    def test_frames_of_a_webm_are_those_that_ffprobe_sees(self):
        path = self.received("frames.webm", "-b:v", "500k", *ENCODE)
        sizes = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=size", "-of", "csv=p=0", path],
                               capture_output=True, check=True, text=True).stdout.split()
        self.assertEqual([len(f.data) for f in webm.frames(path) if f.codec == "V_VP8"], [int(s.strip(",")) for s in sizes])

    def test_planted_media_is_found_and_chance_is_not(self):
        frames = webm.frames(self.received("planted.webm", "-b:v", "500k", *ENCODE))
        runs = capture_test.runs_of(frames)
        noise = os.urandom(100_000)
        self.assertEqual(capture_test.find_runs(runs, noise), 0)
        for codec in ("V_VP8", "A_OPUS"):
            data = max((f for f in frames if f.codec == codec), key=lambda f: len(f.data)).data
            self.assertGreater(capture_test.find_runs(runs, noise[:777] + data[5:60] + noise[777:]), 0)

    def test_what_a_report_does_not_say_is_not_zero(self):
        self.assertEqual(call.total({"a": [{"x": 1}, {"b": {"x": 2}}]}, "x"), 3)
        with self.assertRaises(SystemExit):
            call.total({"a": 1}, "x")


if __name__ == "__main__":
    unittest.main()
