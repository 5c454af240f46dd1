/** What seals and opens frames, under the keys that a session has, and what speakers state of frames that they signed. */
/// <reference types="node" />
import type {Session} from './index.js';

export type FrameMode = 'whole' | 'opus' | 'vp8' | 'vp9' | 'av1' | 'h264' | 'h265';
export type FrameStatus = 'opened' | 'malformed' | 'unknownEpoch' | 'notInRoster' | 'unknownStream' | 'noRight' | 'wrongSender' | 'replayed' | 'tooOld'
  | 'forged' | 'suspended' | 'held';

/** The bytes that a sealed frame of `size` bytes has at most. */
export function maxSealedSize(size: number, mode?: FrameMode): number;

/** Seals the frames of one stream in one epoch. */
export class Sealer {
  /** Seals into `out` and returns the bytes written. */
  seal(frame: Uint8Array, metadata: Uint8Array | null, out: Uint8Array): number;
  /** Goes on under the keys of a later epoch; `next` is used up. */
  takeUp(next: Sealer): void;
  /** Where frames are signed: what is to be said of those since the last call, by `Session.stateFrames`, about once a second. Empty: nothing. */
  takeStatement(): Buffer;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** Opens the frames of other members. */
export class Opener {
  constructor();
  /** After each `epoch` and `keys`. */
  update(session: Session): void;
  /** Opens into `out`; `status` says what became of the frame. */
  open(sealed: Uint8Array, metadata: Uint8Array | null, out: Uint8Array, options?: {sender?: number; mode?: FrameMode}):
    {status: FrameStatus; sender: number; stream: number; size: number};
  /** Where sound is signed in batches, frames are `held` until the one that proves them: then they come out here, in order. */
  proven(): IterableIterator<{sender: number; stream: number; frame: Buffer; metadata: Buffer}>;
  /** Takes the `bytes` of an output `framesStated`. The same may be heard again. */
  hear(stated: Uint8Array): void;
  /** Whose signed frames were not as stated; about once a second. */
  review(): FrameDoubt[];
  /** Signed frames of others, or batches of them, held against what was stated. */
  readonly statements: Statements;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** A member whose signed frames are not what it stated of them to everybody. `equivocated`: it signed another frame for us than the one that it stated, and
 * `evidence` proves it, for `Session.checkEvidence` of any member; `unstated`: it stated nothing, which proves nothing. */
export interface FrameDoubt {
  kind: 'equivocated' | 'unstated'; member: number; name: string; stream: number; epoch: number; identityKey: Buffer; evidence: Buffer;
}

/** Heard as stated, heard otherwise, not stated in time; stated and not heard, heard too late to compare, not compared. */
export interface Statements { confirmed: number; equivocated: number; unstated: number; missed: number; late: number; unwatched: number }
