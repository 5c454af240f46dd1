//! Whom we have met: a known name that comes with another key is noticed.
use conclave_sys as sys;
use sys::Sized32;

use crate::error::{check, text, Result};
use crate::handle::{c_text, fetched};
use crate::identity::Identity;
use crate::session::Own;

/// What we know of somebody who shows up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Acquaintance {
    /// Neither key nor name are known.
    Stranger = 0,
    /// This key, under this name.
    Known,
    /// This key, under another name.
    Renamed,
    /// A known name, or one that looks like it, with another key: a new device, or an impostor.
    KeyChanged,
}

impl Acquaintance {
    /// One that is younger than this crate is a stranger.
    fn of(number: u32) -> Acquaintance {
        use Acquaintance::{KeyChanged, Known, Renamed, Stranger};
        [Stranger, Known, Renamed, KeyChanged].into_iter().find(|each| *each as u32 == number).unwrap_or(Stranger)
    }
}

/// What contacts say of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// What we know.
    pub acquaintance: Acquaintance,
    /// Of known and renamed: the safety code was compared.
    pub verified: bool,
    /// Of known and renamed: by a person, not merely somebody who was in a room of ours.
    pub remembered: bool,
    /// The name of the contact that was found.
    pub known_as: String,
}

impl Recognition {
    pub(crate) fn in_event(event: &sys::conclave_event) -> Recognition {
        Recognition {
            acquaintance: Acquaintance::of(event.acquaintance),
            verified: event.verified != 0,
            remembered: event.remembered != 0,
            known_as: text(&event.known_as),
        }
    }
}

/// At most 10,000 identity keys with the names that they came under. Where the bytes are kept is the application's matter.
#[derive(Debug)]
pub struct Contacts(pub(crate) Own);

impl Contacts {
    /// An empty book.
    pub fn new() -> Result<Self> {
        // SAFETY: the place is ours.
        Own::made(|out| unsafe { sys::conclave_contacts_create(out) }).map(Self)
    }

    /// Of what [`serialise`](Self::serialise) gave.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        // SAFETY: pointer and size belong together.
        Own::made(|out| unsafe { sys::conclave_contacts_parse(bytes.as_ptr(), bytes.len(), out) }).map(Self)
    }

    /// Of what [`seal`](Self::seal) gave; `not_authentic` where they are another identity's, or were changed.
    pub fn open(file: &[u8], identity: &Identity) -> Result<Self> {
        // SAFETY: pointer and size belong together.
        Own::made(|out| unsafe { sys::conclave_contacts_open(file.as_ptr(), file.len(), identity.raw(), out) }).map(Self)
    }

    /// For [`parse`](Self::parse).
    pub fn serialise(&self) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_contacts_serialise(self.0.raw(), bytes, size) })
    }

    /// For [`open`](Self::open): sealed under a key of the identity.
    pub fn seal(&self, identity: &Identity) -> Result<Vec<u8>> {
        // SAFETY: likewise.
        fetched(|bytes, size| unsafe { sys::conclave_contacts_seal(self.0.raw(), identity.raw(), bytes, size) })
    }

    /// How many there are.
    pub fn count(&self) -> Result<u64> {
        let mut count = 0;
        // SAFETY: the place is ours.
        check(unsafe { sys::conclave_contacts_count(self.0.raw(), &mut count) })?;
        Ok(count)
    }

    /// Changes nothing: whether a changed key is the same person is for people to say.
    pub fn recognise(&self, identity_key: &[u8], name: &str) -> Result<Recognition> {
        let (name, mut told) = (c_text(name)?, sys::conclave_recognition::sized());
        let (key, size) = (identity_key.as_ptr(), identity_key.len());
        // SAFETY: pointer and size belong together, the struct is ours.
        check(unsafe { sys::conclave_contacts_recognise(self.0.raw(), key, size, name.as_ptr(), &mut told) })?;
        let (verified, remembered) = (told.verified != 0, told.remembered != 0);
        Ok(Recognition { acquaintance: Acquaintance::of(told.acquaintance), verified, remembered, known_as: text(&told.known_as) })
    }

    /// A person says who this is. `verified`: the safety code was compared.
    pub fn remember(&mut self, identity_key: &[u8], name: &str, verified: bool) -> Result<()> {
        let (name, key) = (c_text(name)?, identity_key.as_ptr());
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_contacts_remember(self.0.raw(), key, identity_key.len(), name.as_ptr(), verified.into()) })
    }

    /// Somebody was in a room of ours: told from others of that name, and trusted with nothing.
    pub fn meet(&mut self, identity_key: &[u8], name: &str) -> Result<()> {
        let name = c_text(name)?;
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_contacts_meet(self.0.raw(), identity_key.as_ptr(), identity_key.len(), name.as_ptr()) })
    }

    /// Who has this key becomes a stranger.
    pub fn forget(&mut self, identity_key: &[u8]) -> Result<()> {
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_contacts_forget(self.0.raw(), identity_key.as_ptr(), identity_key.len()) })
    }
}
