//! What sessions are configured with, and what they tell of members.
use std::sync::Arc;
use std::time::Duration;

use conclave_sys as sys;
use sys::Sized32;

use crate::frames::FrameMode;
use crate::handle::micros;
use crate::identity::Organisation;
use crate::room::{Member, Mode};

/// A room, and how a member takes part. `None`, 0 and an empty list are the defaults of conclave.h.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug, Default)]
pub struct SessionConfig {
    /// The same at every end.
    pub room_id: [u8; 16],
    /// Of MLS: RFC 9420 section 17.1.
    pub suite: u16,
    /// Of SFrame, the dearest first; at most six.
    pub frame_suites: Vec<FrameSuite>,
    pub epoch_overlap: Option<Duration>,
    pub key_rotation: Option<Duration>,
    pub heartbeat: Option<Duration>,
    /// A pace for our commits, where the log takes only so many.
    pub commit_interval: Option<Duration>,
    /// That one commit may make.
    pub admissions_at_once: u32,
    /// Of a room that is founded.
    pub mode: Mode,
    /// Of who joins: a personal one, or empty.
    pub invitation: Vec<u8>,
    /// What [`Identity::certify`](crate::Identity::certify) gave, or empty.
    pub organisation: Vec<u8>,
    /// Whose word on others counts.
    pub trusted: Vec<Arc<Organisation>>,
}

impl SessionConfig {
    /// For `raw`.
    pub(crate) fn trusted_handles(&self) -> Vec<u64> {
        self.trusted.iter().map(|organisation| organisation.raw()).collect()
    }

    /// What it points to lives as long as the config and the handles.
    pub(crate) fn raw(&self, trusted: &[u64]) -> sys::conclave_session_config {
        let duration = |given: Option<Duration>| given.map_or(0, |d| micros(Some(d)));
        let mut frame_suites = [0; 6];
        for (place, suite) in frame_suites.iter_mut().zip(&self.frame_suites) {
            *place = *suite as u32;
        }
        sys::conclave_session_config {
            suite: self.suite.into(),
            room_id: self.room_id,
            frame_suites,
            epoch_overlap: duration(self.epoch_overlap),
            key_rotation: duration(self.key_rotation),
            heartbeat: duration(self.heartbeat),
            commit_interval: duration(self.commit_interval),
            admissions_at_once: self.admissions_at_once,
            mode: self.mode as u32,
            invitation: self.invitation.as_ptr(),
            invitation_size: self.invitation.len(),
            organisation: self.organisation.as_ptr(),
            organisation_size: self.organisation.len(),
            trusted: trusted.as_ptr(),
            trusted_count: trusted.len() as u32,
            ..Sized32::sized()
        }
    }
}

impl From<&[u8; 16]> for SessionConfig {
    fn from(room_id: &[u8; 16]) -> Self {
        SessionConfig { room_id: *room_id, ..Default::default() }
    }
}

/// A cipher suite of SFrame (RFC 9605 section 4.5).
#[allow(missing_docs)] // their names say it
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FrameSuite {
    Aes128CtrHmacSha256_80 = 1,
    Aes128CtrHmacSha256_64 = 2,
    Aes128GcmSha256_128 = 4,
    Aes256GcmSha512_128 = 5,
    Chacha20Poly1305Sha256_128 = 0xF001,
}

/// A member of a session.
#[derive(Clone, Debug)]
pub struct SessionMember {
    /// What calls know too.
    pub member: Member,
    /// Heard lately, and with the same history as ours.
    pub confirmed: bool,
}

impl SessionMember {
    pub(crate) fn of(told: &sys::conclave_member) -> Self {
        SessionMember { member: Member::of(told), confirmed: told.confirmed != 0 }
    }
}

/// The same code in two spellings, to compare over another channel.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyCode {
    pub digits: String,
    pub words: String,
}

/// The bytes that a sealed frame of `size` bytes has at most.
pub fn max_sealed_size(size: usize, mode: FrameMode) -> usize {
    // SAFETY: numbers.
    unsafe { sys::conclave_max_sealed_size(size, mode as u32) }
}
