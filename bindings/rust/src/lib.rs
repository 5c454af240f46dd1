//! End-to-end encrypted calls and meetings.
//!
//! [`Call`] is a member of a call with its media; [`VideoSource`] and [`AudioSource`] say what it sends, [`Sink`] and [`Inbox`] where goes
//! what it receives. [`Session`] is for an app that has its own media and transport.
#![warn(missing_docs, unsafe_op_in_unsafe_fn)]
mod call;
mod contacts;
mod error;
mod event;
mod frames;
mod handle;
mod identity;
mod joining;
mod media;
mod output;
mod room;
mod session;
mod session_types;
mod transcript;

pub use call::{Call, CallConfig, Carrier, HostConfig};
pub use conclave_sys::conclave_medium_report as MediumReport;
pub use contacts::{Acquaintance, Contacts, Recognition};
pub use error::{Error, Result};
pub use event::Event;
pub use frames::{DoubtKind, FrameDoubt, FrameMode, FrameStatus, Opened, Opener, Proven, Sealer, Statements};
pub use identity::{Identity, Organisation};
pub use joining::Joining;
pub use media::{speak, AudioSource, Inbox, Media, Picture, PictureFormat, Sink, Sound, VideoSource};
pub use output::{Output, OutputKind};
pub use room::{Command, Entry, Member, Mode, Rights, Role, Room, Signing, Symbol};
pub use session::Session;
pub use session_types::{max_sealed_size, FrameSuite, SafetyCode, SessionConfig, SessionMember};
pub use transcript::{read_transcript, Transcript};

/// Microseconds of the clock of capture times.
pub fn now() -> i64 {
    // SAFETY: takes nothing.
    unsafe { conclave_sys::conclave_now() }
}

/// The library's version.
pub fn version() -> &'static str {
    // SAFETY: the text is static.
    unsafe { std::ffi::CStr::from_ptr(conclave_sys::conclave_version()) }.to_str().unwrap_or("unknown")
}

/// Whether the library that was loaded has this crate's ABI: its major version, and no lower minor one.
pub fn has_our_abi() -> bool {
    // SAFETY: takes nothing.
    let loaded = unsafe { conclave_sys::conclave_abi_version() };
    loaded >> 16 == conclave_sys::CONCLAVE_ABI_VERSION >> 16 && loaded >= conclave_sys::CONCLAVE_ABI_VERSION
}

/// The code of the page runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/bindings-rust.md")]
pub struct Page;
