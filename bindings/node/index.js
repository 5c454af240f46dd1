/** End-to-end encrypted calls and meetings. index.d.ts is the reference. */
export {Call} from './call.js';
export {ConclaveError} from './errors.js';
export {AudioSource, Inbox, Sink, VideoSource, now, speak, version} from './media.js';
export {Identity, Joining, Opener, Sealer, Session, maxSealedSize} from './session.js';
