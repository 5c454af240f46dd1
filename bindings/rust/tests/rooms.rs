//! What members ask of their room: at the session level, in a call, and the frames of a stage.
mod pair;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use conclave::{Call, CallConfig, Command, Entry, Event, FrameMode, FrameStatus, HostConfig, Identity, Joining, Mode, Opener, OutputKind, Rights, Role, SessionConfig, Signing, Symbol};
use pair::{config, refusal, Pair};

fn stage() -> Pair {
    let mut pair = Pair::new(SessionConfig { mode: Mode::Stage, ..config() });
    pair.enter().unwrap();
    pair
}

fn ask_host(pair: &mut Pair, command: Command<'_>) {
    pair.host().command(command).unwrap();
    pair.settle();
}

fn bob_as_seen_by_host(pair: &mut Pair) -> conclave::Member {
    pair.host().roster().unwrap()[1].member.clone()
}

#[test]
fn rights_are_given_and_taken() {
    let mut pair = stage();
    assert_eq!(pair.guest().room().unwrap().mode, Mode::Stage);
    assert_eq!(refusal(pair.guest().command(Command::Chat("let me in"))), "not_permitted");
    assert_eq!(refusal(pair.guest().command(Command::SetRole { member: 1, role: Role::Owner })), "not_permitted");
    pair.guest().command(Command::RaiseHand(true)).unwrap();
    pair.settle();
    assert!(bob_as_seen_by_host(&mut pair).hand_raised);
    ask_host(&mut pair, Command::Give { member: 1, rights: Rights::SOUND | Rights::PICTURE | Rights::CHAT });
    assert!(bob_as_seen_by_host(&mut pair).rights.has(Rights::SOUND | Rights::PICTURE));
    ask_host(&mut pair, Command::Take { member: 1, rights: Rights::SOUND });
    assert!(!bob_as_seen_by_host(&mut pair).rights.has(Rights::SOUND));
    let words = "hello ".repeat(500) + "!";
    pair.guest().command(Command::Chat(&words)).unwrap();
    pair.guest().command(Command::React(Symbol::Heart)).unwrap();
    pair.settle();
    assert_eq!(pair.all(0, OutputKind::Chat)[0].bytes, words.as_bytes());
    assert_eq!(pair.all(0, OutputKind::Reaction)[0].flag, Symbol::Heart as u32);
}

#[test]
fn a_room_is_locked_handed_over_and_ended() {
    let mut pair = stage();
    let heir: [u8; 32] = pair.bob.hash().unwrap().try_into().unwrap();
    ask_host(&mut pair, Command::SetHeirs { heirs: &[heir], quorum: 1 });
    ask_host(&mut pair, Command::Lock(true));
    assert!(pair.guest().room().unwrap().locked);
    pair.guest().command(Command::Endorse(1)).unwrap();
    pair.guest().command(Command::Inherit).unwrap();
    ask_host(&mut pair, Command::Lock(false));
    ask_host(&mut pair, Command::SetMode(Mode::Moderated));
    ask_host(&mut pair, Command::SetRole { member: 1, role: Role::Owner });
    assert_eq!(bob_as_seen_by_host(&mut pair).role, Some(Role::Owner));
    assert!(pair.sessions[0].record(&pair.alice).unwrap().len() > 100);
    pair.guest().command(Command::End).unwrap();
    pair.settle();
    assert!(pair.host().room().unwrap().ended);
}

#[test]
fn invitations_let_in_until_they_are_taken_back() {
    let mut pair = Pair::new(config());
    let later = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3600;
    let holder: [u8; 32] = pair.bob.hash().unwrap().try_into().unwrap();
    let invitation = pair.sessions[0].invite(&pair.alice, "Roberta", later, Some(&holder)).unwrap();
    ask_host(&mut pair, Command::SetEntry(Entry::Invited));
    assert_eq!(pair.host().room().unwrap().entry, Entry::Invited);
    pair.enter().unwrap();
    assert_eq!((pair.sessions.len(), pair.all(0, OutputKind::AdmissionFailed).len()), (1, 1));
    pair.joining = Joining::begin(SessionConfig { invitation, ..config() }, &pair.bob, "Bob").unwrap();
    pair.enter().unwrap();
    assert_eq!(pair.host().roster().unwrap()[1].member.invited_as, "Roberta");
    let other = pair.sessions[0].invite(&pair.alice, "Cleo", later, None).unwrap();
    ask_host(&mut pair, Command::Revoke(&other));
    ask_host(&mut pair, Command::Ban(1));
    assert_eq!(pair.host().room().unwrap().banned, 1);
}

#[test]
fn batches_are_held_until_they_are_proven() {
    let mut pair = stage();
    ask_host(&mut pair, Command::SetSigning(Signing::Batched));
    let (mut sealer, mut opener) = (pair.host().make_sealer(0, FrameMode::Whole).unwrap(), Opener::new().unwrap());
    opener.update(pair.guest()).unwrap();
    let (mut out, mut plain) = ([0; 300], [0; 300]);
    for number in ["0", "1", "2"] {
        let size = sealer.seal(format!("frame {number}").as_bytes(), number.as_bytes(), &mut out).unwrap();
        let opened = opener.open(None, &out[..size], number.as_bytes(), FrameMode::Whole, &mut plain).unwrap();
        assert_eq!(opened.status, FrameStatus::Held);
    }
    for number in ["0", "1", "2"] {
        let proven = opener.next_proven().unwrap().unwrap();
        assert_eq!((proven.frame, proven.metadata), (format!("frame {number}").into_bytes(), number.as_bytes().to_vec()));
    }
    assert_eq!(opener.next_proven().unwrap(), None);
}

fn until<T>(call: &Call, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    call.events().find_map(|event| wanted(event)).expect("the event before the end")
}

#[test]
fn members_of_a_call_talk_and_its_host_decides() {
    let host_config = HostConfig { listen: "127.0.0.1".into(), mode: Mode::Moderated, ..Default::default() };
    let alice = Arc::new(Mutex::new(Identity::generate().unwrap()));
    let config = CallConfig { name: "Alice".into(), identity: Some(Arc::clone(&alice)), ..Default::default() };
    let host = Call::host(config, host_config).unwrap();
    until(&host, |event| matches!(event, Event::RoomReady).then_some(()));
    let guest = Call::join(CallConfig { name: "Bob".into(), ..Default::default() }, &host.link().unwrap()).unwrap();
    let knock = until(&host, |event| if let Event::Knock { id, borrowed_name: false, .. } = event { Some(id) } else { None });
    host.admit(knock).unwrap();
    let bob = until(&guest, |event| if let Event::Joined { member } = event { Some(member) } else { None });
    let words = "word ".repeat(800) + "!";
    guest.command(Command::Chat(&words)).unwrap();
    assert_eq!(until(&host, |event| if let Event::Chat { text, .. } = event { Some(text) } else { None }), words);
    guest.command(Command::React(Symbol::Laugh)).unwrap();
    assert_eq!(until(&host, |event| if let Event::Reaction { symbol, .. } = event { Some(symbol) } else { None }), Some(Symbol::Laugh));
    guest.command(Command::Lock(true)).unwrap();
    let refused = until(&guest, |event| if let Event::NotDone { error } = event { error } else { None });
    assert_eq!(refused.name(), "not_permitted");
    host.command(Command::Invite { name: "Cleo", seconds: 60 }).unwrap();
    let (number, link) = until(&host, |event| if let Event::Invitation { number, link, .. } = event { Some((number, link)) } else { None });
    assert_ne!(link, host.link().unwrap());
    host.command(Command::RevokeNumber(number as u32)).unwrap();
    host.command(Command::NameHeirs { heirs: &[bob], quorum: 1 }).unwrap();
    host.command(Command::SetEntry(Entry::Invited)).unwrap();
    host.command(Command::SetRole { member: bob, role: Role::Speaker }).unwrap();
    until(&guest, |event| matches!(event, Event::RoomChanged).then_some(()));
    let own_role = || guest.roster().unwrap().into_iter().find(|member| member.is_self).and_then(|member| member.role);
    for _ in 0..100 {
        if own_role() == Some(Role::Speaker) {
            break;
        }
        sleep(Duration::from_millis(100));
    }
    assert_eq!(own_role(), Some(Role::Speaker));
    assert_eq!(guest.roster().unwrap()[0].identity_key, alice.lock().unwrap().public_key().unwrap());
    host.command(Command::End).unwrap();
    assert!(until(&guest, |event| if let Event::Ended { error } = event { Some(error) } else { None }).is_none());
    assert!(guest.record().unwrap().len() > 100);
    assert_eq!(guest.room().unwrap().mode, Mode::Moderated);
}
