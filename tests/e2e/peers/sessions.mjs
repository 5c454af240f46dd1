// What the session level of Node can do beyond its example: state, members, streams, texts out of range. sessions.mjs MODULE
import assert from 'node:assert';

import {Pair, ROOM, named} from './pair.mjs';

const conclave = await import(process.argv[2]);
const {Call, Identity, Opener, Session, maxSealedSize, version} = conclave;
const KEY = new Uint8Array(32), seed = new Uint8Array(32).fill(7);

assert.match(version(), /\./);
const pair = new Pair(conclave, {frameSuite: 'aes256GcmSha512_128', heartbeat: 2, keyRotation: 60});
const {alice, bob, host, joining} = pair;
assert.deepStrictEqual(new Identity(seed).publicKey, bob.publicKey);
assert.deepStrictEqual(host.inspect(joining.keyPackage).identityKey, bob.publicKey);
assert.throws(() => host.inspect(Buffer.from('garbage')), named('malformed'));
assert.throws(() => Session.found(new Uint8Array(3), alice, 'Alice'), RangeError);
const {guest} = pair.enter();
assert.deepStrictEqual(host.roster().map(({name, role}) => [name, role]), [['Alice', 'owner'], ['Bob', 'speaker']]);
assert.strictEqual(guest.status.owner, 0);
assert.strictEqual(guest.status.frameSuite, 'aes256GcmSha512_128');
assert.deepStrictEqual(await host.safetyCode(), await guest.safetyCode());
host.setVerified(1);
assert.ok(host.roster()[1].verified && !guest.roster()[1].verified);
assert.throws(() => host.setVerified(9), named('invalid_argument'));

const sealer = host.makeSealer(3), opener = new Opener(), out = new Uint8Array(maxSealedSize(5)), plain = new Uint8Array(200), frame = Buffer.from('hello');
opener.update(guest);
const sealed = () => out.slice(0, sealer.seal(frame, null, out));
assert.strictEqual(opener.open(sealed(), null, plain).status, 'opened');
guest.allowStreams(0, [0, 1]);
opener.update(guest);
assert.notStrictEqual(opener.open(sealed(), null, plain).status, 'opened');
host.withdraw(5);

const state = host.save(KEY, 7);
assert.throws(() => Session.restore(ROOM, state, KEY, 8), named('damaged_state'));
assert.throws(() => Session.restore(ROOM, state, seed, 7), named('damaged_state'));
assert.strictEqual(Session.restore(ROOM, state, KEY, 7).roster().length, 2);
assert.throws(() => Call.host({relay: 'nowhere'}), named('malformed'));
assert.throws(() => Call.host({roomToken: 'x'.repeat(129)}), named('invalid_argument'));
const call = Call.host({listen: '127.0.0.1'});
assert.ok(Array.isArray(call.roster()));
await call.close();
console.log('ok');
