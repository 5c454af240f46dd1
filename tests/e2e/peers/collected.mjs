// What Node's collector does to handles: what nobody refers to is closed, keys and all, and nothing that runs is torn down under a call.
// node --expose-gc collected.mjs MODULE
import assert from 'node:assert';
import {setImmediate as turn, setTimeout as sleep} from 'node:timers/promises';
import {Worker, isMainThread, workerData} from 'node:worker_threads';

import {Pair} from './pair.mjs';

const conclave = await import(isMainThread ? process.argv[2] : workerData);
const {AudioSource, Call, Identity, Inbox, Opener, Session} = conclave;
const MOST_HANDLES = 65_536;

async function collect() {
  for (let i = 0; i < 3; ++i) {
    globalThis.gc();
    await turn();
    await sleep(5);
  }
}

async function noHandleLeaks() {
  for (let i = 0; i < MOST_HANDLES + 5000; ++i) { // a leak would hit the bound
    new Opener();
    if (i % 4096 === 0) await collect();
  }
  for (let i = 0; i < 200; ++i) {
    Session.found(new Uint8Array(16), new Identity(), 'Alice').makeSealer(0);
    if (i % 50 === 0) await collect();
  }
  await collect();
  new Opener();
}

/** Whether the object that `make` gives is collected. */
async function isCollected(make) {
  const watched = new WeakRef(make());
  for (let i = 0; i < 50 && watched.deref(); ++i) await collect();
  return watched.deref() === undefined;
}

async function everyKindIsCollected() {
  for (const make of [() => new Identity(), () => new Opener(), () => new Inbox(), () => AudioSource.pushed(), () => Call.host({listen: '127.0.0.1'}),
    () => new Pair(conclave).enter().host, () => new Pair(conclave).joining])
    assert.ok(await isCollected(make), make.toString());
}

async function whatWaitsHoldsItsCall() {
  let ended = (() => {
    const call = Call.host({listen: '127.0.0.1'});
    setTimeout(() => call.leave(), 300);
    return call.start();
  })();
  for (let i = 0; i < 10; ++i) await collect();
  assert.strictEqual((await ended).type, 'ended');
}

async function aSourceOutlivesItsLastName() {
  const call = Call.host({listen: '127.0.0.1', audio: AudioSource.synthetic()});
  await collect();
  assert.ok(await call.nextEvent(10));
  await call.close();
}

async function closingWakesWhoWaits() {
  const inbox = new Inbox(), waiting = inbox.next(60);
  await sleep(50);
  inbox.close();
  await assert.rejects(waiting, error => error.errorName === 'invalid_state');
}

/** Threads of JavaScript have heaps of their own; their calls end with them. */
async function environmentsEnd() {
  for (let i = 0; i < 3; ++i) {
    const worker = new Worker(new URL(import.meta.url), {workerData: process.argv[2]});
    await new Promise(resolve => worker.once('message', resolve));
    await worker.terminate();
  }
}

if (isMainThread) {
  await noHandleLeaks();
  await everyKindIsCollected();
  await whatWaitsHoldsItsCall();
  await aSourceOutlivesItsLastName();
  await closingWakesWhoWaits();
  await environmentsEnd();
  globalThis.leftOpen = [Call.host({listen: '127.0.0.1'}), new Identity(), new Inbox()]; // the process ends with them
  console.log('ok');
} else {
  const {parentPort} = await import('node:worker_threads');
  globalThis.running = Call.host({relay: `relay.invalid:4433#${'00'.repeat(32)}`, carrier: () => {}});
  globalThis.waiting = globalThis.running.nextEvent(60).catch(() => {});
  parentPort.postMessage('running');
}
