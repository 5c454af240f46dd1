import {call} from './errors.js';

const ACQUAINTANCES = ['stranger', 'known', 'renamed', 'keyChanged'];

export class Closable {
  constructor(handle) { this.handle = handle; }
  close() { call('close', this.handle); }
}

/** What contacts say of somebody, in words. */
export const recognitionOf = ({acquaintance, verified, remembered, knownAs}) => ({acquaintance: ACQUAINTANCES[acquaintance], verified, remembered, knownAs});

/** What an organisation says of us: something else would be passed over in silence. */
export function proofOf(organisation) {
  if (organisation !== undefined && !(organisation instanceof Uint8Array)) throw new TypeError('what an organisation says is a Uint8Array');
  return organisation;
}

/** The handles of things. */
export const handlesOf = things => [...(things ?? [])].map(thing => thing.handle);

export class Identity extends Closable {
  constructor(seed) { super(call('identity', seed)); }
  /** Of what `seal` gave. */
  static async open(file, passphrase) {
    const handle = await call('openIdentity', file, bytesOf(passphrase));
    return Object.assign(Object.create(Identity.prototype), {handle});
  }
  async seal(passphrase) { return call('sealIdentity', this.handle, bytesOf(passphrase)); }
  certify(chain, key) { return call('certify', this.handle, chain, key); }
  get hash() { return call('identityHash', this.handle); }
  get publicKey() { return call('publicKey', this.handle); }
}

const bytesOf = passphrase => (typeof passphrase === 'string' ? Buffer.from(passphrase) : passphrase);

export class Organisation extends Closable {
  constructor(roots, name) { super(call('trustOrganisation', roots, name)); }
}

export class Contacts extends Closable {
  constructor(handle = call('createContacts')) { super(handle); }
  static parse(bytes) { return new Contacts(call('parseContacts', bytes)); }
  static open(file, identity) { return new Contacts(call('openContacts', file, identity.handle)); }
  serialise() { return call('serialiseContacts', this.handle); }
  seal(identity) { return call('sealContacts', this.handle, identity.handle); }
  get size() { return call('countContacts', this.handle); }
  recognise(identityKey, name) { return recognitionOf(call('recognise', this.handle, identityKey, name)); }
  remember(identityKey, name, verified = false) { call('remember', this.handle, identityKey, name, Number(verified)); }
  meet(identityKey, name) { call('meet', this.handle, identityKey, name); }
  forget(identityKey) { call('forget', this.handle, identityKey); }
}

/** Checks a record and tells what it says. */
export function readTranscript(record) {
  const {lines, ...told} = call('readTranscript', record);
  return {...told, lines: lines.split('\n').slice(0, -1)};
}
