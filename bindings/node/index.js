/** End-to-end encrypted calls and meetings. index.d.ts is the reference. */
export {Call} from './call.js';
export {ConclaveError} from './errors.js';
export {AudioSource, Inbox, Sink, VideoSource, now, speak, version} from './media.js';
export {Opener, Sealer, maxSealedSize} from './frames.js';
export {Contacts, Identity, Organisation, readTranscript} from './identity.js';
export {Joining, Session} from './session.js';
