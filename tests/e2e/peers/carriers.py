"""A call whose datagrams Python carries, over sockets of its own, to somebody's relay: carriers.py HOST:PORT#KEY"""
import socket
import sys
import threading

import conclave


class Wire:
    """A way to the relay, which counts."""

    def __init__(self, place):
        address, port = place.split("#")[0].rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((address, int(port)))
        self.sent = self.received = 0
        self.ended = False

    def send(self, datagram):
        self.sent += 1
        try:
            self.socket.send(datagram)
        except OSError:
            pass  # lost, as on a network

    def serve(self, call):
        def read():
            while not self.ended:
                datagram = self.socket.recv(2000)
                self.received += 1
                try:
                    call.receive(datagram)
                except conclave.ConclaveError:
                    pass  # too many wait, or the call is over
        threading.Thread(target=read, daemon=True).start()


def until(call, kind):
    return next(event for event in call if isinstance(event, kind))


def main(place):
    first, second = Wire(place), Wire(place)
    host = conclave.Call.host(name="Alice", video=conclave.VideoSource.synthetic(160, 90), relay=place, carrier=first.send)
    first.serve(host)
    until(host, conclave.RoomReady)
    inbox = conclave.Inbox.open(sound=False)
    guest = conclave.Call.join(host.link, name="Bob", sinks=[inbox], carrier=second.send)
    second.serve(guest)
    host.admit(until(host, conclave.Knock).id)
    picture = inbox.next(timeout=20)
    assert picture.y.shape == (90, 160), picture
    assert first.sent > 5 and first.received > 3 and second.sent > 5 and second.received > 5
    guest.leave()
    until(guest, conclave.Ended)
    guest.close()
    host.close()
    sent = first.sent
    conclave.Inbox.open().next(timeout=0.3)
    assert first.sent == sent, "a carrier is not called after its call"
    first.ended = second.ended = True
    print("ok", sent, second.received)


main(sys.argv[1])
