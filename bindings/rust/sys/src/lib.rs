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
pub const CONCLAVE_ABI_VERSION: u32 = 1 << 16;

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
    conclave_call_config = 104 {
        sink_count: u32, display_name: *const c_char, video_source: u64, audio_source: u64, sinks: *const u64, playout_delay: i64,
        key_rotation: i64, join_timeout: i64, connect_timeout: i64, listen: *const c_char, advertise: *const c_char,
        relay_key_file: *const c_char, port: u32, reserved: u32,
    }
    conclave_event = 880 {
        kind: u32, id: u64, member: u32, flag: u32, code: i32, has_participant: u32, participant: u32, authenticator_size: u32,
        authenticator: [u8; 64], name: [c_char; 264], digits: [c_char; 64], words: [c_char; 192], detail: [c_char; 256],
    }
    conclave_report = 464 {
        member_count: u32, epoch: u64, setup_time: i64, video: conclave_medium_report, audio: conclave_medium_report, malformed: u64,
        unknown_epoch: u64, unknown_sender: u64, forged: u64, replayed: u64, incomplete: u64, wrong_stream: u64, bad_message: u64,
        video_captured: u64, video_skipped: u64, audio_captured: u64, audio_skipped: u64, media_unplayed: u64, datagrams_sent: u64,
        datagrams_received: u64, relay_address: [c_char; 64],
    }
    conclave_member = 368 {
        member: u32, self_: u32, role: u32, verified: u32, confirmed: u32, identity_key_size: u32, reserved: u32, identity_key: [u8; 72],
        name: [c_char; 264],
    }
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
}
