const MODES = ['open', 'moderated', 'stage'];
const ROLES = ['listener', 'speaker', 'moderator', 'owner'];
const RIGHTS = ['sound', 'picture', 'screen', 'chat', 'admit', 'remove', 'grant', 'lock', 'end'];
const SYMBOLS = ['applause', 'agree', 'disagree', 'heart', 'laugh', 'surprise'];
const ENTRIES = ['knock', 'invited'];
const SIGNINGS = ['none', 'each', 'batched'];

/** The place of a word in a list; it throws for one that is none. */
function placeOf(list, word, what) {
  const place = list.indexOf(word);
  if (place < 0) throw new RangeError(`there is no ${what} ${word}`);
  return place;
}

const bitsOf = rights => [rights].flat().reduce((bits, right) => bits | (1 << placeOf(RIGHTS, right, 'right')), 0);

export const modeNumber = mode => (mode === undefined ? 0 : 1 + placeOf(MODES, mode, 'mode'));
export const symbolOf = number => SYMBOLS[number - 1];

/** A member as the addon tells it, in words. */
export const memberOf = ({role, rights, ...member}) => ({...member, role: ROLES[role - 1], rights: RIGHTS.filter((_, bit) => rights & (1 << bit))});

/** What the addon tells of a room, in words. */
export const roomOf = ({mode, entry, signing, ...room}) => ({mode: MODES[mode - 1], entry: ENTRIES[entry - 1], signing: SIGNINGS[signing], ...room});

/** A class that asks something of its room: with `ask(kind, member, value, data)`. */
export const withRoom = Base => class extends Base {
  chat(text) { this.ask(1, 0, 0, Buffer.from(text)); }
  react(symbol) { this.ask(2, 0, 1 + placeOf(SYMBOLS, symbol, 'symbol')); }
  raiseHand(raised = true) { this.ask(3, 0, Number(raised)); }
  lowerHand() { this.raiseHand(false); }
  setRole(member, role) { this.ask(4, member, 1 + placeOf(ROLES, role, 'role')); }
  handOver(member) { this.setRole(member, 'owner'); }
  give(member, rights) { this.ask(5, member, bitsOf(rights)); }
  take(member, rights) { this.ask(6, member, bitsOf(rights)); }
  mute(member) { this.take(member, 'sound'); }
  stopVideo(member) { this.take(member, 'picture'); }
  remove(member) { this.ask(7, member); }
  ban(member) { this.ask(8, member); }
  lock(locked = true) { this.ask(9, 0, Number(locked)); }
  unlock() { this.lock(false); }
  setMode(mode) { this.ask(10, 0, modeNumber(mode)); }
  endForAll() { this.ask(11); }
  setEntry(entry) { this.ask(12, 0, 1 + placeOf(ENTRIES, entry, 'entry')); }
  setSigning(signing) { this.ask(13, 0, placeOf(SIGNINGS, signing, 'signing')); }
  inherit() { this.ask(15); }
  endorse(claimant) { this.ask(16, claimant); }
};

function quorumOf(heirs, quorum) {
  if (quorum === undefined) return heirs.length > 0 ? Math.floor(heirs.length / 2) + 1 : 0;
  if (heirs.length > 0 && !(quorum >= 1)) throw new RangeError('heirs need a quorum: without one they never take over from a leader who vanished');
  return quorum;
}

/** What calls are asked in their own way. */
export const withCall = Base => class extends withRoom(Base) {
  setHeirs(members, quorum) { const named = Uint32Array.from(members); this.ask(14, 0, quorumOf(named, quorum), named); }
  invite(name, seconds = 0) { this.ask(18, 0, seconds, Buffer.from(name)); }
  revoke(number) { this.ask(17, 0, number); }
  remember(member, verified = false) { this.ask(19, member, Number(verified)); }
};

/** What sessions are asked in their own way. */
export const withSession = Base => class extends withRoom(Base) {
  setHeirs(heirs, quorum) { const named = [...heirs]; this.ask(14, 0, quorumOf(named, quorum), Buffer.concat(named)); }
  revoke(invitation) { this.ask(17, 0, 0, invitation); }
};
