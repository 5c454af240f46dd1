//! A member of a call.
use std::ffi::{c_void, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conclave_sys as sys;
use sys::Sized32;

use crate::contacts::Contacts;
use crate::error::{check, text, Result};
use crate::event::{told, Event};
use crate::handle::{c_text, fetched, micros, Handle};
use crate::identity::{Identity, Organisation};
use crate::media::{AudioSource, Sink, VideoSource};
use crate::room::{Command, Member, Mode, Room};
use crate::session::Own;

/// How we take part. Durations: `None` is the default.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug, Default)]
pub struct CallConfig {
    pub name: String,
    /// Who we are, for longer than this call; `None`: somebody new.
    pub identity: Option<Arc<Mutex<Identity>>>,
    pub video: Option<VideoSource>,
    pub audio: Option<AudioSource>,
    pub sinks: Vec<Sink>,
    pub playout_delay: Option<Duration>,
    pub key_rotation: Option<Duration>,
    pub join_timeout: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    /// How long a connection that broke is made again before we give up; zero: it is not.
    pub reconnect_window: Option<Duration>,
    /// Whom we have met, copied: members and knocks are recognised.
    pub contacts: Option<Arc<Mutex<Contacts>>>,
    /// What [`Identity::certify`] gave, or empty.
    pub organisation: Vec<u8>,
    /// Whose word on others counts.
    pub trusted: Vec<Arc<Organisation>>,
    /// Media are sealed whole to and from the relay.
    pub full_hop: bool,
}

/// The relay that a host embeds, or somebody's. Empty: the default of conclave.h.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Default)]
pub struct HostConfig {
    pub listen: String,
    pub advertise: String,
    pub relay_key_file: String,
    pub port: u16,
    /// HOST:PORT#KEY of somebody's relay; nothing above counts then.
    pub relay: String,
    /// By which that relay lets us open a room: a token, or the seed of a key. Secret.
    pub room_token: String,
    pub room_key_seed: Option<[u8; 32]>,
    /// What kind of meeting the room is.
    pub mode: Mode,
}

/// Carries the datagrams between a call and its relay in the place of a UDP socket. QUIC and the relay's pinned key stay inside.
pub trait Carrier: Send + Sync {
    /// Takes a datagram of at most 1,500 bytes towards the relay; may lose it. Called by one thread of the call; must not block.
    fn send(&self, datagram: &[u8]);
}

unsafe extern "C" fn send_by(user: *mut c_void, datagram: *const u8, size: usize) {
    // SAFETY: `user` is the box of `lend`, which lives until `closed`; pointer and size belong together.
    let (carrier, datagram) = unsafe { (&*user.cast::<Box<dyn Carrier>>(), std::slice::from_raw_parts(datagram, size)) };
    // A panic must not unwind into the library: the datagram is lost.
    let _ = catch_unwind(AssertUnwindSafe(|| carrier.send(datagram)));
}

unsafe extern "C" fn closed(user: *mut c_void) {
    // SAFETY: the last call, of the box that `lend` gave away.
    drop(unsafe { Box::from_raw(user.cast::<Box<dyn Carrier>>()) });
}

/// One member of one call. Any number of threads may use it at once; when it goes, we leave.
#[derive(Debug)]
pub struct Call {
    handle: Handle,
    _lent: CallConfig, // sources end when their last handle goes
}

impl Call {
    /// Opens a room on a relay in this process.
    pub fn host(config: CallConfig, host: HostConfig) -> Result<Call> {
        Self::open(config, host, None, |config, call| unsafe { sys::conclave_call_host(config, call) })
    }

    /// Opens a room at the relay that `host` names, through a carrier.
    pub fn host_through(carrier: Box<dyn Carrier>, config: CallConfig, host: HostConfig) -> Result<Call> {
        Self::open(config, host, Some(carrier), |config, call| unsafe { sys::conclave_call_host(config, call) })
    }

    /// Knocks at the room of a link.
    pub fn join(config: CallConfig, link: &str) -> Result<Call> {
        let link = c_text(link)?;
        Self::open(config, HostConfig::default(), None, |config, call| unsafe { sys::conclave_call_join(config, link.as_ptr(), call) })
    }

    /// Knocks at the room of a link, through a carrier.
    pub fn join_through(carrier: Box<dyn Carrier>, config: CallConfig, link: &str) -> Result<Call> {
        let link = c_text(link)?;
        Self::open(config, HostConfig::default(), Some(carrier), |config, call| unsafe { sys::conclave_call_join(config, link.as_ptr(), call) })
    }

    /// A datagram that the carrier brought from the relay. `limit_exceeded`, and dropped, when 512 wait.
    pub fn receive(&self, datagram: &[u8]) -> Result<()> {
        // SAFETY: pointer and size belong together.
        check(unsafe { sys::conclave_call_receive(self.handle.0, datagram.as_ptr(), datagram.len()) })
    }

    fn open(
        config: CallConfig, host: HostConfig, carrier: Option<Box<dyn Carrier>>, start: impl FnOnce(&sys::conclave_call_config, &mut u64) -> i32,
    ) -> Result<Call> {
        let texts = [&config.name, &host.listen, &host.advertise, &host.relay_key_file, &host.relay, &host.room_token].map(|t| c_text(t));
        let [name, listen, advertise, key_file, relay, token] = texts;
        let (name, listen, advertise, key_file, relay, token) = (name?, listen?, advertise?, key_file?, relay?, token?);
        let user = carrier.map(|carrier| Box::into_raw(Box::new(carrier)));
        let c_carrier = user.map(|user| sys::conclave_carrier { user: user.cast(), send: Some(send_by), closed: Some(closed), ..Sized32::sized() });
        let or_null = |text: &CString| if text.as_bytes().is_empty() { ptr::null() } else { text.as_ptr() };
        let sinks: Vec<u64> = config.sinks.iter().map(|sink| sink.0 .0).collect();
        let duration = |given: Option<Duration>| given.map_or(0, |d| micros(Some(d)));
        // Held while the call is opened: it is for one thread at a time.
        let identity = config.identity.as_ref().map(|shared| shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let contacts = config.contacts.as_ref().map(|shared| shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let trusted: Vec<u64> = config.trusted.iter().map(|organisation| organisation.raw()).collect();
        let c_config = sys::conclave_call_config {
            sink_count: sinks.len() as u32,
            display_name: or_null(&name),
            video_source: config.video.as_ref().map_or(0, |source| source.0 .0),
            audio_source: config.audio.as_ref().map_or(0, |source| source.0 .0),
            sinks: sinks.as_ptr(),
            playout_delay: duration(config.playout_delay),
            key_rotation: duration(config.key_rotation),
            join_timeout: duration(config.join_timeout),
            connect_timeout: duration(config.connect_timeout),
            listen: or_null(&listen),
            advertise: or_null(&advertise),
            relay_key_file: or_null(&key_file),
            port: host.port.into(),
            relay: or_null(&relay),
            room_token: or_null(&token),
            room_key_seed: host.room_key_seed.as_ref().map_or(ptr::null(), |seed| seed.as_ptr()),
            mode: host.mode as u32,
            identity: identity.as_ref().map_or(0, |identity| identity.raw()),
            reconnect_window: config.reconnect_window.map_or(0, |window| if window.is_zero() { -1 } else { micros(Some(window)) }),
            contacts: contacts.as_ref().map_or(0, |contacts| contacts.0.raw()),
            organisation: config.organisation.as_ptr(),
            organisation_size: config.organisation.len(),
            trusted: trusted.as_ptr(),
            trusted_count: trusted.len() as u32,
            full_hop: config.full_hop.into(),
            carrier: c_carrier.as_ref().map_or(ptr::null(), |table| table as *const _),
            ..Sized32::sized()
        };
        let mut call = 0;
        if let Err(error) = check(start(&c_config, &mut call)) {
            if let Some(user) = user {
                // SAFETY: a call that could not be opened leaves the carrier to us.
                drop(unsafe { Box::from_raw(user) });
            }
            return Err(error);
        }
        drop((identity, contacts));
        Ok(Call { handle: Handle(call), _lent: config })
    }

    /// The room's link: a secret, since who has it may knock.
    pub fn link(&self) -> Result<String> {
        let mut buffer = [0; 2048];
        let mut size = buffer.len();
        // SAFETY: the buffer has room for `size` bytes.
        check(unsafe { sys::conclave_call_link(self.handle.0, buffer.as_mut_ptr(), &mut size) })?;
        Ok(text(&buffer))
    }

    /// The next event; `None` when the timeout passed. `invalid_state` after [`Event::Ended`].
    pub fn next_event(&self, timeout: Option<Duration>) -> Result<Option<Event>> {
        let mut event = sys::conclave_event::sized();
        // SAFETY: the struct is ours.
        check(unsafe { sys::conclave_call_next_event(self.handle.0, micros(timeout), &mut event) })?;
        Ok(told(&event))
    }

    /// All events, the last one included.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        std::iter::from_fn(move || loop {
            match self.next_event(None) {
                Ok(Some(event)) => return Some(event),
                Ok(None) => continue,
                Err(_) => return None,
            }
        })
    }

    /// Asks something of the room; what is refused comes back as [`Event::NotDone`].
    pub fn command(&self, command: Command<'_>) -> Result<()> {
        // SAFETY: `hand` keeps what the command points to.
        command.hand(|command| check(unsafe { sys::conclave_call_command(self.handle.0, command) }))
    }

    /// What the room is, as of the last half second.
    pub fn room(&self) -> Result<Room> {
        let mut room = sys::conclave_room::sized();
        // SAFETY: the struct is ours.
        check(unsafe { sys::conclave_call_room(self.handle.0, &mut room) })?;
        Ok(Room::of(&room))
    }

    /// After [`Event::Ended`]: what happened as we saw it, signed by us, for `conclave-call verify`.
    pub fn record(&self) -> Result<Vec<u8>> {
        // SAFETY: `fetched` gives a buffer of the size that it says.
        fetched(|bytes, size| unsafe { sys::conclave_call_record(self.handle.0, bytes, size) })
    }

    /// After [`Event::Ended`]: the contacts that the call was given, and whom it has met.
    pub fn contacts(&self) -> Result<Contacts> {
        // SAFETY: the place is ours.
        Own::made(|out| unsafe { sys::conclave_call_contacts(self.handle.0, out) }).map(Contacts)
    }

    /// Lets in who knocked.
    pub fn admit(&self, knock: u64) -> Result<()> {
        check(unsafe { sys::conclave_call_admit(self.handle.0, knock) })
    }

    /// Sends away who knocked.
    pub fn refuse(&self, knock: u64) -> Result<()> {
        check(unsafe { sys::conclave_call_refuse(self.handle.0, knock) })
    }

    /// Removes a member; it may knock again.
    pub fn remove(&self, member: u32) -> Result<()> {
        check(unsafe { sys::conclave_call_remove(self.handle.0, member) })
    }

    /// New keys, now.
    pub fn rotate_keys(&self) -> Result<()> {
        check(unsafe { sys::conclave_call_rotate_keys(self.handle.0) })
    }

    /// Says goodbye; [`Event::Ended`] follows at once.
    pub fn leave(&self) -> Result<()> {
        check(unsafe { sys::conclave_call_leave(self.handle.0) })
    }

    /// Stops capture and finishes the sinks, so that files are whole. After [`Event::Ended`].
    pub fn finish(&self) -> Result<()> {
        check(unsafe { sys::conclave_call_finish(self.handle.0) })
    }

    /// Counters, as conclave.h names them.
    pub fn report(&self) -> Result<sys::conclave_report> {
        let mut report = sys::conclave_report::sized();
        // SAFETY: the struct is ours.
        check(unsafe { sys::conclave_call_report(self.handle.0, &mut report) })?;
        Ok(report)
    }

    /// The members, as of the last half second.
    pub fn roster(&self) -> Result<Vec<Member>> {
        let mut members = Vec::new();
        for index in 0..self.report()?.member_count {
            let mut member = sys::conclave_member::sized();
            // SAFETY: the struct is ours.
            check(unsafe { sys::conclave_call_member(self.handle.0, index, &mut member) })?;
            members.push(Member::of(&member));
        }
        Ok(members)
    }
}
