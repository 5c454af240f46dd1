/** End-to-end encrypted calls and meetings. Durations are in seconds, times in microseconds of `now()`. */
/// <reference types="node" />
import {EventEmitter} from 'node:events';

/** A failed call: `code` is the number of error.h, `errorName` its name, `participant` the member at fault where there is one. */
export class ConclaveError extends Error {
  readonly code: number;
  readonly errorName: string;
  readonly participant?: number;
}

export interface PictureOptions { width?: number; height?: number; framesPerSecond?: number; bitrate?: number; loop?: boolean }
export interface SoundOptions { channels?: 1 | 2; bitrate?: number; loop?: boolean }

/** Pictures; serves one call. */
export class VideoSource {
  /** Pictures that `push` gives; a paced source repeats the last one at its rate. */
  static pushed(options?: PictureOptions & {paced?: boolean}): VideoSource;
  static synthetic(options?: PictureOptions): VideoSource;
  static file(path: string, options?: PictureOptions): VideoSource;
  static camera(device?: string, options?: PictureOptions): VideoSource;
  readonly width: number;
  readonly height: number;
  /** Copies an I420 picture without padding. Throws limit_exceeded, and drops it, when three wait. */
  push(y: Uint8Array, u: Uint8Array, v: Uint8Array): void;
  close(): void;
}

/** Sound, 48,000 samples a second; serves one call. */
export class AudioSource {
  /** Sound that `push` gives; a paced source plays it at its rate, with silence when there is none. */
  static pushed(options?: SoundOptions & {paced?: boolean}): AudioSource;
  static synthetic(options?: SoundOptions): AudioSource;
  static file(path: string, options?: SoundOptions): AudioSource;
  static microphone(name?: string, options?: SoundOptions): AudioSource;
  /** Copies interleaved samples. */
  push(samples: Int16Array): void;
  /** Seconds that were pushed and not sent yet. */
  readonly waiting: number;
  close(): void;
}

/** An English text as samples for a source of one channel. */
export function speak(words: string): Int16Array;
export function now(): number;

/** Where received media goes; serves one call. */
export class Sink {
  static webm(path: string): Sink;
  static still(path: string): Sink;
  static window(title?: string): Sink;
  static speaker(): Sink;
  close(): void;
}

export interface Picture { kind: 'picture'; member: number; width: number; height: number; y: Uint8Array; u: Uint8Array; v: Uint8Array; captureTime: number; time: number }
export interface Sound { kind: 'sound'; member: number; channels: number; samples: Int16Array; captureTime: number; time: number }

/** A sink from which received pictures and sound are fetched. */
export class Inbox extends Sink {
  constructor(options?: {pictures?: boolean; sound?: boolean; mostWaiting?: number});
  /** The next piece; null when the time passed. */
  next(seconds?: number): Promise<Picture | Sound | null>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Picture | Sound>;
}

export type Event =
  | {type: 'roomReady'}
  | {type: 'knock'; id: number; name: string}
  | {type: 'knockWithdrawn'; id: number}
  | {type: 'joined'; member: number}
  | {type: 'memberJoined'; member: number; name: string}
  | {type: 'memberLeft'; member: number; name: string; removed: boolean}
  | {type: 'epoch'; epoch: number; authenticator: Buffer}
  | {type: 'safetyCode'; digits: string; words: string}
  | {type: 'sourceEnded'; video: boolean; error: ConclaveError | null}
  | {type: 'unconfirmed'; member: number; name: string; diverged: boolean}
  | {type: 'reconfirmed'; member: number}
  | {type: 'suspended'; suspended: boolean}
  | {type: 'roomChanged'}
  /** Inert, and cut after 255 bytes. */
  | {type: 'chat'; member: number; text: string}
  /** 1 applause, 2 agree, 3 disagree, 4 heart, 5 laugh, 6 surprise. */
  | {type: 'reaction'; member: number; symbol: number}
  | {type: 'hand'; member: number; raised: boolean}
  | {type: 'notDone'; error: ConclaveError | null}
  /** The connection broke and is being made again; our seat and keys stay. */
  | {type: 'reconnecting'}
  | {type: 'reconnected'; gapMs: number}
  | {type: 'ended'; error: ConclaveError | null};

export interface CallOptions {
  name?: string;
  video?: VideoSource;
  audio?: AudioSource;
  sinks?: Sink[];
  playoutDelay?: number;
  keyRotation?: number;
  joinTimeout?: number;
  connectTimeout?: number;
}
export interface HostOptions extends CallOptions { listen?: string; port?: number; advertise?: string; relayKeyFile?: string }

export interface MediumReport {
  framesSent: number; bytesSent: number; framesReceived: number; framesLost: number; framesDecoded: number; framesConcealed: number;
  packetsReceived: number; packetsLost: number; bytesReceived: number; freezes: number;
}
export interface Report { memberCount: number; epoch: number; video: MediumReport; audio: MediumReport; forged: number; replayed: number; relayAddress: string }

/** One member of one call. */
export class Call extends EventEmitter {
  /** Opens a room on a relay in this process. */
  static host(options?: HostOptions): Call;
  /** Knocks at the room of a link. */
  static join(link: string, options?: CallOptions): Call;
  /** The room's link: a secret, since who has it may knock. */
  readonly link: string;
  /** The next event; null when the time passed, and after `ended`. */
  nextEvent(seconds?: number): Promise<Event | null>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Event>;
  /** Emits every event under its type until the end; resolves with the last one. */
  start(): Promise<Event | null>;
  admit(knock: number): void;
  refuse(knock: number): void;
  remove(member: number): void;
  rotateKeys(): void;
  /** Says goodbye; `ended` follows at once. */
  leave(): void;
  report(): Report;
  /** Stops capture and finishes the sinks, so that files are whole. After `ended`. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** A long-term identity: new, or of 32 secret bytes. */
export class Identity {
  constructor(seed?: Uint8Array);
  /** What invitations pin. */
  readonly hash: Buffer;
  close(): void;
}

export type FrameMode = 'whole' | 'opus' | 'vp8' | 'vp9' | 'av1' | 'h264' | 'h265';
export type FrameStatus = 'opened' | 'malformed' | 'unknownEpoch' | 'notInRoster' | 'unknownStream' | 'noRight' | 'wrongSender' | 'replayed' | 'tooOld'
  | 'forged' | 'suspended';

export interface Output {
  kind: 'log' | 'welcome' | 'epoch' | 'keys' | 'memberEntered' | 'memberGone' | 'message' | 'refused' | 'admissionFailed' | 'doubted' | 'confirmed'
    | 'suspended' | 'resumed' | 'ended' | 'roomChanged' | 'chat' | 'reaction' | 'hand';
  id: number; member: number; flag: number; name: string; bytes: Buffer; error: ConclaveError | null;
}

/** The keys of a room, for an app that has its own media and transport. */
export class Session {
  static found(roomId: Uint8Array, identity: Identity, name: string): Session;
  /** The next message of the room's log, our own included. */
  handleMessage(message: Uint8Array): void;
  /** At `status.nextDeadline`. */
  tick(): void;
  admit(request: number, keyPackage: Uint8Array): void;
  remove(member: number): void;
  rotate(): void;
  /** A signed message to all members. */
  say(content: Uint8Array): void;
  readonly status: {memberCount: number; epoch: number; self: number; suspended: boolean; nextDeadline: number; authenticator: Buffer};
  makeSealer(stream: number, mode?: FrameMode): Sealer;
  /** What the app has to carry, and what happened; each is taken once. */
  outputs(): IterableIterator<Output>;
  close(): void;
}

/** Somebody at the door. */
export class Joining {
  constructor(roomId: Uint8Array, identity: Identity, name: string);
  readonly keyPackage: Buffer;
  complete(welcome: Uint8Array, founderHash: Uint8Array): Session;
  close(): void;
}

/** Seals the frames of one stream in one epoch. */
export class Sealer {
  /** Seals into `out` and returns the bytes written. */
  seal(frame: Uint8Array, metadata: Uint8Array | null, out: Uint8Array): number;
  takeUp(next: Sealer): void;
  close(): void;
}

/** Opens the frames of other members. */
export class Opener {
  constructor();
  /** After each `epoch` and `keys`. */
  update(session: Session): void;
  open(sealed: Uint8Array, metadata: Uint8Array | null, out: Uint8Array, options?: {sender?: number; mode?: FrameMode}):
    {status: FrameStatus; sender: number; stream: number; size: number};
  close(): void;
}
