import {call, errorOf} from './errors.js';

const KINDS = ['none', 'log', 'welcome', 'epoch', 'keys', 'memberEntered', 'memberGone', 'message', 'refused', 'admissionFailed', 'doubted', 'confirmed',
  'suspended', 'resumed', 'ended', 'roomChanged', 'chat', 'reaction', 'hand'];
const STATUS = ['opened', 'malformed', 'unknownEpoch', 'notInRoster', 'unknownStream', 'noRight', 'wrongSender', 'replayed', 'tooOld', 'forged', 'suspended'];
const MODES = ['whole', 'opus', 'vp8', 'vp9', 'av1', 'h264', 'h265'];

class Closable {
  constructor(handle) { this.handle = handle; }
  close() { call('close', this.handle); }
}

export class Identity extends Closable {
  constructor(seed) { super(call('identity', seed)); }
  get hash() { return call('identityHash', this.handle); }
}

export class Sealer extends Closable {
  /** Seals into `out` and returns the bytes written. */
  seal(frame, metadata, out) { return call('seal', this.handle, frame, metadata, out); }
  takeUp(next) { call('takeUp', this.handle, next.handle); }
}

export class Opener extends Closable {
  #what = new Uint32Array(4);
  constructor() { super(call('createOpener')); }
  update(session) { call('updateOpener', this.handle, session.handle); }
  /** Opens into `out`; `status` says what became of the frame. */
  open(sealed, metadata, out, {sender = -1, mode = 'whole'} = {}) {
    call('openFrame', this.handle, sender, sealed, metadata, MODES.indexOf(mode), out, this.#what);
    return {status: STATUS[this.#what[0]], sender: this.#what[1], stream: this.#what[2], size: this.#what[3]};
  }
}

export class Session extends Closable {
  static found(roomId, identity, name) { return new Session(call('found', roomId, identity.handle, name)); }
  handleMessage(message) { call('handleMessage', this.handle, message); }
  tick() { call('tick', this.handle); }
  admit(request, keyPackage) { call('admit', this.handle, request, keyPackage); }
  remove(member) { call('remove', this.handle, member); }
  rotate() { call('rotate', this.handle); }
  say(content) { call('say', this.handle, content); }
  get status() { return call('status', this.handle); }
  makeSealer(stream, mode = 'whole') { return new Sealer(call('makeSealer', this.handle, stream, MODES.indexOf(mode))); }
  /** What the app has to carry, and what happened, since the last time; each is taken once. */
  *outputs() {
    for (let output; (output = call('nextOutput', this.handle)) !== null;) yield {...output, kind: KINDS[output.kind], error: errorOf(output.error)};
  }
}

export class Joining extends Closable {
  constructor(roomId, identity, name) { super(call('beginJoining', roomId, identity.handle, name)); }
  get keyPackage() { return call('keyPackage', this.handle); }
  complete(welcome, founderHash) { return new Session(call('completeJoining', this.handle, welcome, founderHash)); }
}
