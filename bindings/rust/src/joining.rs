//! Who stands at the door of a session.
use std::ptr;

use conclave_sys as sys;

use crate::error::Result;
use crate::handle::{c_text, fetched};
use crate::identity::Identity;
use crate::session::{Own, Session};
use crate::session_types::SessionConfig;

/// Somebody at the door.
#[derive(Debug)]
pub struct Joining(Own);

impl Joining {
    /// Makes a key package and its private keys.
    pub fn begin(config: impl Into<SessionConfig>, identity: &Identity, name: &str) -> Result<Self> {
        let (config, name) = (config.into(), c_text(name)?);
        let trusted = config.trusted_handles();
        let raw = config.raw(&trusted);
        // SAFETY: config and name live through the call.
        Own::made(|out| unsafe { sys::conclave_joining_begin(&raw, identity.0.raw(), name.as_ptr(), ptr::null(), out) }).map(Self)
    }

    /// For [`Session::admit`] of a member.
    pub fn key_package(&self) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_joining_key_package(self.0.raw(), bytes, size) })
    }

    /// Joins by a Welcome, in the room of this founder.
    pub fn complete(&self, welcome: &[u8], founder_hash: &[u8]) -> Result<Session> {
        let (given, hash) = (welcome.as_ptr(), founder_hash.as_ptr());
        // SAFETY: pointers and sizes belong together.
        let made = Own::made(|out| unsafe {
            sys::conclave_joining_complete(self.0.raw(), given, welcome.len(), hash, founder_hash.len(), ptr::null(), out)
        });
        made.map(Session)
    }
}
