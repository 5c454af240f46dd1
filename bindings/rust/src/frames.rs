//! What seals and opens frames, under the keys that a session has.
use conclave_sys as sys;
use sys::Sized32;

use crate::error::{check, Result};
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
