//! What the session level can do beyond its example: state, members, streams.
mod pair;
use std::time::Duration;

use conclave::{max_sealed_size, FrameMode, FrameStatus, FrameSuite, Identity, Opener, Role, Session, SessionConfig};
use pair::{config, refusal, Pair, ROOM};

fn entered() -> Pair {
    let chosen = SessionConfig { frame_suites: vec![FrameSuite::Aes256GcmSha512_128], heartbeat: Some(Duration::from_secs(2)), ..config() };
    let mut pair = Pair::new(chosen);
    pair.enter().unwrap();
    pair
}

#[test]
fn who_is_inspected_is_who_joins() {
    let mut pair = Pair::new(config());
    let package = pair.joining.key_package().unwrap();
    let who = pair.host().inspect(&package).unwrap();
    assert_eq!((who.member.name.as_str(), who.member.identity_key), ("Bob", pair.bob.public_key().unwrap()));
    assert_eq!(refusal(pair.host().inspect(b"garbage")), "malformed");
    assert_eq!(Identity::from_seed(&[7; 32]).unwrap().public_key().unwrap(), pair.bob.public_key().unwrap());
    pair.enter().unwrap();
    let roster = pair.host().roster().unwrap();
    let told: Vec<_> = roster.iter().map(|m| (m.member.name.as_str(), m.member.role)).collect();
    assert_eq!(told, [("Alice", Some(Role::Owner)), ("Bob", Some(Role::Speaker))]);
}

#[test]
fn codes_are_equal_and_what_was_compared_is_remembered() {
    let mut pair = entered();
    let code = pair.host().safety_code().unwrap();
    assert_eq!(code, pair.guest().safety_code().unwrap());
    assert_eq!(pair.host().authenticator().unwrap(), pair.guest().authenticator().unwrap());
    pair.host().set_verified(1, true).unwrap();
    assert!(pair.host().roster().unwrap()[1].member.verified && !pair.guest().roster().unwrap()[1].member.verified);
    assert_eq!(refusal(pair.host().set_verified(9, true)), "invalid_argument");
}

#[test]
fn streams_that_are_not_allowed_stay_closed() {
    let mut pair = entered();
    let (mut sealer, mut opener) = (pair.host().make_sealer(3, FrameMode::Whole).unwrap(), Opener::new().unwrap());
    let (mut out, mut plain) = (vec![0; max_sealed_size(5, FrameMode::Whole)], [0; 200]);
    opener.update(pair.guest()).unwrap();
    let size = sealer.seal(b"hello", b"meta", &mut out).unwrap();
    assert_eq!(opener.open(None, &out[..size], b"other", FrameMode::Whole, &mut plain).unwrap().status, FrameStatus::Forged);
    let opened = opener.open(Some(0), &out[..size], b"meta", FrameMode::Whole, &mut plain).unwrap();
    assert_eq!((opened.status, &plain[..opened.size], opened.stream), (FrameStatus::Opened, &b"hello"[..], 3));
    pair.guest().allow_streams(0, 3).unwrap();
    opener.update(pair.guest()).unwrap();
    let size = sealer.seal(b"hello", b"", &mut out).unwrap();
    assert_ne!(opener.open(None, &out[..size], b"", FrameMode::Whole, &mut plain).unwrap().status, FrameStatus::Opened);
    assert_eq!(refusal(sealer.seal(b"hello", b"", &mut [0; 3])), "buffer_too_small");
}

#[test]
fn what_is_saved_comes_back_under_its_key_and_counter_alone() {
    let mut pair = entered();
    let state = pair.host().save(&[1; 32], 7).unwrap();
    assert_eq!(refusal(Session::restore(&ROOM, &state, &[1; 32], 8)), "damaged_state");
    assert_eq!(refusal(Session::restore(&ROOM, &state, &[2; 32], 7)), "damaged_state");
    assert_eq!(Session::restore(&ROOM, &state, &[1; 32], 7).unwrap().roster().unwrap().len(), 2);
}
