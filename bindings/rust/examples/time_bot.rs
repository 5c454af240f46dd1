//! Opens a room, lets everybody in and tells each what time it is, in UTC: time_bot [SECONDS]
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use conclave::{speak, AudioSource, Call, CallConfig, Event, HostConfig};

fn time_for(name: &str) -> String {
    let minutes = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 60);
    format!("Hello {}. It is {} hours and {} minutes.", name, minutes / 60 % 24, minutes % 60)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(3600), |text| text.parse())?;
    let voice = AudioSource::paced(1)?;
    let config = CallConfig { name: "Clock".into(), audio: Some(voice.clone()), ..Default::default() };
    let call = Arc::new(Call::host(config, HostConfig { listen: "127.0.0.1".into(), ..Default::default() })?);
    let leaving = Arc::clone(&call);
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(seconds));
        leaving.leave()
    });
    for event in call.events() {
        match event {
            Event::RoomReady => println!("{}", call.link()?),
            Event::Knock { id, .. } => call.admit(id)?,
            Event::MemberJoined { name, .. } => voice.push(&speak(&time_for(&name))?)?,
            Event::Ended { error: Some(error) } => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
