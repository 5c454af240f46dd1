"""Two members of one room at the session level, Alice and Bob, and the log between them: what several programs here begin with."""
import conclave
from conclave import Identity, Joining, Session

ROOM = bytes(range(16))


def refused(action, *names):
    """The action fails with one of these codes."""
    try:
        action()
    except conclave.ConclaveError as error:
        assert error.name in names, error
    else:
        raise AssertionError("not refused")


class Pair:
    """Alice founded the room, Bob came in; `told` has what each was told, but for the log."""

    def __init__(self, joining=None, **config):
        self.alice, self.bob = Identity(), Identity(seed=bytes(31) + b"\1")
        self.host, self.guest = Session.found(ROOM, self.alice, "Alice", **config), None
        self.joining = Joining(ROOM, self.bob, "Bob", **(joining or {}))
        self.log, self.read, self.told = [], {}, {"Alice": [], "Bob": []}

    def enter(self):
        self.host.admit(1, self.joining.key_package)
        self.settle()
        return self

    def _take(self, name, session):
        for output in session.outputs():
            if output.kind == "log":
                self.log.append(output.data)
            elif output.kind == "welcome":
                self.guest, self.read["Bob"] = self.joining.complete(output.data, self.alice.hash), len(self.log)
            else:
                self.told[name].append(output)

    def settle(self):
        """Everybody has read the log, and said what it had to say."""
        more = True
        while more:
            more = False
            for name, session in (("Alice", self.host), ("Bob", self.guest)):
                if session is None:
                    continue
                self._take(name, session)
                for message in self.log[self.read.get(name, 0):]:
                    self.read[name] = self.read.get(name, 0) + 1
                    session.handle(message)
                    more = True
                    self._take(name, session)

    def all(self, name, kind):
        return [output for output in self.told[name] if output.kind == kind]
