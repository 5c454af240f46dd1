// Nanoseconds that sealing and opening a frame of 80 bytes cost from Node, buffers reused, as JSON: overhead.mjs MODULE
import {Pair} from './pair.mjs';

const conclave = await import(process.argv[2]);
const ROUNDS = 3000;
const {host, guest} = new Pair(conclave).enter();
const sealer = host.makeSealer(0), opener = new conclave.Opener(), frame = new Uint8Array(80), out = new Uint8Array(256), plain = new Uint8Array(256);
opener.update(guest);
const best = {seal: Infinity, open: Infinity};
const nanoseconds = begin => Number(process.hrtime.bigint() - begin) / ROUNDS;
for (let turn = 0; turn < 8; ++turn) {
  let begin = process.hrtime.bigint();
  for (let i = 0; i < ROUNDS; ++i) sealer.seal(frame, null, out);
  best.seal = Math.min(best.seal, nanoseconds(begin));
  const frames = Array.from({length: ROUNDS}, () => out.slice(0, sealer.seal(frame, null, out)));
  begin = process.hrtime.bigint();
  for (const sealed of frames) if (opener.open(sealed, null, plain).status !== 'opened') throw new Error('not opened');
  best.open = Math.min(best.open, nanoseconds(begin));
}
console.log(JSON.stringify(best));
