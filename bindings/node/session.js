import {call, errorOf} from './errors.js';
import {DOUBTS, MODES, Sealer} from './frames.js';
import {Closable, handlesOf, proofOf} from './identity.js';
import {memberOf, modeNumber, roomOf, withSession} from './room.js';

const KINDS = ['none', 'log', 'welcome', 'epoch', 'keys', 'memberEntered', 'memberGone', 'message', 'refused', 'admissionFailed', 'doubted', 'confirmed',
  'suspended', 'resumed', 'ended', 'roomChanged', 'chat', 'reaction', 'hand', 'heir', 'notDone', 'framesStated'];

const FRAME_SUITES = {aes128CtrHmacSha256_80: 1, aes128CtrHmacSha256_64: 2, aes128GcmSha256_128: 4, aes256GcmSha512_128: 5,
  chacha20Poly1305Sha256_128: 0xF001};

const suiteOf = name => Object.keys(FRAME_SUITES).find(key => FRAME_SUITES[key] === name);

/** What the addon takes: numbers, and microseconds. */
function numbersOf({suite = 0, frameSuite, epochOverlap = 0, keyRotation = 0, heartbeat = 0, commitInterval = 0, admissionsAtOnce = 0, mode} = {}) {
  if (frameSuite !== undefined && !(frameSuite in FRAME_SUITES)) throw new RangeError(`there is no frame suite ${frameSuite}`);
  return {suite, frameSuite: FRAME_SUITES[frameSuite] ?? 0, epochOverlap: epochOverlap * 1e6, keyRotation: keyRotation * 1e6, heartbeat: heartbeat * 1e6,
    commitInterval: commitInterval * 1e6, admissionsAtOnce, mode: modeNumber(mode)};
}

/** What of the options the addon takes beside the numbers. */
const extrasOf = options => [options?.invitation, proofOf(options?.organisation), handlesOf(options?.trusted)];

function idOf(roomId) {
  if (roomId?.length !== 16) throw new RangeError("a room's id has 16 bytes");
  return roomId;
}

export class Session extends withSession(Closable) {
  ask(...command) { call('sessionCommand', this.handle, ...command); }
  get room() { return roomOf(call('sessionRoom', this.handle)); }
  invite(identity, name, expires, holder) {
    if (holder !== undefined && !(holder instanceof Uint8Array && holder.length === 32)) throw new RangeError('the hash of an identity is a Uint8Array of 32 bytes');
    return call('invite', this.handle, identity.handle, name, Math.floor(Number(expires) / (expires instanceof Date ? 1000 : 1)), holder);
  }
  record(identity) { return call('sessionRecord', this.handle, identity.handle); }
  static found(roomId, identity, name, options) { return new Session(call('found', idOf(roomId), identity.handle, name, numbersOf(options), ...extrasOf(options))); }
  static restore(roomId, state, key, counter, options) {
    return new Session(call('restore', idOf(roomId), state, key, counter, numbersOf(options), ...extrasOf(options)));
  }
  save(key, counter) { return call('save', this.handle, key, counter); }
  inspect(keyPackage) { return memberOf(call('inspect', this.handle, keyPackage)); }
  roster() { return Array.from({length: this.status.memberCount}, (_, index) => memberOf(call('sessionMember', this.handle, index))); }
  async safetyCode() { return call('safetyCode', this.handle); }
  setVerified(member, verified = true) { call('setVerified', this.handle, member, Number(verified)); }
  allowStreams(member, streams) { call('allowStreams', this.handle, member, [...new Set(streams)].reduce((bits, stream) => bits | (1 << stream), 0)); }
  withdraw(request) { call('withdraw', this.handle, request); }
  handleMessage(message) { call('handleMessage', this.handle, message); }
  tick() { call('tick', this.handle); }
  admit(request, keyPackage) { call('admit', this.handle, request, keyPackage); }
  remove(member) { call('remove', this.handle, member); }
  rotate() { call('rotate', this.handle); }
  say(content) { call('say', this.handle, content); }
  stateFrames(statements) {
    const said = [...statements].filter(statement => statement.length > 0);
    for (let at = 0; at < said.length; at += 8) call('stateFrames', this.handle, ...said.slice(at, at + 8));
  }
  checkEvidence(evidence) { return call('checkEvidence', this.handle, evidence); }
  recordDoubt(doubt) {
    const {member, stream, epoch, identityKey, evidence} = doubt;
    call('recordDoubt', this.handle, {kind: DOUBTS.indexOf(doubt.kind), member, stream, epoch}, identityKey, evidence);
  }
  get status() {
    const status = call('status', this.handle);
    return {...status, frameSuite: suiteOf(status.frameSuite)};
  }
  makeSealer(stream, mode = 'whole') { return new Sealer(call('makeSealer', this.handle, stream, MODES.indexOf(mode))); }
  /** What the app has to carry, and what happened, since the last time; each is taken once. */
  *outputs() {
    for (let output; (output = call('nextOutput', this.handle)) !== null;) {
      if (output.kind < KINDS.length) yield {...output, kind: KINDS[output.kind], error: errorOf(output.error)};
    }
  }
}

export class Joining extends Closable {
  constructor(roomId, identity, name, options) { super(call('beginJoining', idOf(roomId), identity.handle, name, numbersOf(options), ...extrasOf(options))); }
  get keyPackage() { return call('keyPackage', this.handle); }
  complete(welcome, founderHash) { return new Session(call('completeJoining', this.handle, welcome, founderHash)); }
}
