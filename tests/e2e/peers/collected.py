"""What Python's collector does to handles: what nobody refers to is closed, keys and all, and nothing that runs is torn down under a call."""
import asyncio
import gc
import threading
import weakref

import conclave
from conclave import Call, Identity, Inbox, Session
from conclave._c import lib
from pair import Pair

MOST_HANDLES = 65_536


def closed(handle):
    return lib.conclave_set_user(handle, lib.conclave_version()) == lib.CONCLAVE_INVALID_STATE


def every_kind_is_closed_with_its_last_reference():
    pair = Pair().enter()
    kept = [pair.alice, pair.host, pair.joining, pair.host.make_sealer(0), conclave.Opener(), Inbox.open(), conclave.AudioSource.pushed()]
    handles, gone = [each._handle for each in kept], [weakref.ref(each) for each in kept]
    del kept, pair
    gc.collect()
    assert all(ref() is None for ref in gone)
    assert all(closed(handle) for handle in handles)


def no_handle_leaks():
    for _ in range(MOST_HANDLES + 5000):  # a leak would hit the bound
        conclave.Opener()
    for _ in range(200):
        Session.found(bytes(16), Identity(), "Alice").make_sealer(0)
    gc.collect()
    conclave.Opener()


def a_call_that_is_dropped_while_somebody_waits_ends_by_itself():
    call = Call.host(listen="127.0.0.1")
    handle, seen = call._handle, []

    def wait(held):
        seen.extend(held)

    thread = threading.Thread(target=wait, args=(call,))  # it refers to the call until it ends
    thread.start()
    del call
    gc.collect()
    assert not closed(handle), "somebody waits for its events"
    lib.conclave_call_leave(handle)
    thread.join(20)
    del thread
    gc.collect()
    assert isinstance(seen[-1], conclave.Ended) and closed(handle)


def a_source_outlives_its_last_name_for_its_call():
    call = Call.host(listen="127.0.0.1", audio=conclave.AudioSource.synthetic())
    source = call._lent[1]._handle
    gc.collect()
    assert not closed(source)
    call.close()


def closing_wakes_who_waits_in_another_thread():
    inbox = Inbox.open()
    ended = []

    def wait():
        try:
            inbox.next(60)
        except conclave.MisuseError as error:
            ended.append(error.name)

    thread = threading.Thread(target=wait)
    thread.start()
    while not thread.is_alive():
        pass
    inbox.close()
    thread.join(20)
    assert ended == ["invalid_state"], ended


def a_cycle_is_collected():
    call = Call.host(listen="127.0.0.1")
    call.cycle, handle = call, call._handle
    del call
    gc.collect()
    assert closed(handle)


async def a_cancelled_task_loses_no_event():
    with Call.host(listen="127.0.0.1") as call:
        for _ in range(3):
            try:
                await asyncio.wait_for(call.next_event_async(), 0.001)
            except asyncio.TimeoutError:
                continue
            break
        call.leave()
        async for event in call:
            if isinstance(event, conclave.Ended):
                return
    raise AssertionError("the end got lost")


every_kind_is_closed_with_its_last_reference()
no_handle_leaks()
a_call_that_is_dropped_while_somebody_waits_ends_by_itself()
a_source_outlives_its_last_name_for_its_call()
closing_wakes_who_waits_in_another_thread()
a_cycle_is_collected()
asyncio.run(a_cancelled_task_loses_no_event())
left_open = Call.host(listen="127.0.0.1"), Identity(), Inbox.open()  # the interpreter ends with them
print("ok")
