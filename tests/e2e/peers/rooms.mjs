// What members ask of their room in Node: at the session level, in a call, and the frames of a stage. rooms.mjs MODULE
import assert from 'node:assert';
import {setTimeout as sleep} from 'node:timers/promises';

import {Pair, ROOM, named} from './pair.mjs';

const conclave = await import(process.argv[2]);
const {Call, Joining, Opener} = conclave;

function sessions() {
  const pair = new Pair(conclave, {mode: 'stage'}).enter();
  const {host, guest} = pair;
  assert.strictEqual(guest.room.mode, 'stage');
  assert.strictEqual(guest.roster()[1].role, 'listener');
  assert.throws(() => guest.chat('let me in'), named('not_permitted'));
  assert.throws(() => guest.setRole(1, 'owner'), named('not_permitted'));
  assert.throws(() => guest.setRole(1, 'emperor'), RangeError);
  guest.raiseHand();
  pair.settle();
  assert.ok(host.roster()[1].handRaised);
  guest.lowerHand();
  host.give(1, ['sound', 'picture', 'chat']);
  pair.settle();
  assert.ok(!host.roster()[1].handRaised && guest.roster()[1].rights.includes('picture'));
  host.mute(1);
  host.stopVideo(1);
  guest.chat('hello '.repeat(500) + '!');
  guest.react('heart');
  pair.settle();
  assert.ok(!guest.roster()[1].rights.includes('sound') && !guest.roster()[1].rights.includes('picture'));
  assert.strictEqual(pair.all('alice', 'chat')[0].bytes.toString(), 'hello '.repeat(500) + '!');
  assert.strictEqual(pair.all('alice', 'reaction')[0].flag, 4);
  host.lock();
  host.setHeirs([pair.bob.hash], 1);
  pair.settle();
  assert.ok(guest.room.locked);
  guest.endorse(1);
  guest.inherit();
  host.unlock();
  host.setMode('moderated');
  host.handOver(1);
  pair.settle();
  assert.strictEqual(guest.roster()[1].role, 'owner');
  assert.ok(host.record(pair.alice).length > 100);
  guest.endForAll();
  pair.settle();
  assert.ok(host.room.ended);
}

function invitations() {
  const pair = new Pair(conclave), later = new Date(Date.now() + 3600_000);
  const invitation = pair.host.invite(pair.alice, 'Roberta', later, pair.bob.hash);
  for (const holder of ['x'.repeat(32), new Uint8Array(31), Array(32).fill(1), null]) assert.throws(() => pair.host.invite(pair.alice, 'Eve', later, holder), RangeError);
  assert.throws(() => pair.host.setHeirs([pair.bob.hash], 0), RangeError);
  pair.host.setEntry('invited');
  pair.settle();
  assert.strictEqual(pair.host.room.entry, 'invited');
  assert.strictEqual(pair.enter().guest, undefined);
  assert.strictEqual(pair.all('alice', 'admissionFailed').length, 1);
  pair.joining = new Joining(ROOM, pair.bob, 'Bob', {invitation});
  pair.enter();
  assert.strictEqual(pair.host.roster()[1].invitedAs, 'Roberta');
  pair.host.revoke(pair.host.invite(pair.alice, 'Cleo', later));
  pair.host.ban(1);
  pair.settle();
  assert.strictEqual(pair.host.room.banned, 1);
  assert.strictEqual(pair.all('bob', 'ended').length, 1);
}

function batches() {
  const pair = new Pair(conclave, {mode: 'stage'}).enter();
  pair.host.setSigning('batched');
  pair.settle();
  const sealer = pair.host.makeSealer(0), opener = new Opener(), out = new Uint8Array(300), plain = new Uint8Array(300);
  opener.update(pair.guest);
  const numbers = ['0', '1', '2'];
  for (const number of numbers) {
    const size = sealer.seal(Buffer.from(`frame ${number}`), Buffer.from(`meta ${number}`), out);
    assert.strictEqual(opener.open(out.slice(0, size), Buffer.from(`meta ${number}`), plain).status, 'held');
  }
  const proven = [...opener.proven()].map(({frame, metadata, sender}) => `${frame}/${metadata}/${sender}`);
  assert.deepStrictEqual(proven, numbers.map(number => `frame ${number}/meta ${number}/0`));
  assert.strictEqual([...opener.proven()].length, 0);
}

async function until(call, type) {
  for (;;) {
    const event = await call.nextEvent(10);
    assert.ok(event, `no ${type} in time`);
    if (event.type === type) return event;
    assert.notStrictEqual(event.type, 'ended');
  }
}

async function calls() {
  const alice = new conclave.Identity();
  const host = Call.host({name: 'Alice', listen: '127.0.0.1', mode: 'moderated', identity: alice});
  await until(host, 'roomReady');
  const guest = Call.join(host.link, {name: 'Bob'});
  const knock = await until(host, 'knock');
  assert.deepStrictEqual([knock.name, knock.borrowedName, knock.invitedAs], ['Bob', false, '']);
  host.admit(knock.id);
  const bob = (await until(guest, 'joined')).member;
  guest.chat('word '.repeat(800) + '!');
  assert.strictEqual((await until(host, 'chat')).text, 'word '.repeat(800) + '!');
  guest.react('laugh');
  assert.strictEqual((await until(host, 'reaction')).symbol, 'laugh');
  guest.raiseHand();
  assert.ok((await until(host, 'hand')).raised);
  guest.lock();
  assert.strictEqual((await until(guest, 'notDone')).error.errorName, 'not_permitted');
  host.invite('Cleo', 60);
  const invitation = await until(host, 'invitation');
  assert.ok(invitation.name === 'Cleo' && invitation.link !== host.link);
  host.revoke(invitation.number);
  host.setHeirs([bob]);
  host.setEntry('invited');
  host.setRole(bob, 'speaker');
  await until(guest, 'roomChanged');
  for (let i = 0; i < 100 && guest.roster().find(({self}) => self).role !== 'speaker'; ++i) await sleep(100);
  assert.deepStrictEqual(guest.roster().map(({name, role}) => [name, role]), [['Alice', 'owner'], ['Bob', 'speaker']]);
  assert.strictEqual(guest.room.mode, 'moderated');
  assert.deepStrictEqual(guest.roster()[0].identityKey, alice.publicKey);
  assert.throws(() => guest.record(), named('invalid_state'));
  host.endForAll();
  assert.strictEqual((await until(guest, 'ended')).error, null);
  assert.ok(guest.record().length > 100);
  await guest.close();
  await host.close();
}

sessions();
invitations();
batches();
await calls();
console.log('ok');
