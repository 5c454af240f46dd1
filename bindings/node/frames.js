import {call} from './errors.js';
import {Closable} from './identity.js';

export const DOUBTS = ['', 'equivocated', 'unstated'];
const STATUS = ['opened', 'malformed', 'unknownEpoch', 'notInRoster', 'unknownStream', 'noRight', 'wrongSender', 'replayed', 'tooOld', 'forged', 'suspended', 'bufferTooSmall',
  'held'];
export const MODES = ['whole', 'opus', 'vp8', 'vp9', 'av1', 'h264', 'h265'];

/** A doubt of the addon, or of an event, in words. */
export const doubtOf = ({kind, member, name, stream, epoch, identityKey, evidence}) => ({kind: DOUBTS[kind], member, name, stream, epoch, identityKey, evidence});

/** The bytes that a sealed frame of `size` bytes has at most. */
export const maxSealedSize = (size, mode = 'whole') => call('maxSealedSize', size, MODES.indexOf(mode));

export class Sealer extends Closable {
  /** Seals into `out` and returns the bytes written. */
  seal(frame, metadata, out) { return call('seal', this.handle, frame, metadata, out); }
  takeUp(next) { call('takeUp', this.handle, next.handle); }
  takeStatement() { return call('takeStatement', this.handle); }
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
  /** What was held until its batch was proven, in order. */
  *proven() {
    for (let frame; (frame = call('nextProven', this.handle)) !== null;) yield frame;
  }
  hear(stated) { call('hear', this.handle, stated); }
  review() {
    const doubts = [];
    for (let doubt; (doubt = call('nextDoubt', this.handle)) !== null;) doubts.push(doubtOf(doubt));
    return doubts;
  }
  get statements() { return call('statements', this.handle); }
}
