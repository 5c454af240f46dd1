// Two members of one room at the session level, Alice and Bob, and the log between them: what several programs here begin with.
export const ROOM = Uint8Array.from({length: 16}, (_, i) => i);
export const named = errorName => error => error.errorName === errorName;

/** Alice founded the room, Bob came in after `enter`; `told` has what each was told, but for the log. */
export class Pair {
  log = [];
  read = {alice: 0, bob: 0};
  told = {alice: [], bob: []};

  constructor({Identity, Joining, Session}, options = {}, joining = {}) {
    this.alice = new Identity();
    this.bob = new Identity(new Uint8Array(32).fill(7));
    this.host = Session.found(ROOM, this.alice, 'Alice', options);
    this.joining = new Joining(ROOM, this.bob, 'Bob', joining);
  }
  enter() {
    this.host.admit(1, this.joining.keyPackage);
    this.settle();
    return this;
  }
  #take(name, session) {
    for (const output of session.outputs()) {
      if (output.kind === 'log') this.log.push(output.bytes);
      else if (output.kind === 'welcome') [this.guest, this.read.bob] = [this.joining.complete(output.bytes, this.alice.hash), this.log.length];
      else this.told[name].push(output);
    }
  }
  /** Everybody has read the log, and said what it had to say. */
  settle() {
    for (let more = true; more;) {
      more = false;
      for (const [name, session] of [['alice', this.host], ['bob', this.guest]]) {
        if (!session) continue;
        this.#take(name, session);
        while (this.read[name] < this.log.length) {
          session.handleMessage(this.log[this.read[name]++]);
          this.#take(name, session);
          more = true;
        }
      }
    }
  }
  all(name, kind) { return this.told[name].filter(output => output.kind === kind); }
}
