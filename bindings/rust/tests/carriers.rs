//! Calls whose datagrams the application carries: over sockets of its own to the relay that CONCLAVE_RELAY names, and to nowhere.
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use conclave::{Call, CallConfig, Carrier, Event, HostConfig, Inbox, Media, PictureFormat, VideoSource};

/// A way to the relay, which counts.
struct Wire {
    socket: UdpSocket,
    sent: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

impl Carrier for Wire {
    fn send(&self, datagram: &[u8]) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let _ = self.socket.send(datagram); // lost, as on a network
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Release);
    }
}

struct End {
    socket: UdpSocket,
    sent: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

fn wire(place: &str) -> (Box<dyn Carrier>, End) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(place.split('#').next().unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let (sent, closed) = (Arc::default(), Arc::default());
    let end = End { socket: socket.try_clone().unwrap(), sent: Arc::clone(&sent), closed: Arc::clone(&closed) };
    (Box::new(Wire { socket, sent, closed }), end)
}

/// Hands in what the relay answers, until the carrier is closed.
fn serve(call: &Arc<Call>, end: &End) -> thread::JoinHandle<usize> {
    let (call, socket, closed) = (Arc::downgrade(call), end.socket.try_clone().unwrap(), Arc::clone(&end.closed));
    thread::spawn(move || {
        let (mut datagram, mut received) = ([0; 2000], 0);
        while !closed.load(Ordering::Acquire) {
            if let (Ok(size), Some(call)) = (socket.recv(&mut datagram), call.upgrade()) {
                received += 1;
                let _ = call.receive(&datagram[..size]); // too many wait, or the call is over
            }
        }
        received
    })
}

fn until<T>(call: &Call, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    call.events().find_map(|event| wanted(event)).expect("the event before the end")
}

#[test]
fn a_whole_call_goes_through_carriers() {
    let place = match std::env::var("CONCLAVE_RELAY") {
        Ok(place) => place,
        Err(_) => return eprintln!("SKIPPED: CONCLAVE_RELAY names no relay"),
    };
    let ((first, first_end), (second, second_end)) = (wire(&place), wire(&place));
    let format = PictureFormat { width: 160, height: 90, ..Default::default() };
    let config = CallConfig { name: "Alice".into(), video: Some(VideoSource::synthetic(format).unwrap()), ..Default::default() };
    let host = Arc::new(Call::host_through(first, config, HostConfig { relay: place.clone(), ..Default::default() }).unwrap());
    let first_served = serve(&host, &first_end);
    until(&host, |event| matches!(event, Event::RoomReady).then_some(()));
    let inbox = Inbox::open(true, false, 0).unwrap();
    let config = CallConfig { name: "Bob".into(), sinks: vec![inbox.sink()], ..Default::default() };
    let guest = Arc::new(Call::join_through(second, config, &host.link().unwrap()).unwrap());
    let second_served = serve(&guest, &second_end);
    host.admit(until(&host, |event| if let Event::Knock { id, .. } = event { Some(id) } else { None })).unwrap();
    let picture = inbox.next(Some(Duration::from_secs(20))).unwrap();
    assert!(matches!(picture, Some(Media::Picture(picture)) if picture.width == 160 && picture.height == 90));
    assert!(first_end.sent.load(Ordering::Relaxed) > 5 && second_end.sent.load(Ordering::Relaxed) > 5);
    guest.leave().unwrap();
    until(&guest, |event| matches!(event, Event::Ended { .. }).then_some(()));
    drop((guest, host));
    assert!(first_served.join().unwrap() > 3 && second_served.join().unwrap() > 5); // both carriers were dropped, or this would not end
}

#[test]
fn a_carrier_gets_what_goes_to_a_relay_that_is_nowhere_and_is_dropped_with_its_call() {
    let (carrier, end) = wire("127.0.0.1:9#");
    let host = HostConfig { relay: format!("relay.invalid:4433#{}", "00".repeat(32)), room_token: "token".into(), ..Default::default() };
    let call = Call::host_through(carrier, CallConfig::default(), host).unwrap();
    while end.sent.load(Ordering::Relaxed) == 0 {
        call.next_event(Some(Duration::from_millis(50))).unwrap();
    }
    call.receive(&[0; 100]).unwrap();
    assert_eq!(call.receive(&[0; 2000]).unwrap_err().name(), "invalid_argument");
    assert!(!end.closed.load(Ordering::Acquire));
    drop(call);
    assert!(end.closed.load(Ordering::Acquire));
}

#[test]
fn a_carrier_whose_call_cannot_be_opened_is_dropped() {
    let (carrier, end) = wire("127.0.0.1:9#");
    assert_eq!(Call::host_through(carrier, CallConfig::default(), HostConfig::default()).unwrap_err().name(), "invalid_argument");
    assert!(end.closed.load(Ordering::Acquire));
}

#[test]
fn a_carrier_that_panics_loses_a_datagram_and_nothing_else() {
    struct Clumsy(Arc<AtomicUsize>);
    impl Carrier for Clumsy {
        fn send(&self, _: &[u8]) {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("dropped");
        }
    }
    let dropped = Arc::<AtomicUsize>::default();
    let host = HostConfig { relay: format!("relay.invalid:4433#{}", "00".repeat(32)), ..Default::default() };
    let call = Call::host_through(Box::new(Clumsy(Arc::clone(&dropped))), CallConfig::default(), host).unwrap();
    while dropped.load(Ordering::Relaxed) == 0 {
        call.next_event(Some(Duration::from_millis(50))).unwrap();
    }
    assert!(call.link().is_ok());
}
