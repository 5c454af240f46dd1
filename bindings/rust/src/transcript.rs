//! The record of a meeting, read by anybody.
use std::cell::Cell;

use conclave_sys as sys;
use sys::Sized32;

use crate::error::Result;
use crate::handle::fetched;

/// What a record says. Identities are SHA-256 of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// Of which room.
    pub room_id: [u8; 16],
    /// Who founded it.
    pub founder: [u8; 32],
    /// Who wrote it: to be compared with the identity that you trust.
    pub signer: [u8; 32],
    /// One for each event, in order; inert.
    pub lines: Vec<String>,
}

/// Checks what [`Call::record`](crate::Call::record) or [`Session::record`](crate::Session::record) gave: `not_authentic` when anything was changed,
/// left out, put in or moved since it was signed.
pub fn read_transcript(record: &[u8]) -> Result<Transcript> {
    let told = Cell::new(sys::conclave_transcript::sized());
    // SAFETY: the struct is ours, and `fetched` gives a buffer of the size that it says.
    let text = fetched(|lines, size| unsafe { sys::conclave_transcript_read(record.as_ptr(), record.len(), told.as_ptr(), lines.cast(), size) })?;
    let lines = String::from_utf8_lossy(&text).trim_end_matches('\0').lines().map(String::from).collect();
    let told = told.get();
    Ok(Transcript { room_id: told.room_id, founder: told.founder, signer: told.signer, lines })
}
