//! What seals and opens frames, under the keys that a session has.
use std::ptr;

use conclave_sys as sys;
use sys::Sized32;

use crate::error::{check, text, Result};
use crate::handle::fetched;
use crate::session::{Own, Session};

/// What stays readable of a frame.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FrameMode {
    Whole = 0,
    Opus,
    Vp8,
    Vp9,
    Av1,
    H264,
    H265,
}

/// What became of a frame.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameStatus {
    Opened,
    Malformed,
    UnknownEpoch,
    NotInRoster,
    UnknownStream,
    NoRight,
    WrongSender,
    Replayed,
    TooOld,
    Forged,
    Suspended,
    /// Never told: too little room is an error.
    BufferTooSmall,
    /// It waits for the signature of its batch: see [`Opener::next_proven`].
    Held,
}

const STATUSES: [FrameStatus; 13] = [
    FrameStatus::Opened,
    FrameStatus::Malformed,
    FrameStatus::UnknownEpoch,
    FrameStatus::NotInRoster,
    FrameStatus::UnknownStream,
    FrameStatus::NoRight,
    FrameStatus::WrongSender,
    FrameStatus::Replayed,
    FrameStatus::TooOld,
    FrameStatus::Forged,
    FrameStatus::Suspended,
    FrameStatus::BufferTooSmall,
    FrameStatus::Held,
];

/// Seals the frames of one stream in one epoch.
#[derive(Debug)]
pub struct Sealer(pub(crate) Own);

impl Sealer {
    /// Seals into `out` and returns the bytes written.
    pub fn seal(&mut self, frame: &[u8], metadata: &[u8], out: &mut [u8]) -> Result<usize> {
        let mut size = out.len();
        let (place, given, beside) = (out.as_mut_ptr(), frame.as_ptr(), metadata.as_ptr());
        // SAFETY: pointers and sizes belong together.
        check(unsafe { sys::conclave_sealer_seal(self.0.raw(), given, frame.len(), beside, metadata.len(), place, &mut size) })?;
        Ok(size)
    }

    /// Goes on under the keys of a later epoch.
    pub fn take_up(&mut self, next: Sealer) -> Result<()> {
        // SAFETY: numbers; the library checks them.
        check(unsafe { sys::conclave_sealer_take_up(self.0.raw(), next.0.raw()) })
    }

    /// Where frames are signed: what is to be said of those since the last call, by [`Session::state_frames`], about once a second. Empty: nothing.
    pub fn take_statement(&mut self) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_sealer_take_statement(self.0.raw(), bytes, size) })
    }
}

/// What became of a frame.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub status: FrameStatus,
    pub sender: u32,
    pub stream: u32,
    pub epoch: u64,
    pub size: usize,
}

/// Opens the frames of other members.
#[derive(Debug)]
pub struct Opener(Own);

impl Opener {
    /// It opens nothing before it was given keys.
    pub fn new() -> Result<Self> {
        // SAFETY: the place is ours.
        Own::made(|out| unsafe { sys::conclave_opener_create(out) }).map(Self)
    }

    /// After each [`OutputKind::Epoch`](crate::OutputKind::Epoch) and [`OutputKind::Keys`](crate::OutputKind::Keys).
    pub fn update(&mut self, session: &Session) -> Result<()> {
        // SAFETY: numbers; the library checks them.
        check(unsafe { sys::conclave_opener_update(self.0.raw(), session.0.raw()) })
    }

    /// Opens into `out`; with a `sender`, frames of others are dropped.
    pub fn open(&mut self, sender: Option<u32>, sealed: &[u8], metadata: &[u8], mode: FrameMode, out: &mut [u8]) -> Result<Opened> {
        let mut opened = sys::conclave_opened::sized();
        let (place, given, beside) = (out.as_mut_ptr(), sealed.as_ptr(), metadata.as_ptr());
        let from = sender.map_or(-1, i64::from);
        // SAFETY: pointers and sizes belong together.
        check(unsafe {
            let (sizes, mode) = ((sealed.len(), metadata.len(), out.len()), mode as u32);
            sys::conclave_opener_open(self.0.raw(), from, given, sizes.0, beside, sizes.1, mode, place, sizes.2, &mut opened)
        })?;
        let status = STATUSES.get(opened.status as usize).copied().unwrap_or(FrameStatus::Malformed);
        Ok(Opened { status, sender: opened.sender, stream: opened.stream, epoch: opened.epoch, size: opened.size as usize })
    }

    /// Where sound is signed in batches, frames are [held](FrameStatus::Held) until the one that proves them: then they come out here, in order.
    pub fn next_proven(&mut self) -> Result<Option<Proven>> {
        let mut opened = sys::conclave_opened::sized();
        let (mut frame, mut metadata) = (vec![0; 4096], vec![0; 4096]);
        loop {
            let mut sizes = (frame.len(), metadata.len());
            let places = (frame.as_mut_ptr(), metadata.as_mut_ptr());
            // SAFETY: the buffers have these sizes.
            let result = unsafe { sys::conclave_opener_next(self.0.raw(), &mut opened, places.0, &mut sizes.0, places.1, &mut sizes.1) };
            if result != sys::CONCLAVE_BUFFER_TOO_SMALL {
                check(result)?;
                frame.truncate(sizes.0);
                metadata.truncate(sizes.1);
                break;
            }
            frame.resize(sizes.0.max(frame.len()), 0);
            metadata.resize(sizes.1.max(metadata.len()), 0);
        }
        let proven = opened.status == FrameStatus::Opened as u32;
        Ok(proven.then(|| Proven { sender: opened.sender, stream: opened.stream, epoch: opened.epoch, frame, metadata }))
    }

    /// Takes the bytes of an output [`FramesStated`](crate::OutputKind::FramesStated). The same may be heard again.
    pub fn hear(&mut self, stated: &[u8]) -> Result<()> {
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_opener_hear(self.0.raw(), stated.as_ptr().cast(), stated.len()) })
    }

    /// Whose signed frames were not as stated; about once a second.
    pub fn review(&mut self) -> Result<Vec<FrameDoubt>> {
        let (mut doubts, mut doubt) = (Vec::new(), sys::conclave_frame_doubt::sized());
        loop {
            // SAFETY: the struct is ours; null means now.
            check(unsafe { sys::conclave_opener_review(self.0.raw(), ptr::null(), &mut doubt) })?;
            match FrameDoubt::of(&doubt) {
                Some(found) => doubts.push(found),
                None => return Ok(doubts),
            }
        }
    }

    /// Signed frames of others, or batches of them, held against what was stated.
    pub fn statements(&self) -> Result<Statements> {
        let mut told = sys::conclave_statements::sized();
        // SAFETY: the struct is ours.
        check(unsafe { sys::conclave_opener_statements(self.0.raw(), &mut told) })?;
        let (confirmed, equivocated, unstated) = (told.confirmed, told.equivocated, told.unstated);
        Ok(Statements { confirmed, equivocated, unstated, missed: told.missed, late: told.late, unwatched: told.unwatched })
    }
}

/// What is the matter with a speaker's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum DoubtKind {
    /// It signed another frame for us than the one that it stated to all.
    Equivocated = 1,
    /// It stated nothing, which proves nothing: others carry its messages.
    Unstated,
}

/// A member whose signed frames are not what it stated of them to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameDoubt {
    /// What is the matter.
    pub kind: DoubtKind,
    /// Its number then: by now somebody else may have it.
    pub member: u32,
    /// Safe to show.
    pub name: String,
    /// Of which of its streams.
    pub stream: u32,
    /// In which epoch.
    pub epoch: u64,
    /// Whose number it was.
    pub identity_key: Vec<u8>,
    /// Of [`Equivocated`](DoubtKind::Equivocated): for [`Session::check_evidence`] of any member.
    pub evidence: Vec<u8>,
}

impl FrameDoubt {
    fn of(told: &sys::conclave_frame_doubt) -> Option<FrameDoubt> {
        Some(FrameDoubt {
            kind: DoubtKind::of(told.kind)?,
            member: told.member,
            name: text(&told.name),
            stream: told.stream,
            epoch: told.epoch,
            identity_key: told.identity_key[..told.identity_key_size.min(72) as usize].to_vec(),
            evidence: told.evidence[..told.evidence_size.min(512) as usize].to_vec(),
        })
    }

    pub(crate) fn in_event(event: &sys::conclave_event) -> Option<FrameDoubt> {
        Some(FrameDoubt {
            kind: DoubtKind::of(event.flag)?,
            member: event.member,
            name: text(&event.name),
            stream: event.stream,
            epoch: event.id,
            identity_key: event.identity_key[..event.identity_key_size.min(72) as usize].to_vec(),
            evidence: event.evidence[..event.evidence_size.min(512) as usize].to_vec(),
        })
    }

    /// What does not fit is no evidence, and recorded by nobody.
    pub(crate) fn raw(&self) -> sys::conclave_frame_doubt {
        let mut raw = sys::conclave_frame_doubt {
            kind: self.kind as u32,
            member: self.member,
            stream: self.stream,
            epoch: self.epoch,
            identity_key_size: self.identity_key.len().min(72) as u32,
            evidence_size: self.evidence.len().min(512) as u32,
            ..Sized32::sized()
        };
        raw.identity_key.iter_mut().zip(&self.identity_key).for_each(|(place, byte)| *place = *byte);
        raw.evidence.iter_mut().zip(&self.evidence).for_each(|(place, byte)| *place = *byte);
        raw
    }
}

impl DoubtKind {
    fn of(number: u32) -> Option<DoubtKind> {
        [DoubtKind::Equivocated, DoubtKind::Unstated].into_iter().find(|kind| *kind as u32 == number)
    }
}

/// Signed frames of others, or batches of them, held against what was stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    /// Heard as stated.
    pub confirmed: u64,
    /// Heard otherwise.
    pub equivocated: u64,
    /// Heard, and not stated in time.
    pub unstated: u64,
    /// Stated, and not heard.
    pub missed: u64,
    /// Heard when it was forgotten what was stated.
    pub late: u64,
    /// Not compared.
    pub unwatched: u64,
}

/// A frame of a batch whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Who sealed it.
    pub sender: u32,
    /// Of which of its streams it is.
    pub stream: u32,
    /// Under the keys of which epoch.
    pub epoch: u64,
    /// The plaintext.
    pub frame: Vec<u8>,
    /// What it was sealed with.
    pub metadata: Vec<u8>,
}
