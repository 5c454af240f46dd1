//! Joins a call and records it: record LINK FILE.webm [SECONDS]
use std::time::{Duration, Instant};

use conclave::{Call, CallConfig, Event, Sink};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() < 3 {
        return Err("usage: record LINK FILE.webm [SECONDS]".into());
    }
    let seconds = arguments.get(3).map_or(Ok(60), |text| text.parse())?;
    let config = CallConfig { name: "Recorder".into(), sinks: vec![Sink::webm(&arguments[2])?], ..Default::default() };
    let call = Call::join(config, &arguments[1])?;
    let mut until = None;
    loop {
        match call.next_event(Some(Duration::from_millis(100)))? {
            Some(Event::Joined { .. }) => until = Some(Instant::now() + Duration::from_secs(seconds)),
            Some(Event::MemberJoined { name, .. }) => println!("{name} is in the room"),
            Some(Event::SafetyCode { digits, .. }) => println!("safety code {digits}"),
            Some(Event::Ended { error: Some(error) }) => return Err(error.into()),
            Some(Event::Ended { error: None }) => break,
            _ => {}
        }
        if until.map_or(false, |time| Instant::now() > time) {
            call.leave()?;
            until = None;
        }
    }
    call.finish()?; // now the file is whole
    Ok(())
}
