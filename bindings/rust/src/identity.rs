//! Who somebody is, and organisations that vouch.
use std::ptr;

use conclave_sys as sys;

use crate::error::{check, Result};
use crate::handle::{c_text, fetched, Handle};
use crate::session::Own;

/// A long-term identity.
#[derive(Debug)]
pub struct Identity(pub(crate) Own);

impl Identity {
    pub(crate) fn raw(&self) -> u64 {
        self.0.raw()
    }

    /// A new one.
    pub fn generate() -> Result<Self> {
        // SAFETY: the place is ours.
        Own::made(|out| unsafe { sys::conclave_identity_generate(out) }).map(Self)
    }

    /// The identity of 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self> {
        // SAFETY: pointer and size belong together.
        Own::made(|out| unsafe { sys::conclave_identity_from_seed(seed.as_ptr(), seed.len(), out) }).map(Self)
    }

    /// What invitations pin.
    pub fn hash(&self) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_identity_hash(self.0.raw(), bytes, size) })
    }

    /// Of Ed25519, 32 bytes.
    pub fn public_key(&self) -> Result<Vec<u8>> {
        // SAFETY: likewise.
        fetched(|bytes, size| unsafe { sys::conclave_identity_public_key(self.0.raw(), bytes, size) })
    }

    /// Of what [`seal`](Self::seal) gave: `malformed` when it is no identity file, `not_authentic` for another passphrase or a file that was changed.
    pub fn open(file: &[u8], passphrase: &[u8]) -> Result<Self> {
        let (given, words) = (file.as_ptr(), passphrase.as_ptr().cast());
        // SAFETY: pointers and sizes belong together.
        Own::made(|out| unsafe { sys::conclave_identity_open(given, file.len(), words, passphrase.len(), out) }).map(Self)
    }

    /// A file of the secret, sealed under a passphrase: 0.1 s and 64 MiB of work.
    pub fn seal(&self, passphrase: &[u8]) -> Result<Vec<u8>> {
        let words = passphrase.as_ptr().cast();
        // SAFETY: pointer and size belong together, and `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_identity_seal(self.0.raw(), words, passphrase.len(), bytes, size) })
    }

    /// What it brings into rooms (`organisation`) for what an organisation says of it: certificates in PEM, the holder's own first and without the
    /// root, and the private key of that one.
    pub fn certify(&self, chain: &str, key: &str) -> Result<Vec<u8>> {
        let (chain, key) = (c_text(chain)?, c_text(key)?);
        // SAFETY: the texts live through the call, and `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_identity_certify(self.0.raw(), chain.as_ptr(), key.as_ptr(), bytes, size) })
    }
}

/// An organisation whose word on others counts here.
#[derive(Debug)]
pub struct Organisation(Handle);

impl Organisation {
    /// Of its root certificates in PEM. `name`: what members are shown as verified by; `None`: the common name of the first root.
    pub fn trust(roots: &str, name: Option<&str>) -> Result<Self> {
        let (roots, name) = (c_text(roots)?, name.map(c_text).transpose()?);
        let shown = name.as_ref().map_or(ptr::null(), |name| name.as_ptr());
        let mut handle = 0;
        // SAFETY: the texts live through the call.
        check(unsafe { sys::conclave_organisation_trust(roots.as_ptr(), shown, &mut handle) })?;
        Ok(Organisation(Handle(handle)))
    }

    pub(crate) fn raw(&self) -> u64 {
        self.0 .0
    }
}
