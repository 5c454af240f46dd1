//! What members ask of their room, in calls and in sessions, and what the room is.
use std::ops::{BitOr, Sub};

use conclave_sys as sys;
use sys::Sized32;

use crate::error::text;

/// Who somebody is in a room. Each role has the rights of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Role {
    /// Of the audience.
    Listener = 1,
    /// Who may be seen and heard.
    Speaker,
    /// Who decides about others.
    Moderator,
    /// Who decides what the room is.
    Owner,
}

impl Role {
    pub(crate) fn of(number: u32) -> Option<Role> {
        [Role::Listener, Role::Speaker, Role::Moderator, Role::Owner].into_iter().find(|role| *role as u32 == number)
    }
}

/// What kind of meeting a room is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Mode {
    /// Whoever is in may speak.
    #[default]
    Open = 1,
    /// Moderators decide who speaks, all may write.
    Moderated,
    /// An audience that cannot speak or write by itself.
    Stage,
}

/// What somebody may do: a set of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rights(pub(crate) u32);

impl Rights {
    /// To be heard.
    pub const SOUND: Rights = Rights(1);
    /// To be seen.
    pub const PICTURE: Rights = Rights(2);
    /// To show a screen.
    pub const SCREEN: Rights = Rights(4);
    /// To write to all.
    pub const CHAT: Rights = Rights(8);
    /// To let people in.
    pub const ADMIT: Rights = Rights(16);
    /// To remove members.
    pub const REMOVE: Rights = Rights(32);
    /// To give and take rights and roles.
    pub const GRANT: Rights = Rights(64);
    /// To lock the room.
    pub const LOCK: Rights = Rights(128);
    /// To end the meeting for all.
    pub const END: Rights = Rights(256);

    /// Whether all of `others` are among them.
    pub fn has(self, others: Rights) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Rights {
    type Output = Rights;
    fn bitor(self, others: Rights) -> Rights {
        Rights(self.0 | others.0)
    }
}

impl Sub for Rights {
    type Output = Rights;
    fn sub(self, others: Rights) -> Rights {
        Rights(self.0 & !others.0)
    }
}

/// What one reacts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum Symbol {
    Applause = 1,
    Agree,
    Disagree,
    Heart,
    Laugh,
    Surprise,
}

impl Symbol {
    pub(crate) fn of(number: u32) -> Option<Symbol> {
        use Symbol::{Agree, Applause, Disagree, Heart, Laugh, Surprise};
        [Applause, Agree, Disagree, Heart, Laugh, Surprise].into_iter().find(|symbol| *symbol as u32 == number)
    }
}

/// Who may be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Entry {
    /// Whoever a member with the right admits.
    Knock = 1,
    /// Of those, who holds a personal invitation.
    Invited,
}

/// How frames are signed by their sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Signing {
    /// Not at all: they are sealed alone.
    None = 0,
    /// Each of them.
    Each,
    /// Several frames of sound under one signature: see [`Opener::next_proven`](crate::Opener::next_proven).
    Batched,
}

/// What is asked of a room. In a call, what is refused comes back as [`Event::NotDone`](crate::Event::NotDone); in a session it is an error, and what is
/// not counts once it is read back from the log. Of the last six, some are for calls alone, and some for sessions: the others answer an error.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// Writes to all, 1 to 4,096 bytes.
    Chat(&'a str),
    /// Reacts with a symbol.
    React(Symbol),
    /// Asks for the floor, or does no more.
    RaiseHand(bool),
    /// Makes a member something else. An owner hands a room over by making somebody else owner.
    SetRole {
        /// Whose role it is.
        member: u32,
        /// What it becomes.
        role: Role,
    },
    /// Gives rights beyond the role's, or back what was taken.
    Give {
        /// To whom.
        member: u32,
        /// What it gets.
        rights: Rights,
    },
    /// Takes rights: of sound, to mute a member; nobody opens what it sends without.
    Take {
        /// From whom.
        member: u32,
        /// What it loses.
        rights: Rights,
    },
    /// Removes a member; it may knock again.
    Remove(u32),
    /// Removes a member for good: its identity and its invitation let nobody in again.
    Ban(u32),
    /// Lets nobody in any more, or does again.
    Lock(bool),
    /// Makes the room another kind of meeting.
    SetMode(Mode),
    /// Ends the meeting for all.
    End,
    /// Who may be admitted from now on.
    SetEntry(Entry),
    /// How frames are signed from now on.
    SetSigning(Signing),
    /// As an heir: becomes owner, since nobody leads any more.
    Inherit,
    /// As an heir: speaks for another one.
    Endorse(u32),
    /// In a call: members who inherit.
    NameHeirs {
        /// Their numbers.
        heirs: &'a [u32],
        /// How many of them replace leaders who have a seat; 0: none.
        quorum: u8,
    },
    /// In a session: who inherits.
    SetHeirs {
        /// SHA-256 of identity keys.
        heirs: &'a [[u8; 32]],
        /// Likewise.
        quorum: u8,
    },
    /// In a call: a personal invitation for so many seconds (0: a day), which comes as [`Event::Invitation`](crate::Event::Invitation).
    Invite {
        /// To whom it is given.
        name: &'a str,
        /// For how long.
        seconds: u32,
    },
    /// In a call: takes an invitation back, by the number of its event.
    RevokeNumber(u32),
    /// In a session: takes a personal invitation back.
    Revoke(&'a [u8]),
    /// In a call, for our own contacts: this key goes with this name from now on.
    Remember {
        /// Whose key it is.
        member: u32,
        /// The safety code was compared.
        verified: bool,
    },
}

impl Command<'_> {
    /// Hands the command to a function of the C interface, whose data lives as long.
    pub(crate) fn hand<R>(self, to: impl FnOnce(&sys::conclave_command) -> R) -> R {
        let joined: Vec<u8> = match self {
            Command::SetHeirs { heirs, .. } => heirs.concat(),
            Command::NameHeirs { heirs, .. } => heirs.iter().flat_map(|heir| heir.to_ne_bytes()).collect(),
            _ => Vec::new(),
        };
        let (kind, member, value, data) = match self {
            Command::Chat(text) => (1, 0, 0, text.as_bytes()),
            Command::React(symbol) => (2, 0, symbol as u32, &[][..]),
            Command::RaiseHand(raised) => (3, 0, raised.into(), &[][..]),
            Command::SetRole { member, role } => (4, member, role as u32, &[][..]),
            Command::Give { member, rights } => (5, member, rights.0, &[][..]),
            Command::Take { member, rights } => (6, member, rights.0, &[][..]),
            Command::Remove(member) => (7, member, 0, &[][..]),
            Command::Ban(member) => (8, member, 0, &[][..]),
            Command::Lock(locked) => (9, 0, locked.into(), &[][..]),
            Command::SetMode(mode) => (10, 0, mode as u32, &[][..]),
            Command::End => (11, 0, 0, &[][..]),
            Command::SetEntry(entry) => (12, 0, entry as u32, &[][..]),
            Command::SetSigning(signing) => (13, 0, signing as u32, &[][..]),
            Command::SetHeirs { quorum, .. } | Command::NameHeirs { quorum, .. } => (14, 0, quorum.into(), &joined[..]),
            Command::Inherit => (15, 0, 0, &[][..]),
            Command::Endorse(claimant) => (16, claimant, 0, &[][..]),
            Command::Revoke(invitation) => (17, 0, 0, invitation),
            Command::RevokeNumber(number) => (17, 0, number, &[][..]),
            Command::Invite { name, seconds } => (18, 0, seconds, name.as_bytes()),
            Command::Remember { member, verified } => (19, member, verified.into(), &[][..]),
        };
        to(&sys::conclave_command { kind, member, value, data: data.as_ptr().cast(), size: data.len(), ..Sized32::sized() })
    }
}

/// What a room is, as all its members agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What kind of meeting it is.
    pub mode: Mode,
    /// Who may be admitted.
    pub entry: Entry,
    /// How frames are signed.
    pub signing: Signing,
    /// Nobody is let in.
    pub locked: bool,
    /// It was ended for all.
    pub ended: bool,
    /// How many have room in it.
    pub max_members: u32,
    /// Identities that were removed for good.
    pub banned: u32,
}

impl Room {
    pub(crate) fn of(told: &sys::conclave_room) -> Room {
        let mode = [Mode::Open, Mode::Moderated, Mode::Stage].into_iter().find(|mode| *mode as u32 == told.mode);
        let signing = [Signing::None, Signing::Each, Signing::Batched].into_iter().find(|signing| *signing as u32 == told.signing);
        Room {
            mode: mode.unwrap_or_default(),
            entry: if told.entry == Entry::Invited as u32 { Entry::Invited } else { Entry::Knock },
            signing: signing.unwrap_or(Signing::None),
            locked: told.locked != 0,
            ended: told.ended != 0,
            max_members: told.max_members,
            banned: told.banned,
        }
    }
}

/// A member, as its credential and the room say; the name is inert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its number in the room.
    pub member: u32,
    /// Safe to show.
    pub name: String,
    /// Whether it is us.
    pub is_self: bool,
    /// What it is in the room.
    pub role: Option<Role>,
    /// What it may do.
    pub rights: Rights,
    /// It asks for the floor.
    pub hand_raised: bool,
    /// The public key of its identity.
    pub identity_key: Vec<u8>,
    /// The safety code was compared: in sessions what [`Session::set_verified`](crate::Session::set_verified) said, in calls with a contact.
    pub verified: bool,
    /// To whom the personal invitation was given by which it came, or empty.
    pub invited_as: String,
    /// The trusted organisation that certified it, or empty.
    pub verified_by: String,
    /// Under which name.
    pub certified_as: String,
}

impl Member {
    pub(crate) fn of(told: &sys::conclave_member) -> Member {
        Member {
            member: told.member,
            name: text(&told.name),
            is_self: told.self_ != 0,
            role: Role::of(told.role),
            rights: Rights(told.rights),
            hand_raised: told.hand_raised != 0,
            identity_key: told.identity_key[..told.identity_key_size.min(72) as usize].to_vec(),
            verified: told.verified != 0,
            invited_as: text(&told.invited_as),
            verified_by: text(&told.verified_by),
            certified_as: text(&told.certified_as),
        }
    }
}
