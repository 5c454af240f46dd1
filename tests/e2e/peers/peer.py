"""One end of a call that is checked at both: peer.py OWN OTHER [LINK]. Like peer.c."""
import sys

import numpy as np

import conclave

WIDTH, HEIGHT = 160, 90


def levels(number):
    return np.array([40 + 20 * ((3 * number + 5 * quadrant) % 8) for quadrant in range(4)])


def tone(number):
    return 300 + 100 * number


def picture_of(number):
    y = np.empty((HEIGHT, WIDTH), np.uint8)
    for quadrant, level in enumerate(levels(number)):
        rows, columns = ((slice(0, n // 2), slice(n // 2, n))[part] for n, part in ((HEIGHT, quadrant // 2), (WIDTH, quadrant % 2)))
        y[rows, columns] = level
    return y, np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8), np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)


class Judge:
    def __init__(self, other):
        self.other, self.pictures, self.sounds, self.heard = other, 0, 0, []

    def take(self, piece):
        if isinstance(piece, conclave.Picture) and piece.y.shape == (HEIGHT, WIDTH):
            seen = piece.y[[22, 22, 67, 67], [40, 120, 40, 120]].astype(int)
            self.pictures += bool(np.all(abs(seen - levels(self.other)) <= 8))
        elif isinstance(piece, conclave.Sound):
            self.heard.append(piece.samples[:, 0])
            if len(self.heard) == 25:
                sound = np.concatenate(self.heard)
                self.heard = []
                self.sounds += abs(np.count_nonzero(np.diff(sound < 0)) - tone(self.other)) <= 30

    def satisfied(self):
        return self.pictures >= 10 and self.sounds >= 3


def main(own, other, link=None):
    video = conclave.VideoSource.pushed(WIDTH, HEIGHT, fps=15, bitrate=200_000, paced=True)
    audio = conclave.AudioSource.pushed(paced=True)
    video.push(*picture_of(own))
    audio.push((8000 * np.sin(2 * np.pi * tone(own) * np.arange(10 * 48_000) / 48_000)).astype(np.int16))
    inbox = conclave.Inbox.open(most_waiting=1000)
    media = dict(name="Python", video=video, audio=audio, sinks=[inbox])
    call = conclave.Call.join(link, **media) if link else conclave.Call.host(listen="127.0.0.1", **media)
    judge, until, leaving, event = Judge(other), conclave.now() + 20_000_000, None, None
    while conclave.now() < until and not isinstance(event, conclave.Ended):
        event = call.next_event(0.02)
        if isinstance(event, conclave.RoomReady):
            print(call.link, flush=True)
        elif isinstance(event, conclave.Knock):
            call.admit(event.id)
        while not isinstance(event, conclave.Ended) and (piece := inbox.next(0)) is not None:
            judge.take(piece)
        if judge.satisfied() and leaving is None:
            leaving = conclave.now() + 1_500_000
        if leaving and conclave.now() > leaving:
            call.leave()
            leaving = until
    print(f"pictures {judge.pictures}, half seconds of sound {judge.sounds}")
    call.close()
    return 0 if judge.satisfied() else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
