//! What happens in a call.
use conclave_sys as sys;

use crate::contacts::Recognition;
use crate::error::{text, Error};
use crate::frames::FrameDoubt;
use crate::room::Symbol;

/// What happened in a call.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug)]
pub enum Event {
    /// Host: the room is open, its link works.
    RoomReady,
    /// Somebody stands at the door: answer with [`Call::admit`](crate::Call::admit) or [`Call::refuse`](crate::Call::refuse).
    /// `borrowed_name`: it can be taken for another's; `invited_as`: to whom the personal invitation was given that is used, or empty.
    /// `recognition`: whom of our contacts it is, or whose name it bears; `verified_by`: the trusted organisation that certified it, as `certified_as`.
    Knock { id: u64, name: String, borrowed_name: bool, invited_as: String, recognition: Recognition, verified_by: String, certified_as: String },
    KnockWithdrawn { id: u64 },
    /// We are in.
    Joined { member: u32 },
    MemberJoined { member: u32, name: String },
    MemberLeft { member: u32, name: String, removed: bool },
    /// New keys; the authenticator is equal for all members.
    EpochChanged { epoch: u64, authenticator: Vec<u8> },
    /// To be compared over another channel.
    SafetyCode { digits: String, words: String },
    SourceEnded { video: bool, error: Option<Error> },
    /// A member is not heard, or was shown another history than we: its media are dropped.
    MemberUnconfirmed { member: u32, name: String, diverged: bool },
    MemberReconfirmed { member: u32 },
    /// The relay keeps us from the others: no media leave or enter; or they do again.
    Suspended { suspended: bool },
    /// Roles, rights or settings of the room are others now.
    RoomChanged,
    /// Plain text, inert.
    Chat { member: u32, text: String },
    /// `None`: a symbol that is younger than this library.
    Reaction { member: u32, symbol: Option<Symbol> },
    /// A member asks for the floor, or does no more.
    Hand { member: u32, raised: bool },
    /// What was asked of the room could not be done.
    NotDone { error: Option<Error> },
    /// The connection broke and is being made again; our seat and keys stay.
    Reconnecting,
    Reconnected { gap_ms: u64 },
    /// An heir wants `claimant` (perhaps itself) to become owner, since nobody leads any more.
    Heir { heir: u32, claimant: u64 },
    /// Who led is not heard any more; `heir`: we are an heir, and may ask to inherit or endorse another one.
    LeaderLost { member: u32, name: String, heir: bool },
    /// What [`Command::Invite`](crate::Command::Invite) made: hand the link to that person alone. `number`: to take it back.
    Invitation { number: u64, name: String, link: String },
    /// A speaker's signed frames are not as it stated to everybody.
    SpeakerDoubted(FrameDoubt),
    /// Somebody in the room whom our contacts know, by key or by name; follows [`MemberJoined`](Self::MemberJoined).
    ContactSeen { member: u32, name: String, recognition: Recognition },
    /// Who has gone could not be taken out of the room.
    SeatKept { member: u32, name: String, error: Option<Error> },
    /// The last event. No error: we left, or the room was closed.
    Ended { error: Option<Error> },
}

fn error_of(event: &sys::conclave_event) -> Option<Error> {
    let participant = if event.has_participant != 0 { Some(event.participant) } else { None };
    if event.code == sys::CONCLAVE_OK {
        return None;
    }
    Some(Error { code: event.code, detail: text(&event.detail), participant })
}

fn knock(event: &sys::conclave_event) -> Event {
    Event::Knock {
        id: event.id,
        name: text(&event.name),
        borrowed_name: event.flag != 0,
        invited_as: text(&event.text),
        recognition: Recognition::in_event(event),
        verified_by: text(&event.verified_by),
        certified_as: text(&event.certified_as),
    }
}

/// An event of the C interface; `None` for a kind that is younger than this crate.
pub(crate) fn told(event: &sys::conclave_event) -> Option<Event> {
    let (id, member, name) = (event.id, event.member, || text(&event.name));
    Some(match event.kind {
        sys::CONCLAVE_EVENT_ROOM_READY => Event::RoomReady,
        sys::CONCLAVE_EVENT_KNOCK => knock(event),
        sys::CONCLAVE_EVENT_KNOCK_WITHDRAWN => Event::KnockWithdrawn { id },
        sys::CONCLAVE_EVENT_JOINED => Event::Joined { member },
        sys::CONCLAVE_EVENT_MEMBER_JOINED => Event::MemberJoined { member, name: name() },
        sys::CONCLAVE_EVENT_MEMBER_LEFT => Event::MemberLeft { member, name: name(), removed: event.flag != 0 },
        sys::CONCLAVE_EVENT_EPOCH => {
            Event::EpochChanged { epoch: id, authenticator: event.authenticator[..event.authenticator_size.min(64) as usize].to_vec() }
        }
        sys::CONCLAVE_EVENT_SAFETY_CODE => Event::SafetyCode { digits: text(&event.digits), words: text(&event.words) },
        sys::CONCLAVE_EVENT_SOURCE_ENDED => Event::SourceEnded { video: event.flag != 0, error: error_of(event) },
        sys::CONCLAVE_EVENT_UNCONFIRMED => Event::MemberUnconfirmed { member, name: name(), diverged: event.flag != 0 },
        sys::CONCLAVE_EVENT_RECONFIRMED => Event::MemberReconfirmed { member },
        sys::CONCLAVE_EVENT_SUSPENDED => Event::Suspended { suspended: event.flag != 0 },
        sys::CONCLAVE_EVENT_ROOM_CHANGED => Event::RoomChanged,
        sys::CONCLAVE_EVENT_CHAT => Event::Chat { member, text: text(&event.text) },
        sys::CONCLAVE_EVENT_REACTION => Event::Reaction { member, symbol: Symbol::of(event.flag) },
        sys::CONCLAVE_EVENT_HAND => Event::Hand { member, raised: event.flag != 0 },
        sys::CONCLAVE_EVENT_RECONNECTING => Event::Reconnecting,
        sys::CONCLAVE_EVENT_RECONNECTED => Event::Reconnected { gap_ms: id },
        sys::CONCLAVE_EVENT_NOT_DONE => Event::NotDone { error: error_of(event) },
        sys::CONCLAVE_EVENT_HEIR => Event::Heir { heir: member, claimant: id },
        sys::CONCLAVE_EVENT_LEADER_LOST => Event::LeaderLost { member, name: name(), heir: event.flag != 0 },
        sys::CONCLAVE_EVENT_INVITATION => Event::Invitation { number: id, name: name(), link: text(&event.text) },
        sys::CONCLAVE_EVENT_SPEAKER_DOUBTED => Event::SpeakerDoubted(FrameDoubt::in_event(event)?),
        sys::CONCLAVE_EVENT_CONTACT_SEEN => Event::ContactSeen { member, name: name(), recognition: Recognition::in_event(event) },
        sys::CONCLAVE_EVENT_SEAT_KEPT => Event::SeatKept { member, name: name(), error: error_of(event) },
        sys::CONCLAVE_EVENT_ENDED => Event::Ended { error: error_of(event) },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::DoubtKind;
    use sys::Sized32;

    fn event(kind: u32) -> sys::conclave_event {
        let mut event = sys::conclave_event { kind, id: 5, member: 7, flag: 1, stream: 1, code: 204, ..Sized32::sized() };
        event.name[0] = b'E' as sys::c_char;
        event.detail[0] = b'd' as sys::c_char;
        event
    }

    #[test]
    fn a_doubted_speaker_comes_with_its_evidence() {
        let mut raw = event(sys::CONCLAVE_EVENT_SPEAKER_DOUBTED);
        raw.evidence[..3].copy_from_slice(&[1, 2, 3]);
        raw.identity_key[..2].copy_from_slice(&[8, 9]);
        raw.evidence_size = 3;
        raw.identity_key_size = 2;
        let doubt = match told(&raw) {
            Some(Event::SpeakerDoubted(doubt)) => doubt,
            other => panic!("{other:?}"),
        };
        assert_eq!((doubt.kind, doubt.member, doubt.epoch, doubt.stream), (DoubtKind::Equivocated, 7, 5, 1));
        assert_eq!((doubt.name.as_str(), &doubt.evidence[..], &doubt.identity_key[..]), ("E", &[1, 2, 3][..], &[8, 9][..]));
    }

    #[test]
    fn a_seat_that_is_kept_says_why_and_what_is_younger_is_nothing() {
        match told(&event(sys::CONCLAVE_EVENT_SEAT_KEPT)) {
            Some(Event::SeatKept { member: 7, error: Some(error), .. }) => assert_eq!((error.code, error.detail.as_str()), (204, "d")),
            other => panic!("{other:?}"),
        }
        assert!(told(&event(99)).is_none());
    }
}
