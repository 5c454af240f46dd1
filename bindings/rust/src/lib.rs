//! End-to-end encrypted calls and meetings.
//!
//! [`Call`] is a member of a call with its media; [`VideoSource`] and [`AudioSource`] say what it sends, [`Sink`] and [`Inbox`] where goes
//! what it receives.
mod call;
mod error;
mod handle;
mod media;

pub use call::{Call, CallConfig, Event, HostConfig, Member};
pub use conclave_sys::conclave_medium_report as MediumReport;
pub use error::{Error, Result};
pub use media::{speak, AudioSource, Inbox, Media, Picture, PictureFormat, Sink, Sound, VideoSource};

/// Microseconds of the clock of capture times.
pub fn now() -> i64 {
    // SAFETY: takes nothing.
    unsafe { conclave_sys::conclave_now() }
}
