/** Who somebody is: identities, also at rest, contacts, and organisations that vouch. */
/// <reference types="node" />

/** A long-term identity: new, or of 32 secret bytes. */
export class Identity {
  constructor(seed?: Uint8Array);
  /** Of what `seal` gave; rejects where it is no identity file, the passphrase is another one, or the file was changed. */
  static open(file: Uint8Array, passphrase: string | Uint8Array): Promise<Identity>;
  /** A file of the secret, sealed under a passphrase: 0.1 s and 64 MiB of work. */
  seal(passphrase: string | Uint8Array): Promise<Buffer>;
  /** What it brings into rooms (`organisation`) for what an organisation says of it: certificates in PEM, the holder's own first and without the root, and the
   * private key of that one. */
  certify(chain: string, key: string): Buffer;
  /** What invitations pin. */
  readonly hash: Buffer;
  readonly publicKey: Buffer;
  /** Ends it now, and wipes its keys; again does nothing. */
  close(): void;
}

/** An organisation whose word on others counts here: its root certificates in PEM, and the name that members are shown as verified by, or the common name of
 * the first root. */
export class Organisation {
  constructor(roots: string, name?: string);
  /** Ends it now; again does nothing. */
  close(): void;
}

/** What contacts say of somebody. `keyChanged`: a known name, or one that looks like it, with another key: a new device, or an impostor. Of `known` and
 * `renamed`: `verified`, the safety code was compared; `remembered`, by a person, not merely somebody who was in a room of ours. */
export interface Recognition { acquaintance: 'stranger' | 'known' | 'renamed' | 'keyChanged'; verified: boolean; remembered: boolean; knownAs: string }

/** At most 10,000 identity keys with the names that they came under. Where the bytes are kept is the application's matter. */
export class Contacts {
  constructor();
  /** Of what `serialise` gave. */
  static parse(bytes: Uint8Array): Contacts;
  /** Of what `seal` gave; throws where they are another identity's, or were changed. */
  static open(file: Uint8Array, identity: Identity): Contacts;
  /** For `parse`. */
  serialise(): Buffer;
  /** For `open`: sealed under a key of the identity. */
  seal(identity: Identity): Buffer;
  readonly size: number;
  /** Changes nothing: whether a changed key is the same person is for people to say. */
  recognise(identityKey: Uint8Array, name: string): Recognition;
  /** A person says who this is. `verified`: the safety code was compared. */
  remember(identityKey: Uint8Array, name: string, verified?: boolean): void;
  /** Somebody was in a room of ours: told from others of that name, and trusted with nothing. */
  meet(identityKey: Uint8Array, name: string): void;
  /** Who has this key becomes a stranger. */
  forget(identityKey: Uint8Array): void;
  /** Ends it now; again does nothing. */
  close(): void;
}

/** What a record says. Identities are SHA-256 of their keys: compare `signer` with the identity that you trust. `lines`: one for each event, in order. */
export interface Transcript { roomId: Buffer; founder: Buffer; signer: Buffer; lines: string[] }

/** Checks what `Call.record` or `Session.record` gave; throws when anything was changed, left out, put in or moved since it was signed. */
export function readTranscript(record: Uint8Array): Transcript;
