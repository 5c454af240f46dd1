//! The C interface of libconclave, as it is: conclave.h says what each function does.
#![no_std]
#![allow(non_camel_case_types)]

use core::ffi::c_void;

#[allow(non_camel_case_types)]
pub type c_char = i8; // core::ffi::c_char is younger than rustc 1.63

pub type conclave_handle = u64;
pub type conclave_result = i32;

pub const CONCLAVE_OK: i32 = 0;
pub const CONCLAVE_INVALID_ARGUMENT: i32 = 100;
pub const CONCLAVE_INVALID_STATE: i32 = 101;
pub const CONCLAVE_BUFFER_TOO_SMALL: i32 = 102;
pub const CONCLAVE_ABI_VERSION: u32 = 1 << 16 | 3;

pub const CONCLAVE_SOURCE_PUSHED: u32 = 1;
pub const CONCLAVE_SOURCE_PACED: u32 = 2;
pub const CONCLAVE_SOURCE_SYNTHETIC: u32 = 3;
pub const CONCLAVE_SOURCE_FILE: u32 = 4;
pub const CONCLAVE_SOURCE_DEVICE: u32 = 5;
pub const CONCLAVE_SINK_FETCHED: u32 = 1;
pub const CONCLAVE_SINK_WEBM: u32 = 2;
pub const CONCLAVE_SINK_STILL: u32 = 3;
pub const CONCLAVE_SINK_WINDOW: u32 = 4;
pub const CONCLAVE_SINK_SPEAKER: u32 = 5;
pub const CONCLAVE_MEDIA_PICTURE: u32 = 1;
pub const CONCLAVE_MEDIA_SOUND: u32 = 2;
pub const CONCLAVE_EVENT_NONE: u32 = 0;
pub const CONCLAVE_EVENT_ROOM_READY: u32 = 1;
pub const CONCLAVE_EVENT_KNOCK: u32 = 2;
pub const CONCLAVE_EVENT_KNOCK_WITHDRAWN: u32 = 3;
pub const CONCLAVE_EVENT_JOINED: u32 = 4;
pub const CONCLAVE_EVENT_MEMBER_JOINED: u32 = 5;
pub const CONCLAVE_EVENT_MEMBER_LEFT: u32 = 6;
pub const CONCLAVE_EVENT_EPOCH: u32 = 7;
pub const CONCLAVE_EVENT_SAFETY_CODE: u32 = 8;
pub const CONCLAVE_EVENT_SOURCE_ENDED: u32 = 9;
pub const CONCLAVE_EVENT_ENDED: u32 = 10;
pub const CONCLAVE_EVENT_UNCONFIRMED: u32 = 11;
pub const CONCLAVE_EVENT_RECONFIRMED: u32 = 12;
pub const CONCLAVE_EVENT_SUSPENDED: u32 = 13;
pub const CONCLAVE_EVENT_ROOM_CHANGED: u32 = 14;
pub const CONCLAVE_EVENT_CHAT: u32 = 15;
pub const CONCLAVE_EVENT_REACTION: u32 = 16;
pub const CONCLAVE_EVENT_HAND: u32 = 17;
pub const CONCLAVE_EVENT_NOT_DONE: u32 = 18;
pub const CONCLAVE_EVENT_RECONNECTING: u32 = 19;
pub const CONCLAVE_EVENT_RECONNECTED: u32 = 20;
pub const CONCLAVE_EVENT_HEIR: u32 = 21;
pub const CONCLAVE_EVENT_LEADER_LOST: u32 = 22;
pub const CONCLAVE_EVENT_INVITATION: u32 = 23;
pub const CONCLAVE_EVENT_SPEAKER_DOUBTED: u32 = 24;
pub const CONCLAVE_EVENT_CONTACT_SEEN: u32 = 25;
pub const CONCLAVE_EVENT_SEAT_KEPT: u32 = 26;

/// A struct of the C interface, which begins with its size. Filled with zeros but for that.
///
/// # Safety
/// All zeros must be a value of the type, and its first field the 32 bits of `struct_size`.
pub unsafe trait Sized32: Copy {
    fn sized() -> Self {
        // SAFETY: what implements this is plain data that begins with a u32.
        unsafe {
            let mut value: Self = core::mem::zeroed();
            (&mut value as *mut Self).cast::<u32>().write(core::mem::size_of::<Self>() as u32);
            value
        }
    }
}

macro_rules! structs {
    ($($(#[$meta:meta])* $name:ident = $size:literal { $($field:ident: $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $name { pub struct_size: u32, $(pub $field: $type,)* }
        // SAFETY: integers, pointers and arrays of them; struct_size comes first.
        unsafe impl Sized32 for $name {}
        const _: () = assert!(core::mem::size_of::<$name>() == $size);
    )*};
}

structs! {
    conclave_error = 272 { code: i32, has_participant: u32, participant: u32, detail: [c_char; 256], }
    conclave_source_config = 56 {
        kind: u32, path: *const c_char, loop_: u32, codec: u32, width: u32, height: u32, frames_per_second: u32, video_bitrate: u32,
        threads: u32, channels: u32, audio_bitrate: u32, reserved: u32,
    }
    conclave_picture = 56 {
        width: u32, height: u32, y_stride: u32, u_stride: u32, v_stride: u32, y: *const u8, u: *const u8, v: *const u8, capture_time: i64,
    }
    conclave_sink_config = 24 { kind: u32, path: *const c_char, media: u32, most_waiting: u32, }
    conclave_media = 56 {
        kind: u32, member: u32, width: u32, height: u32, channels: u32, codec: u32, keyframe: u32, capture_time: i64, time: i64, dropped: u64,
    }
    conclave_carrier = 32 {
        reserved: u32, user: *mut c_void, send: Option<unsafe extern "C" fn(*mut c_void, *const u8, usize)>,
        closed: Option<unsafe extern "C" fn(*mut c_void)>,
    }
    conclave_call_config = 200 {
        sink_count: u32, display_name: *const c_char, video_source: u64, audio_source: u64, sinks: *const u64, playout_delay: i64,
        key_rotation: i64, join_timeout: i64, connect_timeout: i64, listen: *const c_char, advertise: *const c_char,
        relay_key_file: *const c_char, port: u32, reserved: u32, relay: *const c_char, room_token: *const c_char, room_key_seed: *const u8,
        carrier: *const conclave_carrier, mode: u32, reserved_2: u32, identity: u64, reconnect_window: i64, contacts: u64,
        organisation: *const u8, organisation_size: usize, trusted: *const u64, trusted_count: u32, full_hop: u32,
    }
    conclave_event = 6384 {
        kind: u32, id: u64, member: u32, flag: u32, code: i32, has_participant: u32, participant: u32, authenticator_size: u32,
        authenticator: [u8; 64], name: [c_char; 264], digits: [c_char; 64], words: [c_char; 192], detail: [c_char; 256],
        text: [c_char; 4104], stream: u32, evidence_size: u32, evidence: [u8; 512], identity_key_size: u32, identity_key: [u8; 72],
        acquaintance: u32, verified: u32, remembered: u32, known_as: [c_char; 264], verified_by: [c_char; 264], certified_as: [c_char; 264],
    }
    conclave_report = 520 {
        member_count: u32, epoch: u64, setup_time: i64, video: conclave_medium_report, audio: conclave_medium_report, malformed: u64,
        unknown_epoch: u64, unknown_sender: u64, forged: u64, replayed: u64, incomplete: u64, wrong_stream: u64, bad_message: u64,
        video_captured: u64, video_skipped: u64, audio_captured: u64, audio_skipped: u64, media_unplayed: u64, datagrams_sent: u64,
        datagrams_received: u64, relay_address: [c_char; 64], events_lost: u64, frames_confirmed: u64, frames_equivocated: u64,
        frames_unstated: u64, frames_missed: u64, frames_late: u64, frames_unwatched: u64,
    }
    conclave_session_config = 136 {
        suite: u32, room_id: [u8; 16], frame_suites: [u32; 6], epoch_overlap: i64, key_rotation: i64, heartbeat: i64, mode: u32,
        admissions_at_once: u32, invitation: *const u8, invitation_size: usize, commit_interval: i64, organisation: *const u8,
        organisation_size: usize, trusted: *const u64, trusted_count: u32, reserved: u32,
    }
    conclave_command = 32 { kind: u32, member: u32, value: u32, data: *const c_void, size: usize, }
    conclave_room = 32 { mode: u32, entry: u32, signing: u32, locked: u32, ended: u32, max_members: u32, banned: u32, }
    conclave_output = 560 {
        kind: u32, id: u64, member: u32, flag: u32, code: i32, has_participant: u32, participant: u32, reserved: u32, name: [c_char; 264],
        detail: [c_char; 256],
    }
    conclave_session_status = 112 {
        member_count: u32, epoch: u64, next_deadline: i64, self_: u32, owner: u32, has_owner: u32, frame_suite: u32, suspended: u32,
        authenticator_size: u32, authenticator: [u8; 64],
    }
    conclave_opened = 32 { status: u32, sender: u32, stream: u32, epoch: u64, size: u64, }
    conclave_member = 1168 {
        member: u32, self_: u32, role: u32, verified: u32, confirmed: u32, identity_key_size: u32, reserved: u32, identity_key: [u8; 72],
        name: [c_char; 264], rights: u32, hand_raised: u32, invited_as: [c_char; 264], verified_by: [c_char; 264],
        certified_as: [c_char; 264],
    }
    conclave_recognition = 280 { acquaintance: u32, verified: u32, remembered: u32, known_as: [c_char; 264], }
    conclave_frame_doubt = 880 {
        kind: u32, member: u32, stream: u32, epoch: u64, identity_key_size: u32, evidence_size: u32, identity_key: [u8; 72],
        name: [c_char; 264], evidence: [u8; 512],
    }
    conclave_statements = 56 {
        reserved: u32, confirmed: u64, equivocated: u64, unstated: u64, missed: u64, late: u64, unwatched: u64,
    }
    conclave_transcript = 88 { line_count: u32, room_id: [u8; 16], founder: [u8; 32], signer: [u8; 32], }
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct conclave_medium_report {
    pub frames_sent: u64,
    pub packets_sent: u64,
    pub bytes_sent: u64,
    pub retransmissions: u64,
    pub keyframes: u64,
    pub frames_received: u64,
    pub frames_lost: u64,
    pub frames_decoded: u64,
    pub decode_failures: u64,
    pub frames_concealed: u64,
    pub packets_received: u64,
    pub packets_lost: u64,
    pub packets_recovered: u64,
    pub bytes_received: u64,
    pub keyframes_requested: u64,
    pub freezes: u64,
}

/// Bytes of the caller.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct conclave_bytes {
    pub data: *const u8,
    pub size: usize,
}

/// Both clocks; null means now.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct conclave_moment {
    pub now: i64,
    pub wall: u64,
}

extern "C" {
    pub fn conclave_abi_version() -> u32;
    pub fn conclave_version() -> *const c_char;
    pub fn conclave_result_name(code: i32) -> *const c_char;
    pub fn conclave_last_error(error: *mut conclave_error) -> i32;
    pub fn conclave_now() -> i64;
    pub fn conclave_close(handle: u64) -> i32;
    pub fn conclave_set_user(handle: u64, user: *mut c_void) -> i32;
    pub fn conclave_get_user(handle: u64, user: *mut *mut c_void) -> i32;
    pub fn conclave_source_open(config: *const conclave_source_config, video: *mut u64, audio: *mut u64) -> i32;
    pub fn conclave_source_push_picture(source: u64, picture: *const conclave_picture) -> i32;
    pub fn conclave_source_push_sound(source: u64, samples: *const i16, count: usize, capture_time: i64) -> i32;
    pub fn conclave_source_waiting(source: u64, waiting: *mut u64) -> i32;
    pub fn conclave_speak(text: *const c_char, samples: *mut i16, count: *mut usize) -> i32;
    pub fn conclave_sink_open(config: *const conclave_sink_config, sink: *mut u64) -> i32;
    pub fn conclave_sink_next(sink: u64, timeout: i64, media: *mut conclave_media, buffer: *mut c_void, size: *mut usize) -> i32;
    pub fn conclave_call_host(config: *const conclave_call_config, call: *mut u64) -> i32;
    pub fn conclave_call_join(config: *const conclave_call_config, link: *const c_char, call: *mut u64) -> i32;
    pub fn conclave_call_receive(call: u64, datagram: *const u8, size: usize) -> i32;
    pub fn conclave_call_link(call: u64, text: *mut c_char, size: *mut usize) -> i32;
    pub fn conclave_call_next_event(call: u64, timeout: i64, event: *mut conclave_event) -> i32;
    pub fn conclave_call_admit(call: u64, knock: u64) -> i32;
    pub fn conclave_call_refuse(call: u64, knock: u64) -> i32;
    pub fn conclave_call_remove(call: u64, member: u32) -> i32;
    pub fn conclave_call_rotate_keys(call: u64) -> i32;
    pub fn conclave_call_leave(call: u64) -> i32;
    pub fn conclave_call_finish(call: u64) -> i32;
    pub fn conclave_call_report(call: u64, report: *mut conclave_report) -> i32;
    pub fn conclave_call_member(call: u64, index: u32, member: *mut conclave_member) -> i32;
    pub fn conclave_call_command(call: u64, command: *const conclave_command) -> i32;
    pub fn conclave_call_room(call: u64, room: *mut conclave_room) -> i32;
    pub fn conclave_call_contacts(call: u64, contacts: *mut u64) -> i32;
    pub fn conclave_call_record(call: u64, record: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_identity_generate(identity: *mut u64) -> i32;
    pub fn conclave_identity_from_seed(seed: *const u8, size: usize, identity: *mut u64) -> i32;
    pub fn conclave_identity_public_key(identity: u64, key: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_identity_hash(identity: u64, hash: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_identity_seal(identity: u64, passphrase: *const c_void, passphrase_size: usize, file: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_identity_open(
        file: *const u8, size: usize, passphrase: *const c_void, passphrase_size: usize, identity: *mut u64,
    ) -> i32;
    pub fn conclave_identity_certify(identity: u64, chain: *const c_char, key: *const c_char, proof: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_organisation_trust(roots: *const c_char, name: *const c_char, organisation: *mut u64) -> i32;
    pub fn conclave_contacts_create(contacts: *mut u64) -> i32;
    pub fn conclave_contacts_parse(bytes: *const u8, size: usize, contacts: *mut u64) -> i32;
    pub fn conclave_contacts_open(file: *const u8, size: usize, identity: u64, contacts: *mut u64) -> i32;
    pub fn conclave_contacts_serialise(contacts: u64, bytes: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_contacts_seal(contacts: u64, identity: u64, file: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_contacts_count(contacts: u64, count: *mut u64) -> i32;
    pub fn conclave_contacts_recognise(
        contacts: u64, identity_key: *const u8, key_size: usize, name: *const c_char, recognition: *mut conclave_recognition,
    ) -> i32;
    pub fn conclave_contacts_remember(contacts: u64, identity_key: *const u8, key_size: usize, name: *const c_char, verified: u32) -> i32;
    pub fn conclave_contacts_meet(contacts: u64, identity_key: *const u8, key_size: usize, name: *const c_char) -> i32;
    pub fn conclave_contacts_forget(contacts: u64, identity_key: *const u8, key_size: usize) -> i32;
    pub fn conclave_transcript_read(
        record: *const u8, size: usize, transcript: *mut conclave_transcript, lines: *mut c_char, lines_size: *mut usize,
    ) -> i32;
    pub fn conclave_session_found(
        config: *const conclave_session_config, identity: u64, name: *const c_char, at: *const conclave_moment, session: *mut u64,
    ) -> i32;
    pub fn conclave_joining_begin(
        config: *const conclave_session_config, identity: u64, name: *const c_char, at: *const conclave_moment, joining: *mut u64,
    ) -> i32;
    pub fn conclave_joining_key_package(joining: u64, package: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_joining_complete(
        joining: u64, welcome: *const u8, size: usize, founder_hash: *const u8, hash_size: usize, at: *const conclave_moment, session: *mut u64,
    ) -> i32;
    pub fn conclave_session_save(session: u64, key: *const u8, key_size: usize, counter: u64, state: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_session_restore(
        config: *const conclave_session_config, state: *const u8, size: usize, key: *const u8, key_size: usize, counter: u64,
        at: *const conclave_moment, session: *mut u64,
    ) -> i32;
    pub fn conclave_session_handle(session: u64, message: *const u8, size: usize, at: *const conclave_moment) -> i32;
    pub fn conclave_session_tick(session: u64, at: *const conclave_moment) -> i32;
    pub fn conclave_session_next_output(session: u64, output: *mut conclave_output, bytes: *mut c_void, size: *mut usize) -> i32;
    pub fn conclave_session_inspect(
        session: u64, package: *const u8, size: usize, at: *const conclave_moment, member: *mut conclave_member,
    ) -> i32;
    pub fn conclave_session_admit(session: u64, request: u64, package: *const u8, size: usize, at: *const conclave_moment) -> i32;
    pub fn conclave_session_withdraw(session: u64, request: u64) -> i32;
    pub fn conclave_session_remove(session: u64, member: u32, at: *const conclave_moment) -> i32;
    pub fn conclave_session_rotate(session: u64, at: *const conclave_moment) -> i32;
    pub fn conclave_session_command(session: u64, command: *const conclave_command, at: *const conclave_moment) -> i32;
    pub fn conclave_session_room(session: u64, room: *mut conclave_room) -> i32;
    pub fn conclave_session_invite(
        session: u64, identity: u64, name: *const c_char, holder: *const u8, expires: u64, invitation: *mut u8, size: *mut usize,
    ) -> i32;
    pub fn conclave_session_record(session: u64, identity: u64, record: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_session_say(session: u64, content: *const c_void, size: usize) -> i32;
    pub fn conclave_session_get_status(session: u64, status: *mut conclave_session_status) -> i32;
    pub fn conclave_session_member(session: u64, index: u32, member: *mut conclave_member) -> i32;
    pub fn conclave_session_safety_code(
        session: u64, digits: *mut c_char, digits_size: *mut usize, words: *mut c_char, words_size: *mut usize,
    ) -> i32;
    pub fn conclave_session_set_verified(session: u64, member: u32, verified: u32) -> i32;
    pub fn conclave_session_allow_streams(session: u64, member: u32, streams: u32) -> i32;
    pub fn conclave_max_sealed_size(size: usize, mode: u32) -> usize;
    pub fn conclave_session_make_sealer(session: u64, stream: u32, mode: u32, sealer: *mut u64) -> i32;
    pub fn conclave_sealer_take_up(sealer: u64, next: u64) -> i32;
    pub fn conclave_sealer_seal(
        sealer: u64, frame: *const u8, size: usize, metadata: *const u8, metadata_size: usize, out: *mut u8, out_size: *mut usize,
    ) -> i32;
    pub fn conclave_opener_create(opener: *mut u64) -> i32;
    pub fn conclave_opener_update(opener: u64, session: u64) -> i32;
    pub fn conclave_opener_open(
        opener: u64, sender: i64, sealed: *const u8, size: usize, metadata: *const u8, metadata_size: usize, mode: u32, out: *mut u8,
        capacity: usize, opened: *mut conclave_opened,
    ) -> i32;
    pub fn conclave_sealer_take_statement(sealer: u64, statement: *mut u8, size: *mut usize) -> i32;
    pub fn conclave_session_state_frames(session: u64, statements: *const conclave_bytes, count: usize) -> i32;
    pub fn conclave_opener_hear(opener: u64, stated: *const c_void, size: usize) -> i32;
    pub fn conclave_opener_review(opener: u64, at: *const conclave_moment, doubt: *mut conclave_frame_doubt) -> i32;
    pub fn conclave_opener_statements(opener: u64, statements: *mut conclave_statements) -> i32;
    pub fn conclave_session_check_evidence(session: u64, evidence: *const u8, size: usize, member: *mut u32) -> i32;
    pub fn conclave_session_record_doubt(session: u64, doubt: *const conclave_frame_doubt, at: *const conclave_moment) -> i32;
    pub fn conclave_opener_next(
        opener: u64, opened: *mut conclave_opened, frame: *mut u8, size: *mut usize, metadata: *mut u8, metadata_size: *mut usize,
    ) -> i32;
}
