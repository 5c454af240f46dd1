//! Two members of one room at the session level, Alice and Bob, and the log between them.
#![allow(dead_code)] // each test uses its part
use conclave::{Error, Identity, Joining, Output, OutputKind, Session, SessionConfig};

pub const ROOM: [u8; 16] = [3; 16];

pub fn config() -> SessionConfig {
    SessionConfig::from(&ROOM)
}

/// The name of the code with which something failed.
pub fn refusal<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("nothing", |error| error.name())
}

/// Alice founded the room, Bob comes in by `enter`; `told` has what each was told, but for the log.
pub struct Pair {
    pub alice: Identity,
    pub bob: Identity,
    pub joining: Joining,
    pub sessions: Vec<Session>,
    pub told: [Vec<Output>; 2],
    log: Vec<Vec<u8>>,
    read: [usize; 2],
}

impl Pair {
    pub fn new(config: SessionConfig) -> Pair {
        let (alice, bob) = (Identity::generate().unwrap(), Identity::from_seed(&[7; 32]).unwrap());
        let host = Session::found(config, &alice, "Alice").unwrap();
        let joining = Joining::begin(&ROOM, &bob, "Bob").unwrap();
        Pair { alice, bob, joining, sessions: vec![host], told: [Vec::new(), Vec::new()], log: Vec::new(), read: [0, 0] }
    }

    pub fn host(&mut self) -> &mut Session {
        &mut self.sessions[0]
    }

    pub fn guest(&mut self) -> &mut Session {
        &mut self.sessions[1]
    }

    pub fn enter(&mut self) -> Result<(), Error> {
        let package = self.joining.key_package()?;
        self.host().admit(1, &package)?;
        self.settle();
        Ok(())
    }

    fn take(&mut self, party: usize) {
        while let Some(output) = self.sessions[party].next_output().unwrap() {
            match output.kind {
                OutputKind::Log => self.log.push(output.bytes),
                OutputKind::Welcome => {
                    self.sessions.push(self.joining.complete(&output.bytes, &self.alice.hash().unwrap()).unwrap());
                    self.read[1] = self.log.len();
                }
                _ => self.told[party].push(output),
            }
        }
    }

    /// Everybody has read the log, and said what it had to say.
    pub fn settle(&mut self) {
        let mut more = true;
        while more {
            more = false;
            for party in 0..self.sessions.len() {
                self.take(party);
                while self.read[party] < self.log.len() {
                    let message = self.log[self.read[party]].clone();
                    self.read[party] += 1;
                    self.sessions[party].handle(&message).unwrap();
                    self.take(party);
                    more = true;
                }
            }
        }
    }

    pub fn all(&self, party: usize, kind: OutputKind) -> Vec<&Output> {
        self.told[party].iter().filter(|output| output.kind == kind).collect()
    }
}
