//! Whom one can believe: what speakers state of their frames, contacts, identities at rest, organisations, records.
mod pair;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conclave::{
    read_transcript, Acquaintance, Call, CallConfig, Command, Contacts, DoubtKind, Event, FrameMode, FrameStatus, HostConfig, Identity, Joining, Mode, Opener,
    Organisation, OutputKind, Sealer, Session, SessionConfig,
};
use pair::{config, refusal, Pair, ROOM};

fn pem(name: &str) -> String {
    let folder = std::env::var("CONCLAVE_CERTIFICATES").expect("the folder of certificates");
    std::fs::read_to_string(format!("{folder}/{name}.pem")).unwrap()
}

struct Speech {
    pair: Pair,
    sealer: Sealer,
    opener: Opener,
}

impl Speech {
    fn new() -> Speech {
        let mut pair = Pair::new(SessionConfig { mode: Mode::Stage, ..config() });
        pair.enter().unwrap();
        let (sealer, mut opener) = (pair.host().make_sealer(0, FrameMode::Whole).unwrap(), Opener::new().unwrap());
        opener.update(pair.guest()).unwrap();
        Speech { pair, sealer, opener }
    }

    fn speak(&mut self, frames: usize) {
        let (mut out, mut plain) = ([0; 300], [0; 300]);
        for _ in 0..frames {
            let size = self.sealer.seal(b"frame", b"", &mut out).unwrap();
            let opened = self.opener.open(None, &out[..size], b"", FrameMode::Whole, &mut plain).unwrap();
            assert_eq!(opened.status, FrameStatus::Opened);
        }
    }

    fn state(&mut self, statement: Vec<u8>) {
        self.pair.host().state_frames(&[Vec::new(), statement]).unwrap();
        self.pair.settle();
        for output in self.pair.all(1, OutputKind::FramesStated) {
            self.opener.hear(&output.bytes).unwrap();
        }
        self.pair.told[1].clear();
    }
}

#[test]
fn who_states_what_it_signs_is_confirmed_and_who_states_otherwise_is_named() {
    let mut speech = Speech::new();
    speech.speak(4);
    let statement = speech.sealer.take_statement().unwrap();
    speech.state(statement);
    assert!(speech.sealer.take_statement().unwrap().is_empty() && speech.opener.review().unwrap().is_empty());
    assert_eq!(speech.opener.statements().unwrap().confirmed, 4);
    speech.speak(1);
    let mut lie = speech.sealer.take_statement().unwrap();
    *lie.last_mut().unwrap() ^= 1;
    speech.state(lie);
    let doubts = speech.opener.review().unwrap();
    assert_eq!((doubts.len(), doubts[0].kind, doubts[0].member, doubts[0].name.as_str()), (1, DoubtKind::Equivocated, 0, "Alice"));
    assert_eq!(doubts[0].identity_key, speech.pair.alice.public_key().unwrap());
    assert_eq!(speech.opener.statements().unwrap().equivocated, 1);
    assert_eq!(speech.pair.guest().check_evidence(&doubts[0].evidence).unwrap(), 0);
    let mut forged = doubts[0].evidence.clone();
    forged[0] ^= 1;
    assert_eq!(refusal(speech.pair.guest().check_evidence(&forged)), "not_authentic");
    assert_eq!(refusal(speech.opener.hear(b"garbage")), "malformed");
    speech.pair.guest().record_doubt(&doubts[0]).unwrap();
    let mut record = speech.pair.sessions[1].record(&speech.pair.bob).unwrap();
    let transcript = read_transcript(&record).unwrap();
    assert!(transcript.lines.iter().any(|line| line.contains("signed other frames than it stated")), "{:?}", transcript.lines);
    assert_eq!((&transcript.signer[..], transcript.room_id), (&speech.pair.bob.hash().unwrap()[..], ROOM));
    *record.last_mut().unwrap() ^= 1;
    assert_eq!(refusal(read_transcript(&record)), "not_authentic");
}

#[test]
fn identities_and_contacts_are_kept_sealed() {
    let (alice, eve) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let file = alice.seal(b"correct horse").unwrap();
    assert_eq!(Identity::open(&file, b"correct horse").unwrap().public_key(), alice.public_key());
    assert_eq!(refusal(Identity::open(&file, b"battery staple")), "not_authentic");
    let (mut contacts, key) = (Contacts::new().unwrap(), eve.public_key().unwrap());
    contacts.meet(&key, "Eve").unwrap();
    assert!(!contacts.recognise(&key, "Eve").unwrap().remembered);
    contacts.remember(&key, "Eve", true).unwrap();
    let sealed = contacts.seal(&alice).unwrap();
    for book in [&contacts, &Contacts::parse(&contacts.serialise().unwrap()).unwrap(), &Contacts::open(&sealed, &alice).unwrap()] {
        let known = book.recognise(&key, "Evelyn").unwrap();
        assert_eq!((known.acquaintance, known.verified, known.remembered, known.known_as.as_str()), (Acquaintance::Renamed, true, true, "Eve"));
        let changed = book.recognise(&alice.public_key().unwrap(), "Eve").unwrap();
        assert_eq!(changed.acquaintance, Acquaintance::KeyChanged);
    }
    assert_eq!(refusal(Contacts::open(&sealed, &eve)), "not_authentic");
    contacts.forget(&key).unwrap();
    assert_eq!((contacts.count().unwrap(), contacts.recognise(&key, "Eve").unwrap().acquaintance), (0, Acquaintance::Stranger));
}

#[test]
fn who_is_certified_is_shown_so_by_those_who_trust() {
    let bob = Identity::generate().unwrap();
    let organisation = bob.certify(&pem("bob.chain"), &pem("bob.key")).unwrap();
    assert_eq!(refusal(bob.certify(&pem("root"), &pem("bob.key"))), "not_authentic");
    assert_eq!(refusal(Organisation::trust("no certificate", None)), "malformed");
    for (name, shown) in [(None, "University"), (Some("Alma Mater"), "Alma Mater")] {
        let trusted = vec![Arc::new(Organisation::trust(&pem("root"), name).unwrap())];
        let host = Session::found(SessionConfig { trusted, ..config() }, &Identity::generate().unwrap(), "Alice").unwrap();
        let joining = Joining::begin(SessionConfig { organisation: organisation.clone(), ..config() }, &bob, "Bob").unwrap();
        let who = host.inspect(&joining.key_package().unwrap()).unwrap().member;
        assert_eq!((who.verified_by.as_str(), who.certified_as.as_str()), (shown, "Bob Babbage"));
        let nobody = Joining::begin(&ROOM, &bob, "Bob").unwrap().key_package().unwrap();
        assert_eq!(host.inspect(&nobody).unwrap().member.verified_by, "");
    }
}

fn until<T>(call: &Call, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    call.events().find_map(|event| wanted(event)).expect("the event before the end")
}

#[test]
fn a_call_recognises_whom_it_has_met() {
    let (mut contacts, bob) = (Contacts::new().unwrap(), Identity::generate().unwrap());
    let (stranger, key) = (Identity::generate().unwrap().public_key().unwrap(), bob.public_key().unwrap());
    contacts.remember(&stranger, "Bob", false).unwrap();
    let organisation = bob.certify(&pem("bob.chain"), &pem("bob.key")).unwrap();
    let knows = CallConfig {
        name: "Alice".into(),
        contacts: Some(Arc::new(Mutex::new(contacts))),
        trusted: vec![Arc::new(Organisation::trust(&pem("root"), None).unwrap())],
        full_hop: true,
        ..Default::default()
    };
    let host = Call::host(knows, HostConfig { listen: "127.0.0.1".into(), ..Default::default() }).unwrap();
    until(&host, |event| matches!(event, Event::RoomReady).then_some(()));
    let identity = Some(Arc::new(Mutex::new(bob)));
    let brings = CallConfig { name: "Bob".into(), identity, organisation, reconnect_window: Some(Duration::ZERO), ..Default::default() };
    let guest = Call::join(brings, &host.link().unwrap()).unwrap();
    let (id, recognition, verified_by) = until(&host, |event| match event {
        Event::Knock { id, recognition, verified_by, .. } => Some((id, recognition, verified_by)),
        _ => None,
    });
    assert_eq!((recognition.acquaintance, recognition.known_as.as_str(), verified_by.as_str()), (Acquaintance::KeyChanged, "Bob", "University"));
    host.admit(id).unwrap();
    let member = until(&host, |event| if let Event::ContactSeen { member, .. } = event { Some(member) } else { None });
    host.command(Command::Remember { member, verified: true }).unwrap();
    assert_eq!(refusal(host.contacts()), "invalid_state");
    until(&guest, |event| matches!(event, Event::Joined { .. }).then_some(()));
    host.leave().unwrap();
    until(&host, |event| matches!(event, Event::Ended { .. }).then_some(()));
    let met = host.contacts().unwrap().recognise(&key, "Bob").unwrap();
    assert_eq!((met.acquaintance, met.verified), (Acquaintance::Known, true));
    drop(host);
    assert!(guest.events().all(|event| !matches!(event, Event::Reconnecting)));
}
