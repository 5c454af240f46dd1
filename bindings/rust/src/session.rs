//! The session level: keys and frames for an app that has its own media and transport.
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;

use conclave_sys as sys;
use sys::Sized32;

use crate::error::{check, text, Error, Result};
use crate::frames::{FrameDoubt, FrameMode, Sealer};
use crate::handle::{c_text, fetched, Handle};
use crate::identity::Identity;
use crate::output::{Output, KINDS};
use crate::room::{Command, Room};
use crate::session_types::{SafetyCode, SessionConfig, SessionMember};

/// A handle for one thread at a time: `Send`, not `Sync`.
#[derive(Debug)]
pub(crate) struct Own(Handle, PhantomData<Cell<()>>);

impl Own {
    pub(crate) fn made(make: impl FnOnce(*mut u64) -> i32) -> Result<Own> {
        let mut handle = 0;
        check(make(&mut handle))?;
        Ok(Own(Handle(handle), PhantomData))
    }

    pub(crate) fn raw(&self) -> u64 {
        self.0 .0
    }
}

/// The keys of a room.
#[derive(Debug)]
pub struct Session(pub(crate) Own);

impl Session {
    /// A new room with one member, its owner: of a room's id, or of a whole [`SessionConfig`].
    pub fn found(config: impl Into<SessionConfig>, identity: &Identity, name: &str) -> Result<Self> {
        let (config, name) = (config.into(), c_text(name)?);
        let trusted = config.trusted_handles();
        let raw = config.raw(&trusted);
        // SAFETY: config and name live through the call.
        Own::made(|out| unsafe { sys::conclave_session_found(&raw, identity.0.raw(), name.as_ptr(), ptr::null(), out) }).map(Self)
    }

    /// Goes on from what [`save`](Self::save) gave; `counter` is that of the latest save.
    pub fn restore(config: impl Into<SessionConfig>, state: &[u8], key: &[u8; 32], counter: u64) -> Result<Self> {
        let (config, given) = (config.into(), (state.as_ptr(), key.as_ptr()));
        let trusted = config.trusted_handles();
        let raw = config.raw(&trusted);
        // SAFETY: pointers and sizes belong together.
        let made = Own::made(|out| unsafe {
            sys::conclave_session_restore(&raw, given.0, state.len(), given.1, key.len(), counter, ptr::null(), out)
        });
        made.map(Self)
    }

    /// The whole state, sealed under 32 secret bytes: to be kept after each step that entered an epoch or has a commit for the log, before that
    /// goes out. `counter` grows with each save, and is kept where nobody can put it back.
    pub fn save(&self, key: &[u8; 32], counter: u64) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_session_save(self.0.raw(), key.as_ptr(), key.len(), counter, bytes, size) })
    }

    /// Who stands behind a key package.
    pub fn inspect(&self, key_package: &[u8]) -> Result<SessionMember> {
        let mut member = sys::conclave_member::sized();
        let (given, size) = (key_package.as_ptr(), key_package.len());
        // SAFETY: pointer and size belong together, the struct is ours.
        check(unsafe { sys::conclave_session_inspect(self.0.raw(), given, size, ptr::null(), &mut member) })?;
        Ok(SessionMember::of(&member))
    }

    /// All members, we among them.
    pub fn roster(&self) -> Result<Vec<SessionMember>> {
        let mut members = Vec::new();
        for index in 0..self.status()?.member_count {
            let mut member = sys::conclave_member::sized();
            // SAFETY: the struct is ours.
            check(unsafe { sys::conclave_session_member(self.0.raw(), index, &mut member) })?;
            members.push(SessionMember::of(&member));
        }
        Ok(members)
    }

    /// Costs 0.1 s and 64 MiB.
    pub fn safety_code(&self) -> Result<SafetyCode> {
        let (mut digits, mut words) = ([0; 128], [0; 512]);
        let mut sizes = (digits.len(), words.len());
        let places = (digits.as_mut_ptr(), words.as_mut_ptr());
        // SAFETY: the buffers have these sizes.
        check(unsafe { sys::conclave_session_safety_code(self.0.raw(), places.0, &mut sizes.0, places.1, &mut sizes.1) })?;
        Ok(SafetyCode { digits: text(&digits), words: text(&words) })
    }

    /// Remembers that the safety codes were compared.
    pub fn set_verified(&mut self, member: u32, verified: bool) -> Result<()> {
        // SAFETY: numbers.
        check(unsafe { sys::conclave_session_set_verified(self.0.raw(), member, verified.into()) })
    }

    /// Which streams of a member are opened here, as bits; all at first.
    pub fn allow_streams(&mut self, member: u32, streams: u16) -> Result<()> {
        // SAFETY: numbers.
        check(unsafe { sys::conclave_session_allow_streams(self.0.raw(), member, streams.into()) })
    }

    /// Takes back an admission whose commit was not made yet.
    pub fn withdraw(&mut self, request: u64) -> Result<()> {
        // SAFETY: numbers.
        check(unsafe { sys::conclave_session_withdraw(self.0.raw(), request) })
    }

    /// The next message of the room's log, our own included.
    pub fn handle(&mut self, message: &[u8]) -> Result<()> {
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_session_handle(self.0.raw(), message.as_ptr(), message.len(), ptr::null()) })
    }

    /// At [`next_deadline`](Self::next_deadline).
    pub fn tick(&mut self) -> Result<()> {
        // SAFETY: null means now.
        check(unsafe { sys::conclave_session_tick(self.0.raw(), ptr::null()) })
    }

    /// Lets somebody in; `request` is a name of yours for it.
    pub fn admit(&mut self, request: u64, key_package: &[u8]) -> Result<()> {
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_session_admit(self.0.raw(), request, key_package.as_ptr(), key_package.len(), ptr::null()) })
    }

    /// Removes a member; it may join again.
    pub fn remove(&mut self, member: u32) -> Result<()> {
        // SAFETY: null means now.
        check(unsafe { sys::conclave_session_remove(self.0.raw(), member, ptr::null()) })
    }

    /// New keys, now.
    pub fn rotate(&mut self) -> Result<()> {
        // SAFETY: null means now.
        check(unsafe { sys::conclave_session_rotate(self.0.raw(), ptr::null()) })
    }

    /// Asks something of the room: `not_permitted` where its members would refuse it.
    pub fn command(&mut self, command: Command<'_>) -> Result<()> {
        // SAFETY: `hand` keeps what the command points to; null means now.
        command.hand(|command| check(unsafe { sys::conclave_session_command(self.0.raw(), command, ptr::null()) }))
    }

    /// What the room is.
    pub fn room(&self) -> Result<Room> {
        let mut room = sys::conclave_room::sized();
        // SAFETY: the struct is ours.
        check(unsafe { sys::conclave_session_room(self.0.raw(), &mut room) })?;
        Ok(Room::of(&room))
    }

    /// A personal invitation under our identity, until `expires` (seconds since 1970). `holder`: the hash of the identity that alone may use it.
    pub fn invite(&self, identity: &Identity, name: &str, expires: u64, holder: Option<&[u8; 32]>) -> Result<Vec<u8>> {
        let name = c_text(name)?;
        let only = holder.map_or(ptr::null(), |hash| hash.as_ptr());
        // SAFETY: name and hash live through the call, and `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_session_invite(self.0.raw(), identity.0.raw(), name.as_ptr(), only, expires, bytes, size) })
    }

    /// The record of what we saw, signed.
    pub fn record(&self, identity: &Identity) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_session_record(self.0.raw(), identity.0.raw(), bytes, size) })
    }

    /// A signed message to all members, as an output for the log.
    pub fn say(&mut self, content: &[u8]) -> Result<()> {
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_session_say(self.0.raw(), content.as_ptr().cast(), content.len()) })
    }

    /// Says to all what our sealers signed ([`Sealer::take_statement`]), as an output for the log; nothing where all are empty.
    pub fn state_frames(&mut self, statements: &[Vec<u8>]) -> Result<()> {
        let given: Vec<_> = statements.iter().map(|each| sys::conclave_bytes { data: each.as_ptr(), size: each.len() }).collect();
        // SAFETY: pointers and sizes belong together.
        check(unsafe { sys::conclave_session_state_frames(self.0.raw(), given.as_ptr(), given.len()) })
    }

    /// Who signed what the evidence of a doubt holds; `not_authentic` where no member of now did.
    pub fn check_evidence(&self, evidence: &[u8]) -> Result<u32> {
        let mut member = 0;
        // SAFETY: pointer and size belong together, the place is ours.
        check(unsafe { sys::conclave_session_check_evidence(self.0.raw(), evidence.as_ptr(), evidence.len(), &mut member) })?;
        Ok(member)
    }

    /// Puts a doubt into the record of the meeting.
    pub fn record_doubt(&mut self, doubt: &FrameDoubt) -> Result<()> {
        // SAFETY: the struct lives through the call; null means now.
        check(unsafe { sys::conclave_session_record_doubt(self.0.raw(), &doubt.raw(), ptr::null()) })
    }

    /// The next output; each is taken once.
    pub fn next_output(&mut self) -> Result<Option<Output>> {
        let output = Cell::new(sys::conclave_output::sized());
        // SAFETY: the struct is ours, and `fetched` gives a buffer of the size that it says.
        let bytes = fetched(|bytes, size| unsafe { sys::conclave_session_next_output(self.0.raw(), output.as_ptr(), bytes.cast(), size) })?;
        let told = output.get();
        let participant = if told.has_participant != 0 { Some(told.participant) } else { None };
        let error = if told.code == 0 { None } else { Some(Error { code: told.code, detail: text(&told.detail), participant }) };
        let kind = (told.kind as usize).checked_sub(1).and_then(|index| KINDS.get(index)).copied();
        Ok(kind.map(|kind| Output { kind, id: told.id, member: told.member, flag: told.flag, name: text(&told.name), bytes, error }))
    }

    fn status(&self) -> Result<sys::conclave_session_status> {
        let mut status = sys::conclave_session_status::sized();
        // SAFETY: the struct is ours.
        check(unsafe { sys::conclave_session_get_status(self.0.raw(), &mut status) })?;
        Ok(status)
    }

    /// Our own number.
    pub fn self_id(&self) -> Result<u32> {
        Ok(self.status()?.self_)
    }

    /// The number of who owns the room.
    pub fn owner(&self) -> Result<Option<u32>> {
        let status = self.status()?;
        Ok(if status.has_owner != 0 { Some(status.owner) } else { None })
    }

    /// Nothing is sealed or opened, since we are cut off.
    pub fn suspended(&self) -> Result<bool> {
        Ok(self.status()?.suspended != 0)
    }

    /// Of the epoch: equal for all members.
    pub fn authenticator(&self) -> Result<Vec<u8>> {
        let status = self.status()?;
        Ok(status.authenticator[..status.authenticator_size.min(64) as usize].to_vec())
    }

    /// Counts the changes of keys.
    pub fn epoch(&self) -> Result<u64> {
        Ok(self.status()?.epoch)
    }

    /// In microseconds of [`now`](crate::now).
    pub fn next_deadline(&self) -> Result<i64> {
        Ok(self.status()?.next_deadline)
    }

    /// The sealer of one of our streams, 0 to 15, in this epoch.
    pub fn make_sealer(&mut self, stream: u32, mode: FrameMode) -> Result<Sealer> {
        // SAFETY: the place is ours.
        Own::made(|out| unsafe { sys::conclave_session_make_sealer(self.0.raw(), stream, mode as u32, out) }).map(Sealer)
    }
}
