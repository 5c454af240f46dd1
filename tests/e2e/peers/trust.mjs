// Whom one can believe, in Node: what speakers state of their frames, contacts, identities at rest, organisations, records. trust.mjs MODULE CERTIFICATES
import assert from 'node:assert';
import {readFileSync} from 'node:fs';

import {Pair, ROOM, named} from './pair.mjs';

const conclave = await import(process.argv[2]);
const {eventOf} = await import(process.argv[2].replace('index.js', 'call.js'));
const {Call, Contacts, Identity, Joining, Opener, Organisation, Session, readTranscript} = conclave;
const pem = name => readFileSync(`${process.argv[3]}/${name}.pem`, 'utf8');

function speak(sealer, opener, frames) {
  const out = new Uint8Array(300), plain = new Uint8Array(300);
  for (let i = 0; i < frames; i++) {
    const size = sealer.seal(Buffer.from('frame'), null, out);
    assert.strictEqual(opener.open(out.subarray(0, size), null, plain).status, 'opened');
  }
}

function statements() {
  const pair = new Pair(conclave, {mode: 'stage'}).enter();
  const {host, guest} = pair, sealer = host.makeSealer(0), opener = new Opener();
  opener.update(guest);
  const state = statement => {
    host.stateFrames([new Uint8Array(0), statement]);
    pair.settle();
    for (const {bytes} of pair.all('bob', 'framesStated')) opener.hear(bytes);
    pair.told.bob.length = 0;
  };
  speak(sealer, opener, 4);
  state(sealer.takeStatement());
  assert.strictEqual(sealer.takeStatement().length, 0);
  assert.deepStrictEqual([opener.review(), opener.statements.confirmed], [[], 4]);
  speak(sealer, opener, 1);
  const lie = sealer.takeStatement();
  lie[lie.length - 1] ^= 1;
  state(lie);
  const [doubt, ...others] = opener.review();
  assert.deepStrictEqual([doubt.kind, doubt.member, doubt.name, others.length], ['equivocated', 0, 'Alice', 0]);
  assert.deepStrictEqual(doubt.identityKey, pair.alice.publicKey);
  assert.strictEqual(guest.checkEvidence(doubt.evidence), 0);
  assert.strictEqual(opener.statements.equivocated, 1);
  const forged = Buffer.from(doubt.evidence);
  forged[0] ^= 1;
  assert.throws(() => guest.checkEvidence(forged), named('not_authentic'));
  assert.throws(() => opener.hear(Buffer.from('garbage')), named('malformed'));
  host.stateFrames([]);
  guest.recordDoubt(doubt);
  const record = guest.record(pair.bob), transcript = readTranscript(record);
  assert.ok(transcript.lines.some(line => line.includes('signed other frames than it stated')), transcript.lines);
  assert.deepStrictEqual([transcript.signer, transcript.founder, transcript.roomId], [pair.bob.hash, pair.alice.hash, Buffer.from(ROOM)]);
  record[record.length - 1] ^= 1;
  assert.throws(() => readTranscript(record), named('not_authentic'));
}

async function atRest() {
  const alice = new Identity(), eve = new Identity(), file = await alice.seal('correct horse');
  assert.deepStrictEqual((await Identity.open(file, Buffer.from('correct horse'))).publicKey, alice.publicKey);
  await assert.rejects(Identity.open(file, 'battery staple'), named('not_authentic'));
  const contacts = new Contacts();
  contacts.meet(eve.publicKey, 'Eve');
  assert.ok(!contacts.recognise(eve.publicKey, 'Eve').remembered);
  contacts.remember(eve.publicKey, 'Eve', true);
  for (const book of [contacts, Contacts.parse(contacts.serialise()), Contacts.open(contacts.seal(alice), alice)]) {
    assert.deepStrictEqual(book.recognise(eve.publicKey, 'Evelyn'), {acquaintance: 'renamed', verified: true, remembered: true, knownAs: 'Eve'});
    assert.strictEqual(book.recognise(alice.publicKey, 'Eve').acquaintance, 'keyChanged');
  }
  assert.throws(() => Contacts.open(contacts.seal(alice), eve), named('not_authentic'));
  contacts.forget(eve.publicKey);
  assert.deepStrictEqual([contacts.size, contacts.recognise(eve.publicKey, 'Eve').acquaintance], [0, 'stranger']);
}

function organisations() {
  const bob = new Identity(), proof = bob.certify(pem('bob.chain'), pem('bob.key'));
  assert.throws(() => bob.certify(pem('root'), pem('bob.key')), named('not_authentic'));
  assert.throws(() => new Organisation('no certificate'), named('malformed'));
  for (const [organisation, name] of [[new Organisation(pem('root')), 'University'], [new Organisation(pem('root'), 'Alma Mater'), 'Alma Mater']]) {
    const host = Session.found(ROOM, new Identity(), 'Alice', {trusted: [organisation]});
    const who = host.inspect(new Joining(ROOM, bob, 'Bob', {organisation: proof}).keyPackage);
    assert.deepStrictEqual([who.verifiedBy, who.certifiedAs], [name, 'Bob Babbage']);
    assert.strictEqual(host.inspect(new Joining(ROOM, bob, 'Bob').keyPackage).verifiedBy, '');
  }
  assert.throws(() => new Joining(ROOM, bob, 'Bob', {organisation: 'University'}), TypeError);
  return {proof, bob};
}

async function until(call, type) {
  for await (const event of call) if (event.type === type) return event;
  throw new Error(`no ${type} before the end`);
}

async function calls({proof, bob}) {
  const contacts = new Contacts();
  contacts.remember(new Identity().publicKey, 'Bob');
  assert.throws(() => Call.host({contacts: contacts.serialise()}), TypeError);
  const host = Call.host({name: 'Alice', listen: '127.0.0.1', contacts, trusted: [new Organisation(pem('root'))], fullHop: true});
  await until(host, 'roomReady');
  const guest = Call.join(host.link, {name: 'Bob', identity: bob, organisation: proof, reconnectWindow: null});
  const knock = await until(host, 'knock');
  assert.deepStrictEqual([knock.recognition.acquaintance, knock.verifiedBy, knock.certifiedAs], ['keyChanged', 'University', 'Bob Babbage']);
  host.admit(knock.id);
  const seen = await until(host, 'contactSeen');
  assert.deepStrictEqual([seen.name, seen.recognition.knownAs], ['Bob', 'Bob']);
  host.remember(seen.member, true);
  assert.throws(() => host.contacts(), named('invalid_state'));
  await until(guest, 'joined');
  host.leave();
  await until(host, 'ended');
  const met = host.contacts().recognise(bob.publicKey, 'Bob');
  assert.deepStrictEqual([met.acquaintance, met.verified], ['known', true]);
  await host.close();
  for await (const event of guest) assert.notStrictEqual(event.type, 'reconnecting'); // its relay has gone, and it was told not to come back
  await guest.close();
}

function events() {
  const raw = {kind: 24, id: 5, member: 7, number: 1, name: 'Eve', stream: 1, identityKey: Buffer.from([4]), evidence: Buffer.from([1, 2, 3])};
  const doubt = {kind: 'equivocated', member: 7, name: 'Eve', stream: 1, epoch: 5, identityKey: Buffer.from([4]), evidence: Buffer.from([1, 2, 3])};
  assert.deepStrictEqual(eventOf(raw), {type: 'speakerDoubted', member: 7, name: 'Eve', doubt});
  assert.deepStrictEqual(eventOf({kind: 26, member: 7, name: 'Eve', error: null}), {type: 'seatKept', member: 7, name: 'Eve', error: null});
  assert.strictEqual(eventOf({kind: 99}).type, 'none');
}

statements();
await atRest();
await calls(organisations());
events();
console.log('ok');
