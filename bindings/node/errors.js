import {createRequire} from 'node:module';

export const native = createRequire(import.meta.url)('./conclave.node');

/** A failed call: `code` is the number of error.h, `errorName` its name, `participant` the member at fault where there is one. */
export class ConclaveError extends Error {
  constructor({code, errorName, message, participant}) {
    super(`${errorName}: ${message}`);
    this.name = 'ConclaveError';
    Object.assign(this, {code, errorName, participant});
  }
}

const better = error => (error && typeof error.errorName === 'string' ? new ConclaveError(error) : error);

/** An error that an event carries; null where there is none. */
export const errorOf = error => error && better(error);

/** Waits for what `fetch(microseconds)` gives, a quarter of a second at a time: a thread of Node that ends waits no longer for it. */
export async function inSlices(seconds, fetch) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const left = Math.max(0, until - Date.now()), slice = Math.min(250, left);
    const found = await fetch(slice * 1000);
    if (found || left <= 250) return found;
  }
}

/** Calls a function of the addon: what it throws, or rejects with, becomes a ConclaveError. */
export function call(name, ...args) {
  try {
    const value = native[name](...args);
    return value instanceof Promise ? value.catch(error => { throw better(error); }) : value;
  } catch (error) {
    throw better(error);
  }
}
