import {EventEmitter} from 'node:events';

import {call, errorOf} from './errors.js';

const NAMES = ['none', 'roomReady', 'knock', 'knockWithdrawn', 'joined', 'memberJoined', 'memberLeft', 'epoch', 'safetyCode', 'sourceEnded', 'ended',
  'unconfirmed', 'reconfirmed', 'suspended', 'roomChanged', 'chat', 'reaction', 'hand', 'notDone', 'reconnecting', 'reconnected'];

function eventOf({kind, id, member, flag, number, name, digits, words, detail, authenticator, error}) {
  const type = NAMES[kind] ?? 'none';
  const parts = {
    knock: () => ({id, name}), knockWithdrawn: () => ({id}), joined: () => ({member}), memberJoined: () => ({member, name}),
    memberLeft: () => ({member, name, removed: flag}), epoch: () => ({epoch: id, authenticator}), safetyCode: () => ({digits, words}),
    sourceEnded: () => ({video: flag, error: errorOf(error)}), ended: () => ({error: errorOf(error)}),
    unconfirmed: () => ({member, name, diverged: flag}), reconfirmed: () => ({member}), suspended: () => ({suspended: flag}),
    chat: () => ({member, text: detail}), reaction: () => ({member, symbol: number}), hand: () => ({member, raised: flag}),
    notDone: () => ({error: errorOf(error)}), reconnected: () => ({gapMs: id}),
  };
  return {type, ...(parts[type]?.() ?? {})};
}

const micros = ({playoutDelay, keyRotation, joinTimeout, connectTimeout}) => Object.fromEntries(
  Object.entries({playoutDelay, keyRotation, joinTimeout, connectTimeout}).filter(([, s]) => s !== undefined).map(([k, s]) => [k, s * 1e6]));

/** One member of one call: events by `for await (const event of call)`, or by `on` after `start`. */
export class Call extends EventEmitter {
  #over = false;

  constructor(options, link) {
    super();
    const {video, audio, sinks = []} = options;
    this.lent = [video, audio, ...sinks]; // sources and sinks must not be collected while the call uses them
    this.handle = call('openCall', {...options, ...micros(options)}, video?.handle, audio?.handle, sinks.map(sink => sink.handle), link);
  }
  static host(options = {}) { return new Call(options, ''); }
  static join(link, options = {}) { return new Call(options, link || 'none'); }

  get link() { return call('link', this.handle); }
  async nextEvent(seconds = 0.25) {
    if (this.#over) return null;
    const event = eventOf(await call('nextEvent', this.handle, seconds * 1e6));
    this.#over ||= event.type === 'ended';
    return event.type === 'none' ? null : event;
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
  remove(member) { call('tell', this.handle, 'remove', member); }
  rotateKeys() { call('tell', this.handle, 'rotateKeys', 0); }
  leave() { call('tell', this.handle, 'leave', 0); }
  report() { return call('report', this.handle); }
  async finish() { await call('endCall', this.handle, 0); }
  async close() { await call('endCall', this.handle, 1); }
}
