//! What sessions give.
use crate::error::Error;

/// What kind of output it is; conclave.h says what stands in which field.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// For the room's log.
    Log,
    /// For the joiner, once the log holds its commit.
    Welcome,
    Epoch,
    Keys,
    MemberEntered,
    MemberGone,
    Message,
    Refused,
    AdmissionFailed,
    Doubted,
    Confirmed,
    Suspended,
    Resumed,
    Ended,
    RoomChanged,
    Chat,
    Reaction,
    Hand,
    /// An heir wants member `id` to become owner, since nobody leads any more.
    Heir,
    /// A removal or change that was asked for came to nothing.
    NotDone,
    /// For [`Opener::hear`](crate::Opener::hear) of every opener.
    FramesStated,
}

pub(crate) const KINDS: [OutputKind; 21] = [
    OutputKind::Log,
    OutputKind::Welcome,
    OutputKind::Epoch,
    OutputKind::Keys,
    OutputKind::MemberEntered,
    OutputKind::MemberGone,
    OutputKind::Message,
    OutputKind::Refused,
    OutputKind::AdmissionFailed,
    OutputKind::Doubted,
    OutputKind::Confirmed,
    OutputKind::Suspended,
    OutputKind::Resumed,
    OutputKind::Ended,
    OutputKind::RoomChanged,
    OutputKind::Chat,
    OutputKind::Reaction,
    OutputKind::Hand,
    OutputKind::Heir,
    OutputKind::NotDone,
    OutputKind::FramesStated,
];

/// What the app has to carry, or what happened.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug)]
pub struct Output {
    pub kind: OutputKind,
    pub id: u64,
    pub member: u32,
    pub flag: u32,
    pub name: String,
    pub bytes: Vec<u8>,
    pub error: Option<Error>,
}
