#!/usr/bin/env python3
"""Joins a call and records it: record.py LINK FILE.webm [SECONDS]"""
import sys

import conclave


def main(link, path, seconds=60):
    with conclave.Call.join(link, name="Recorder", sinks=[conclave.Sink.webm(path)]) as call:
        until = None
        while True:
            event = call.next_event(timeout=0.1)
            if isinstance(event, conclave.Joined):
                until = conclave.now() + int(seconds) * 1_000_000
            elif isinstance(event, conclave.MemberJoined):
                print(event.name, "is in the room")
            elif isinstance(event, conclave.SafetyCode):
                print("safety code", event.digits)
            elif isinstance(event, conclave.Ended):
                break
            if until is not None and conclave.now() > until:
                call.leave()
                until = None
        call.finish()  # now the file is whole
    if event.error:
        raise event.error


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
