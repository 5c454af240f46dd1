#!/usr/bin/env python3
"""Opens a room, lets everybody in and tells each what time it is: time_bot.py [SECONDS]"""
import asyncio
import sys
import time

import conclave


async def serve(call, voice):
    async for event in call:
        if isinstance(event, conclave.RoomReady):
            print(call.link, flush=True)
        elif isinstance(event, conclave.Knock):
            call.admit(event.id)
        elif isinstance(event, conclave.MemberJoined):
            voice.push(conclave.speak(time.strftime(f"Hello {event.name}. It is %H hours and %M minutes.")))


async def main(seconds=3600):
    voice = conclave.AudioSource.pushed(paced=True)
    with conclave.Call.host(name="Clock", audio=voice, listen="127.0.0.1") as call:
        asyncio.get_running_loop().call_later(float(seconds), call.leave)
        await serve(call, voice)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
