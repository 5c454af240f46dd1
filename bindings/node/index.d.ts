/** End-to-end encrypted calls and meetings. Durations are in seconds, times in microseconds of `now()`. */
/// <reference types="node" />
import {EventEmitter} from 'node:events';

import type {FrameDoubt, FrameMode, Sealer} from './frames.js';
import type {Contacts, Identity, Organisation, Recognition} from './identity.js';

export * from './frames.js';
export * from './identity.js';

/** A failed call: `code` is the number of error.h, `errorName` its name, `participant` the member at fault where there is one. */
export class ConclaveError extends Error {
  readonly code: number;
  readonly errorName: string;
  readonly participant?: number;
}

/** What is captured and encoded; a file may `loop`. */
export interface PictureOptions { width?: number; height?: number; framesPerSecond?: number; bitrate?: number; loop?: boolean }
/** Likewise of sound. */
export interface SoundOptions { channels?: 1 | 2; bitrate?: number; loop?: boolean }

/** Pictures; serves one call. */
export class VideoSource {
  /** Pictures that `push` gives; a paced source repeats the last one at its rate. */
  static pushed(options?: PictureOptions & {paced?: boolean}): VideoSource;
  /** A moving picture with its time in it. */
  static synthetic(options?: PictureOptions): VideoSource;
  /** The pictures of a media file. */
  static file(path: string, options?: PictureOptions): VideoSource;
  /** The camera `device` as "/dev/video0", or the first one. */
  static camera(device?: string, options?: PictureOptions): VideoSource;
  readonly width: number;
  readonly height: number;
  /** Copies an I420 picture without padding. Throws limit_exceeded, and drops it, when three wait. */
  push(y: Uint8Array, u: Uint8Array, v: Uint8Array): void;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** Sound, 48,000 samples a second; serves one call. */
export class AudioSource {
  /** Sound that `push` gives; a paced source plays it at its rate, with silence when there is none. */
  static pushed(options?: SoundOptions & {paced?: boolean}): AudioSource;
  /** A voice that counts its sentences. */
  static synthetic(options?: SoundOptions): AudioSource;
  /** The sound of a media file. */
  static file(path: string, options?: SoundOptions): AudioSource;
  /** The microphone with `name` in its name, or the default one. */
  static microphone(name?: string, options?: SoundOptions): AudioSource;
  /** Copies interleaved samples. */
  push(samples: Int16Array): void;
  /** Seconds that were pushed and not sent yet. */
  readonly waiting: number;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** An English text as samples for a source of one channel. */
export function speak(words: string): Int16Array;
/** Microseconds of the clock of capture times. */
export function now(): number;
/** The library's version. */
export function version(): string;

/** Where received media goes; serves one call. */
export class Sink {
  /** A WebM file of what the first member sends, as it was encoded. */
  static webm(path: string): Sink;
  /** A PNG file of the last picture. */
  static still(path: string): Sink;
  /** A window with the pictures. */
  static window(title?: string): Sink;
  /** The loudspeaker. */
  static speaker(): Sink;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** A picture of `member`: I420 planes without padding, to be seen at `time`. */
export interface Picture { kind: 'picture'; member: number; width: number; height: number; y: Uint8Array; u: Uint8Array; v: Uint8Array; captureTime: number; time: number }
/** Interleaved sound of `member`, to be heard at `time`. */
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
  /** `borrowedName`: it can be taken for another's; `invitedAs`: to whom the personal invitation was given that is used, or empty; `recognition`: whom of our
   * contacts it is, or whose name it bears; `verifiedBy`: the trusted organisation that certified it, as `certifiedAs`, or empty. */
  | {type: 'knock'; id: number; name: string; borrowedName: boolean; invitedAs: string; recognition: Recognition; verifiedBy: string; certifiedAs: string}
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
  /** Plain text, inert. */
  | {type: 'chat'; member: number; text: string}
  | {type: 'reaction'; member: number; symbol: ReactionSymbol}
  | {type: 'hand'; member: number; raised: boolean}
  /** What was asked of the room could not be done. */
  | {type: 'notDone'; error: ConclaveError | null}
  /** The connection broke and is being made again; our seat and keys stay. */
  | {type: 'reconnecting'}
  | {type: 'reconnected'; gapMs: number}
  /** An heir wants `claimant` (perhaps itself) to become owner, since nobody leads any more. */
  | {type: 'heir'; heir: number; claimant: number}
  /** Who led is not heard any more; `heir`: we are an heir, and may `inherit` or `endorse`. */
  | {type: 'leaderLost'; member: number; name: string; heir: boolean}
  /** What `invite` made: hand the link to that person alone. `number`: for `revoke`. */
  | {type: 'invitation'; number: number; name: string; link: string}
  /** A speaker's signed frames are not as it stated to everybody. */
  | {type: 'speakerDoubted'; member: number; name: string; doubt: FrameDoubt}
  /** Somebody in the room whom our contacts know, by key or by name; follows `memberJoined`. */
  | {type: 'contactSeen'; member: number; name: string; recognition: Recognition}
  /** Who has gone could not be taken out of the room. */
  | {type: 'seatKept'; member: number; name: string; error: ConclaveError | null}
  | {type: 'ended'; error: ConclaveError | null};

export type Mode = 'open' | 'moderated' | 'stage';
export type Role = 'listener' | 'speaker' | 'moderator' | 'owner';
export type Right = 'sound' | 'picture' | 'screen' | 'chat' | 'admit' | 'remove' | 'grant' | 'lock' | 'end';
export type ReactionSymbol = 'applause' | 'agree' | 'disagree' | 'heart' | 'laugh' | 'surprise';

/** What a room is, as all its members agree. `banned`: identities that were removed for good. */
export interface Room {
  mode: Mode; entry: 'knock' | 'invited'; signing: 'none' | 'each' | 'batched'; locked: boolean; ended: boolean; maxMembers: number; banned: number;
}

/** What a member asks of its room. In a call, what is refused comes back as `notDone`; in a session it throws, and what does not counts once it is read
 * back from the log. */
export interface RoomCommands {
  /** What the room is. */
  readonly room: Room;
  /** Writes to all, 1 to 4,096 bytes. */
  chat(text: string): void;
  /** Reacts with a symbol. */
  react(symbol: ReactionSymbol): void;
  /** Asks for the floor, or does no more. */
  raiseHand(raised?: boolean): void;
  /** Asks for the floor no more. */
  lowerHand(): void;
  /** Makes a member something else. */
  setRole(member: number, role: Role): void;
  /** Makes another member owner. We stay one, until we give up the role. */
  handOver(member: number): void;
  /** Gives rights beyond the role's, or back what was taken. */
  give(member: number, rights: Right | Right[]): void;
  /** Takes rights: nobody opens what a member sends without. */
  take(member: number, rights: Right | Right[]): void;
  /** Takes the right to be heard. */
  mute(member: number): void;
  /** Takes the right to be seen. */
  stopVideo(member: number): void;
  /** Removes a member; it may knock again. */
  remove(member: number): void;
  /** Removes a member for good: its identity and its invitation let nobody in again. */
  ban(member: number): void;
  /** Lets nobody in any more, or does again. */
  lock(locked?: boolean): void;
  /** Lets people in again. */
  unlock(): void;
  /** Makes the room another kind of meeting. */
  setMode(mode: Mode): void;
  /** Ends the meeting: nothing is accepted after it. */
  endForAll(): void;
  /** Who may be admitted: whoever knocks, or of those who has a personal invitation. */
  setEntry(entry: 'knock' | 'invited'): void;
  /** How frames are signed; `batched`: see `Opener.proven`. */
  setSigning(signing: 'none' | 'each' | 'batched'): void;
  /** As an heir: becomes owner, since nobody leads any more. */
  inherit(): void;
  /** As an heir: speaks for another one. */
  endorse(claimant: number): void;
}

/** What calls are asked in their own way. */
export interface CallCommands extends RoomCommands {
  /** Members who inherit. `quorum`: how many of them replace leaders who have a seat, at any time; by default more than half. */
  setHeirs(members: Iterable<number>, quorum?: number): void;
  /** A personal invitation, for so many seconds (0: a day): comes as `invitation`. */
  invite(name: string, seconds?: number): void;
  /** Takes an invitation back, by the number of its event. */
  revoke(number: number): void;
  /** For our own contacts: this key goes with this name from now on. `verified`: the safety code was compared. */
  remember(member: number, verified?: boolean): void;
}

/** How one takes part: what is sent, where goes what is received, and durations in seconds. */
export interface CallOptions {
  /** Who we are, for longer than this call; without it somebody new. */
  identity?: Identity;
  /** Takes datagrams of at most 1,500 bytes for the relay instead of a UDP socket; `receive` takes those that come back. It is called by the event loop;
   * where that does not come round, datagrams are lost, as on a network. A host with a carrier names its `relay`. A call whose carrier refers to it
   * lives until it is closed. */
  carrier?: (datagram: Buffer) => void;
  name?: string;
  video?: VideoSource;
  audio?: AudioSource;
  sinks?: Sink[];
  playoutDelay?: number;
  keyRotation?: number;
  joinTimeout?: number;
  connectTimeout?: number;
  /** How long a connection that broke is made again; null: not at all. */
  reconnectWindow?: number | null;
  /** Whom we have met, copied: members and knocks are recognised. */
  contacts?: Contacts;
  /** What `Identity.certify` gave. */
  organisation?: Uint8Array;
  /** Whose word on others counts. */
  trusted?: Iterable<Organisation>;
  /** Media are sealed whole to and from the relay. */
  fullHop?: boolean;
}
/** The relay that a host embeds, or somebody's. */
export interface HostOptions extends CallOptions {
  /** What kind of meeting the room is: open, if nothing is said. */
  mode?: Mode;
  listen?: string;
  port?: number;
  advertise?: string;
  relayKeyFile?: string;
  /** HOST:PORT#KEY of somebody's relay, as conclave-relay prints it; without it the call embeds one. */
  relay?: string;
  /** By which that relay lets us open a room: a token, or the 32 bytes of a key's seed. */
  roomToken?: string;
  roomKeySeed?: Uint8Array;
}

/** A member, as its credential and the room say; the name is inert. `verified`: the safety code was compared; `invitedAs`: to whom its personal invitation was
 * given; `verifiedBy`: the trusted organisation that certified it, as `certifiedAs`; these three may be empty. */
export interface CallMember {
  member: number; name: string; self: boolean; role: Role; rights: Right[]; handRaised: boolean; identityKey: Buffer; verified: boolean; invitedAs: string;
  verifiedBy: string; certifiedAs: string;
}

/** Counters of sound, or of pictures. */
export interface MediumReport {
  framesSent: number; packetsSent: number; bytesSent: number; retransmissions: number; keyframes: number;
  framesReceived: number; framesLost: number; framesDecoded: number; decodeFailures: number; framesConcealed: number;
  packetsReceived: number; packetsLost: number; packetsRecovered: number; bytesReceived: number; keyframesRequested: number; freezes: number;
}
/** `setupTime` in microseconds; what was dropped, by reason. */
export interface Report {
  memberCount: number; epoch: number; setupTime: number; video: MediumReport; audio: MediumReport;
  malformed: number; unknownEpoch: number; unknownSender: number; forged: number; replayed: number; incomplete: number; wrongStream: number;
  badMessage: number; videoCaptured: number; videoSkipped: number; audioCaptured: number; audioSkipped: number; mediaUnplayed: number;
  eventsLost: number; framesConfirmed: number; framesEquivocated: number; framesUnstated: number; framesMissed: number; framesLate: number;
  framesUnwatched: number;
  datagramsSent: number; datagramsReceived: number; relayAddress: string;
}

/** One member of one call. */
export interface Call extends CallCommands {}
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
  /** Lets in who knocked. */
  admit(knock: number): void;
  /** Sends away who knocked. */
  refuse(knock: number): void;
  /** New keys, now. */
  rotateKeys(): void;
  /** A datagram that the carrier brought from the relay. Throws limit_exceeded, and drops it, when 512 wait. */
  receive(datagram: Uint8Array): void;
  /** After `ended`: what happened as we saw it, signed by us, for `conclave-call verify`. */
  record(): Buffer;
  /** After `ended`: the contacts that the call was given, and whom it has met. */
  contacts(): Contacts;
  /** Says goodbye; `ended` follows at once. */
  leave(): void;
  /** As of the last half second; exact after `ended`. */
  report(): Report;
  /** The members, as of the last half second. */
  roster(): CallMember[];
  /** Stops capture and finishes the sinks, so that files are whole. After `ended`. */
  finish(): Promise<void>;
  /** Leaves without goodbye, if need be, and wipes the keys. */
  close(): Promise<void>;
}

/** What the app has to carry (`log`, `welcome`), or what happened; conclave.h says what stands in which field. */
export interface Output {
  kind: 'log' | 'welcome' | 'epoch' | 'keys' | 'memberEntered' | 'memberGone' | 'message' | 'refused' | 'admissionFailed' | 'doubted' | 'confirmed'
    | 'suspended' | 'resumed' | 'ended' | 'roomChanged' | 'chat' | 'reaction' | 'hand' | 'heir' | 'notDone' | 'framesStated';
  id: number; member: number; flag: number; name: string; bytes: Buffer; error: ConclaveError | null;
}

export type FrameSuite = 'aes128CtrHmacSha256_80' | 'aes128CtrHmacSha256_64' | 'aes128GcmSha256_128' | 'aes256GcmSha512_128' | 'chacha20Poly1305Sha256_128';

/** `suite` of MLS (RFC 9420 section 17.1); `frameSuite` of SFrame: the only one that is taken. Durations in seconds. Who founds says the `mode`, who joins
 * may show an `invitation`; `commitInterval`: a pace for our commits, `admissionsAtOnce`: that one commit may make. */
export interface SessionOptions {
  suite?: number; frameSuite?: FrameSuite; epochOverlap?: number; keyRotation?: number; heartbeat?: number; mode?: Mode; invitation?: Uint8Array;
  commitInterval?: number; admissionsAtOnce?: number;
  /** What `Identity.certify` gave. */
  organisation?: Uint8Array;
  /** Whose word on others counts. */
  trusted?: Iterable<Organisation>;
}

/** A member of a session: also whether it is heard with our history. */
export interface SessionMember extends CallMember { confirmed: boolean }

/** What sessions are asked in their own way. */
export interface SessionCommands extends RoomCommands {
  /** Who inherits: SHA-256 of identity keys. `quorum`: how many of them replace leaders who have a seat, at any time; by default more than half. */
  setHeirs(heirs: Iterable<Uint8Array>, quorum?: number): void;
  /** Takes a personal invitation back. */
  revoke(invitation: Uint8Array): void;
}

/** The keys of a room, for an app that has its own media and transport. */
export interface Session extends SessionCommands {}
export class Session {
  /** A new room with one member, its owner. */
  static found(roomId: Uint8Array, identity: Identity, name: string, options?: SessionOptions): Session;
  /** Goes on from what `save` gave; `counter` is that of the latest save. */
  static restore(roomId: Uint8Array, state: Uint8Array, key: Uint8Array, counter: number, options?: SessionOptions): Session;
  /** The whole state, sealed under 32 secret bytes. `counter` grows with each save, and is kept where nobody can put it back. */
  save(key: Uint8Array, counter: number): Buffer;
  /** Who stands behind a key package. */
  inspect(keyPackage: Uint8Array): SessionMember;
  /** All members, we among them. */
  roster(): SessionMember[];
  /** To compare over another channel. Costs 0.1 s and 64 MiB. */
  safetyCode(): Promise<{digits: string; words: string}>;
  /** Remembers that the safety codes were compared. */
  setVerified(member: number, verified?: boolean): void;
  /** The streams of a member that are opened here; all at first. */
  allowStreams(member: number, streams: Iterable<number>): void;
  /** Takes back an admission whose commit was not made yet. */
  withdraw(request: number): void;
  /** The next message of the room's log, our own included. */
  handleMessage(message: Uint8Array): void;
  /** At `status.nextDeadline`. */
  tick(): void;
  /** A personal invitation under our identity, until a date or seconds since 1970. `holder`: the hash of the identity that alone may use it. */
  invite(identity: Identity, name: string, expires: Date | number, holder?: Uint8Array): Buffer;
  /** The record of what we saw, signed. */
  record(identity: Identity): Buffer;
  /** Lets somebody in; `request` is a name of yours for it. */
  admit(request: number, keyPackage: Uint8Array): void;
  /** New keys, now. */
  rotate(): void;
  /** A signed message to all members. */
  say(content: Uint8Array): void;
  /** Says to all what our sealers signed (`Sealer.takeStatement`), as outputs for the log; nothing where all are empty. */
  stateFrames(statements: Iterable<Uint8Array>): void;
  /** Who signed what the evidence of a doubt holds; throws where no member of now did. */
  checkEvidence(evidence: Uint8Array): number;
  /** Puts a doubt into the record of the meeting. */
  recordDoubt(doubt: FrameDoubt): void;
  readonly status: {memberCount: number; epoch: number; self: number; owner?: number; frameSuite: FrameSuite; suspended: boolean; nextDeadline: number; authenticator: Buffer};
  /** The sealer of one of our streams, 0 to 15, in this epoch; each is given out once. */
  makeSealer(stream: number, mode?: FrameMode): Sealer;
  /** What the app has to carry, and what happened; each is taken once. */
  outputs(): IterableIterator<Output>;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** Somebody at the door. */
export class Joining {
  constructor(roomId: Uint8Array, identity: Identity, name: string, options?: SessionOptions);
  readonly keyPackage: Buffer;
  /** Joins by a Welcome, in the room of this founder. */
  complete(welcome: Uint8Array, founderHash: Uint8Array): Session;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}
