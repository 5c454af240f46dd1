// A call whose datagrams Node carries, over sockets of its own, to somebody's relay: carriers.mjs MODULE HOST:PORT#KEY
import assert from 'node:assert';
import dgram from 'node:dgram';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';

const {Call, Inbox, VideoSource} = await import(process.argv[2]);
const place = process.argv[3], [, address, port] = place.match(/^(.*):(\d+)#/);

/** A way to the relay, which counts. */
async function wire() {
  const socket = dgram.createSocket('udp4'), counts = {sent: 0, received: 0};
  socket.connect(Number(port), address);
  await once(socket, 'connect');
  const carrier = datagram => { counts.sent += 1; socket.send(datagram, () => {}); };
  const serve = call => socket.on('message', datagram => {
    counts.received += 1;
    try {
      call.receive(datagram);
    } catch { /* too many wait, or the call is over */ }
  });
  return {carrier, serve, counts, close: () => socket.close()};
}

async function until(call, type) {
  for await (const event of call) if (event.type === type) return event;
  throw new Error(`no ${type} before the end`);
}

const [first, second] = [await wire(), await wire()];
const host = Call.host({name: 'Alice', video: VideoSource.synthetic({width: 160, height: 90}), relay: place, carrier: first.carrier});
first.serve(host);
await until(host, 'roomReady');
const inbox = new Inbox({sound: false});
const guest = Call.join(host.link, {name: 'Bob', sinks: [inbox], carrier: second.carrier});
second.serve(guest);
host.admit((await until(host, 'knock')).id);
const picture = await inbox.next(20);
assert.deepStrictEqual([picture.width, picture.height], [160, 90]);
for (const {counts} of [first, second]) assert.ok(counts.sent > 5 && counts.received > 3, JSON.stringify(counts));
guest.leave();
await until(guest, 'ended');
await guest.close();
await host.close();
await sleep(100); // what was queued comes
const {sent} = first.counts;
await sleep(300);
assert.strictEqual(first.counts.sent, sent, 'a carrier is not called after its call');
assert.throws(() => Call.host({carrier: first.carrier}), error => error.errorName === 'invalid_argument'); // no relay
assert.throws(() => Call.host({relay: place, carrier: 'pigeon'}), TypeError);
assert.throws(() => host.receive(new Uint8Array(100)), error => error.errorName === 'invalid_state');

// What a carrier throws is an uncaught exception of the program, not the end of the library.
const thrown = once(process, 'uncaughtException');
const alone = Call.host({relay: place, carrier: () => { throw new Error('the pigeon is tired'); }});
assert.match((await thrown)[0].message, /tired/);
process.on('uncaughtException', () => {});
await alone.close();
first.close();
second.close();
// A call with a carrier that nobody closes keeps no process alive, and its end is no crash.
globalThis.forgotten = Call.host({relay: place, carrier: () => {}});
console.log('ok', sent, second.counts.received);
