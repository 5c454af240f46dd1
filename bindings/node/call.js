import {EventEmitter} from 'node:events';

import {call, errorOf, inSlices} from './errors.js';
import {doubtOf} from './frames.js';
import {Contacts, handlesOf, proofOf, recognitionOf} from './identity.js';
import {memberOf, modeNumber, roomOf, symbolOf, withCall} from './room.js';

const NAMES = ['none', 'roomReady', 'knock', 'knockWithdrawn', 'joined', 'memberJoined', 'memberLeft', 'epoch', 'safetyCode', 'sourceEnded', 'ended',
  'unconfirmed', 'reconfirmed', 'suspended', 'roomChanged', 'chat', 'reaction', 'hand', 'notDone', 'reconnecting', 'reconnected', 'heir',
  'leaderLost', 'invitation', 'speakerDoubted', 'contactSeen', 'seatKept'];

/** An event of the addon, in words. */
export function eventOf(event) {
  const {kind, id, member, flag, number, name, digits, words, text, authenticator, verifiedBy, certifiedAs, error} = event;
  const type = NAMES[kind] ?? 'none';
  const parts = {
    knock: () => ({id, name, borrowedName: flag, invitedAs: text, recognition: recognitionOf(event), verifiedBy, certifiedAs}), knockWithdrawn: () => ({id}), joined: () => ({member}), memberJoined: () => ({member, name}),
    memberLeft: () => ({member, name, removed: flag}), epoch: () => ({epoch: id, authenticator}), safetyCode: () => ({digits, words}),
    sourceEnded: () => ({video: flag, error: errorOf(error)}), ended: () => ({error: errorOf(error)}),
    unconfirmed: () => ({member, name, diverged: flag}), reconfirmed: () => ({member}), suspended: () => ({suspended: flag}),
    chat: () => ({member, text}), reaction: () => ({member, symbol: symbolOf(number)}), hand: () => ({member, raised: flag}),
    notDone: () => ({error: errorOf(error)}), reconnected: () => ({gapMs: id}), heir: () => ({heir: member, claimant: id}),
    leaderLost: () => ({member, name, heir: flag}), invitation: () => ({number: id, name, link: text}),
    speakerDoubted: () => ({member, name, doubt: doubtOf({...event, kind: number, epoch: id})}),
    contactSeen: () => ({member, name, recognition: recognitionOf(event)}), seatKept: () => ({member, name, error: errorOf(error)}),
  };
  return {type, ...(parts[type]?.() ?? {})};
}

/** Durations for the addon; a `reconnectWindow` of null is none. */
const micros = ({playoutDelay, keyRotation, joinTimeout, connectTimeout, reconnectWindow}) => Object.fromEntries(
  Object.entries({playoutDelay, keyRotation, joinTimeout, connectTimeout, reconnectWindow}).filter(([, s]) => s !== undefined)
    .map(([k, s]) => [k, s === null && k === 'reconnectWindow' ? -1 : s * 1e6]));

function seedOf({roomKeySeed}) {
  if (roomKeySeed !== undefined && roomKeySeed.length !== 32) throw new RangeError("the seed of a room's key has 32 bytes");
  return roomKeySeed;
}

/** The function that takes datagrams: what it throws is nobody's in the library, and comes up as an uncaught exception. */
function carrierOf({carrier}) {
  if (carrier === undefined) return undefined;
  if (typeof carrier !== 'function') throw new TypeError('a carrier is a function');
  return datagram => {
    try {
      carrier(datagram);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  };
}

/** Something else would be passed over in silence. */
function bookOf({contacts}) {
  if (contacts !== undefined && !(contacts instanceof Contacts)) throw new TypeError('contacts are of the class Contacts');
  return contacts?.handle;
}

/** One member of one call: events by `for await (const event of call)`, or by `on` after `start`. */
export class Call extends withCall(EventEmitter) {
  #over = false;

  constructor(options, link) {
    super();
    const {video, audio, sinks = []} = options;
    this.lent = [video, audio, ...sinks]; // sources and sinks must not be collected while the call uses them
    const config = {...options, ...micros(options), mode: modeNumber(options.mode), fullHop: Number(options.fullHop ?? false)};
    this.handle = call('openCall', config, video?.handle, audio?.handle, sinks.map(sink => sink.handle), link, seedOf(options), carrierOf(options),
      options.identity?.handle, bookOf(options), proofOf(options.organisation), handlesOf(options.trusted));
  }
  static host(options = {}) { return new Call(options, ''); }
  static join(link, options = {}) { return new Call(options, link || 'none'); }

  get link() { return call('link', this.handle); }
  async nextEvent(seconds = 0.25) {
    if (this.#over) return null;
    const told = await inSlices(seconds, async micro => {
      const event = await call('nextEvent', this.handle, micro);
      return event.kind === 0 ? null : event;
    });
    const event = told && eventOf(told);
    this.#over ||= event?.type === 'ended';
    return event;
  }
  async *[Symbol.asyncIterator]() {
    while (!this.#over) {
      const event = await this.nextEvent();
      if (event) yield event;
    }
  }
  /** Emits every event under its type until the end; resolves with the last one. */
  async start() {
    let last = null;
    for await (const event of this) {
      last = event;
      this.emit(event.type, event);
    }
    return last;
  }
  admit(knock) { call('tell', this.handle, 'admit', knock); }
  refuse(knock) { call('tell', this.handle, 'refuse', knock); }
  ask(...command) { call('callCommand', this.handle, ...command); }
  get room() { return roomOf(call('callRoom', this.handle)); }
  remove(member) { call('tell', this.handle, 'remove', member); }
  rotateKeys() { call('tell', this.handle, 'rotateKeys', 0); }
  leave() { call('tell', this.handle, 'leave', 0); }
  receive(datagram) { call('receive', this.handle, datagram); }
  record() { return call('callRecord', this.handle); }
  contacts() { return new Contacts(call('callContacts', this.handle)); }
  report() { return call('report', this.handle); }
  /** The members, as of the last half second. */
  roster() {
    return Array.from({length: this.report().memberCount}, (_, index) => call('callMember', this.handle, index)).filter(member => member !== undefined).map(memberOf);
  }
  async finish() { await call('endCall', this.handle, 0); }
  async close() { await call('endCall', this.handle, 1); }
}
