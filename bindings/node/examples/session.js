#!/usr/bin/env node
// The session level alone: two members share keys, and a frame goes from one to the other. What an app would send is handed over here.
import {Identity, Joining, Opener, Session} from '../index.js';

const roomId = new Uint8Array(16).fill(1);
const [alice, bob] = [new Identity(), new Identity()];
const host = Session.found(roomId, alice, 'Alice');
const joining = new Joining(roomId, bob, 'Bob');

// The commit goes through the log, back to its sender too, then the Welcome to the joiner.
let guest = null;
host.admit(1, joining.keyPackage);
for (const output of host.outputs()) {
  if (output.kind === 'log') host.handleMessage(output.bytes);
  if (output.kind === 'memberEntered') console.log(`${output.name} is in the room`);
  if (output.kind === 'welcome') guest = joining.complete(output.bytes, alice.hash);
}

function sendFrame(from, to) {
  const sealer = from.makeSealer(0), opener = new Opener();
  const [sealed, out] = [new Uint8Array(256), new Uint8Array(256)];
  opener.update(to);
  const size = sealer.seal(Buffer.from('a frame of video'), null, sealed);
  const opened = opener.open(sealed.subarray(0, size), null, out);
  if (opened.status !== 'opened') throw new Error(opened.status);
  console.log(`member ${opened.sender} sent: ${Buffer.from(out.subarray(0, opened.size))}`);
}
sendFrame(host, guest);
sendFrame(guest, host);
