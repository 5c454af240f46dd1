//! End-to-end encrypted calls and meetings.
//!
//! [`Call`] is a member of a call with its media; [`VideoSource`] and [`AudioSource`] say what it sends, [`Sink`] and [`Inbox`] where goes
//! what it receives. [`Session`] is for an app that has its own media and transport.
mod call;
mod error;
mod handle;
mod media;
mod session;

pub use call::{Call, CallConfig, Event, HostConfig, Member};
pub use conclave_sys::conclave_medium_report as MediumReport;
pub use error::{Error, Result};
pub use media::{speak, AudioSource, Inbox, Media, Picture, PictureFormat, Sink, Sound, VideoSource};
pub use session::{FrameMode, FrameStatus, Identity, Joining, Opened, Opener, Output, OutputKind, Sealer, Session};

/// Microseconds of the clock of capture times.
pub fn now() -> i64 {
    // SAFETY: takes nothing.
    unsafe { conclave_sys::conclave_now() }
}

/// The code of the page runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/bindings-rust.md")]
pub struct Page;
